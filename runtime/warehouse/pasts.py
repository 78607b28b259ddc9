"""The pasts of fields: at any instant one row of a customer at most is true."""

from __future__ import annotations

from sqlglot import exp

from ...compiler.dialects.common.overlaps import ALWAYS, overlaps
from ...compiler.dialects.common.terms import all_true, any_true, column, is_null
from ...compiler.plan import Column
from ...compiler.plan.data import TO
from ...compiler.plan.types import TIMESTAMP
from ...compiler.sql.columns import key_text, table
from .check import Needed, There


def overlapping(needed: Needed, there: There, zone: str, bad: exp.Expr) -> exp.Select:
    """The customers, as `owner`, of whom two rows are true at once, or one ends before it begins.

    `zone` is the project's; rows for which `bad` holds are not compared.
    """
    at, *fields = needed.fields
    end = next((field for field in fields if field.name == TO), None)
    owner = key_text(there.warehouse.dialect, needed.key)
    shown = [exp.alias_(owner, "owner"), exp.alias_(_instant(there, at, zone), "begins")]
    order = [exp.Ordered(this=column("begins"), nulls_first=False)]
    if end is not None:
        shown.append(exp.alias_(_instant(there, end, zone), "ends"))
        order.append(exp.Ordered(this=column("ends"), nulls_first=False))
    rows = exp.select(*shown).from_(table(needed.table))
    rows = rows.where(exp.Not(this=exp.Paren(this=bad.copy())))
    following = exp.Window(
        this=exp.Lead(this=column("begins")),
        partition_by=[column("owner")],
        order=exp.Order(expressions=order),
    )
    seen = exp.select("*", exp.alias_(following, "following")).from_(rows.subquery("true_rows"))
    return exp.select("owner").from_(seen.subquery("in_turn")).where(_overlap(end))


def _overlap(end: Column | None) -> exp.Expr:
    """Whether the row that follows begins before this one ends."""
    begins, ends, following = column("begins"), column("ends"), column("following")
    if end is None:
        return exp.EQ(this=following, expression=begins)
    open_ = all_true(is_null(ends), exp.Not(this=is_null(following)))
    return any_true(
        exp.LT(this=following.copy(), expression=ends.copy()),
        open_,
        exp.LT(this=ends.copy(), expression=begins),
    )


def _instant(there: There, field: Column, zone: str) -> exp.Expr:
    """The instant in a column, NULL where it cannot be read."""
    dialect = there.warehouse.dialect
    shown = dialect.read(there.readable(field), TIMESTAMP)
    clock = zone if there.is_day(field) else field.zone
    if clock in (None, "UTC"):
        return shown
    return dialect.instant(clock, shown, overlaps(clock, *ALWAYS))
