"""The orders of customers: cohorts by month, orders after orders, and recency, frequency, money.

An order is an event of the kind that is asked, of a customer of the warehouse, up to an instant.
A cancellation by then takes it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.terms import all_true, any_true, column, is_null, number
from ..dialects.registry import dialect_of
from ..plan import Column, EventTable, Plan
from ..plan.data import CANCELLED, SINCE
from ..plan.demands import Index
from ..plan.due import Due
from ..plan.types import TEXT
from ..sql.ctes import Job, Script, Statement, Task, restricted
from ..sql.everybody import asking_everybody
from ..sql.sources import Look, customers, past
from ..sql.statement import Written, deep, names_of, rendered
from .stages import asked_of

Began = Literal["since", "first"]
"""When a customer's cohort begins: at `since`, or at the first order."""

LAST_ORDER = 5
"""The last order after which another one is looked for."""


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders of a kind of event up to `at` (aware, UTC). `amount`: its field of money."""

    plan: Plan
    event: EventTable
    amount: str | None
    at: datetime


def cohorts_query(
    orders: Orders, began: Began, months: Sequence[datetime], dialect: str
) -> Written:
    """Rows (cohort, month, customers): those of a cohort who ordered in that month.

    Both are places in `months`, the beginnings of months (aware, UTC), with the end of the last one
    as its last. A row with month -1 has all customers of the cohort.
    """
    with deep():
        script, made = _begun(orders, dialect)
        every = _cohorts(script, made, began)
        shown = [
            column("customer"),
            exp.alias_(_month(script, column("began"), months), "cohort"),
        ]
        cohorts = script.add(
            "cohorts", exp.select(*shown).from_(exp.to_identifier(every)), "the month of each"
        )
        shown = [column("customer"), exp.alias_(_month(script, column("moment"), months), "month")]
        active = exp.select(*shown).from_(exp.to_identifier(made)).distinct()
        active_ = script.add("active", active, "the months with an order")
        all_ = exp.select(
            column("cohort"),
            exp.alias_(exp.Neg(this=number(1)), "month"),
            exp.alias_(exp.Count(this=exp.Star()), "customers"),
        )
        all_ = all_.from_(exp.to_identifier(cohorts)).group_by(column("cohort"))
        same = exp.EQ(this=column("customer", cohorts), expression=column("customer", active_))
        later = exp.GTE(this=column("month", active_), expression=column("cohort", cohorts))
        some = exp.select(
            column("cohort", cohorts),
            column("month", active_),
            exp.alias_(exp.Count(this=exp.Star()), "customers"),
        ).from_(exp.to_identifier(cohorts))
        some = some.join(exp.to_identifier(active_), on=all_true(same, later))
        some = some.group_by(column("cohort", cohorts), column("month", active_))
        counted = script.add("counted", exp.union(all_, some, distinct=False), "and how many")
        last = exp.select("*").from_(exp.to_identifier(counted))
        return _written(script, last, "cohorts by month")


def repeats_query(orders: Orders, dialect: str) -> Written:
    """Rows (turn, days, customers): so many customers ordered again that long after that order.

    Days are calendar days of the project; NULL of those who did not order again.
    """
    with deep():
        script, made = _begun(orders, dialect)
        engine = script.task.dialect
        turn = exp.Window(this=exp.RowNumber(), **_in_turn(engine))
        following = exp.Window(this=exp.Lead(this=column("moment")), **_in_turn(engine))
        select = exp.select(
            column("moment"), exp.alias_(turn, "turn"), exp.alias_(following, "following")
        )
        turns = script.add("turns", select.from_(exp.to_identifier(made)), "one after the other")
        days = engine.days_between(
            _day(script, column("moment")), _day(script, column("following"))
        )
        shown = exp.select(column("turn"), exp.alias_(days, "days")).from_(exp.to_identifier(turns))
        first = exp.LTE(this=column("turn"), expression=number(LAST_ORDER))
        gaps = script.add("gaps", restricted(shown, [first]), "and the days between")
        last = exp.select(
            column("turn"), column("days"), exp.alias_(exp.Count(this=exp.Star()), "customers")
        )
        last = last.from_(exp.to_identifier(gaps)).group_by(column("turn"), column("days"))
        return _written(script, last, "orders after orders")


def values_query(orders: Orders, dialect: str) -> Written:
    """Rows (last day, orders, money, customers): the customers who have these.

    Without an amount, money is NULL. Unknown amounts count as nothing.
    """
    with deep():
        script, days = _valued(orders, dialect)
        titles = ("last_day", "orders", "money")
        last = exp.select(*map(column, titles), exp.alias_(exp.Count(this=exp.Star()), "customers"))
        last = last.from_(exp.to_identifier(days)).group_by(*map(column, titles))
        return _written(script, last, "recency, frequency and money")


def buyers_query(orders: Orders, dialect: str) -> Written:
    """Rows (customer, last day, orders, money), a row a customer with an order; see above."""
    with deep():
        script, days = _valued(orders, dialect)
        titles = ("customer", "last_day", "orders", "money")
        last = exp.select(*map(column, titles)).from_(exp.to_identifier(days))
        return _written(script, last, "recency, frequency and money of each")


# --- parts --------------------------------------------------------------------------------------


def _valued(orders: Orders, dialect: str) -> tuple[Script, str]:
    """A statement with last day, orders and money of each customer as a CTE, and its name."""
    script, made = _begun(orders, dialect)
    engine = script.task.dialect
    money: exp.Expr = exp.null()
    if orders.amount is not None:
        total = engine.total(column("amount"), _amount(orders).type)
        money = exp.cast(
            exp.Coalesce(this=total, expressions=[engine.decimal(Decimal("0.00"))]),
            exp.DataType.build("DECIMAL(38, 4)"),
        )
    own = exp.select(
        column("customer"),
        exp.alias_(exp.Max(this=column("moment")), "last_moment"),
        exp.alias_(exp.Count(this=exp.Star()), "orders"),
        exp.alias_(money, "money"),
    )
    own = own.from_(exp.to_identifier(made)).group_by(column("customer"))
    each = script.add("each_customer", own, "by customer")
    select = exp.select(
        column("customer"),
        exp.alias_(_day(script, column("last_moment")), "last_day"),
        column("orders"),
        column("money"),
    )
    return script, script.add("days", select.from_(exp.to_identifier(each)), "on calendar days")


def _begun(orders: Orders, dialect: str) -> tuple[Script, str]:
    """A statement with the orders as a CTE, and its name."""
    plan = asked_of(orders.plan, (), (orders.at,)).plan
    campaign = asking_everybody("orders", "orders", orders.at, orders.event.origin)
    plan, engine = replace(plan, campaigns=(campaign,)), dialect_of(dialect)
    job = Job(campaign, campaign.steps[0], Due(orders.at, orders.at, (orders.at,)))
    statement = Statement(engine, names_of(plan, engine, campaign.steps))
    script = Script(Task.of_one(Index(plan), job, engine, statement.names), statement)
    wanted = [("feature", SINCE)] if plan.customers.since else []
    who = customers(script, wanted, [[]])
    fields = () if orders.amount is None else (orders.amount,)
    cancels = () if orders.event.cancelled_by is None else (CANCELLED,)
    seen = past(script, Look(orders.event.name, (*fields, *cancels), None, orders.at))
    now = engine.timestamp(orders.at)
    conditions: list[exp.Expr] = [exp.LTE(this=column(seen.moment, seen.name), expression=now)]
    if cancels:
        since = column(seen.fields[CANCELLED].expression.name, seen.name)
        later = exp.GT(this=since, expression=now.copy())
        conditions.append(exp.Paren(this=any_true(is_null(since.copy()), later)))
    shown = [
        exp.alias_(column(seen.customer, seen.name), "customer"),
        exp.alias_(column(seen.key, seen.name), "order_key"),
        exp.alias_(column(seen.moment, seen.name), "moment"),
    ]
    if orders.amount is not None:
        amount = column(seen.fields[orders.amount].expression.name, seen.name)
        shown.append(exp.alias_(amount, "amount"))
    same = exp.EQ(this=column("customer", who.name), expression=column(seen.customer, seen.name))
    select = exp.select(*shown).from_(exp.to_identifier(seen.name))
    select = restricted(select.join(exp.to_identifier(who.name), on=same), conditions)
    script.statement.known["who"] = who
    return script, script.add("counted_orders", select, "orders of customers, up to the instant")


def _cohorts(script: Script, orders: str, began: Began) -> str:
    """The CTE of the customers with when their cohort `began`."""
    if began == "first":
        first = exp.alias_(exp.Min(this=column("moment")), "began")
        select = exp.select(column("customer"), first).from_(exp.to_identifier(orders))
        return script.add("begun", select.group_by(column("customer")), "the first order")
    who = script.statement.known["who"]
    since = exp.alias_(column(who.terms["feature", SINCE].expression.name), "began")
    select = exp.select(column("customer"), since).from_(exp.to_identifier(who.name))
    return script.add("begun", select, "since when there is the customer")


def _month(script: Script, moment: exp.Expr, months: Sequence[datetime]) -> exp.Expr:
    """The place of the month in which a moment lies: -1 before them all, NULL after them."""
    chosen = exp.Case()
    for place, begins in enumerate(months):
        before = exp.LT(this=moment.copy(), expression=script.task.dialect.timestamp(begins))
        chosen = chosen.when(before, number(place - 1) if place else exp.Neg(this=number(1)))
    return chosen


def _day(script: Script, moment: exp.Expr) -> exp.Expr:
    """The date of a moment on the project's calendar."""
    dialect = script.task.dialect
    return dialect.date_of(dialect.clock(script.task.plan.time_zone, moment))


def _in_turn(dialect: Dialect) -> dict[str, object]:
    """The window of a customer's orders by time, then by key."""
    order = [
        exp.Ordered(this=column("moment"), nulls_first=False),
        exp.Ordered(this=dialect.ordered(column("order_key"), TEXT), nulls_first=False),
    ]
    return {"partition_by": [column("customer")], "order": exp.Order(expressions=order)}


def _amount(orders: Orders) -> Column:
    return next(one for one in orders.event.fields if one.name == orders.amount)


def _written(script: Script, last: exp.Select, title: str) -> Written:
    plan = script.task.plan
    query = script.statement.query(last, f"{title} of {plan.project}")
    return rendered(query, script.statement.dialect, plan)
