"""Where customers are lost: every engine counts as the rules do, customer by customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import Campaign, EventTrigger, Plan, Step, TimerTrigger
from campaigner.compiler.plan.demands import Index
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.steps import Dues, StepKey, step_of, steps_of
from campaigner.compiler.sql.all.funnel import asks_of, funnel
from campaigner.runtime.decide.deciding import Occasion, bundle, is_let, recipient_of
from campaigner.runtime.decide.facts import holds, moment
from campaigner.runtime.decide.patterns.firings import pattern_of
from campaigner.runtime.decide.reference import (
    Rows,
    entering,
    facts_of,
    occasions_of,
    occurrence_of,
    timer_occasion,
    timers_due,
)
from campaigner.runtime.explain.explain import Explanation, explain
from campaigner.runtime.explain.funnel import Nothing, clauses
from campaigner.runtime.warehouse.rows import WarehouseRows
from hypothesis import HealthCheck, given, note

from ..seeds import seeds_of
from ..strategies import Wanted, cases
from ..warehouses import EXECUTED
from . import at_most
from .cases import Case, compile_case, to_json
from .runs import house
from .timing import instant_of, watch_of_timers
from .warehouses import holding


@at_most(8)
@given(cases(Wanted(campaigns=2, depth=2, timers=4, moves=3)))
def test_every_engine_counts_who_is_lost_as_the_rules_do(case):
    count_alike(case, EXECUTED)


@pytest.mark.spark
@at_most(10, suppress_health_check=list(HealthCheck))
@given(cases(Wanted(campaigns=2, depth=2, timers=4, moves=3)))
def test_spark_counts_who_is_lost_as_the_rules_do(case):
    count_alike(case, ["spark"])


def count_alike(case: Case, engines: Sequence[str]) -> None:
    """Each engine counts as the rules do, customer by customer."""
    note(to_json(case))
    plan = compile_case(case)
    every = [(key, one, due_last(plan, one, case)) for key, one, _ in steps_of(plan)]
    dues = {key: due for key, one, due in every if is_due(one, due)}
    if not dues:
        return
    best = expected(plan, case, dues)
    for engine in engines:
        asked = funnel(plan, dues, engine)
        _, (row,) = holding(engine, case).ask(asked.query.sql)
        assert {name for name, _ in asked.counts} == set(dues)
        for (name, met), count in zip(asked.counts, row, strict=True):
            enough = sum(best[name, each] for each in range(met, 1_000))
            assert int(count) == enough, (engine, name, met)


@at_most(6)
@given(cases(Wanted(campaigns=3, depth=2, timers=4, moves=3), late=False))
def test_the_clause_of_a_run_is_the_last_that_anybody_comes_to(case):
    note(to_json(case))
    plan = compile_case(case)
    index = Index(plan)
    with house(case, plan) as lived, lived.opened() as (warehouse, ledger):
        rows = WarehouseRows(warehouse, plan)
        report = lived.carry_out(case.start, case.end)
        for one in report.campaigns:
            nothing, campaign = one.nothing, index.campaign(one.campaign)
            assert (nothing is None) == one.gave
            if nothing is None or nothing.reason != "lost":
                continue
            *before, last = nothing.left
            assert last.count == 0
            assert all(each.count > 0 for each in before)
            explained = [
                explain(plan, one.campaign, name, case.end, rows, ledger, seeds_of(plan))
                for name in case.rows(plan).customers
            ]
            for each in explained:
                if in_period(plan, campaign, case, each):
                    is_before(index, campaign, nothing, each)


def in_period(plan: Plan, campaign: Campaign, case: Case, explained: Explanation) -> bool:
    """Whether the explanation is of an occasion in the run's period, or of none."""
    trigger, occurrence = step_of(campaign).trigger, explained.occurrence
    if isinstance(trigger, TimerTrigger) and occurrence is not None:
        when = instant_of(plan, campaign, case.rows(plan), explained.customer, occurrence)
        return case.start <= when <= case.end
    if occurrence is None or not isinstance(trigger, EventTrigger):
        return True
    pattern = pattern_of(campaign, trigger, ZoneInfo(plan.time_zone))
    if pattern is not None:
        firings = pattern.firings(case.rows(plan).events(trigger.event, explained.customer))
        when = next(one.at for one in firings if one.occurrence == occurrence)
        return case.start <= when <= case.end
    history = case.rows(plan).histories[trigger.event].values()
    when = next(row["at"] for rows in history for row in rows if row["key"] == occurrence)
    return case.start <= when <= case.end


def is_before(index: Index, campaign: Campaign, nothing: Nothing, explained: Explanation) -> None:
    """The customer was lost at the clause that the run names, or at one before it."""
    lost = explained.lost
    assert lost is not None, explained
    if nothing.left[-1].of == "decisions":
        return
    asks = asks_of(index, campaign)
    every = [campaign.origin, step_of(campaign).trigger.origin]
    every += [origin for _, origin in clauses(step_of(campaign), asks)]
    every += [one.origins[0] for one in asks.gate]
    places = [(one.file, one.line, one.column) for one in every]
    last = nothing.left[-1].origin
    if nothing.left[-1].kind == "customers":
        return
    mine = (lost.file, lost.line, lost.column)
    recipient = step_of(campaign).reward and step_of(campaign).reward.asks
    if mine in places or not recipient:
        assert places.index(mine) <= _last(places, (last.file, last.line, last.column)), explained


def _last(places: list[tuple[str, int, int]], place: tuple[str, int, int]) -> int:
    """The last index of a place: several clauses may have been written at one."""
    return len(places) - 1 - places[::-1].index(place)


def due_last(plan: Plan, campaign: Campaign, case: Case) -> Due:
    """The due part of a campaign; for a schedule its last instant only."""
    due = case.due(plan, campaign.name)
    last = due.instants[-1:]
    return Due(last[0], last[0], last) if last else due


def is_due(campaign: Campaign, due: Due) -> bool:
    if isinstance(step_of(campaign).trigger, EventTrigger | TimerTrigger):
        return due.late_table is not None or due.start <= due.end
    return bool(due.instants)


def expected(plan: Plan, case: Case, dues: Dues) -> Counter[tuple[StepKey, int]]:
    """How many customers of each step meet how many conditions at the best of occasions."""
    found: Counter[tuple[StepKey, int]] = Counter()
    rows = case.rows(plan)
    for key, campaign, _ in steps_of(plan):
        if key not in dues:
            continue
        best: dict[str, int] = {}
        for occasion in came_up(plan, campaign, rows, dues[key]):
            met = met_by(plan, campaign, occasion)
            best[occasion.customer] = max(met, best.get(occasion.customer, 0))
        found.update((key, met) for met in best.values())
    return found


def came_up(plan: Plan, campaign: Campaign, rows: Rows, due: Due) -> Iterator[Occasion]:
    """Every occasion, whether the trigger's `where` lets it through or not."""
    step = step_of(campaign)
    trigger = step.trigger
    if isinstance(trigger, TimerTrigger):
        watch = watch_of_timers(plan, campaign)
        for timer in timers_due(watch, rows, due):
            ends = trigger.unless
            others = () if ends is None else rows.events(ends.event, timer.customer)
            if watch.ended_by(timer, others) is None:
                yield timer_occasion(plan, rows, timer)
        return
    if not isinstance(trigger, EventTrigger):
        for instant in due.instants:
            for name in entering(plan, step, rows, due, instant):
                facts = facts_of(plan, rows, name, instant, None)
                yield Occasion(name, occurrence_of(plan, instant), facts, rows.customer)
        return
    if trigger.group is None and trigger.pattern is None:
        step = replace(step, trigger=replace(trigger, where=None))
    for customer, history in rows.histories[trigger.event].items():
        for row in history:
            at, key = moment(row)
            if due.start <= at <= due.end or (key in rows.late and at < due.start):
                yield from occasions_of(plan, campaign, step, rows, customer, row)


def met_by(plan: Plan, campaign: Campaign, occasion: Occasion) -> int:
    """How many conditions hold before the first that does not."""
    asks, step = asks_of(Index(plan), campaign), step_of(campaign)
    checks = [holds(one.condition, occasion.facts) for one in asks.demands]
    checks += list(_of_reward(plan, campaign, step, occasion))
    return checks.index(False) if False in checks else len(checks)


def _of_reward(plan: Plan, campaign: Campaign, step: Step, occasion: Occasion) -> Iterator[bool]:
    if step.reward is None:
        return
    yield bundle(plan, campaign, step, occasion, seeds_of(plan)) is not None
    if step.reward.recipient is not None:
        recipient = recipient_of(step, occasion)
        yield recipient is not None and is_let(plan, step, occasion, recipient)
