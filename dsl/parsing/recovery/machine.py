"""The LALR parser as a machine: feed it a word, ask what it would take, cut back what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_analysis import Shift

from ...tree import Declaration
from ..grammar import session
from ..lexer import END
from ..tokens import Token

_AFTER_CLAUSE = ("LIMIT", "CLOSE_BRACE", "CAMPAIGN")


class Machine:
    """Two stacks of one parse: the states, and what has been read (words, nodes, lists of nodes).

    The value at `n` was read in state `n` and led to state `n + 1`.
    """

    def __init__(self) -> None:
        self._session = session()
        state = self._session.parser_state
        self._states = state.state_stack
        self._table = state.parse_conf.states
        self._build = state.parse_conf.callbacks
        self._end = state.parse_conf.end_state
        self.values: list[object] = state.value_stack
        self.result: tuple[Declaration, ...] = ()

    def feed(self, token: Token) -> bool:
        """Take the word, and say whether it could stand here; at the end of the file, finish."""
        try:
            result = self._session.feed_token(token)  # type: ignore[arg-type]  # reads `.type` only
        except UnexpectedToken:
            return False
        if token.type == END:
            self.result = result
        return True

    def accepts(self, *kinds: str, forgotten: int = 0) -> bool:
        """Whether words of these kinds, one after the other, could come next.

        `forgotten`: so many of the last values are taken for not read.
        """
        states = self._states[: len(self._states) - forgotten]
        return all(self._step(states, kind) for kind in kinds)

    def _step(self, states: list[int], kind: str) -> bool:
        while True:
            found = self._table[states[-1]].get(kind)
            if found is None:
                return False
            action, what = found
            if action is Shift:
                states.append(what)
                return True
            size = len(what.expansion)
            if size:
                del states[-size:]
            states.append(self._table[states[-1]][what.origin.name][1])
            if kind == END and states[-1] == self._end:
                return True

    def settle(self) -> None:
        """Make the node of a clause that is complete, before it is known what follows."""
        kind = next((kind for kind in _AFTER_CLAUSE if self.accepts(kind)), None)
        if kind is None:
            return
        while True:
            action, rule = self._table[self._states[-1]][kind]
            if action is Shift or self._states[-1] == self._end:
                return
            size = len(self.values) - len(rule.expansion)
            value = self._build[rule](self.values[size:])
            self.cut(size)
            self._states.append(self._table[self._states[-1]][rule.origin.name][1])
            self.values.append(value)

    def cut(self, size: int) -> None:
        """Forget all that was read but the first `size` values."""
        del self.values[size:]
        del self._states[size + 1 :]

    @property
    def depth(self) -> int:
        """The depth of the parser's stack: it grows with every open bracket and nested clause."""
        return len(self._states)

    def open_words(self, above: int = -1) -> Iterator[tuple[int, Token]]:
        """The words that no clause or value has taken in yet, and where, from place `above` + 1."""
        for at in range(above + 1, len(self.values)):
            value = self.values[at]
            if isinstance(value, Token):
                yield at, value

    def last_brace(self) -> int:
        """The index of the innermost open `{` among the values, or -1."""
        for at in range(len(self.values) - 1, -1, -1):
            value = self.values[at]
            if isinstance(value, Token) and value.type == "OPEN_BRACE":
                return at
        return -1
