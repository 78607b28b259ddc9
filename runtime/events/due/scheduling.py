"""The schedules that a stream of events passes: each instant is decided once, in its turn.

The warehouse finds the customers, with the events of the stream laid over its tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from ....compiler.plan import EnteringTrigger, Plan, Schedule
from ....compiler.plan.calendar import INSTANT
from ....compiler.plan.chance import Seeds
from ....compiler.plan.demands import residual
from ....compiler.plan.due import Due
from ....compiler.plan.expressions import Expression
from ....compiler.plan.steps import StepKey, ranks_of, steps_of
from ....compiler.sql.all.campaigns import candidates_of_all
from ...due.known import Fresh, kinds_asked
from ...due.readings import count_customers, readings
from ...due.schedule import due, start_of_day
from ...ledger.batches.kept_texts import Mark
from ...ledger.contract import Ledger
from ...run.candidates import AllCandidates, CandidateFacts
from ...warehouse.laid_over import laid_over
from ...warehouse.rows import WarehouseRows
from ...warehouse.seeded import ask
from ..part import WHOLE, Part
from ..requests import DueDecision


@dataclass(slots=True)
class Scheduling:
    """The schedules of a plan. `passed`: the instant up to which a step's are decided.

    `progress`: what one part of the customers has passed, by the names of progress in the ledger.
    It is not kept there before the other parts have passed it too.
    """

    plan: Plan
    ledger: Ledger
    seeds: Seeds
    part: Part = WHOLE
    progress: dict[str, datetime] = field(default_factory=dict)
    conditions: dict[StepKey, tuple[Expression, ...]] = field(init=False)
    passed: dict[StepKey, datetime] = field(default_factory=dict)
    _asked: list[StepKey] = field(default_factory=list)
    _decided: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.conditions = {
            key: residual(self.plan, *key)
            for key, _, step in steps_of(self.plan)
            if step.follows is None and isinstance(step.trigger, Schedule)
        }

    def __bool__(self) -> bool:
        """Whether the plan has schedules."""
        return bool(self.conditions)

    @property
    def keeps(self) -> frozenset[str]:
        """The kinds of event that a schedule may read; empty without schedules."""
        return kinds_asked(self.plan) if self.conditions else frozenset()

    def due(
        self,
        rows: WarehouseRows,
        fresh: Fresh,
        alone: Collection[str],
        began: datetime,
        upto: datetime,
    ) -> Iterator[DueDecision]:
        """Yield what the schedules decide up to an instant that was not decided yet.

        As of a first run, it begins with the day on which the stream `began`. Campaigns that
        are left `alone` decide nothing.
        """
        self._asked = [key for key in self.conditions if key.campaign not in alone]
        self._decided = {}
        stretches = [*self._stretches(began, upto)]
        if not stretches:
            return
        plan = laid_over(rows.plan, rows.warehouse, fresh.of_kind)
        instants = {instant for _, stretch in stretches for instant in stretch.every}
        customers = count_customers(plan, rows.warehouse) if len(instants) > 1 else 1
        ranks, number = ranks_of(plan), 0
        for dues in readings(stretches, customers):
            query = candidates_of_all(plan, dues, rows.warehouse.dialect.name)
            reader = AllCandidates(plan, query)
            for row in ask(rows.warehouse, plan, query, self.seeds).rows():
                found = reader.read(row)
                if not self.part.has(found.decision.customer):
                    continue
                key, number = found.decision.identity.key, number + 1
                facts = CandidateFacts(plan, found)
                yield DueDecision(
                    None, found.decision, facts, self.conditions[key], ranks[key], f"{number:012}"
                )

    def _stretches(self, began: datetime, upto: datetime) -> Iterator[tuple[StepKey, Due]]:
        zone = ZoneInfo(self.plan.time_zone)
        for key, _, step in steps_of(self.plan):
            if key not in self._asked:
                continue
            done = self.passed.get(key) or self.ledger.progress(Mark(key).text)
            since = start_of_day(zone, began) if done is None else done + INSTANT
            stretch = due(self.plan, key.campaign, since, upto, step=key.step)
            if stretch.instants:
                self._decided[Mark(key).text] = upto
                if done is None and isinstance(step.trigger, EnteringTrigger):
                    self._decided[Mark(key, "began").text] = since
                yield key, stretch

    def pass_by(self, upto: datetime) -> None:
        """Keep how far the schedules have come: all instants up to one are decided."""
        self.passed |= dict.fromkeys(self._asked, upto)
        if self._decided and self.part.is_whole:
            self.ledger.set_progress(self._decided)
        elif self._decided:
            self.progress |= self._decided
        self._decided = {}

    def forget(self, *, decided: bool) -> None:  # noqa: ARG002  (as steps do)
        """Ask the ledger again how far schedules are decided."""
        self.passed.clear()
