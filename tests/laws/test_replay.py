"""Law 4: history fed through the event path gives the decisions of the backtest's SQL."""

from campaigner.compiler.plan import EventTrigger
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.steps import step_of
from hypothesis import given, note

from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .engines import duckdb_decisions, replayed


@at_most(20)
@given(cases(Wanted(campaigns=4), late=False))
def test_a_replay_gives_what_the_backtest_gives(case):
    note(to_json(case))
    plan = compile_case(case)
    due = Due(case.start, case.end)
    of_events = [
        campaign
        for campaign in plan.campaigns
        if isinstance(step_of(campaign).trigger, EventTrigger)
    ]
    backtest = [
        decision
        for campaign in of_events
        for decision in duckdb_decisions(plan, campaign.name, case, case.due(plan, campaign.name))
    ]
    priority = {campaign.name: -campaign.priority for campaign in plan.campaigns}

    def turn(decision):
        name = decision.identity.campaign
        return decision.at, priority[name], name, decision.identity.occurrence

    assert replayed(plan, case.rows(plan), due) == sorted(backtest, key=turn)
