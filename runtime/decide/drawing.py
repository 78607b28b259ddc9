"""What chance decides about a customer: the order of a schedule, the holdout, a draw's ticket."""

from __future__ import annotations

from ...compiler.plan import Campaign, Plan, Step
from ...compiler.plan.chance import DIGITS, Seeds, digest, threshold, ticket


def order_of(campaign: Campaign, occurrence: str, customer: str) -> str:
    """The hash that puts the customers of a schedule in order, anew at every occurrence."""
    return digest("order", campaign.name, occurrence, customer)


def is_held_out(campaign: Campaign, step: Step, customer: str) -> bool:
    """Whether the customer is of the group that gets nothing, so that the effect can be measured.

    The first eight hexadecimal digits of the hash against the share of all numbers that have
    eight: the same customer is held out at every occurrence.
    """
    hashed = digest("holdout", campaign.name, step.name, customer)
    return hashed[:DIGITS] < threshold(campaign.holdout)


def ticket_of(
    plan: Plan, campaign: Campaign, step: Step, customer: str, occurrence: str, seeds: Seeds
) -> str:
    """The text that a customer draws at an occurrence; empty where the reward is no draw."""
    if step.reward is None or not step.reward.draws:
        return ""
    return ticket(campaign.name, step.name, customer, occurrence, seed_of(plan, campaign, seeds))


def seed_of(plan: Plan, campaign: Campaign, seeds: Seeds) -> str | None:
    """The seed with which the campaign draws; `LookupError` if these are not the plan's seeds."""
    seed = seeds.of(campaign.name)
    if (seed is not None) != plan.seeded:
        raise LookupError(f"the plan says whether draws of {campaign.name} have a seed")
    return seed
