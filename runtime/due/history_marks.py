"""The rows of fields' histories that runs have read, so that rows which come late are found.

A row has neither a key nor a time of arrival. It is known by its beginning with its value, and by
its end. The ledger has a keyed hash of the value, which may be private.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlglot import exp

from ...compiler.plan import Plan
from ...compiler.plan.types import TEXT
from ...compiler.sql.columns import key_text, table, typed
from ...compiler.sql.histories.marks import AT, begins, boundaries, mark
from ..decide.facts import named
from ..warehouse.contract import Warehouse

Hides = Callable[[str, str], str]
"""The ledger's keyed hash of a name and a value."""

_BEFORE_HASH = "\t"
"""Between the mark and the hash; it sorts before what a longer key could have there."""


def without_value(kept: str) -> str:
    """The mark as queries have it, of the one that the ledger keeps."""
    return kept.partition(_BEFORE_HASH)[0]


def history_marks(
    plan: Plan,
    warehouse: Warehouse,
    hides: Hides,
    name: str,
    first: datetime,
    last: datetime,
    *,
    before: bool,
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
        shown = (own, exp.alias_(typed(dialect, kind.fields[0]), "said"))
        part = exp.select(*shown, exp.alias_(at.copy(), "moment")).from_(table(kind.table))
        parts.append(part.where(exp.Between(this=at.copy(), low=start, high=end)))
        if before:
            number = exp.Window(
                this=exp.RowNumber(),
                partition_by=[customer.copy()],
                order=exp.Order(expressions=[exp.Ordered(this=at.copy(), desc=True)]),
            )
            older = exp.select(*(one.copy() for one in shown), exp.alias_(number, "place"))
            older = older.from_(table(kind.table))
            older = older.where(exp.LT(this=at.copy(), expression=start.copy()))
            part = exp.select("mark", "said", exp.alias_(start.copy(), "moment"))
            parts.append(part.from_(older.subquery("older")).where("place = 1"))
    union = exp.union(*parts, distinct=True) if parts[1:] else parts[0]
    query = exp.select("mark", "said", "moment").from_(union.subquery("marks"))
    query = query.order_by(dialect.ordered(exp.column("mark"), TEXT))
    for found, said, moment in warehouse.ask(query.sql(dialect.sqlglot)).rows():
        kept = found
        if begins(found):
            kept = f"{found}{_BEFORE_HASH}{hides(found, repr(said))}"
        yield kept, moment.replace(tzinfo=UTC)
