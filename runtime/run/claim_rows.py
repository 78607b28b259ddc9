"""Claims of a run: events of the warehouse that claim offers, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from heapq import merge

from sqlglot import exp

from ...compiler.dialects.common.terms import all_true, any_true
from ...compiler.plan import Claims, Column, EventTable, Plan
from ...compiler.plan.expressions import EventValue, walk
from ...compiler.plan.types import TEXT
from ...compiler.sql.columns import key_text, table, typed
from ..decide.claimers import Claimer, claimers
from ..decide.claims import ClaimEvent
from ..decide.facts import Row, named
from ..due.late import group_of
from ..due.periods import Period
from ..warehouse.contract import Warehouse
from ..warehouse.rows import from_warehouse
from ..warehouse.text_sets import Distinct


def claims_due(
    plan: Plan,
    warehouse: Warehouse,
    periods: Sequence[Period],
    late: Distinct,
) -> Iterator[ClaimEvent]:
    """The claims of the period and the late ones: by instant, rank of the campaign, event's key."""
    of = {period.key: period for period in periods}
    found = []
    for number, claimer in enumerate(claimers(plan)):
        period, kept = of[claimer.key], None
        look = group_of(claimer.key, "claims")
        if late.has(look):
            kept = f"campaigner_late_claims_{number}"
            warehouse.keep(kept, late.in_order(look))
        if kept or period.start <= period.end:
            found.append(_claims(plan, warehouse, claimer, period, kept))
    return merge(*found, key=lambda claim: claim.at)


def _claims(
    plan: Plan, warehouse: Warehouse, claimer: Claimer, period: Period, late: str | None
) -> Iterator[ClaimEvent]:
    kind = named(plan.events, claimer.claims.event)
    fields = _fields(kind, claimer.claims)
    query = _query(warehouse, kind, fields, period, late)
    for customer, key, at, *values in warehouse.ask(query.sql(warehouse.dialect.sqlglot)).rows():
        row: Row = {
            "key": key,
            "at": at.replace(tzinfo=UTC),
            **{
                field.name: from_warehouse(value, field.type)
                for field, value in zip(fields, values, strict=True)
            },
        }
        claim = claimer.read(customer, row)
        if claim is not None:
            yield claim


def _fields(kind: EventTable, claims: Claims) -> list[Column]:
    """Return the event's fields that the claims read."""
    asked = () if claims.where is None else walk(claims.where)
    names = {claims.field, *(one.field for one in asked if isinstance(one, EventValue))}
    return [field for field in kind.fields if field.name in names]


def _query(
    warehouse: Warehouse,
    kind: EventTable,
    fields: Sequence[Column],
    period: Period,
    late: str | None,
) -> exp.Select:
    dialect = warehouse.dialect
    at, key = typed(dialect, kind.at), key_text(dialect, kind.key)
    customer = key_text(dialect, kind.customer)
    start = period.start if period.claims is None else max(period.start, period.claims)
    due: exp.Expr = all_true(
        exp.GTE(this=at.copy(), expression=dialect.timestamp(start.astimezone(UTC))),
        exp.LTE(this=at.copy(), expression=dialect.timestamp(period.end.astimezone(UTC))),
    )
    if late is not None:
        keys = exp.select("occurrence").from_(exp.table_(late, quoted=True))
        due = exp.Paren(
            this=any_true(exp.Paren(this=due), key.copy().isin(exp.Subquery(this=keys)))
        )
    titled = {"customer": customer, "key": key, "moment": at}
    columns = [exp.alias_(value.copy(), name) for name, value in titled.items()]
    columns += [
        exp.alias_(typed(dialect, field), f"field_{index}") for index, field in enumerate(fields)
    ]
    known_customer = exp.Not(this=exp.Is(this=customer.copy(), expression=exp.Null()))
    return (
        exp.select(*columns)
        .from_(table(kind.table))
        .where(all_true(known_customer, due))
        .order_by(at.copy(), dialect.ordered(key.copy(), TEXT))
    )
