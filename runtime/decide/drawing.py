"""Chance about a customer: the order of a schedule, the holdout, the ticket of a draw."""

from __future__ import annotations

from decimal import Decimal

from ...compiler.plan import Campaign, Plan, Step
from ...compiler.plan.chance import DIGITS, PROJECT, Seeds, digest, threshold, ticket
from ...compiler.plan.experiments import arm_of
from ...compiler.plan.steps import UNNAMED


def order_of(campaign: Campaign, occurrence: str, customer: str) -> str:
    """Return the hash that orders the customers of a schedule, different at every occurrence."""
    return digest("order", campaign.name, occurrence, customer)


def is_held_out(campaign: Campaign, customer: str) -> bool:
    """Whether the customer belongs to the control group, which gets nothing of any step.

    Compares the first eight hexadecimal digits of the hash with the group's share of all
    eight-digit numbers. A customer is held out at every occurrence, or at none. Whom the project
    holds out is held out of all of its campaigns.
    """
    return _is_below(campaign.holdout, campaign.name, UNNAMED, customer) or _is_below(
        campaign.project_holdout, "", PROJECT, customer
    )


def arm_in(campaign: Campaign, customer: str, *, held_out: bool) -> str | None:
    """Return the customer's arm of the campaign's experiment; `None` if held out."""
    return None if held_out else arm_of(campaign.experiment, customer)


def _is_below(part: Decimal, campaign: str, step: str, customer: str) -> bool:
    return part > 0 and digest("holdout", campaign, step, customer)[:DIGITS] < threshold(part)


def ticket_of(
    plan: Plan, campaign: Campaign, step: Step, customer: str, occurrence: str, seeds: Seeds
) -> str:
    """Return a customer's ticket at an occurrence; empty if the reward is not a draw."""
    if step.reward is None or not step.reward.draws:
        return ""
    return ticket(campaign.name, step.name, customer, occurrence, seed_of(plan, campaign, seeds))


def seed_of(plan: Plan, campaign: Campaign, seeds: Seeds) -> str | None:
    """Return the seed with which the campaign draws.

    Raise `LookupError` if it is not one of the plan's seeds.
    """
    seed = seeds.of(campaign.name)
    if (seed is not None) != plan.seeded:
        raise LookupError(f"the plan says whether draws of {campaign.name} have a seed")
    return seed
