"""Reading the words of a file to the end, whatever stands in it.

At a word that cannot stand where it is, the mistake is reported once. Where its meaning is plain it
is mended (`repairs`); otherwise the clause is given up, and reading goes on at the next clause, the
next `}` or the next declaration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate

from .blocks import (
    AFTER_NAME_OF_AUDIENCE,
    BLOCKS,
    CLAUSES,
    FILE,
    LATER,
    MODIFIERS,
    STARTS,
    STARTS_WITHIN_LINE,
    either,
    home,
)
from .codes import text as codes
from .diagnostics import Diagnostic, Label, Phrase, diagnose
from .expectations import expected, found, missing
from .keywords import spelled
from .lexer import END
from .machine import Machine
from .repairs import Workshop
from .source import Span
from .tokens import Token
from .tree import Declaration, Name, Number

MOST_NESTED = 100
_DEEPEST = 320
_NESTING = frozenset({"OPEN_BRACKET", "NOT", "MINUS", "DAYS_SINCE", "OF"})

_DECLARATIONS = frozenset({"CAMPAIGN", "LIFECYCLE", "BENEFIT", "POLICY"})
_ALSO_CLAUSES = frozenset({"AUDIENCE", "BUDGET"})
_WATCHED = _NESTING | _ALSO_CLAUSES
_OPENERS = frozenset(CLAUSES) - {FILE, "BY"}
_COMMENT = re.compile(r"#[^\r\n]*")


class Reading:
    """One pass over the words of a file."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.diagnostics: list[Diagnostic] = []
        self.skipped: list[Span] = []
        self._machine = Machine()
        self._workshop = Workshop(tokens, self._machine, self.diagnostics.append)
        self._repaired = -1
        self._balance: list[int] | None = None

    def declarations(self) -> tuple[Declaration, ...]:
        """What the file declares."""
        machine, tokens = self._machine, self.tokens
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in _WATCHED:
                at = self._watched(at)
            elif machine.feed(token):
                at += 1
            else:
                at = self._mistake(at)
        return machine.result

    def _watched(self, at: int) -> int:
        """A word that can be wrong although it could stand here."""
        token = self.tokens[at]
        if token.type in _NESTING:
            if self._too_deep():
                self.diagnostics.append(diagnose(codes.TOO_DEEP, token.span.place))
                return self._resume(at)
        elif self._machine.last_brace() >= 0 and self._starts_declaration(at):
            return self._mistake(at)
        return at + 1 if self._machine.feed(token) else self._mistake(at)

    def _too_deep(self) -> bool:
        depth = self._machine.depth
        if depth <= MOST_NESTED:
            return False
        if depth > _DEEPEST:
            return True
        values = self._machine.values
        nested = 0
        for at, word in self._machine.open_words():
            follows_value = at > 0 and not isinstance(values[at - 1], Token)
            nested += word.type in _NESTING and not (word.type == "MINUS" and follows_value)
        return nested >= MOST_NESTED

    # --- What is wrong ---------------------------------------------------------------------------

    def _mistake(self, at: int) -> int:
        """Report what is wrong with the word at `at`, and say where to go on."""
        if at and self.tokens[at - 1].type == "CLOSE_BRACE":
            self._machine.settle()
        if self._repaired < at and not self._after_stray(at):
            seen = len(self.diagnostics)
            on = self._workshop.repair(at, self._block())
            if on is not None:
                self._repaired = on
                return on
            if len(self.diagnostics) == seen:
                self._explain(at)
        return self._resume(at)

    def _after_stray(self, at: int) -> bool:
        """Whether a character without a meaning, already reported, stands just before."""
        if at == 0:
            return False
        token, before = self.tokens[at], self.tokens[at - 1]
        between = token.source.text[before.end : token.start]
        return not between.isspace() and bool(_COMMENT.sub("", between).strip())

    def _block(self) -> str:
        """The word that opened the innermost open block."""
        brace = self._machine.last_brace()
        if brace < 0:
            return FILE
        return [word.type for at, word in self._open_heads() if at < brace][-1]

    def _explain(self, at: int) -> None:
        token = self.tokens[at]
        block = self._block()
        complete = self._machine.accepts(END if block == FILE else "CLOSE_BRACE")
        report = self.diagnostics.append
        place = token.span.place
        later = self._later(at)
        if later is not None:
            report(diagnose(codes.NOT_SUPPORTED_YET, place, found=later))
        elif token.type == "CLOSE_BRACE" and block == FILE:
            report(diagnose(codes.STRAY_BRACE, place))
        elif self._begins_something(at):
            self._explain_start(at, block, complete)
        elif complete and token.type in ("NAME", "QUOTED_NAME") and self._opens_clause(at):
            self._explain_unknown(at, block)
        elif token.type == "NUMBER" and self._machine.accepts("MONEY"):
            report(diagnose(codes.MISSING_CURRENCY, place, found=token.text))
        elif token.type != END or not complete:
            report(missing(self.tokens, at, expected(self._machine)))

    def _opens_clause(self, at: int) -> bool:
        return at == 0 or self.tokens[at].starts_line or self.tokens[at - 1].type == "OPEN_BRACE"

    def _begins_something(self, at: int) -> bool:
        token = self.tokens[at]
        return token.starts_line and (token.type in STARTS or self._starts_declaration(at))

    def _explain_start(self, at: int, block: str, complete: bool) -> None:
        """A clause or declaration begins where the one before is not done, or where it cannot."""
        token = self.tokens[at]
        if not complete:
            self.diagnostics.append(missing(self.tokens, at, expected(self._machine)))
        elif not self._starts_declaration(at) and self._blocks_to_close(at) is None:
            text, here, right = spelled(token.type), BLOCKS[block], home(token.type)
            place = token.span.place
            self.diagnostics.append(
                diagnose(codes.MISPLACED_CLAUSE, place, found=text, block=here, home=right)
            )

    def _explain_unknown(self, at: int, block: str) -> None:
        token = self.tokens[at]
        names = [Phrase(f"`{spelled(each)}`", f"`{spelled(each)}`") for each in CLAUSES[block]]
        text, here, clauses = token.text, BLOCKS[block], either(names)
        place = token.span.place
        self.diagnostics.append(
            diagnose(codes.UNKNOWN_CLAUSE, place, found=text, block=here, clauses=clauses)
        )

    def _later(self, at: int) -> str | None:
        """The form that comes with a later version of the language, where one begins here."""
        token = self.tokens[at]
        if token.type in LATER:
            return token.text
        clause = self._open_clause()
        if token.type in ("DURATION", "DAYS") and self.tokens[at - 1].type == "TRIGGER":
            return f"{token.text} after"
        if token.type == "FOR" and clause is not None and clause[1].type == "REWARD":
            return "for"
        return None

    # --- Where to go on --------------------------------------------------------------------------

    def _open_clause(self) -> tuple[int, Token] | None:
        """The first word of the clause or declaration being read, and where it is."""
        return next(self._machine.open_words(self._machine.last_brace()), None)

    def _resume(self, at: int) -> int:
        """Give up what is being read, find where to go on, and close what must be closed for it."""
        if self.tokens[at].starts_line:
            self._machine.settle()
        clause = self._open_clause()
        if clause is not None:
            header = self._header(*clause, at)
            if header is not None:
                self._skip(at, header)
                return header
        start = self._cut_back(clause)
        on, blocks = self._next_start(at)
        self._skip(at, on, start)
        self._close(blocks, on)
        return on

    def _skip(self, at: int, on: int, start: int | None = None) -> None:
        begin = self.tokens[at].start if start is None else start
        end = self.tokens[on - 1].end if on else 0
        if begin < end:
            self.skipped.append(Span(self.tokens[at].source, begin, end))

    def _header(self, place: int, opener: Token, at: int) -> int | None:
        """Where the `{` of a declaration with a faulty head stands: its block can still be read."""
        opens = opener.type in _OPENERS or any(
            word.type == "BY" for _, word in self._machine.open_words(place)
        )
        brace = self._brace_ahead(at) if opens else None
        if brace is None:
            return None
        machine = self._machine
        for size in range(len(machine.values), place, -1):
            machine.cut(size)
            if not machine.accepts("OPEN_BRACE"):
                self._hold_place(at)
            if machine.accepts("OPEN_BRACE"):
                return brace
        return None

    def _brace_ahead(self, at: int) -> int | None:
        for on in range(at, len(self.tokens)):
            token = self.tokens[on]
            if token.type == "OPEN_BRACE":
                return on
            if token.type in ("CLOSE_BRACE", END) or (on > at and self._begins_something(on)):
                return None
        return None

    def _hold_place(self, at: int) -> None:
        """Something for the score of a lifecycle, or the name of a declaration, that is faulty."""
        machine = self._machine
        last = machine.values[-1]
        token = self.tokens[at]
        if isinstance(last, Token) and last.type == "BY_SCORE":
            literal = Number(Decimal(0), True, span=token.span)
            machine.feed(token._replace(type="NUMBER", text="0", literal=literal))
        elif machine.accepts("NAME", "OPEN_BRACE"):
            machine.feed(token._replace(type="NAME", text=""))

    def _cut_back(self, clause: tuple[int, Token] | None) -> int | None:
        """Forget the clause being read; of a reward, only the part that is wrong.

        Gives where the forgotten text begins.
        """
        if clause is None:
            return None
        machine = self._machine
        place, first = clause
        if first.type != "REWARD":
            machine.cut(place)
            return first.start
        parts = [(at, word) for at, word in machine.open_words(place) if word.type in MODIFIERS]
        if parts and not isinstance(machine.values[place + 1], Token):
            machine.cut(parts[0][0])
            return parts[0][1].start
        if not machine.accepts("LIMIT"):
            machine.cut(place + 1)
            machine.feed(first._replace(type="BROKEN"))
            return first.start
        return None

    def _next_start(self, at: int) -> tuple[int, int]:
        """Where the next clause, `}` or declaration stands, and how many blocks it closes first."""
        inside = 0
        for on in range(at, len(self.tokens)):
            token = self.tokens[on]
            if token.type == END or self._starts_declaration(on):
                return on, self._open_blocks()
            if token.type == "OPEN_BRACE":
                inside += 1
            elif token.type == "CLOSE_BRACE":
                if inside == 0 and self._machine.last_brace() >= 0:
                    return on, 0
                inside = max(0, inside - 1)
            elif inside == 0 and token.type in STARTS:
                blocks = self._blocks_to_close(on)
                if blocks is not None:
                    return on, blocks
        raise AssertionError("the end of the file is always there")

    def _blocks_to_close(self, at: int) -> int | None:
        """How many blocks a clause that stands here shows to be over; nothing if it is not one."""
        token = self.tokens[at]
        if self._machine.accepts(token.type):
            return 0 if token.starts_line or token.type in STARTS_WITHIN_LINE else None
        if not token.starts_line:
            return None
        for blocks in range(1, self._open_blocks() + 1):
            if self._machine.accepts(*["CLOSE_BRACE"] * blocks, token.type):
                return blocks if self._lacks_brace(at) else None
        return None

    def _open_blocks(self) -> int:
        return sum(word.type == "OPEN_BRACE" for _, word in self._machine.open_words())

    def _starts_declaration(self, at: int) -> bool:
        token = self.tokens[at]
        if not token.starts_line:
            return False
        if token.type in _DECLARATIONS:
            return True
        if token.type not in _ALSO_CLAUSES:
            return False
        return self._machine.last_brace() < 0 or self._looks_declared(at)

    def _looks_declared(self, at: int) -> bool:
        """Whether an `audience` or `budget` at the margin is a declaration and not a clause."""
        token, *after = self.tokens[at : at + 3]
        if len(after) < 2 or after[0].type not in ("NAME", "QUOTED_NAME"):
            return False
        follows = {"AUDIENCE": AFTER_NAME_OF_AUDIENCE, "BUDGET": {"LABEL", "OPEN_BRACE"}}
        if after[1].type not in follows[token.type]:
            return False
        outermost = next((word for _, word in self._machine.open_words()), token)
        margin = token.source.position(outermost.start)[1]
        return token.source.position(token.start)[1] <= margin

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
        end = next(bound for bound in self._bounds if bound >= at)
        return self._open_blocks() + self._balance[end] - self._balance[at] > 0

    def _close(self, blocks: int, at: int) -> None:
        """Close blocks that lack their `}`, and say which."""
        for _ in range(blocks):
            brace = self._machine.last_brace()
            clause = self._open_clause()
            if clause is not None:
                self._machine.cut(clause[0])
            opening = self._machine.values[brace]
            if isinstance(opening, Token):
                self._unclosed(opening, at)
            token = self.tokens[at]
            end = self.tokens[at - 1].end
            self._machine.feed(Token("CLOSE_BRACE", "}", token.source, end, end, False))

    def _unclosed(self, opening: Token, at: int) -> None:
        token = self.tokens[at]
        label = Label(opening.span.place, Phrase("opened here", "在此处打开"))
        place, block = token.span.place, self._titled()
        self.diagnostics.append(
            diagnose(codes.UNCLOSED_BRACE, place, labels=[label], block=block, found=found(token))
        )

    def _titled(self) -> str:
        """The innermost open block as its author knows it: `campaign welcome_gift`."""
        values = self._machine.values
        brace = self._machine.last_brace()
        opener = max(at for at, word in self._open_heads() if at < brace)
        head = values[opener : opener + 2]
        return " ".join(
            each.text for each in head if isinstance(each, Token | Name) and each.text != "{"
        )

    def _open_heads(self) -> Iterator[tuple[int, Token]]:
        """The words that open a block, with where they are."""
        return ((at, word) for at, word in self._machine.open_words() if word.type in CLAUSES)
