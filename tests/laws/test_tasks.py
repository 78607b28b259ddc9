"""Tasks over crowded histories, with late events, are done on every engine as in the reference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.demands import residual
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.steps import StepKey, steps_of
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.runtime.decide.decisions import Decision, Identity
from campaigner.runtime.decide.reference import decide
from campaigner.runtime.run.candidates import AllCandidates, Candidates, passes
from hypothesis import given, note
from hypothesis import strategies as st

from ..seeds import seeds_of
from ..warehouses import EXECUTED
from . import at_most
from .cases import Case, Table, compile_case, to_json
from .engines import Counting, Row, public_rows, replayed
from .warehouses import holding

SETTINGS = """[project]
name = "tasks"
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
    vip: {type: boolean}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      points: {type: integer, optional: true}
      paid: {type: boolean}
  login:
    table: logins
    key: login_id
    customer: customer_id
    at: logged_in_at
    fields: {}
"""
POLICY = """policy rules {
  require event.points >= 1 when event has points
  forbid phrase "sure"
}
"""
CAMPAIGN = """campaign deeds {{
  {active}
  audience {audience}
  tasks {{
{tasks}
  }}
  budget {{ total 0 CNY }}
  compliance {{ {compliance} }}
}}
"""
ORDERS = {
    "order_id": "text",
    "customer_id": "text",
    "ordered_at": "timestamp",
    "points": "integer",
    "paid": "boolean",
}
LOGINS = {"login_id": "text", "customer_id": "text", "logged_in_at": "timestamp"}
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin")
FIRST = datetime(2024, 10, 20, tzinfo=UTC)
"""A fortnight over the end of summer time, of a month and of a week."""

PERIODS = ("daily", "weekly", "monthly", "once")
SETS = {"": PERIODS, " per month": PERIODS[:3], " per week": PERIODS[:2], " per day": PERIODS[:1]}
_STEPS = st.sampled_from((0, 0, 1, 6, 12, 23, 24, 25, 48, 72))


@st.composite
def _events(draw: st.DrawFn) -> list[str]:
    event = draw(st.sampled_from(("order", "order", "login")))
    where = draw(st.sampled_from(("", " where (paid)", " where points > 1")))
    where = where if event == "order" else ""
    count = draw(st.integers(1, 3))
    pattern = draw(
        st.sampled_from(
            (
                "",
                "",
                f" reaching {count} times",
                f" reaching {count} times within 3 days",
                f" reaching {count} days each week",
                f" every {count} times",
                f" every {count} days in a row",
            )
        )
    )
    return [event, where, pattern]


@st.composite
def _tasks(draw: st.DrawFn) -> str:
    together = draw(st.sampled_from((None, *SETS)))
    lines: list[str] = []
    for place in range(draw(st.integers(1, 3))):
        event, where, pattern = draw(_events())
        period = f"{draw(st.sampled_from(SETS.get(together or '', PERIODS)))} "
        if pattern.startswith(" every") and draw(st.booleans()):
            period = ""
        after = (
            f" after t{draw(st.integers(0, place - 1))}" if place and draw(st.booleans()) else ""
        )
        limit = draw(st.sampled_from(("", " limit 1 per customer per week")))
        head = f"task t{place} {period}on {event}{where}{pattern}{after}"
        lines.append(f"    {head} reward {place + 1} points{limit}")
    if together is not None:
        lines.append(f"    all done{together} reward 9 points")
    return "\n".join(lines)


@st.composite
def _histories(draw: st.DrawFn) -> dict[str, Table]:
    orders: list[tuple[object, ...]] = []
    logins: list[tuple[object, ...]] = []
    for customer in ("ann", "bob", "nobody"):
        at = FIRST.replace(tzinfo=None)
        for _ in range(draw(st.integers(0, 8))):
            at += timedelta(hours=draw(_STEPS))
            key = f"{len(orders) * 7 % 30:02}{len(orders)}{len(logins)}"
            if draw(st.integers(0, 2)):
                points = draw(st.sampled_from((1, 2, 3, 0, None)))
                orders.append((f"o{key}", customer, at, points, draw(st.integers(0, 3)) > 0))
            else:
                logins.append((f"l{key}", customer, at))
    return {
        "customers": Table(
            {"customer_id": "text", "vip": "boolean"}, (("ann", True), ("bob", False))
        ),
        "orders": Table(ORDERS, tuple(draw(st.permutations(orders)))),
        "logins": Table(LOGINS, tuple(draw(st.permutations(logins)))),
    }


@st.composite
def task_cases(draw: st.DrawFn, late: bool = True) -> Case:
    tables = draw(_histories())
    days = draw(st.integers(0, 12))
    start = FIRST + timedelta(days=days, hours=draw(st.sampled_from((0, 1, 13))))
    keys = sorted(str(row[0]) for name in ("orders", "logins") for row in tables[name].rows)
    withheld = draw(st.lists(st.sampled_from(keys), max_size=3)) if keys and late else ()
    text = CAMPAIGN.format(
        active=draw(st.sampled_from(("", "active 2024-10-22 to 2024-11-02"))),
        audience=draw(st.sampled_from(("yes", "yes", "vip", "count(order) >= 2", "no login"))),
        tasks=draw(_tasks()),
        compliance=draw(st.sampled_from(('forbid phrase "sure"', "follows rules"))),
    )
    settings = SETTINGS.format(zone=draw(st.sampled_from(ZONES)))
    end = start + timedelta(days=draw(st.sampled_from((0, 1, 5, 30))))
    return Case(settings, CATALOG, POLICY + text, tables, start, end, late=frozenset(withheld))


def dues_of(plan: Plan, case: Case) -> dict[StepKey, Due]:
    return {key: case.due(plan, key.campaign, key.step) for key, _, _ in steps_of(plan)}


def _identity(decision: Decision) -> Identity:
    return decision.identity


def _head(row: Row) -> tuple[object, ...]:
    return row[:5]


def _plain(row: tuple[object, ...]) -> Row:
    shown = Row(*row)
    amount = None if shown.amount is None else Decimal(shown.amount)
    return shown._replace(at=shown.at.replace(tzinfo=UTC), amount=amount)


def hold(case: Case) -> None:
    """Every engine against the reference, for every step, alone and all at once."""
    plan = compile_case(case)
    rows, dues = case.rows(plan), dues_of(plan, case)
    wanted = {
        key: decide(plan, key.campaign, rows, due, seeds_of(plan), step=key.step)
        for key, due in dues.items()
    }
    every = sorted((one for some in wanted.values() for one in some), key=_identity)
    fed = {one.identity: one for one in replayed(plan, rows, Due(case.start, case.end))}
    assert sorted(fed.values(), key=_identity) == every
    for engine in EXECUTED:
        warehouse = holding(engine, case)
        count = Counting(case)
        left = {key: residual(plan, *key) for key in dues}
        for key, due in dues.items():
            sql = decisions(plan, key.campaign, due, engine, step=key.step)
            shown = [_plain(row) for row in warehouse.decisions(sql)[1]]
            assert shown == public_rows(wanted[key]), (engine, key)
            query = candidates_query(plan, key.campaign, due, engine, step=key.step)
            reader = Candidates(plan, key.campaign, query.columns, step=key.step)
            found = [reader.read(row) for row in warehouse.candidates(query)]
            assert [one.decision for one in found if passes(plan, left[key], one, count)] == wanted[
                key
            ], (engine, key)
        shown = [
            _plain(row) for row in warehouse.decisions(decisions_of_all(plan, dues, engine))[1]
        ]
        assert sorted(shown, key=_head) == sorted(public_rows(every), key=_head), engine
        query = candidates_of_all(plan, dues, engine)
        reader = AllCandidates(plan, query)
        found = [reader.read(row).decision for row in warehouse.candidates(query)]
        assert sorted(found, key=_identity) == every, engine


@at_most(6)
@given(task_cases())
def test_tasks_are_done_on_every_engine_as_in_the_reference(case):
    note(to_json(case))
    hold(case)
