"""A cache of tables' answers, and the checks of single rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .actions import Action
from .code import Function

MOST = 100_000
"""The most answers cached, over all tables of a plan."""


class Memories:
    """The caches of all tables of a plan. When they exceed `MOST` answers, all are cleared."""

    def __init__(self) -> None:
        self._tables: list[Memory] = []
        self._kept = 0

    def of(self, actions: Sequence[Action]) -> Memory:
        """Return an empty cache for a table with these actions."""
        memory = Memory(actions, self)
        self._tables.append(memory)
        return memory

    def make_room(self) -> None:
        """Make room for one more answer."""
        if self._kept >= MOST:
            for table in self._tables:
                table.clear()
            self._kept = 0
        self._kept += 1


class Memory(dict[int, tuple[Action, ...]]):
    """A cache from the rows that are left, as bits, to their actions: one for each rule."""

    __slots__ = ("_actions", "_memories")

    def __init__(self, actions: Sequence[Action], memories: Memories) -> None:
        self._actions = actions
        self._memories = memories

    def __missing__(self, left: int) -> tuple[Action, ...]:
        self._memories.make_room()
        found: dict[int, Action] = {}
        for bit in bits(left):
            action = self._actions[bit.bit_length() - 1]
            found.setdefault(action.rank, action)
        answer = self[left] = tuple(found.values())
        return answer


def bits(number: int) -> Iterator[int]:
    """Yield the powers of two that add up to a number."""
    while number:
        yield number & -number
        number &= number - 1


def checked(
    left: int, asked: int, alone: Mapping[int, tuple[Function, int]], *facts: object
) -> int:
    """Return the rows that are left after evaluating the demands of single rules.

    `asked` are the rows that have such demands. `alone` maps the bit of a row to a function and the
    rows of the rule.
    """
    waiting = left & asked
    while waiting:
        function, rows = alone[waiting & -waiting]
        waiting &= ~rows
        if not function(*facts):
            left &= ~rows
    return left
