"""Answers of several workers, in the order of the lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...dsl.diagnostics.diagnostic import Diagnostic
from ...runtime.ledger.batches.conflicts import Conflict
from .messages import Answered


@dataclass(slots=True)
class Told:
    """Answers to lines that follow one another: their JSON, problems and conflicts."""

    shown: list[str] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


class InOrder:
    """Holds answers back until all lines before theirs are answered."""

    def __init__(self) -> None:
        self._dealt: deque[int] = deque()
        self._answered: set[int] = set()
        self._shown: dict[int, str] = {}
        self._problems: dict[int, Diagnostic] = {}
        self._conflicts: dict[int, tuple[Conflict, ...]] = {}

    def deal(self, numbers: Iterable[int]) -> None:
        """Note the lines that come next."""
        self._dealt.extend(numbers)

    def take(self, answered: Answered) -> Told:
        """Take a worker's answers in; return those whose turn has come."""
        self._answered.update(answered.numbers)
        if answered.shown:
            self._shown.update(zip(answered.numbers, answered.shown, strict=True))
        self._problems.update(answered.problems)
        self._conflicts.update(answered.conflicts)
        told = Told()
        while self._dealt and self._dealt[0] in self._answered:
            number = self._dealt.popleft()
            self._answered.remove(number)
            if number in self._shown:
                told.shown.append(self._shown.pop(number))
            if number in self._problems:
                told.problems.append(self._problems.pop(number))
            told.conflicts += self._conflicts.pop(number, ())
        return told
