"""A plan with several steps: each is decided as if its campaign had no other.

No file declares two steps, so they are made by hand: campaigns of a generated project become steps
of one campaign. What depends on the names of a campaign and a step is named alike in both plans.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from campaigner.compiler.plan import EventTrigger, GrantCount, Plan
from campaigner.compiler.plan.demands import Index, residual
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.steps import StepKey, step_of, steps_of
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.compiler.sql.campaign import decisions
from campaigner.runtime.decide.decisions import Decision, Identity
from campaigner.runtime.decide.reference import decide
from campaigner.runtime.due.schedule import due
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.run.candidates import AllCandidates, passes
from campaigner.runtime.warehouse.rows import WarehouseRows
from hypothesis import given, note

from ..runtime import plans
from ..seeds import seeds_of
from ..strategies import Wanted, cases, rivals
from ..warehouses import EXECUTED
from . import at_most
from .cases import LATE, Case, compile_case, to_json
from .engines import Counting, Row, public_rows, replayed
from .runs import house, modelled
from .warehouses import holding

SEVERAL = Wanted(campaigns=3, depth=1)


def joined(plan: Plan) -> Plan:
    """The plan in which the first campaign has the steps of all, and is the only one."""
    first = plan.campaigns[0]
    steps = (
        replace(step, name=f"step_{place}") for place, (_, _, step) in enumerate(steps_of(plan))
    )
    return replace(plan, campaigns=(replace(first, steps=tuple(steps)),))


def alone(plan: Plan, name: str) -> Plan:
    """The same with one of the steps only."""
    (campaign,) = plan.campaigns
    return replace(plan, campaigns=(replace(campaign, steps=(step_of(campaign, name),)),))


def is_sound(plan: Plan) -> bool:
    """Whether eligibility and checks of the campaign can be asked at each of its steps."""
    index, (campaign,) = Index(plan), plan.campaigns
    conditions = [one.condition for one in (*campaign.eligibility, *campaign.checks)]
    return not any(kind == "event" for kind, _ in index.closure(conditions))


def dues_of(plan: Plan, case: Case) -> dict[StepKey, Due]:
    late = LATE if case.late else None
    return {
        key: due(plan, key.campaign, case.start, case.end, late, step=key.step)
        for key, _, _ in steps_of(plan)
    }


def expected(plan: Plan, case: Case) -> Iterator[Decision]:
    """The decisions of each step by itself, in the order in which a run takes them."""
    rows, found = case.rows(plan), []
    for place, (key, asked) in enumerate(dues_of(plan, case).items()):
        single = alone(plan, key.step)
        found += [
            (one.at, place, number, one)
            for number, one in enumerate(decide(single, key.campaign, rows, asked, seeds_of(plan)))
        ]
    yield from (one for *_, one in sorted(found, key=lambda each: each[:3]))


@at_most(3)
@given(cases(SEVERAL))
def test_every_engine_decides_each_step_as_if_it_were_alone(case):
    note(to_json(case))
    plan = joined(compile_case(case))
    if not is_sound(plan):
        return
    wanted, dues = list(expected(plan, case)), dues_of(plan, case)
    rows = case.rows(plan)
    for key, asked in dues.items():
        found = decide(plan, key.campaign, rows, asked, seeds_of(plan), step=key.step)
        assert found == [one for one in wanted if one.identity.key == key]
    for engine in EXECUTED:
        warehouse = holding(engine, case)
        shown = [Row(*row) for row in warehouse.decisions(decisions_of_all(plan, dues, engine))[1]]
        assert [_typed(row) for row in shown] == public_rows(wanted), engine
        query = candidates_of_all(plan, dues, engine)
        reader, count = AllCandidates(plan, query), Counting(case)
        left = {key: residual(plan, *key) for key in dues}
        candidates = [reader.read(row) for row in warehouse.candidates(query)]
        assert [
            one.decision
            for one in candidates
            if passes(plan, left[one.decision.identity.key], one, count)
        ] == wanted, engine


def _typed(row: Row) -> Row:
    amount = None if row.amount is None else Decimal(row.amount)
    return row._replace(at=row.at.replace(tzinfo=UTC), amount=amount)


@at_most(8)
@given(cases(SEVERAL))
def test_the_event_path_decides_each_step_as_if_it_were_alone(case):
    note(to_json(case))
    plan = joined(compile_case(case))
    if not is_sound(plan):
        return
    whole = Due(case.start, case.end)
    of_events = {key for key, _, step in steps_of(plan) if isinstance(step.trigger, EventTrigger)}
    wanted = [one for one in expected(plan, case) if one.identity.key in of_events]
    found = replayed(plan, case.rows(plan), whole)
    assert sorted(found, key=_identity) == sorted(wanted, key=_identity)


def _identity(decision: Decision):
    return decision.identity


@at_most(2)
@given(cases(SEVERAL, late=False))
def test_a_run_keeps_how_far_each_step_has_come(case):
    """A second run of the same time decides nothing anew; the counts of the funnel are by step."""
    note(to_json(case))
    plan = joined(compile_case(case))
    if not is_sound(plan):
        return
    with house(case, plan) as lived:
        first = lived.carry_out(case.start, case.end)
        assert [one.key for one in first.campaigns] == [key for key, _, _ in steps_of(plan)]
        kept = lived.kept()
        again = lived.carry_out(case.start, case.end)
        assert lived.kept() == kept
        assert [one.looked for one in again.campaigns] == [one.looked for one in first.campaigns]
        begun = plan.campaigns[0].active_from
        if begun is None or begun >= case.start:
            # Else the campaign has events from before the period, which only now are decided.
            lived.carry_out_at(case.end)
            assert lived.kept() == kept


def of_one(plan: Plan) -> Plan:
    """`joined`, where what asked about grants of any of the campaigns asks about the one's."""
    plan, name = joined(plan), plan.campaigns[0].name
    return replace(
        plan,
        features=tuple(
            replace(one, name=name) if isinstance(one, GrantCount) and one.of == "campaign" else one
            for one in plan.features
        ),
    )


@at_most(25)
@given(rivals())
def test_steps_of_one_instant_see_the_grants_of_those_before_them(case):
    """A run of several steps is the plain model's, and an explanation sees what the run saw."""
    note(to_json(case))
    plan = of_one(compile_case(case))
    if not is_sound(plan):
        return
    became = {identity: one.outcome for identity, one in modelled(plan, case).items()}
    with house(case, plan) as lived:
        lived.carry_out(case.start, case.end)
        with lived.opened() as (warehouse, ledger):
            rows, (campaign,) = WarehouseRows(warehouse, plan), plan.campaigns
            for identity, outcome in became.items():
                kept = ledger.decision(identity)
                assert (kept and kept.outcome) == outcome, identity
            explained = [
                explain(
                    *(plan, campaign.name, who, case.end, rows, ledger, seeds_of(plan)),
                    step=step.name,
                )
                for step in campaign.steps
                for who in case.rows(plan).customers
            ]
            assert sum(ledger.outcomes().values()) == len(became)
    for one in explained:
        identity = Identity(one.campaign, one.step, one.customer, one.occurrence or "")
        if identity in became:
            assert one.outcome == became[identity], one


@at_most(10)
@given(cases(SEVERAL))
def test_a_campaign_holds_out_the_same_customers_at_each_of_its_steps(case):
    note(to_json(case))
    plan = joined(compile_case(case))
    (campaign,) = plan.campaigns
    plan = replace(plan, campaigns=(replace(campaign, holdout=Decimal("0.5")),))
    if not is_sound(plan):
        return
    held = {}
    for key, asked in dues_of(plan, case).items():
        for one in decide(
            plan, key.campaign, case.rows(plan), asked, seeds_of(plan), step=key.step
        ):
            assert held.setdefault(one.customer, one.held_out) == one.held_out


def test_who_names_no_step_of_several_is_refused_by_name():
    trigger = plans.on("invest")
    gift = plans.campaign("gift", trigger)
    second = replace(step_of(gift), name="second")
    both = plans.plan([replace(gift, steps=(*gift.steps, second))])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(LookupError, match="gift has the steps main, second"):
        decisions(both, "gift", Due(now, now))
    assert "'second' AS step" in decisions(both, "gift", Due(now, now), step="second")
