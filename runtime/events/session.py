"""A session of the event path: lines come in, results go out, and totals are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...compiler.plan import Plan, TimerTrigger
from ...compiler.plan.steps import StepKey, shown_names, steps_of
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.claimers import claimers
from ..decide.claims import ClaimOutcome
from ..decide.decisions import Decision, Outcome, Result
from ..decide.reversing.events import ReversalOutcome
from ..decide.reversing.reversers import reversers
from ..ledger.batches.conflicts import Conflict
from ..ledger.known_events import Moved
from ..run.report import SHOWN
from ..run.stranded import Changed
from ..warehouse.bad_rows import LeftOut
from .cache.coming import AHEAD
from .engine import Event
from .lines import Line, Lines
from .requests import Decided
from .stream import batches
from .worker import BATCH, EventWorker

IDLE = 1.0
"""Seconds of silence after which time is let pass."""

ReadLine = tuple[Line, Event | Diagnostic]
"""A line with its event, or with its problem."""

MovingLines = Callable[[Sequence[ReadLine]], Moved]
"""Where the source is after these lines, each an event or with its problem."""


@dataclass(frozen=True, slots=True)
class DecidedLines:
    """A batch of lines by number, each with its result or with the problem that it has."""

    lines: tuple[tuple[int, Decided | Diagnostic], ...]

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """The diagnostics of its bad lines."""
        return tuple(became for _, became in self.lines if isinstance(became, Diagnostic))


@dataclass(slots=True)
class Totals:
    """Counts over all lines so far, by the names of steps for people: `names`.

    `outcomes`, `claims` and `reversals` count new ones. `earlier` counts those that had been made
    before. `changed` counts those that would differ now: the first ones
    are kept, and `conflicts` lists some. `kept_back` counts messages of new grants that cannot be
    sent, by reason. `of_unknown` counts events of customers whom the warehouse does
    not have.
    """

    names: Mapping[StepKey, str]
    outcomes: dict[str, Counter[Outcome]]
    claims: dict[str, Counter[ClaimOutcome]]
    reversals: dict[str, Counter[ReversalOutcome]]
    earlier: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    conflicts: list[Conflict] = field(default_factory=list)
    kept_back: dict[str, Counter[str]] = field(default_factory=dict)
    events: int = 0
    unusable: int = 0
    of_unknown: int = 0

    def add(self, decided_lines: DecidedLines) -> None:
        """Add a batch."""
        for _, became in decided_lines.lines:
            if isinstance(became, Diagnostic):
                self.unusable += 1
                continue
            self.events += 1
            self.of_unknown += not became.is_known
            if became.conflicts:
                self.changed.update(self.names[one.identity.key] for one in became.conflicts)
                self.conflicts += became.conflicts[: SHOWN - len(self.conflicts)]
            self.add_decisions(became.results)
            for claim in became.claims:
                name = self.names[claim.identity.key]
                if claim.repeated:
                    self.earlier[name] += 1
                else:
                    self.claims[name][claim.outcome] += 1
            for reversal in became.reversals:
                name = self.names[reversal.identity.key]
                if reversal.repeated:
                    self.earlier[name] += 1
                else:
                    self.reversals[name][reversal.outcome] += 1

    def add_decisions(self, results: Iterable[tuple[Decision, Result]]) -> None:
        """Add decisions, of events or of timers that events have passed."""
        for decision, result in results:
            name = self.names[decision.identity.key]
            if result.repeated:
                self.earlier[name] += 1
            elif name in self.outcomes:
                self.outcomes[name][result.outcome] += 1
            else:
                self.outcomes[name] = Counter((result.outcome,))
            if result.kept_back:
                self.kept_back.setdefault(name, Counter()).update(result.kept_back)


class EventSession:
    """Decides lines as they come, and adds up their results.

    `plain`: nothing is read from the warehouse before its batch is decided.
    """

    def __init__(self, worker: EventWorker, lines: Lines, *, plain: bool = False) -> None:
        self._plain = plain
        self._worker = worker
        self._lines = lines
        names = shown_names(worker.plan)
        claimed = {names[one.key]: Counter[ClaimOutcome]() for one in claimers(worker.plan)}
        reversed_ = {names[one.key]: Counter[ReversalOutcome]() for one in reversers(worker.plan)}
        waiting: dict[str, Counter[Outcome]] = {
            names[key]: Counter() for key in _waiting(worker.plan)
        }
        self.totals = Totals(names, waiting, claimed, reversed_)

    def fit(
        self, now: datetime | None = None, changed: Changed | None = None
    ) -> tuple[Diagnostic, ...]:
        """See `EventWorker.fit`."""
        return self._worker.fit(now, changed)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The bad rows of the warehouse that `fit` found."""
        return self._worker.left_out

    def batches(self, descriptor: int) -> Iterator[list[ReadLine]]:
        """Yield the lines of an open file as they come, in batches to decide.

        An empty one comes about every `IDLE` seconds of silence.
        """
        ahead = 1 if self._plain else AHEAD // BATCH
        for lines in batches(descriptor, BATCH, idle=IDLE, ahead=ahead):
            yield from self.parted(lines)

    def parted(self, lines: Sequence[Line]) -> Iterator[list[ReadLine]]:
        """Yield lines that are there already, in batches to decide; one batch if there are none."""
        read = self._read(lines)
        if len(read) > BATCH and not self._plain:
            self._worker.expect([one for _, one in read if not isinstance(one, Diagnostic)])
        for start in range(0, max(len(read), 1), BATCH):
            yield read[start : start + BATCH]

    def _read(self, lines: Sequence[Line]) -> list[ReadLine]:
        return [(line, self._lines.read(line)) for line in lines]

    def pass_time(self, at: datetime) -> None:
        """See `EventWorker.pass_time`."""
        self._worker.pass_time(at)
        self._add_timed()

    def pass_due(self, at: datetime, *, is_last: bool) -> None:
        """See `EventWorker.pass_due`."""
        self._worker.pass_due(at, is_last=is_last)
        self._add_timed()

    def settle(self, at: datetime) -> None:
        """See `EventWorker.settle`."""
        self._worker.settle(at)

    def _add_timed(self) -> None:
        timed, self._worker.timed = self._worker.timed, []
        self.totals.add_decisions(timed)

    def decide(self, batch: Sequence[Line], moving: MovingLines | None = None) -> DecidedLines:
        """Decide a batch of lines; return each line's result.

        `moving` is asked where their source is, with what each line is, before the last decisions
        are kept. See `EventWorker.decide`.
        """
        return self.decide_read(self._read(batch), moving)

    def decide_read(
        self, batch: Sequence[ReadLine], moving: MovingLines | None = None
    ) -> DecidedLines:
        """Decide a batch of lines that were read; see `decide`."""
        events = [one for _, one in batch if not isinstance(one, Diagnostic)]

        def move(foreign: Sequence[Event]) -> Moved:
            of_another = {id(event) for event in foreign}
            assert moving is not None
            return moving(
                [
                    (line, self._lines.of_another(line) if id(one) in of_another else one)
                    for line, one in batch
                ]
            )

        decided = iter(self._worker.decide(events, None if moving is None else move))
        became = [
            one if isinstance(one, Diagnostic) else self._answer(line, next(decided))
            for line, one in batch
        ]
        decided_lines = DecidedLines(
            tuple(zip((line.number for line, _ in batch), became, strict=True))
        )
        self.totals.add(decided_lines)
        self._add_timed()
        return decided_lines

    def _answer(self, line: Line, decided: Decided) -> Decided | Diagnostic:
        return self._lines.of_another(line) if decided.is_of_another else decided


def _waiting(plan: Plan) -> Iterator[StepKey]:
    """Yield the keys of the steps with event triggers or timers, and of later steps."""
    return (
        key
        for key, _, step in steps_of(plan)
        if step.follows is not None
        or step.trigger.event is not None
        or isinstance(step.trigger, TimerTrigger)
    )
