"""A stream of lines on its way through a worker, and what became of it in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ...compiler.plan import EventTrigger, Plan
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.claimers import claimers
from ..decide.claims import ClaimOutcome
from ..decide.decisions import Outcome
from ..ledger.batches.conflicts import Conflict
from ..run.report import SHOWN
from ..warehouse.bad_rows import LeftOut
from .lines import Line, Lines
from .stream import batches
from .worker import BATCH, Decided, EventWorker


@dataclass(frozen=True, slots=True)
class Told:
    """A batch of lines by their numbers, each with what became of it, or why it is no event."""

    lines: tuple[tuple[int, Decided | Diagnostic], ...]

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What is wrong with lines of it."""
        return tuple(became for _, became in self.lines if isinstance(became, Diagnostic))


@dataclass(slots=True)
class Totals:
    """Of all lines so far.

    `outcomes` of the decisions that were taken now, by campaign; `earlier` counts those that had
    been taken before. `claims`: what became of the claims that were made now, by campaign.
    `changed`: decisions and claims that would be different now; what was decided before stands, and
    `conflicts` names the first. `kept_back`: messages of grants made now that do not go out, by
    campaign and reason.
    `of_unknown`: events of customers whom the warehouse does not have.
    """

    outcomes: dict[str, Counter[Outcome]]
    claims: dict[str, Counter[ClaimOutcome]]
    earlier: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    conflicts: list[Conflict] = field(default_factory=list)
    kept_back: dict[str, Counter[str]] = field(default_factory=dict)
    events: int = 0
    unusable: int = 0
    of_unknown: int = 0

    def add(self, told: Told) -> None:
        """One more batch."""
        for _, became in told.lines:
            if isinstance(became, Diagnostic):
                self.unusable += 1
                continue
            self.events += 1
            self.of_unknown += not became.is_known
            self.changed.update(one.identity.campaign for one in became.conflicts)
            self.conflicts += became.conflicts[: SHOWN - len(self.conflicts)]
            for decision, result in became.results:
                if result.repeated:
                    self.earlier[decision.identity.campaign] += 1
                else:
                    self.outcomes[decision.identity.campaign][result.outcome] += 1
                if result.kept_back:
                    kept_back = self.kept_back.setdefault(decision.identity.campaign, Counter())
                    kept_back.update(result.kept_back)
            for claim in became.claims:
                if claim.repeated:
                    self.earlier[claim.identity.campaign] += 1
                else:
                    self.claims[claim.identity.campaign][claim.outcome] += 1


class EventSession:
    """Decides what comes, line by line."""

    def __init__(self, worker: EventWorker, lines: Lines) -> None:
        self._worker = worker
        self._lines = lines
        claimed = {one.campaign.name: Counter[ClaimOutcome]() for one in claimers(worker.plan)}
        self.totals = Totals({name: Counter() for name in _waiting(worker.plan)}, claimed)

    def fit(self) -> tuple[Diagnostic, ...]:
        """Warnings about the warehouse; `Unfit` where it is not as the catalog says."""
        return self._worker.fit()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The bad rows of the warehouse that `fit` found."""
        return self._worker.left_out

    @staticmethod
    def batches(descriptor: int) -> Iterator[list[Line]]:
        """The lines of an open file as they come, in batches to decide."""
        return batches(descriptor, BATCH)

    def decide(self, batch: Sequence[Line]) -> Told:
        """Decide a batch of lines; each with what became of it."""
        read = [self._lines.read(line) for line in batch]
        events = [one for one in read if not isinstance(one, Diagnostic)]
        decided = iter(self._worker.decide(events))
        became = [
            one if isinstance(one, Diagnostic) else self._told(line, next(decided))
            for line, one in zip(batch, read, strict=True)
        ]
        told = Told(tuple(zip((line.number for line in batch), became, strict=True)))
        self.totals.add(told)
        return told

    def _told(self, line: Line, decided: Decided) -> Decided | Diagnostic:
        return self._lines.of_another(line) if decided.is_of_another else decided


def _waiting(plan: Plan) -> list[str]:
    """The campaigns that wait for events."""
    return [
        campaign.name
        for campaign in plan.campaigns
        if any(isinstance(step.trigger, EventTrigger) for step in campaign.steps)
    ]
