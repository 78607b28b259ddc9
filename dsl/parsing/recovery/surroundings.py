"""The parser's position: neighbouring tokens and open blocks, for recovery."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from ...tree import Name
from ..lexer import END
from ..tokens import Token
from .blocks import (
    AFTER_NAME_OF_AUDIENCE,
    CLAUSES,
    FILE,
    LATER,
    PLAIN_STARTS,
    STARTS,
    STARTS_WITHIN_LINE,
    clauses_like,
)
from .machine import Machine

MOST_NESTED = 100
_DEEPEST = 320
NESTING = frozenset({"OPEN_BRACKET", "NOT", "MINUS", "DAYS_SINCE", "DAYS_UNTIL", "OF"})
ALSO_CLAUSES = frozenset({"AUDIENCE", "BUDGET"})
_DECLARATIONS = frozenset({"CAMPAIGN", "LIFECYCLE", "BENEFIT", "POLICY"})
_COMMENT = re.compile(r"#[^\r\n]*")


class Surroundings:
    """The words of a file and the machine that reads them; asking changes neither."""

    def __init__(self, tokens: list[Token], machine: Machine) -> None:
        self.tokens = tokens
        self.machine = machine
        self._balance: list[int] | None = None
        self._bounds: list[int] = []

    def forget(self) -> None:
        """Forget what was counted: the words have changed."""
        self._balance = None

    def block(self) -> str:
        """The word that opened the innermost open block."""
        brace = self.machine.last_brace()
        if brace < 0:
            return FILE
        return [word.type for at, word in self._open_heads() if at < brace][-1]

    def titled(self) -> str:
        """The innermost open block as its author knows it: `campaign welcome_gift`."""
        values = self.machine.values
        brace = self.machine.last_brace()
        opener = max(at for at, word in self._open_heads() if at < brace)
        head = values[opener : opener + 2]
        return " ".join(
            each.text for each in head if isinstance(each, Token | Name) and each.text != "{"
        )

    def _open_heads(self) -> Iterator[tuple[int, Token]]:
        """The words that open a block, with where they are."""
        return ((at, word) for at, word in self.machine.open_words() if word.type in CLAUSES)

    def open_clause(self) -> tuple[int, Token] | None:
        """The first word of the clause or declaration being read, and where it is."""
        return next(self.machine.open_words(self.machine.last_brace()), None)

    def open_blocks(self) -> int:
        """The number of open blocks."""
        return sum(word.type == "OPEN_BRACE" for _, word in self.machine.open_words())

    def too_deep(self) -> bool:
        """Whether one more bracket or `not` would be too many."""
        depth = self.machine.depth
        if depth <= MOST_NESTED:
            return False
        if depth > _DEEPEST:
            return True
        values = self.machine.values
        nested = 0
        for at, word in self.machine.open_words():
            follows_value = at > 0 and not isinstance(values[at - 1], Token)
            nested += word.type in NESTING and not (word.type == "MINUS" and follows_value)
        return nested >= MOST_NESTED

    def after_stray(self, at: int) -> bool:
        """Whether an invalid character, already reported, comes directly before."""
        if at == 0:
            return False
        token, before = self.tokens[at], self.tokens[at - 1]
        between = token.source.text[before.end : token.start]
        return not between.isspace() and bool(_COMMENT.sub("", between).strip())

    def opens_clause(self, at: int) -> bool:
        """Whether a clause could begin at the word: at the start of a line or a block."""
        return at == 0 or self.tokens[at].starts_line or self.tokens[at - 1].type == "OPEN_BRACE"

    def begins_something(self, at: int) -> bool:
        """Whether the word is the first of a line and of a clause or declaration."""
        token = self.tokens[at]
        return token.starts_line and (token.type in STARTS or self.starts_declaration(at))

    def later(self, at: int) -> str | None:
        """The form that comes with a later version of the language, where one begins here."""
        token = self.tokens[at]
        if token.type in LATER:
            return token.text
        if token.type in ("DURATION", "DAYS") and self.tokens[at - 1].type == "TRIGGER":
            return f"{token.text} after"
        return None

    def starts_declaration(self, at: int) -> bool:
        """Whether a declaration begins at the word."""
        token = self.tokens[at]
        if not token.starts_line:
            return False
        if token.type in _DECLARATIONS:
            return True
        if token.type not in ALSO_CLAUSES:
            return False
        return self.machine.last_brace() < 0 or self._looks_declared(at)

    def _looks_declared(self, at: int) -> bool:
        """Whether an `audience` or `budget` at the margin is a declaration and not a clause."""
        token, *after = self.tokens[at : at + 3]
        if len(after) < 2 or after[0].type not in ("NAME", "QUOTED_NAME"):
            return False
        follows = {"AUDIENCE": AFTER_NAME_OF_AUDIENCE, "BUDGET": {"LABEL", "OPEN_BRACE"}}
        if after[1].type not in follows[token.type]:
            return False
        outermost = next((word for _, word in self.machine.open_words()), token)
        return _column(token) <= _column(outermost)

    def blocks_to_close(self, at: int) -> int | None:
        """The number of blocks that the clause here closes; `None` if it is not a clause."""
        token = self.tokens[at]
        if self.machine.accepts(token.type):
            return 0 if token.starts_line or token.type in STARTS_WITHIN_LINE else None
        if not token.starts_line:
            return None
        for blocks in range(1, self.open_blocks() + 1):
            if self.machine.accepts(*["CLOSE_BRACE"] * blocks, token.type):
                return blocks if self._lacks_brace(at) else None
        return None

    def _lacks_brace(self, at: int) -> bool:
        """Whether from here to the next declaration fewer blocks are closed than are open."""
        if self._balance is None:
            signs = {"OPEN_BRACE": 1, "CLOSE_BRACE": -1}
            self._balance = [*accumulate((signs.get(t.type, 0) for t in self.tokens), initial=0)]
            self._bounds = [
                on
                for on, token in enumerate(self.tokens)
                if token.type == END or (token.starts_line and token.type in _DECLARATIONS)
            ]
        end = self._bounds[bisect_left(self._bounds, at)]
        return self.open_blocks() + self._balance[end] - self._balance[at] > 0

    def misplaced(self, at: int) -> bool:
        """Whether a clause begins here that this block cannot have: a mistake of its own."""
        token = self.tokens[at]
        in_block = self.machine.last_brace() >= 0
        return in_block and token.starts_line and token.type in PLAIN_STARTS | LATER

    def strange_clause(self, at: int, since: int) -> bool:
        """Whether an unknown clause or declaration seems to begin here.

        In a block: a name on the line below the unexpected token. In a file: a name much like a
        declaration.
        """
        token = self.tokens[at]
        if token.type != "NAME" or not token.starts_line:
            return False
        if self.machine.last_brace() >= 0:
            stopped = self.tokens[since]
            return stopped.starts_line and _column(stopped) == _column(token)
        follows = [after.type for after in self.tokens[at + 1 : at + 3]]
        named = follows in (["NAME", "OPEN_BRACE"], ["NAME", "TEXT"])
        return named and bool(clauses_like(token.text, FILE))

    def brace_ahead(self, at: int) -> int | None:
        """The index of the next `{` before any clause or `}`."""
        for on in range(at, len(self.tokens)):
            token = self.tokens[on]
            if token.type == "OPEN_BRACE":
                return on
            if token.type in ("CLOSE_BRACE", END) or (on > at and self.begins_something(on)):
                return None
        return None


def _column(token: Token) -> int:
    return token.source.position(token.start)[1]
