"""An explanation agrees with the ledger, and its clauses give the reason."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from campaigner.compiler.plan import EventTrigger, TimerTrigger
from campaigner.compiler.plan.steps import step_of
from campaigner.runtime.decide.facts import named
from campaigner.runtime.decide.patterns.firings import pattern_of
from campaigner.runtime.explain.explain import Explanation, explain
from campaigner.runtime.warehouse.rows import WarehouseRows
from hypothesis import given, note

from ..seeds import seeds_of
from ..strategies import Wanted, cases, rivals
from . import at_most
from .cases import compile_case, to_json
from .runs import House, house, modelled, turns
from .timing import instant_of


@at_most(10)
@given(cases(Wanted(campaigns=2, depth=2, scarce=True, timers=4, moves=3), late=False))
def test_an_explanation_is_what_became_of_it(case):
    note(to_json(case))
    plan = compile_case(case)
    became = {
        (identity.campaign, one.customer, identity.occurrence): one
        for identity, one in modelled(plan, case).items()
    }
    with house(case, plan) as lived:
        lived.carry_out(case.start, case.end)
        explained = _explained(lived)
        served = _served(lived)
    for one in explained:
        occasion = _instant(lived, one)
        found = became.get((one.campaign, one.customer, one.occurrence or ""))
        assert one.decided == (found is not None), one
        if found is not None and found.outcome == "waitlisted":
            # The model serves nobody; whom a lapsed offer made room for, the ledger has granted.
            waited = (one.campaign, one.customer, one.occurrence) in served
            assert one.outcome == ("granted" if waited else "waitlisted"), one
        elif found is not None:
            assert one.outcome == found.outcome, one
        elif occasion is None or case.start <= occasion:
            assert one.outcome == "not_eligible", one
        assert _all_held(one) == (one.outcome == "granted") == (one.lost is None), one


@at_most(10)
@given(rivals())
def test_an_explanation_sees_of_its_own_instant_what_the_run_saw(case):
    note(to_json(case))
    plan = compile_case(case)
    became = {
        (identity.campaign, one.customer, identity.occurrence): one.outcome
        for identity, one in modelled(plan, case).items()
    }
    instants = sorted({at for *_, at in turns(plan, case)})
    with house(case, plan) as lived:
        lived.carry_out(case.start, case.end)
        explained = [one for at in instants for one in _explained(lived, at)]
    for one in explained:
        occasion = _instant(lived, one)
        if occasion is None or occasion >= case.start:
            outcome = became.get((one.campaign, one.customer, one.occurrence or ""), "not_eligible")
            assert one.outcome == outcome, one
            assert _all_held(one) == (outcome == "granted") == (one.lost is None), one


def _all_held(explanation: Explanation) -> bool:
    """Whether every clause of the grant held; how a claim of it went comes after the grant."""
    return all(
        clause.held is not False
        for clause in explanation.clauses
        if clause.depth == 0 and not clause.text.startswith("claimed on")
    )


def _served(lived: House) -> set[tuple[str, str, str]]:
    """The grants from the waiting list: campaign, recipient and occurrence."""
    with lived.opened() as (_, ledger):
        rows = list(ledger.grants(None))
    return {
        (row.campaign, row.recipient, row.occurrence)
        for row in rows
        if row.received_at is not None and row.received_at > row.at
    }


def _explained(lived: House, at: datetime | None = None) -> list[Explanation]:
    """Every customer's last decision of every campaign up to an instant, or the period's end."""
    plan = lived.plan
    with lived.opened() as (warehouse, ledger):
        rows = WarehouseRows(warehouse, plan)
        return [
            explain(plan, campaign.name, who, at or lived.case.end, rows, ledger, seeds_of(plan))
            for campaign in plan.campaigns
            for who in lived.case.rows(plan).customers
        ]


def _instant(lived: House, explanation: Explanation) -> datetime | None:
    """The instant of the explained occasion; `None` without one."""
    if explanation.occurrence is None:
        return None
    campaign = named(lived.plan.campaigns, explanation.campaign)
    trigger = step_of(campaign, explanation.step).trigger
    if isinstance(trigger, TimerTrigger):
        rows = lived.case.rows(lived.plan)
        who = (explanation.customer, explanation.occurrence)
        return instant_of(lived.plan, campaign, rows, *who)
    if not isinstance(trigger, EventTrigger):
        return datetime.fromisoformat(explanation.occurrence)
    history = lived.case.rows(lived.plan).events(trigger.event, explanation.customer)
    pattern = pattern_of(campaign, trigger, ZoneInfo(lived.plan.time_zone))
    if pattern is not None:
        firings = pattern.firings(history)
        return next(one.at for one in firings if one.occurrence == explanation.occurrence)
    return next(row["at"] for row in history if row["key"] == explanation.occurrence)
