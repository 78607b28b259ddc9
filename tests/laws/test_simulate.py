"""Simulation = run: the numbers are those of a run over the period in a fresh ledger."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple
from zoneinfo import ZoneInfo

from campaigner.dsl.diagnostics.diagnostic import CannotRun, Code
from campaigner.runtime.codes import simulating
from campaigner.runtime.due.periods import Between
from campaigner.runtime.run.run import Work
from campaigner.runtime.simulate.columns.plain import plain_campaigns
from campaigner.runtime.simulate.simulate import DIGEST, empty_ledger, simulate
from hypothesis import event, given, note

from ..seeds import seeds_of
from ..strategies import Wanted, cases, plain
from . import at_most
from .cases import compile_case, to_json
from .runs import house

SCARCE = Wanted(campaigns=3, depth=1, scarce=True, timers=3, moves=3)
EMPTY = {simulating.NO_DATA, simulating.NO_ROWS}


def simulated(plan, warehouse, case, *, by_columns=True):
    """The simulation, or the code by which it is refused."""
    with empty_ledger(plan, plan.project, frozenset({"push"})) as ledger:
        work = Work(plan, DIGEST, warehouse, ledger, seeds=seeds_of(plan))
        try:
            return simulate(work, Between(case.start, case.end), by_columns=by_columns)
        except CannotRun as stopped:
            return stopped.diagnostic.code


def day_of(plan, at):
    return at.astimezone(ZoneInfo(plan.time_zone)).date()


def decided(lived):
    """The decisions of a run as the ledger's file has them: campaign, recipient, day, outcome."""
    query = (
        "SELECT campaign, step, recipient, coalesce(served.at, decisions.at), outcome"
        " FROM decisions LEFT JOIN amendments AS served"
        " ON served.decision = decisions.id AND served.kind = 'served'"
        " WHERE step NOT LIKE '%/%'"
    )
    with closing(sqlite3.connect(lived.folder / "ledger.db")) as ledger:
        return [
            Decided(*names, day_of(lived.plan, datetime.fromisoformat(at)), outcome)
            for *names, at, outcome in ledger.execute(query)
        ]


class Decided(NamedTuple):
    campaign: str
    step: str
    recipient: str
    day: date
    outcome: str


def counts(found):
    """The decisions of each step by outcome."""
    return {
        (one.ledger_name, step.step, outcome): count
        for one in found.campaigns
        for step in one.steps
        for outcome, count in step.outcomes.items()
    }


def grants_by_day(found):
    return {
        (one.ledger_name, day.day): day.granted
        for one in found.campaigns
        for day in one.days
        if day.granted
    }


def spent(plan, ledger):
    """The amounts that total budgets of campaigns spent, as `ledger budgets` has it."""
    return {
        row.owner: row.spent
        for row in ledger.budgets(plan)
        if (row.owner_kind, row.name, row.measure) == ("campaign", "total", "money")
    }


@at_most(12)
@given(cases(SCARCE, late=False))
def test_a_simulation_has_the_numbers_of_a_run(case):
    note(to_json(case))
    plan = compile_case(case)
    with house(case, plan) as lived:
        lived.carry_out(case.start, case.end)
        rows = decided(lived)
        with lived.opened() as (warehouse, ledger):
            budgets = spent(plan, ledger)
            found = simulated(plan, warehouse, case)
            assert found == simulated(plan, warehouse, case, by_columns=False)
    granted = [row for row in rows if row.outcome == "granted"]
    if isinstance(found, Code):
        assert found in EMPTY
        assert not granted
        return
    assert counts(found) == Counter((row.campaign, row.step, row.outcome) for row in rows)
    assert grants_by_day(found) == Counter((row.campaign, row.day) for row in granted)
    reached = defaultdict(set)
    for row in granted:
        reached[row.campaign].add(row.recipient)
    assert {one.ledger_name: one.reached for one in found.campaigns if one.reached} == {
        campaign: len(recipients) for campaign, recipients in reached.items()
    }
    names = [campaign.name for campaign in plan.campaigns]
    assert {(one.one, one.other): one.customers for one in found.overlaps} == {
        (one, other): len(reached[one] & reached[other])
        for one, other in combinations(names, 2)
        if reached[one] & reached[other]
    }
    each = Counter(who for some in reached.values() for who in some)
    assert Counter(found.several) == Counter(each.values())
    for one in found.campaigns:
        assert one.spent == sum((day.spent for day in one.days), Decimal(0))
        assert one.spent == budgets.get(one.ledger_name, one.spent)
        refused = {row.outcome for row in rows if row.campaign == one.ledger_name}
        assert {cut.outcome for cut in one.cut_off} == refused - {"granted", "reached", "left"}


@at_most(12)
@given(plain())
def test_by_columns_or_one_by_one_a_simulation_has_the_same_numbers(case):
    note(to_json(case))
    plan = compile_case(case)
    event(f"{len(plain_campaigns(plan))} of {len(plan.campaigns)} are plain")
    with house(case, plan) as lived, lived.opened() as (warehouse, _):
        assert simulated(plan, warehouse, case) == simulated(
            plan, warehouse, case, by_columns=False
        )
