"""Entering and leaving: every engine sees the customers whom a plain model of days sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, note
from hypothesis import strategies as st

from . import at_most
from .cases import Case, Table, to_json
from .test_agreement import hold

SETTINGS = """[project]
name = "moves"
language = 1
time_zone = "{zone}"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  {since}
  fields:
    level:
      {{type: integer, optional: true,
       history: {{table: levels, customer: customer_id, {past}}}}}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      points: {{type: integer, optional: true}}
  login:
    table: logins
    key: login_id
    customer: customer_id
    at: seen_at
    fields: {{}}
"""
CAMPAIGN = """audience moved "moved" {condition}
lifecycle life {{
  stage asleep when moved
  stage rich when level >= 3
}}
campaign card {{
  {active}
  audience {audience}
  trigger  when {verb} {of}{lasting}, {schedule}{opening}
  reward   5 points
  budget {{ total 0 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin")
FIRST = datetime(2024, 10, 20, tzinfo=UTC)
"""A fortnight over the end of summer time, of a month and of a week."""

_STEPS = st.sampled_from((0, 0, 1, 6, 12, 23, 24, 25, 48, 72))
_CONDITIONS = st.sampled_from(
    (
        "count(order in last 2 days) >= 1",
        "no order in last 36 hours",
        "sum(order.points in last 3 days) between 1 and 4",
        "days since last(order) between 1 and 2",
        "has order this week and no login in last 1 day",
        "level >= 2",
        "level is unknown or count(order) >= 2",
        "count(login where level in (1, 2)) >= 1",
    )
)
_SCHEDULES = st.sampled_from(
    (
        ("every day at 06:00", ("1 day", "3 days", "36 hours", "1 hour")),
        ("every day at 02:30", ("1 day", "3 days")),
        ("every monday at 06:00", ("1 week", "10 days")),
        ("every hour at :15", ("2 hours", "90 minutes", "1 day")),
        ("on last day of every month at 18:00", ("1 month",)),
        ("on first monday of every month at 01:00", ("2 months",)),
        ("every 2 weeks on friday at 09:00", ("2 weeks", "1 month")),
    )
)


def _instants(draw: st.DrawFn, most: int) -> list[datetime]:
    at, found = FIRST.replace(tzinfo=None), []
    for _ in range(draw(st.integers(0, most))):
        at += timedelta(hours=draw(_STEPS))
        found.append(at)
    return found


@st.composite
def _tables(draw: st.DrawFn, ends: bool) -> dict[str, Table]:
    orders: list[tuple[object, ...]] = []
    logins: list[tuple[object, ...]] = []
    levels: list[tuple[object, ...]] = []
    for customer in ("ann", "bob", "nobody"):
        for at in _instants(draw, 6):
            points = draw(st.sampled_from((1, 2, 3, -4, None)))
            orders.append((f"o{len(orders)}", customer, at, points))
        logins += [(f"o{len(logins)}{customer}", customer, at) for at in _instants(draw, 3)]
        turns = sorted(set(_instants(draw, 4)))
        for place, at in enumerate(turns):
            following = turns[place + 1] if place + 1 < len(turns) else None
            if following is not None and draw(st.booleans()):
                following -= timedelta(minutes=30)
            row = (customer, draw(st.sampled_from((1, 2, 3, None))), at)
            levels.append((*row, following) if ends else row)
    kinds = {"customer_id": "text", "level": "integer", "since": "timestamp"}
    seen = {"login_id": "text", "customer_id": "text", "seen_at": "timestamp"}
    bought = {"order_id": "text", "customer_id": "text", "ordered_at": "timestamp"}
    since = FIRST.replace(tzinfo=None) + timedelta(days=draw(st.integers(-2, 9)))
    return {
        "customers": Table(
            {"customer_id": "text", "joined": "timestamp"}, (("ann", since), ("bob", since))
        ),
        "orders": Table({**bought, "points": "integer"}, tuple(draw(st.permutations(orders)))),
        "logins": Table(seen, tuple(logins)),
        "levels": Table(kinds | ({"until": "timestamp"} if ends else {}), tuple(levels)),
    }


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    ends = draw(st.booleans())
    tables = draw(_tables(ends))
    start = FIRST + timedelta(
        days=draw(st.integers(0, 10)), hours=draw(st.sampled_from((0, 1, 13)))
    )
    schedule, lengths = draw(_SCHEDULES)
    days = (1, 2) if "hour" in schedule else (3, 12, 40)
    lasting = draw(st.sampled_from(("", *(f" for {one}" for one in lengths))))
    keys = sorted({str(row[0]) for name in ("orders", "logins") for row in tables[name].rows})
    late = frozenset(draw(st.lists(st.sampled_from(keys), max_size=3))) if keys else frozenset()
    has_start = " weeks on " in schedule or draw(st.booleans())
    text = CAMPAIGN.format(
        active="active 2024-10-21 to 2024-12-02" if has_start else "",
        audience=draw(st.sampled_from(("yes", "yes", "count(order) < 3"))),
        condition=draw(_CONDITIONS),
        verb=draw(st.sampled_from(("entering", "entering", "leaving"))),
        of=draw(st.sampled_from(("audience moved", "stage life.asleep", "stage rich"))),
        lasting=lasting,
        schedule=schedule,
        opening=draw(st.sampled_from(("", "", " open every month from day 21 to day 27"))),
    )
    return Case(
        SETTINGS.format(zone=draw(st.sampled_from(ZONES))),
        CATALOG.format(
            since=draw(st.sampled_from(("", "since: joined"))),
            past="from: since, to: until" if ends else "at: since",
        ),
        text,
        tables,
        start,
        start + timedelta(days=draw(st.sampled_from(days))),
        late=late,
    )


@at_most(25)
@given(_cases())
def test_customers_enter_on_every_engine_as_in_the_reference(case):
    note(to_json(case))
    hold(case)
