"""The reward lines of a campaign, and of a plan."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan import Campaign, Plan, Reward, RewardLine, WalletLine
from .table import kind_of


def lines_of(reward: Reward) -> Iterator[RewardLine]:
    """Every line that a reward can give, branch by branch."""
    for branch in reward.branches:
        yield from branch.lines


def lines_of_campaign(campaign: Campaign) -> Iterator[RewardLine]:
    """Every line that a campaign can give, the bundle of `when exhausted` last."""
    for step in campaign.steps:
        if step.reward is not None:
            yield from lines_of(step.reward)
    yield from campaign.when_exhausted.lines


def wallets_of(plan: Plan) -> dict[str, RewardLine]:
    """The wallets that campaigns give to and take from, each with the first line that does."""
    found: dict[str, RewardLine] = {}
    for campaign in plan.campaigns:
        for line in lines_of_campaign(campaign):
            wallet = kind_of(line).wallet(line)
            if wallet is not None:
                found.setdefault(wallet, line)
    return found


def moved_by(campaign: Campaign) -> Iterator[str]:
    """Yield the wallets that a campaign's grants may move."""
    for line in lines_of_campaign(campaign):
        wallet = kind_of(line).wallet(line)
        if wallet is not None:
            yield wallet


def filled_by(campaign: Campaign) -> tuple[str, ...]:
    """The wallets that a campaign's grants may fill, each once, in the order of its lines."""
    lines = lines_of_campaign(campaign)
    given = (line for line in lines if isinstance(line, WalletLine) and line.does == "give")
    return tuple(dict.fromkeys(line.wallet for line in given))
