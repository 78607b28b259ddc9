"""Later steps of journeys come on every engine as in the reference, over crowded histories.

The steps are made by hand: a project of one campaign for each condition lends them its expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import Decimal

from campaigner.compiler.plan import (
    Journey,
    Plan,
)
from campaigner.compiler.plan.all_expressions import of_campaign
from campaigner.compiler.plan.calendar import INSTANT
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import (
    EventValue,
    walk,
)
from campaigner.compiler.plan.steps import StepKey, in_turn, steps_of
from campaigner.compiler.plan.values import encode
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.runtime.decide.decisions import Decision
from campaigner.runtime.decide.reference import decide
from campaigner.runtime.run.candidates import AllCandidates, Candidates
from hypothesis import given, note
from hypothesis import strategies as st

from ..warehouses import EXECUTED
from . import at_most
from .cases import LATE, Case, Table, compile_case, to_json
from .engines import Row, public_rows
from .journey_steps import FIRST, HERE, later_steps
from .warehouses import holding

SETTINGS = """[project]
name = "journeys"
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
  fields:
    level: {type: integer, optional: true}
    born: {type: date, optional: true}
    tier:
      type: integer
      optional: true
      history: {table: tiers, customer: customer_id, at: changed_at}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      points: {type: integer, optional: true}
      friend: {type: text, optional: true}
  visit:
    table: visits
    key: visit_id
    customer: customer_id
    at: visited_at
    fields:
      points: {type: integer, optional: true}
"""
CAMPAIGN = """benefit coffee "coffee" {{ kind coupon value 30 CNY cost 10 CNY }}
campaign way {{
  {active}
  audience {audience}
  trigger  {trigger}
  reward   {reward}
  budget {{ total 900000 CNY }}
  compliance {{ forbid phrase "sure" {holdout} }}
}}
campaign lender {{
  audience level > 1 and count(order in last 3 days) < 3
  trigger  on order
  reward   by {{ when event.points > 1: 5 points  otherwise: coffee }}
  budget {{ total 900000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
campaign other {{
  audience yes
  trigger  on order
  reward   draw {{ 50%: coffee  rest: 3 points }}
  budget {{ total 900000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
campaign tiered {{
  audience tier > 1
  trigger  on order
  reward   3 points
  budget {{ total 900000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
campaign friend {{
  audience yes
  trigger  on order
  reward   coffee to event.friend
  budget {{ total 900000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
ORDERS = {
    "order_id": "text",
    "customer_id": "text",
    "ordered_at": "timestamp",
    "points": "integer",
    "friend": "text",
}
VISITS = {
    "visit_id": "text",
    "customer_id": "text",
    "visited_at": "timestamp",
    "points": "integer",
}
TIERS = {"customer_id": "text", "changed_at": "timestamp", "tier": "integer"}
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin")
_GAPS = st.sampled_from((0, 0, 1, 6, 12, 23, 24, 25, 48, 72, 168))


# --- histories ----------------------------------------------------------------------------------


@st.composite
def _histories(draw: st.DrawFn, begin: str, most: int) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for customer in ("ann", "bob", "nobody"):
        at = FIRST.replace(tzinfo=None)
        for _ in range(draw(st.integers(2, most))):
            at += timedelta(hours=draw(_GAPS))
            key = f"{begin}{len(rows) * 7 % 30:02}{len(rows)}"
            rows.append((key, customer, at, draw(st.sampled_from((1, 2, 2, 3, None)))))
    return draw(st.permutations(rows))


@st.composite
def _tiers(draw: st.DrawFn) -> list[tuple[object, ...]]:
    """Changes of the customers' tiers, no two of a customer at once."""
    start, rows = FIRST.replace(tzinfo=None), []
    for customer in ("ann", "bob"):
        days = draw(st.lists(st.integers(-2, 20), max_size=3, unique=True))
        levels = st.sampled_from((1, 2, 3, None))
        rows += [(customer, start + timedelta(days=day), draw(levels)) for day in days]
    return draw(st.permutations(rows))


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    orders = draw(_histories("o", 7))
    visits = draw(_histories("v", 7))
    friends = st.sampled_from(("ann", "bob", "nobody", None))
    text = CAMPAIGN.format(
        active=draw(st.sampled_from(("", "active 2024-10-22 to 2024-11-02"))),
        audience=draw(st.sampled_from(("yes", "yes", "level > 1"))),
        trigger=draw(
            st.sampled_from(
                (
                    "on order",
                    "on order",
                    "on visit where points > 1",
                    "on order reaching 2 times",
                    "every day at 02:30",
                    "1 day after order unless visit where points > event.points",
                    "3 days before anniversary of born at 09:00",
                    "2 days after born",
                    "on order reaching 2 customers per friend",
                )
            )
        ),
        reward=draw(st.sampled_from(("5 points", "coffee"))),
        holdout=draw(st.sampled_from(("", "", "", "holdout at least 50%"))),
    )
    tables = {
        "customers": Table(
            {"customer_id": "text", "level": "integer", "born": "date"},
            (
                ("ann", draw(st.sampled_from((2, 2, 1, None))), date(2000, 10, 29)),
                ("bob", 3, date(2024, 10, 26)),
            ),
        ),
        "orders": Table(ORDERS, tuple((*row, draw(friends)) for row in orders)),
        "visits": Table(VISITS, tuple(visits)),
        "tiers": Table(TIERS, tuple(draw(_tiers()))),
    }
    settings = SETTINGS.format(zone=draw(st.sampled_from(ZONES)))
    start = FIRST + timedelta(hours=draw(st.sampled_from((0, 0, 0, 13, 24, 100))))
    end = start + timedelta(days=draw(st.sampled_from((30, 30, 30, 5, 1))))
    keys = sorted(str(row[0]) for row in (*orders, *visits))
    late = frozenset(draw(st.lists(st.sampled_from(keys), max_size=2))) if keys else frozenset()
    return Case(settings, CATALOG, text, tables, start, end, late=late)


@st.composite
def journeys(draw: st.DrawFn) -> tuple[Plan, Case]:
    """A plan of one journey, and the tables that it is asked about."""
    case = draw(_cases())
    plan = compile_case(case)
    lent = {one.name: one for one in plan.campaigns}
    way = lent["way"]
    steps = draw(later_steps(way, lent))
    during = ()
    if draw(st.integers(0, 3)) == 3:
        during = (lent["lender"].eligibility[0].condition,)
    way = replace(way, steps=steps, journey=Journey(False, during, HERE))
    asked = (node for one in of_campaign(way) for node in walk(one.expression))
    fields = {one.field for one in asked if isinstance(one, EventValue)}
    then = sorted(one for one in fields if one.endswith((".level", ".tier")))
    way = replace(way, journey=replace(way.journey, as_of=tuple(then)))
    plan = replace(plan, campaigns=(way,))
    before = replace(case, start=FIRST, end=case.start - INSTANT)
    past = [
        f"{one.identity.occurrence}|{encode(one.at)}"
        for one in expected(plan, before, dues_of(plan, before))
    ]
    late = draw(st.lists(st.sampled_from(past), max_size=2)) if past else []
    return plan, replace(case, late=case.late | frozenset(late))


def dues_of(plan: Plan, case: Case) -> dict[StepKey, Due]:
    """The due part of each step; of the entry all that began, with late ones."""
    late = LATE if case.late else None
    found: dict[StepKey, Due] = {}
    for key, campaign, step in steps_of(plan):
        if step.follows is None:
            found[key] = case.due(plan, campaign.name, step.name)
            before = replace(case, start=FIRST).due(plan, campaign.name, step.name)
            entries = replace(before, late_table=late)
        else:
            found[key] = Due(case.start, case.end, entries=entries, late_table=late)
    return found


def read_rows(found: list[tuple[object, ...]]) -> list[Row]:
    """The rows of the readable SQL as those of `public_rows`."""
    rows = [Row(*row) for row in found]
    return [
        row._replace(
            at=row.at.replace(tzinfo=UTC),
            amount=None if row.amount is None else Decimal(row.amount),
        )
        for row in rows
    ]


def alone(plan: Plan) -> Plan:
    """The plan without what a run asks the ledger: which steps kept others from being taken."""
    (way,) = plan.campaigns
    steps = [
        one
        if one.follows is None
        else replace(one, follows=replace(one.follows, unless_reached=()))
        for one in way.steps
    ]
    return replace(plan, campaigns=(replace(way, steps=tuple(steps)),))


def expected(plan: Plan, case: Case, dues: Mapping[StepKey, Due]) -> list[Decision]:
    """The decisions of all steps in the order of a run."""
    rows, found = case.rows(plan), []
    (way,) = plan.campaigns
    turns = [one.name for one in in_turn(way)]
    for key, due in dues.items():
        place = turns.index(key.step)
        some = decide(plan, key.campaign, rows, due, step=key.step)
        found += [(one.at, place, number, one) for number, one in enumerate(some)]
    return [one for *_, one in sorted(found, key=lambda each: each[:3])]


@at_most(10)
@given(journeys())
def test_the_steps_of_a_journey_come_on_every_engine_as_in_the_reference(made):
    plan, case = made
    note(to_json(case))
    note(plan.campaigns[0].steps)
    note(plan.campaigns[0].journey)
    dues = dues_of(plan, case)
    wanted = expected(plan, case, dues)
    for engine in EXECUTED:
        warehouse = holding(engine, case)
        for key, due in dues.items():
            mine = [one for one in wanted if one.identity.key == key]
            shown = read_rows(
                warehouse.decisions(decisions(plan, "way", due, engine, step=key.step))[1]
            )
            assert shown == public_rows(mine), (engine, key.step)
        shown = read_rows(warehouse.decisions(decisions_of_all(plan, dues, engine))[1])
        assert shown == public_rows(wanted), engine


@at_most(10)
@given(journeys())
def test_a_run_asks_for_all_that_the_ledger_may_let_through(made):
    plan, case = made
    note(to_json(case))
    note(plan.campaigns[0].steps)
    note(plan.campaigns[0].journey)
    dues = dues_of(plan, case)
    least, most = expected(plan, case, dues), expected(alone(plan), case, dues)
    for engine in EXECUTED:
        warehouse = holding(engine, case)
        query = candidates_of_all(plan, dues, engine)
        reader = AllCandidates(plan, query)
        found = [reader.read(row).decision for row in warehouse.candidates(query)]
        assert [one for one in found if one in least] == least, engine
        if alone(plan) == plan:
            assert found == most, engine
        for key, due in dues.items():
            single = candidates_query(plan, "way", due, engine, step=key.step)
            own = Candidates(plan, "way", single.columns, step=key.step)
            rows = [own.read(row).decision for row in warehouse.candidates(single)]
            assert rows == [one for one in found if one.identity.key == key], (engine, key)
