"""The clause that lost a customer at a turn of a scenario, as explanations say it."""

from __future__ import annotations

from ...compiler.plan import EventTrigger
from ...compiler.plan.chance import NO_SEEDS
from ...compiler.plan.steps import StepKey, is_task
from ...compiler.scenarios.model import GivenEvent, Turn
from ..decide.deciding import Occasion
from ..decide.drawing import ticket_of
from ..decide.grant_gate import GrantGate
from ..decide.reference import facts_of, fires
from ..explain.cases import Case
from ..explain.clauses import Clause
from ..explain.explain import lost_by
from ..explain.first_failure import ineligible
from .playing import Player


def lost_at(player: Player, customer: str, turn: Turn) -> Clause | None:
    """Return the first clause that failed for a customer; `None` if the reward was granted.

    In a turn with an event it is that event, even if it fires nothing and an earlier one did.
    """
    plan, name, ledger = player.stage.plan, player.stage.campaign.name, player.ledger
    if turn.event is not None and turn.event.customer == customer:
        case = _case(player, turn.event)
        if case is not None and (case.identity is None or ledger.decision(case.identity) is None):
            who = (customer, turn.event.key)
            ticket = ticket_of(plan, case.campaign, case.step, *who, NO_SEEDS)
            return ineligible(case, player.world, ticket)
    return lost_by(plan, name, customer, turn.at, player.world, ledger)


def _case(player: Player, event: GivenEvent) -> Case | None:
    """Return the case of an event; `None` if it fires no step by itself."""
    plan, campaign, customer = player.stage.plan, player.stage.campaign, event.customer
    step = campaign.steps[0]
    trigger = step.trigger
    if not isinstance(trigger, EventTrigger) or trigger.event != event.event or is_task(step):
        return None
    if trigger.pattern is not None or trigger.group is not None:
        return None
    row = next(one for one in player.world.events(event.event, customer) if one["key"] == event.key)
    plain = facts_of(plan, player.world.rows, customer, event.at, row)
    key = StepKey(campaign.name, step.name)
    facts = GrantGate(plan, player.ledger).facts(key, event.key, customer, plain)
    occasion = Occasion(customer, event.key, facts, player.world.customer)
    return Case(plan, campaign, step, occasion, came=True, fired=fires(plan, trigger, facts))
