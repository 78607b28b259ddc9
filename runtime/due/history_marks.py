"""The rows of fields' histories that runs have read, so that rows which come late are found.

A row has neither a key nor a time of arrival. It is known by its beginning and by its end. A row
of which only the value was corrected is not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlglot import exp

from ...compiler.plan import Plan
from ...compiler.plan.types import TEXT
from ...compiler.sql.columns import key_text, table, typed
from ...compiler.sql.histories.marks import AT, boundaries, mark
from ..decide.facts import named
from ..warehouse.contract import Warehouse


def history_marks(
    plan: Plan, warehouse: Warehouse, name: str, first: datetime, last: datetime, *, before: bool
) -> Iterator[tuple[str, datetime]]:
    """Yield the marks of a history in [first, last] with their instants, ordered by mark.

    With `before`, also the last beginning and the last end of each customer before `first`, as of
    `first`. A row before these was over by then, and changes nothing.
    """
    kind, dialect = named(plan.events, name), warehouse.dialect
    columns = {AT: kind.at, **{one.name: one for one in kind.fields[1:]}}
    start, end = dialect.timestamp(first), dialect.timestamp(last)
    parts: list[exp.Select] = []
    for boundary, column in boundaries(columns):
        at, customer = typed(dialect, column), key_text(dialect, kind.customer)
        own = exp.alias_(mark(dialect, boundary, at.copy(), customer.copy()), "mark")
        part = exp.select(own, exp.alias_(at.copy(), "moment")).from_(table(kind.table))
        parts.append(part.where(exp.Between(this=at.copy(), low=start, high=end)))
        if before:
            latest = exp.Max(this=at.copy())
            own = exp.alias_(mark(dialect, boundary, latest, customer.copy()), "mark")
            part = exp.select(own, exp.alias_(start.copy(), "moment")).from_(table(kind.table))
            part = part.where(exp.LT(this=at.copy(), expression=start.copy()))
            parts.append(part.group_by(customer.copy()))
    union = exp.union(*parts, distinct=True) if parts[1:] else parts[0]
    query = exp.select("mark", "moment").from_(union.subquery("marks"))
    query = query.order_by(dialect.ordered(exp.column("mark"), TEXT))
    for found, moment in warehouse.ask(query.sql(dialect.sqlglot)).rows():
        yield found, moment.replace(tzinfo=UTC)
