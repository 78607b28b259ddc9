"""A preview counts as the rules do, clause by clause, and grants what a run then grants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.demands import Index
from campaigner.compiler.plan.expressions import Constant, conjuncts
from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.plan.types import BOOLEAN
from campaigner.compiler.sql.all.funnel import asks_of
from campaigner.runtime.decide.facts import holds
from campaigner.runtime.decide.reference import Rows, facts_of
from campaigner.runtime.due.periods import Between
from campaigner.runtime.preview.differing import moved
from campaigner.runtime.preview.groups import groups_of
from campaigner.runtime.preview.preview import SAMPLES, Preview, preview, preview_group
from campaigner.runtime.run.work import Work
from hypothesis import given, note

from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .runs import House, house
from .test_funnel import came_up, met_by

WANTED = Wanted(campaigns=3, depth=2, timers=4, moves=3)


@at_most(4)
@given(cases(WANTED, late=False))
def test_a_preview_counts_as_the_rules_do_and_grants_what_a_run_grants(case):
    note(to_json(case))
    plan = compile_case(case)
    with house(case, plan) as lived:
        found = look_ahead(lived, case)
        assert lived.kept() == ([], {})
        rows = case.rows(plan)
        for step, (key, campaign, _) in zip(found.steps, steps_of(plan), strict=True):
            assert step.key == key
            due = case.due(plan, key.campaign)
            best: dict[str, int] = {}
            for occasion in came_up(plan, campaign, rows, due):
                met = met_by(plan, campaign, occasion)
                best[occasion.customer] = max(met, best.get(occasion.customer, -1))
            last = asks_of(Index(plan), campaign).last
            expected = [sorted(who for who in best if best[who] >= n) for n in range(last + 1)]
            if step.nothing is None and step.lines[0].kind == "customers":
                assert step.lines[0].left == len(rows.customers)
                shown = [line for line in step.lines[1:] if line.of == "customers"][: last + 1]
                assert Counter(line.left for line in shown) == Counter(map(len, expected))
                assert Counter(line.keys for line in shown) == Counter(
                    tuple(each[:10]) for each in expected
                )
        of_groups(plan, rows, case.end, found)
        lived.carry_out(case.start, case.end)
        granted, _ = lived.kept()
        same = [
            (row.campaign, row.step, row.recipient, row.occurrence, row.reward, row.amount)
            for row in granted
        ]
        assert same == [
            (row.campaign, row.step, row.recipient, row.occurrence, row.reward, row.amount)
            for row in found.grants
        ]
        assert sum(step.cost for step in found.steps) == sum(row.cost for row in granted)
        several = Counter(who for who, _ in {(row.recipient, row.campaign) for row in granted})
        assert found.several == sum(count > 1 for count in several.values())
        for one in found.overlaps:
            both = [
                {row.recipient for row in granted if row.campaign == name} for name in one.campaigns
            ]
            assert len(both[0] & both[1]) == one.customers


def look_ahead(lived: House, case: Case) -> Preview:
    with lived.opened() as (warehouse, ledger):
        work = Work(lived.plan, "digest", warehouse, ledger, seeds=seeds_of(lived.plan))
        found = preview(work, Between(case.start, case.end), keys=True)
        for group in found.groups:
            alone = preview_group(work, group.group, case.end, keys=SAMPLES)
            assert alone == group
            everybody = preview_group(work, group.group, case.end, keys=None)
            assert len(everybody.lines[-1].keys) == group.size
        return found


def of_groups(plan: Plan, rows: Rows, at: datetime, found: Preview) -> None:
    """The size of each stage and audience is that of the customers of whom it holds."""
    groups = groups_of(plan)
    assert [one.group for one in found.groups] == list(groups)
    for one in found.groups:
        inside = sorted(members(plan, rows, one.group.condition, at))
        assert one.size == len(inside), one.group.name
        assert one.lines[-1].keys == tuple(inside[:10])
    for lifecycle in plan.lifecycles:
        stages = [one.size for one in found.groups if one.group.name.startswith(lifecycle.name)]
        assert sum(stages) <= len(rows.customers)


def members(plan: Plan, rows: Rows, condition, at: datetime) -> Iterator[str]:
    for name, row in rows.customers.items():
        if "since" in row and plan.customers.since and row["since"] > at:
            continue
        facts = facts_of(plan, rows, name, at, None)
        if all(holds(part, facts) for part in conjuncts(condition)):
            yield name


@at_most(4)
@given(cases(WANTED, late=False))
def test_who_enters_and_leaves_is_the_difference_of_both_plans(case):
    """The other plan has each audience and each first stage the other way round."""
    note(to_json(case))
    plan = compile_case(case)
    turned = replace(
        plan,
        audiences=tuple(replace(one, condition=NEVER) for one in plan.audiences),
        lifecycles=plan.lifecycles[:-1],
    )
    if uses(plan):
        return
    rows = case.rows(plan)
    with house(case, plan) as lived, lived.opened() as (warehouse, _):
        found = moved(plan, turned, warehouse, case.end, lambda kind, _: kind != "campaign", None)
    groups = groups_of(plan)
    assert [(one.kind, one.name) for one in found] == [(one.kind, one.name) for one in groups]
    for one, group in zip(found, groups, strict=True):
        inside = sorted(members(plan, rows, group.condition, case.end))
        kept = one.kind == "stage" and not group.name.startswith(plan.lifecycles[-1].name)
        gone = one.kind == "stage" and not kept
        assert one.before == len(inside)
        assert one.after == (None if gone else len(inside) if kept else 0)
        assert (one.entering, one.leaving) == ((), () if kept else tuple(inside))


NEVER = Constant(BOOLEAN, "no")


def uses(plan: Plan) -> bool:
    """Whether other conditions of the plan rest on what was turned."""
    index = Index(plan)
    every = [stage.condition for one in plan.lifecycles for stage in one.stages]
    every += [one.condition for one in plan.audiences]
    return any(kind in ("stage", "audience") for kind, _ in index.closure(every))
