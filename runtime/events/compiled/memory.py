"""What tables have answered, kept for the next event, and what is asked of single rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .code import Function
from .giving import Gift

MOST = 100_000
"""Answers that are kept, over all tables of a plan."""


class Memories:
    """The answers of tables, worked out when asked for. Where too many, all are forgotten."""

    def __init__(self) -> None:
        self._tables: list[Memory] = []
        self._kept = 0

    def of(self, gifts: Sequence[Gift]) -> Memory:
        """An empty memory for a table that gives these."""
        memory = Memory(gifts, self)
        self._tables.append(memory)
        return memory

    def make_room(self) -> None:
        """Called before one more is kept."""
        if self._kept >= MOST:
            for table in self._tables:
                table.clear()
            self._kept = 0
        self._kept += 1


class Memory(dict[int, tuple[Gift, ...]]):
    """From the rows that are left, as bits, to what they give: of each rule the first way."""

    __slots__ = ("_gifts", "_memories")

    def __init__(self, gifts: Sequence[Gift], memories: Memories) -> None:
        self._gifts = gifts
        self._memories = memories

    def __missing__(self, left: int) -> tuple[Gift, ...]:
        self._memories.make_room()
        found: dict[int, Gift] = {}
        for bit in bits(left):
            gift = self._gifts[bit.bit_length() - 1]
            found.setdefault(gift.rank, gift)
        answer = self[left] = tuple(found.values())
        return answer


def bits(number: int) -> Iterator[int]:
    """The powers of two that a number consists of."""
    while number:
        yield number & -number
        number &= number - 1


def checked(
    left: int, asked: int, alone: Mapping[int, tuple[Function, int]], *facts: object
) -> int:
    """Who is left once those rows have been asked what only their rule demands.

    `alone`: by the bit of a row, what to ask, and the rows of the rule.
    """
    waiting = left & asked
    while waiting:
        function, rows = alone[waiting & -waiting]
        waiting &= ~rows
        if not function(*facts):
            left &= ~rows
    return left
