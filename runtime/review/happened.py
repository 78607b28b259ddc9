"""Events of the customers whom a campaign reached, each counted from the customer's first grant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlglot import exp

from ...compiler.dialects.common.terms import all_true
from ...compiler.plan import EventTable, Plan
from ...compiler.sql.columns import key_text, table, typed
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..warehouse.bad_rows import sound
from ..warehouse.check import with_cancelling
from ..warehouse.contract import Warehouse


@dataclass(frozen=True, slots=True)
class Counted:
    """The events, the customers who had any, and the sum of the field, if one was asked for."""

    events: int
    customers: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Happened:
    """The events of a warehouse without its bad rows, which `warnings` name."""

    warehouse: Warehouse
    plan: Plan
    warnings: tuple[Diagnostic, ...]

    def count(
        self, event: str, field: str | None, reached: Mapping[str, datetime], until: datetime
    ) -> Counted:
        """Count the events of customers from the instant they were `reached` to `until`, both in.

        An amount that is unknown adds nothing. A cancelled event does not count.
        """
        if not reached:
            return Counted(0, 0, Decimal(0))
        kind = next(one for one in self.plan.events if one.name == event)
        cancelled = self._cancelled(kind, until)
        events, customers, total = 0, set[str](), Decimal(0)
        for key, customer, at, amount in self._rows(kind, field, min(reached.values()), until):
            since = reached.get(customer)
            if since is None or at < since or (customer, key) in cancelled:
                continue
            events += 1
            customers.add(customer)
            total += Decimal(0) if amount is None else Decimal(str(amount))
        return Counted(events, len(customers), total)

    def _cancelled(self, kind: EventTable, until: datetime) -> set[tuple[str, str]]:
        """The customer and the key of every event that another had cancelled by then."""
        by = kind.cancelled_by
        if by is None:
            return set()
        other = next(one for one in self.plan.events if one.name == by.event)
        rows = self._rows(other, by.field, None, until)
        return {(customer, str(key)) for _, customer, _, key in rows if key is not None}

    def _rows(
        self, kind: EventTable, field: str | None, since: datetime | None, until: datetime
    ) -> Iterator[tuple[str, str, datetime, object]]:
        """Yield key, customer, instant and field of the events of a kind."""
        dialect = self.warehouse.dialect
        at = typed(dialect, kind.at)
        column = next((one for one in kind.fields if one.name == field), None)
        value = exp.Null() if column is None else typed(dialect, column)
        bounds: list[exp.Expr] = [exp.LTE(this=at.copy(), expression=dialect.timestamp(until))]
        if since is not None:
            bounds.append(exp.GTE(this=at.copy(), expression=dialect.timestamp(since)))
        query = (
            exp.select(
                exp.alias_(key_text(dialect, kind.key), "k"),
                exp.alias_(key_text(dialect, kind.customer), "c"),
                exp.alias_(at, "t"),
                exp.alias_(value, "v"),
            )
            .from_(table(kind.table))
            .where(all_true(*bounds))
        )
        for key, customer, instant, amount in self.warehouse.ask(query.sql(dialect.sqlglot)).rows():
            yield str(key), str(customer), instant.replace(tzinfo=UTC), amount


def happened(
    warehouse: Warehouse, plan: Plan, events: tuple[str, ...], share: Decimal | None
) -> Happened:
    """Read these events. Raise `Unfit` (a `CannotRun`) if their tables do not fit."""
    checked = sound(warehouse, plan, with_cancelling(plan, events), share)
    return Happened(warehouse, checked.opened(warehouse), checked.warnings)
