"""Purchases of customers month by month, and the costs of winning them: two statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlglot import exp

from ..dialects.common.terms import all_true, column, is_null, number
from ..plan import CostTable, Plan
from ..plan.data import SINCE
from ..plan.types import INTEGER
from ..sql import columns
from ..sql.statement import Written
from .begun import Begun


@dataclass(frozen=True, slots=True)
class Bought:
    """The events that bring revenue, `amount` of each, up to an instant (aware, UTC).

    `channel`: the customer's field by which they are grouped, if any.
    """

    event: str
    amount: str
    at: datetime
    channel: str | None


MONTHS, CUSTOMERS, COHORTS = 0, 1, 2
"""The kinds of rows: see `value_query`."""


def value_query(plan: Plan, asked: Bought, dialect: str) -> Written:
    """A statement with rows of three kinds, after one pass over the events.

    Its columns are kind, cohort (the first day of a month), channel, day, a, b, c, amount.

    - `MONTHS`: `a` customers of a cohort bought in the month of `day`, `b` times for `amount`; of
      `c` purchases it is not known.
    - `CUSTOMERS`: `a` customers alike bought on `b` days, the first of them `day`, the last `c`
      days later; `amount` without the first day.
    - `COHORTS`: `a` customers, where the catalog says since when they are customers.
    """
    b = Begun.of(plan, asked.at, dialect)
    people = _people(b, asked)
    days = _days(b, asked, people)
    parts = [_by_month(b, days), _by_customer(b, days)]
    if plan.customers.since:
        parts.append(_cohorts(b, asked, people))
    every: exp.Query = parts[0]
    for other in parts[1:]:
        every = exp.union(every, other, distinct=False, copy=False)
    last = exp.select("*").from_(exp.Subquery(this=every, alias=exp.to_identifier("parts")))
    return b.written(last, f"the value of customers of {plan.project} by {asked.event}")


def _people(b: Begun, asked: Bought) -> str:
    """The customers: since when, if that is known, and their channel."""
    since = (SINCE,) if b.plan.customers.since else ()
    some = () if asked.channel is None else (asked.channel,)
    return b.customers(*dict.fromkeys((*since, *some)))


def _channel(b: Begun, asked: Bought, people: str) -> exp.Expr:
    if asked.channel is None:
        return exp.cast(exp.null(), b.dialect.text_type())
    return exp.cast(column(b.field(asked.channel), people), b.dialect.text_type())


def _days(b: Begun, asked: Bought, people: str) -> str:
    """A row a customer and day with a purchase, with the cohort of the customer."""
    events = b.events(asked.event, asked.amount)
    amount = events.fields[asked.amount]
    paid = column(amount.expression.name, events.name)
    moment = column(events.moment, events.name)
    own = exp.EQ(this=column("customer", people), expression=column(events.customer, events.name))
    shown = [
        exp.alias_(column("customer", people), "customer"),
        exp.alias_(_channel(b, asked, people), "channel"),
        exp.alias_(b.day(moment), "day"),
        exp.alias_(paid, "paid"),
    ]
    kept = b.counts(events)
    if b.plan.customers.since:
        since = column(b.field(SINCE), people)
        shown.append(exp.alias_(b.month(b.day(since)), "cohort"))
        # Purchases from before `since` belong to no month of a cohort.
        kept = all_true(kept, exp.GTE(this=moment.copy(), expression=since.copy()))
    bought = exp.select(*shown).from_(exp.to_identifier(people))
    bought = bought.join(exp.to_identifier(events.name), on=own).where(kept)
    made = b.add("bought", bought, f"{asked.event} up to {asked.at:%Y-%m-%d}")
    by = [column(one) for one in ("customer", "channel", "day")]
    by += [column("cohort")] if b.plan.customers.since else []
    unknown = exp.Case().when(is_null(column("paid")), number(1)).else_(number(0))
    total = b.dialect.total(column("paid"), amount.type)
    daily = exp.select(
        *by,
        exp.alias_(exp.Count(this=exp.Star()), "purchases"),
        exp.alias_(exp.Sum(this=unknown), "unpriced"),
        exp.alias_(exp.Coalesce(this=total, expressions=[number(0)]), "total"),
    ).from_(exp.to_identifier(made))
    daily = daily.group_by(*(one.copy() for one in by))
    made = b.add("daily", daily, "the purchases of each customer and day")
    first = exp.Window(this=exp.Min(this=column("day")), partition_by=[column("customer")])
    shown = [exp.Star(), exp.alias_(first, "first")]
    whole = b.add("days", exp.select(*shown).from_(exp.to_identifier(made)), "and the first day")
    if b.plan.customers.since:
        return whole
    month = exp.alias_(b.month(column("first")), "cohort")
    select = exp.select(exp.Star(), month).from_(exp.to_identifier(whole))
    return b.add("days_of_cohorts", select, "the cohort is the month of the first purchase")


def _row(
    b: Begun,
    kind: int,
    channel: exp.Expr,
    day: exp.Expr,
    counts: Sequence[exp.Expr],
    sum_: exp.Expr,
) -> list[exp.Expr]:
    integer = b.dialect.type_of(INTEGER)
    return [
        exp.alias_(number(kind), "kind"),
        exp.alias_(column("cohort"), "cohort"),
        exp.alias_(channel, "channel"),
        exp.alias_(day, "day"),
        *(
            exp.alias_(exp.cast(one, integer), name)
            for one, name in zip(counts, "abc", strict=True)
        ),
        exp.alias_(sum_, "amount"),
    ]


def _by_month(b: Begun, days: str) -> exp.Select:
    month = b.month(column("day"))
    who = exp.Count(this=exp.Distinct(expressions=[column("customer")]))
    counts = (who, exp.Sum(this=column("purchases")), exp.Sum(this=column("unpriced")))
    row = _row(b, MONTHS, column("channel"), month, counts, exp.Sum(this=column("total")))
    by = (column("cohort"), column("channel"), month.copy())
    return exp.select(*row).from_(exp.to_identifier(days)).group_by(*by)


def _by_customer(b: Begun, days: str) -> exp.Select:
    later = exp.GT(this=column("day"), expression=column("first"))
    repeat = exp.Case().when(later, column("total")).else_(number(0))
    each = exp.select(
        column("cohort"),
        column("channel"),
        column("first"),
        exp.alias_(exp.Count(this=exp.Star()), "days"),
        exp.alias_(exp.Max(this=column("day")), "last"),
        exp.alias_(exp.Sum(this=repeat), "spent"),
    ).from_(exp.to_identifier(days))
    by = ("cohort", "channel", "customer", "first")
    made = b.add("buyers", each.group_by(*map(column, by)), "the days of each customer")
    span = b.dialect.days_between(column("first"), column("last"))
    counts = (exp.Count(this=exp.Star()), column("days"), span)
    row = _row(b, CUSTOMERS, column("channel"), column("first"), counts, column("spent"))
    alike = ("cohort", "channel", "first", "days", "last", "spent")
    return exp.select(*row).from_(exp.to_identifier(made)).group_by(*map(column, alike))


def _cohorts(b: Begun, asked: Bought, people: str) -> exp.Select:
    since = column(b.field(SINCE), people)
    known = exp.LTE(this=since, expression=b.dialect.timestamp(b.at))
    each = exp.select(
        exp.alias_(b.month(b.day(since.copy())), "cohort"),
        exp.alias_(_channel(b, asked, people), "channel"),
    ).from_(exp.to_identifier(people))
    made = b.add("begun", each.where(known), "who became a customer")
    counts = (exp.Count(this=exp.Star()), number(0), number(0))
    row = _row(b, COHORTS, column("channel"), column("cohort"), counts, number(0))
    by = (column("cohort"), column("channel"))
    return exp.select(*row).from_(exp.to_identifier(made)).group_by(*by)


# --- costs ----------------------------------------------------------------------------------------


def costs_query(plan: Plan, costs: CostTable, at: datetime, dialect: str) -> Written:
    """A statement with a row a channel and month: the channel, the month's first day, the costs."""
    b = Begun.of(plan, at, dialect)
    day = columns.typed(b.dialect, costs.day)
    amount = columns.typed(b.dialect, costs.amount)
    spent = exp.select(
        exp.alias_(columns.key_text(b.dialect, costs.channel), "channel"),
        exp.alias_(day, "day"),
        exp.alias_(amount, "paid"),
    ).from_(columns.table(costs.table))
    made = b.add("spent", spent, "the costs of acquisition")
    month = b.month(column("day"))
    total = b.dialect.total(column("paid"), costs.amount.type)
    summed = exp.select(
        column("channel"), exp.alias_(month, "month"), exp.alias_(total, "amount")
    ).from_(exp.to_identifier(made))
    today = at.astimezone(ZoneInfo(plan.time_zone)).date()
    known = exp.LTE(this=column("day"), expression=b.dialect.date(today))
    by = (column("channel"), month.copy())
    return b.written(summed.where(known).group_by(*by), f"the costs of {plan.project}")
