"""Enterings that are found late: already granted where a later one was, with no leaving between."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ...compiler.plan import EnteringTrigger, Plan
from ...compiler.plan.calendar import INSTANT
from ...compiler.plan.demands import Index
from ...compiler.plan.due import Due
from ...compiler.plan.steps import StepKey, step_of
from ..decide.decisions import Decision, Identity
from ..decide.facts import CustomerRows, named
from ..decide.patterns.moves import facts_at, granted_later
from ..decide.reference import occurrence_of
from ..due.history_marks import without_value
from ..due.late import LateKeys, group_of_entering
from ..due.periods import Period
from ..due.schedule import Late
from ..ledger.contract import Ledger
from ..warehouse.contract import Warehouse


def again_of(
    plan: Plan, warehouse: Warehouse, period: Period, late: LateKeys, prefix: str
) -> Late | None:
    """The late events and rows that say who has entered before; `None` if there are none.

    Their keys are kept in tables of the warehouse whose names begin with `prefix`.
    """
    trigger, floor = period.step.trigger, period.floor
    if not isinstance(trigger, EnteringTrigger) or floor is None:
        return None
    tables: list[tuple[str, str]] = []
    firsts: list[datetime] = []
    index = Index(plan)
    kinds = (*index.events_read([trigger.condition]), *index.pasts_read([trigger.condition]))
    for place, event in enumerate(kinds):
        group = group_of_entering(period.key, event)
        if late.keys.has(group):
            name = f"{prefix}_{place}"
            warehouse.keep(name, map(without_value, late.keys.in_order(group)))
            tables.append((event, name))
            firsts.append(late.firsts[group])
    return Late(max(min(firsts), floor), tuple(tables)) if tables else None


class Entered:
    """The enterings of a run that it finds late: those before its period."""

    def __init__(
        self, plan: Plan, rows: CustomerRows, ledger: Ledger, dues: Sequence[tuple[StepKey, Due]]
    ) -> None:
        self._plan = plan
        self._rows = rows
        self._ledger = ledger
        self._zone = ZoneInfo(plan.time_zone)
        self._again: Mapping[StepKey, tuple[datetime, ...]] = {
            key: due.again.instants for key, due in dues if due.again is not None
        }

    @property
    def steps(self) -> Collection[StepKey]:
        """The steps of which there are any."""
        return self._again.keys()

    def is_granted(self, decision: Decision) -> bool:
        """Whether a later instant was granted to the recipient, with no leaving between."""
        who, instants = decision.identity, self._again.get(decision.identity.key, ())
        if decision.at not in instants or self._ledger.decision(who) is not None:
            return False
        trigger = step_of(named(self._plan.campaigns, who.campaign), who.step).trigger
        facts = facts_at(self._plan, trigger, self._rows, decision.customer)
        if not isinstance(trigger, EnteringTrigger) or facts is None:
            return False
        later = self._later(trigger, who, decision.at, instants[-1])
        return granted_later(trigger, later, facts, self._ledger.decision)

    def _later(
        self, trigger: EnteringTrigger, who: Identity, at: datetime, last: datetime
    ) -> Iterator[tuple[datetime, Identity]]:
        """Yield the instants of the schedule after `at`, with the identity of each."""
        for instant in trigger.instants(self._zone, self._plan.holidays, at + INSTANT, last):
            yield instant, who._replace(occurrence=occurrence_of(self._plan, instant))
