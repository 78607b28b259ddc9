"""Claims, reversals and alarms of a run: events of the warehouse that make them, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from heapq import merge
from typing import Literal, NamedTuple, Protocol, TypeVar

from sqlglot import exp

from ...compiler.dialects.common.terms import all_true, any_true
from ...compiler.plan import Column, EventTable, Plan
from ...compiler.plan.steps import StepKey
from ...compiler.plan.types import TEXT
from ...compiler.sql.columns import key_text, table, typed
from ..decide.braking.events import AlarmEvent
from ..decide.braking.watchers import watchers
from ..decide.claimers import claimers
from ..decide.claims import ClaimEvent
from ..decide.facts import Row, named
from ..decide.reversing.events import ReversalEvent
from ..decide.reversing.reversers import reversers
from ..due.late import group_of
from ..due.periods import Period
from ..warehouse.contract import Warehouse
from ..warehouse.rows import from_warehouse
from ..warehouse.text_sets import Distinct

Read_co = TypeVar("Read_co", ClaimEvent, ReversalEvent, AlarmEvent, covariant=True)


class Reader(Protocol[Read_co]):
    """A campaign whose grants events of a kind claim, take back, or raise an alarm about."""

    @property
    def key(self) -> StepKey:
        """The key of the step under which they go."""

    @property
    def event(self) -> str:
        """The kind of event."""

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the event that `read` reads."""

    def read(self, customer: str, row: Row) -> Read_co | None:
        """The claim, reversal or alarm that an event makes, if any."""


Answering = ClaimEvent | ReversalEvent | AlarmEvent


def answers_due(
    plan: Plan,
    warehouse: Warehouse,
    periods: Sequence[Period],
    every: Sequence[Period],
    late: Distinct,
) -> tuple[Iterator[Answering], ...]:
    """The claims and reversals of these periods, and the alarms of every period.

    A paused campaign counts on, so that what came meanwhile trips nothing once it is resumed.
    """
    return (
        claims_due(plan, warehouse, periods, late),
        reversals_due(plan, warehouse, periods, late),
        alarms_due(plan, warehouse, every, late),
    )


def claims_due(
    plan: Plan, warehouse: Warehouse, periods: Sequence[Period], late: Distinct
) -> Iterator[ClaimEvent]:
    """The claims of the period and the late ones: by instant, rank of the campaign, event's key."""
    found = _due(_Run(plan, warehouse, periods, late), claimers(plan), "claims")
    return merge(*found, key=lambda one: one.at)


def reversals_due(
    plan: Plan, warehouse: Warehouse, periods: Sequence[Period], late: Distinct
) -> Iterator[ReversalEvent]:
    """The reversals of the period and the late ones, in the same order."""
    found = _due(_Run(plan, warehouse, periods, late), reversers(plan), "reversals")
    return merge(*found, key=lambda one: one.at)


def alarms_due(
    plan: Plan, warehouse: Warehouse, periods: Sequence[Period], late: Distinct
) -> Iterator[AlarmEvent]:
    """The events that campaigns watch in the period and the late ones, in the same order."""
    found = _due(_Run(plan, warehouse, periods, late), watchers(plan), "alarms")
    return merge(*found, key=lambda one: one.at)


class _Run(NamedTuple):
    """The inputs of a run: the plan, the warehouse, the periods of steps, and late keys."""

    plan: Plan
    warehouse: Warehouse
    periods: Sequence[Period]
    late: Distinct


def _due(
    run: _Run, readers: Sequence[Reader[Read_co]], look: Literal["claims", "reversals", "alarms"]
) -> list[Iterator[Read_co]]:
    of = {period.key: period for period in run.periods}
    found = []
    for number, reader in enumerate(one for one in readers if one.key in of):
        period, kept = of[reader.key], None
        group = group_of(reader.key, look, reader.event)
        if run.late.has(group):
            kept = f"campaigner_late_{look}_{number}"
            run.warehouse.keep(kept, run.late.in_order(group))
        if kept or period.start <= period.end:
            found.append(_read(run, reader, period, kept))
    return found


def _read(
    run: _Run, reader: Reader[Read_co], period: Period, late: str | None
) -> Iterator[Read_co]:
    kind = named(run.plan.events, reader.event)
    fields = [field for field in kind.fields if field.name in reader.fields]
    query = _query(run.warehouse, kind, fields, period, late)
    answer = run.warehouse.ask(query.sql(run.warehouse.dialect.sqlglot))
    for customer, key, at, *values in answer.rows():
        row: Row = {
            "key": key,
            "at": at.replace(tzinfo=UTC),
            **{
                field.name: from_warehouse(value, field.type)
                for field, value in zip(fields, values, strict=True)
            },
        }
        read = reader.read(customer, row)
        if read is not None:
            yield read


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
