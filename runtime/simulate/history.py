"""The past that a simulation reads: whether there is any, and what is known only of today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from ...compiler.plan import CustomerField, EventTable, Plan
from ...compiler.plan.data import KEY, SINCE
from ...compiler.sql.columns import table, typed
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose, joined
from ..codes import simulating
from ..due.periods import Between
from ..warehouse.check import used_events
from ..warehouse.contract import Warehouse

QUIET = timedelta(days=7)
"""An end of the period that may be without rows."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The first and the last row of an event; `None` without rows."""

    event: str
    between: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True)
class Past:
    """The stretches of the events that a plan reads, and the period that is simulated."""

    plan: Plan
    asked: Between
    stretches: tuple[Stretch, ...]

    def require_events(self) -> None:
        """Raise `CannotRun` if the plan reads events, and none of them lies in the period."""
        known = [one.between for one in self.stretches if one.between is not None]
        start, end = self.asked.start, self.asked.end
        if not self.stretches or any(first <= end and start <= last for first, last in known):
            return
        since, until = self._day(start), self._day(end)
        if not known:
            raise CannotRun(diagnose(simulating.NO_ROWS, None, start=since, end=until))
        first = self._day(min(first for first, _ in known))
        last = self._day(max(last for _, last in known))
        code = simulating.NO_DATA
        raise CannotRun(diagnose(code, None, start=since, end=until, first=first, last=last))

    def warnings(self) -> Iterator[Diagnostic]:
        """Yield what makes the past of the simulation another than that of the days themselves."""
        read = {one.field for one in self.plan.features if isinstance(one, CustomerField)}
        fields = [one.name for one in self.plan.customers.fields if one.name in read]
        names = [f"`{name}`" for name in fields if name not in (KEY, SINCE)]
        if names:
            shown = joined("blocks.comma", names)
            yield diagnose(simulating.WITHOUT_HISTORY, None, fields=shown)
        for one in self.stretches:
            if one.between is None:
                yield diagnose(simulating.HISTORY_NONE, None, event=one.event)
                continue
            first, last = one.between
            if first - self.asked.start > QUIET or self.asked.end - last > QUIET:
                begin, end = self._day(first), self._day(last)
                code = simulating.HISTORY_IN_PART
                yield diagnose(code, None, event=one.event, first=begin, last=end)

    def _day(self, at: datetime) -> str:
        return str(at.astimezone(ZoneInfo(self.plan.time_zone)).date())


def past(plan: Plan, warehouse: Warehouse, asked: Between) -> Past:
    """Ask the warehouse for the first and last instant of each event that the plan reads."""
    used = set(used_events(plan))
    kinds = [kind for kind in plan.events if kind.name in used and kind.past_of is None]
    return Past(plan, asked, tuple(_stretch(warehouse, kind) for kind in kinds))


def _stretch(warehouse: Warehouse, kind: EventTable) -> Stretch:
    dialect = warehouse.dialect
    at = typed(dialect, kind.at)
    query = exp.select(exp.Min(this=at), exp.Max(this=at.copy())).from_(table(kind.table))
    ((first, last),) = warehouse.ask(query.sql(dialect.sqlglot)).rows()
    if first is None or last is None:
        return Stretch(kind.name, None)
    return Stretch(kind.name, (first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)))
