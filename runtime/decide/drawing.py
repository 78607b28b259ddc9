"""Chance about a customer: the order of a schedule, the holdout, the ticket of a draw."""

from __future__ import annotations

from ...compiler.plan import Campaign, Plan, Step
from ...compiler.plan.chance import DIGITS, Seeds, digest, threshold, ticket
from ...compiler.plan.steps import UNNAMED


def order_of(campaign: Campaign, occurrence: str, customer: str) -> str:
    """Return the hash that orders the customers of a schedule, different at every occurrence."""
    return digest("order", campaign.name, occurrence, customer)


def is_held_out(campaign: Campaign, customer: str) -> bool:
    """Whether the customer belongs to the control group, which gets nothing of any step.

    Compares the first eight hexadecimal digits of the hash with the group's share of all
    eight-digit numbers. A customer is held out at every occurrence, or at none.
    """
    hashed = digest("holdout", campaign.name, UNNAMED, customer)
    return hashed[:DIGITS] < threshold(campaign.holdout)


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
