"""Measures: every number equals that of plain Python over the same events, to the customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import isclose
from pathlib import Path
from tempfile import mkdtemp

import pytest
from campaigner.compiler.measures.asks import asks_of
from campaigner.compiler.measures.exposed import Exposure, line_of
from campaigner.compiler.measures.query import measure_query
from campaigner.compiler.plan import Plan
from campaigner.runtime.measure.figures import Answers, Summed
from hypothesis import given, note
from hypothesis import strategies as st

from ..projects import codes, compile_folder, write
from ..warehouses import DuckDB, PostgreSQL
from . import at_most

SETTINGS = """
[project]
name = "m"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
catalog = "catalog.yaml"

[channels.push]
kind = "file"
path = "var/push.jsonl"
"""
CATALOG = """
customer: {table: customers, key: customer_id, fields: {vip: {type: boolean}}}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    cancelled_by: {event: refund, field: order_id}
    fields:
      amount: {type: money, currency: CNY, optional: true}
      pieces: {type: integer}
      sort:   {type: enum, values: [tea, cup]}
  refund:
    {table: refunds, key: refund_id, customer: customer_id, at: refunded_at,
     fields: {order_id: {type: text}}}
"""
COMMON = """
lifecycle shop ladder {
  stage new
  stage keen from count(order) >= 2
  stage best from count(order where sort = tea in last 10 days) >= 2
}
policy fair { require vip  holdout at least 10% }
"""
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=120)


@dataclass(frozen=True)
class Order:
    key: str
    customer: str
    at: datetime
    amount: Decimal | None
    pieces: int
    kind: str
    refunded: datetime | None

    @property
    def counts(self) -> bool:
        return self.refunded is None or self.refunded > NOW


Orders = list[Order]
Value = Callable[[Orders], Decimal | int]


@dataclass(frozen=True)
class Form:
    """A measure as text, its days, and its value over the orders of a window."""

    text: str
    days: int
    value: Value | None = None
    stage: str | None = None


def total(orders: Orders) -> Decimal:
    return sum((one.amount for one in orders if one.amount is not None), Decimal(0))


def of_kind(orders: Orders, kind: str) -> Orders:
    return [one for one in orders if one.kind == kind]


FORMS = (
    Form("conversion on order within 14 days", 14, lambda found: int(bool(found))),
    Form(
        "conversion on order where amount >= 10 CNY within 7 days",
        7,
        lambda found: int(any(o.amount is not None and o.amount >= 10 for o in found)),
    ),
    Form(
        "guard at most 5% order where sort = cup and pieces > 2 within 3 days",
        3,
        lambda found: int(any(o.pieces > 2 for o in of_kind(found, "cup"))),
    ),
    Form("guard at most 5% refund within 20 days", 20, None),
    Form(
        "revenue 0.8% of sum(order.amount) within 14 days",
        14,
        lambda f: Decimal("0.008") * total(f),
    ),
    Form(
        "revenue sum(order.amount where sort = tea) - 2 CNY * count(order) within 7 days",
        7,
        lambda found: total(of_kind(found, "tea")) - 2 * len(found),
    ),
    Form(
        "revenue 0.5 CNY * sum(order.pieces) + 10% of sum(order.amount) within 20 days",
        20,
        lambda f: Decimal("0.5") * sum(o.pieces for o in f) + Decimal("0.1") * total(f),
    ),
    Form("success when stage becomes shop.keen within 14 days", 14, stage="keen"),
    Form("success when stage becomes shop.best within 7 days", 7, stage="best"),
)


def stage(orders: Orders, at: datetime) -> str:
    """The ladder of `COMMON`: the highest step of which this and all before it hold."""
    before = [one for one in orders if one.at <= at and (one.refunded is None or one.refunded > at)]
    if len(before) < 2:
        return "new"
    recent = [one for one in of_kind(before, "tea") if one.at > at - timedelta(days=10)]
    return "best" if len(recent) >= 2 else "keen"


CUSTOMERS = ("ann", "bob", "cem", "dan", "eve")
hours = st.integers(0, 60 * 24).map(lambda hour: START + timedelta(hours=hour))


@st.composite
def orders(draw) -> Orders:
    found = []
    for number in range(draw(st.integers(0, 25))):
        at = draw(hours)
        refunded = draw(st.sampled_from((None, None, at + timedelta(days=5), NOW + timedelta(1))))
        found.append(
            Order(
                f"o{number}",
                draw(st.sampled_from(CUSTOMERS)),
                at,
                draw(st.sampled_from((None, "0", "3.33", "10", "99.99"))),
                draw(st.integers(0, 4)),
                draw(st.sampled_from(("tea", "cup"))),
                refunded,
            )
        )
    return [
        Order(
            o.key,
            o.customer,
            o.at,
            None if o.amount is None else Decimal(str(o.amount)),
            *(o.pieces, o.kind, o.refunded),
        )
        for o in found
    ]


@st.composite
def choices(draw) -> tuple[tuple[int, ...], ...]:
    """For each campaign the places of its measures, at most one of them a revenue."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        chosen = draw(st.lists(st.sampled_from(range(len(FORMS))), min_size=1, unique=True))
        revenues = [one for one in chosen if FORMS[one].text.startswith("revenue")]
        found.append(tuple(one for one in chosen if one not in revenues[1:]))
    return tuple(found)


exposures = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(CUSTOMERS), st.integers(0, 1), hours),
    unique_by=lambda one: one[:2],
    max_size=12,
)


@cache
def plan_of(chosen: tuple[tuple[int, ...], ...]) -> Plan:
    """The plan of campaigns with these measures, by their names in order."""
    campaigns = "".join(
        f"""
campaign c{number} {{
  audience vip
  trigger every day at 10:00
  message push "Hello."
  measure {{ {" ".join(FORMS[one].text for one in forms)} }}
  compliance {{ follows fair }}
}}
"""
        for number, forms in enumerate(chosen)
    )
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "a.campaign": COMMON + campaigns}
    compiled = compile_folder(write(Path(mkdtemp()), files))
    assert compiled.plan is not None, codes(compiled)
    return compiled.plan


def expected(
    form: Form, mine: Orders, refunds: list[datetime], at: datetime
) -> tuple[Decimal, Decimal]:
    """The value of one customer after an exposure, and before it."""
    until, begins = at + timedelta(days=form.days), at - timedelta(days=30)
    if form.stage is not None:
        came = stage(mine, until) == form.stage and stage(mine, at) != form.stage
        return Decimal(came), Decimal(0)
    if form.value is None:
        after = any(at < one <= until for one in refunds)
        return Decimal(after), Decimal(any(begins < one < at for one in refunds))
    counted = [one for one in mine if one.counts]
    after = form.value([one for one in counted if at < one.at <= until])
    before = form.value([one for one in counted if begins < one.at < at])
    return Decimal(after), Decimal(before)


def holds(found: Summed, values: list[tuple[Decimal, Decimal]], form: Form) -> None:
    """The sums of one variant against those of its customers one by one."""
    after = [one for one, _ in values]
    if found.total is not None:
        assert found.total == sum(after, Decimal(0))
    else:
        assert found.count == sum(after)
    moments = found.moments
    assert moments.count == len(values)
    sums = (
        (moments.y, sum(after)),
        (moments.yy, sum(one * one for one in after)),
        (moments.x, sum(one for _, one in values)),
        (moments.xx, sum(one * one for _, one in values)),
        (moments.xy, sum(one * other for one, other in values)),
    )
    for mine, theirs in sums:
        assert isclose(mine, float(theirs), rel_tol=1e-9, abs_tol=1e-6), form.text


@pytest.mark.parametrize("engine", [DuckDB, PostgreSQL], ids=["duckdb", "postgresql"])
@at_most(20, deadline=None)
@given(chosen=choices(), happened=orders(), exposed=exposures)
def test_every_number_is_that_of_plain_python(engine, chosen, happened, exposed) -> None:
    hold(engine(), chosen, happened, exposed)


@pytest.mark.spark
@at_most(4, deadline=None)
@given(chosen=choices(), happened=orders(), exposed=exposures)
def test_spark_counts_the_same(chosen, happened, exposed) -> None:
    from ..spark_house import Spark  # noqa: PLC0415

    hold(Spark(), chosen, happened, exposed)


def hold(warehouse, chosen, happened: Orders, exposed) -> None:
    """Every number of the engine against that of plain Python."""
    plan = plan_of(chosen)
    asks = asks_of(plan)
    note([[FORMS[one].text for one in forms] for forms in chosen])
    lines = []
    kept = [one for one in exposed if one[0] < len(chosen)]
    for unit, (number, customer, variant, at) in enumerate(kept):
        ends = tuple(at + timedelta(days=span.count) for span in asks.spans[number])
        one = Exposure(number, variant, customer, at - timedelta(days=30), at, ends)
        lines.append((line_of(unit, one, asks.slots),))
    _fill(warehouse, happened, lines)
    query = measure_query(plan, asks, (START - timedelta(days=31), NOW), warehouse.name, "kept")
    answers = Answers.of(query, warehouse.ask(query.sql)[1])
    for number, forms in enumerate(chosen):
        for place, asked in zip(forms, asks.asked[number], strict=True):
            for variant in (0, 1):
                values = [
                    expected(
                        FORMS[place],
                        [one for one in happened if one.customer == customer],
                        [o.refunded for o in happened if o.customer == customer and o.refunded],
                        at,
                    )
                    for campaign, customer, of, at in kept
                    if (campaign, of) == (number, variant)
                ]
                holds(answers.summed(number, variant, asked), values, FORMS[place])


def _fill(warehouse, happened: Orders, lines: list[tuple[str]]) -> None:
    def naive(at: datetime) -> datetime:
        return at.replace(tzinfo=None)

    warehouse.table(
        "customers",
        {"customer_id": "text", "vip": "boolean"},
        [(one, True) for one in CUSTOMERS],
    )
    kinds = {"order_id": "text", "customer_id": "text", "ordered_at": "timestamp"}
    rows = [(o.key, o.customer, naive(o.at), o.amount, o.pieces, o.kind) for o in happened]
    more = {"amount": "money", "pieces": "integer", "sort": "text"}
    warehouse.table("orders", {**kinds, **more}, rows)
    refunds = [(f"r{o.key}", o.customer, naive(o.refunded), o.key) for o in happened if o.refunded]
    kinds = {"refund_id": "text", "customer_id": "text", "refunded_at": "timestamp"}
    warehouse.table("refunds", {**kinds, "order_id": "text"}, refunds)
    warehouse.table("kept", {"occurrence": "text"}, lines)
