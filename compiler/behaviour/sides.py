"""Customers by the audiences in which they are: the sides of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlglot import exp

from ..dialects.common.terms import column, is_null, number
from ..plan import Plan
from ..sql.statement import Written
from .begun import Begun

NEITHER, FIRST, SECOND, BOTH = 0, 1, 2, 3
"""The side of a customer; without an audience everybody is on the first."""


def sides(b: Begun, people: str, groups: Sequence[str]) -> str:
    """The CTE of all customers, each with a side.

    `groups` are at most two relations of the session with a column `customer`.
    """
    select = exp.select(column("customer", people)).from_(exp.to_identifier(people))
    side: exp.Expr = number(FIRST)
    for place, group in enumerate(groups):
        inside = b.add(
            f"group_{place + 1}",
            exp.select(column("customer")).distinct().from_(exp.to_identifier(group)),
            "",
        )
        same = exp.EQ(this=column("customer", inside), expression=column("customer", people))
        select = select.join(exp.to_identifier(inside), on=same, join_type="left")
        bit = exp.Case().when(is_null(column("customer", inside)), number(NEITHER))
        counted = bit.else_(number(place + 1))
        side = counted if not place else exp.Add(this=side, expression=counted)
    return b.add("sides", select.select(exp.alias_(side, "side")), "who is on which side")


def sizes_query(plan: Plan, at: datetime, groups: Sequence[str], dialect: str) -> Written:
    """A statement with a row a side: the side, and its customers."""
    b = Begun.of(plan, at, dialect)
    made = sides(b, b.customers(), groups)
    count = exp.alias_(exp.Count(this=exp.Star()), "customers")
    last = exp.select(column("side"), count).from_(exp.to_identifier(made))
    return b.written(last.group_by(column("side")), f"the sides of customers of {plan.project}")
