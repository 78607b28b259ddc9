"""Steps: each does something, each bundle can be reached, and caps are met in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from ..plan import Account, Branch, Charge, Refusal, Reward, Step
from .walking import Broken, Walked

_ORDER: tuple[Refusal, ...] = ("over_limit", "out_of_stock", "over_budget")


def not_empty(walked: Walked) -> Iterator[Broken]:
    """A campaign has a step, a bundle a line; but for journeys a step gives or says something."""
    for campaign in walked.plan.campaigns:
        if not campaign.steps:
            yield Broken(f"campaigns/{campaign.name}", "it has no step")
        exhausted = campaign.when_exhausted
        if (exhausted.action == "reward") != bool(exhausted.lines):
            place = f"campaigns/{campaign.name}/when_exhausted"
            yield Broken(place, "it gives lines just where its action is `reward`")
        for step in () if campaign.journey else campaign.steps:
            if step.gives_nothing:
                place = f"campaigns/{campaign.name}/steps/{step.name}"
                yield Broken(place, "it gives nothing and sends nothing")
    for part, reward in walked.of(Reward):
        if not reward.branches:
            yield part.broken("it has no branch")
    for part, branch in walked.of(Branch):
        if not branch.lines:
            yield part.broken("it has no line")


def reachable(walked: Walked) -> Iterator[Broken]:
    """No branch follows one that always holds; odds of a draw grow, each above the one before."""
    for part, reward in walked.of(Reward):
        branches = reward.branches
        if any(branch.always for branch in branches[:-1]):
            yield part.broken("a branch follows one that always holds")
        odds = [branch.chance for branch in branches if branch.chance is not None]
        if odds and (len(odds) < len(branches) or any(one.condition for one in branches)):
            yield part.broken("a draw has a branch without odds, or one with a condition")
        for before, after in pairwise([Decimal(0), *odds]):
            if not before < after <= 1:
                yield part.broken(f"odds of {after} follow {before}")


def charges_in_order(walked: Walked) -> Iterator[Broken]:
    """Limits come before stocks, stocks before budgets, shares before the total."""
    accounts = {account.id: account for account in walked.plan.accounts}
    for part, step in walked.of(Step):
        charged = [accounts[one.account] for one in step.charges if one.account in accounts]
        ranks = [_ORDER.index(account.refusal) for account in charged]
        if ranks != sorted(ranks):
            yield part.broken("its charges are not in the order of their checks")
        for account, count in Counter(one.account for one in step.charges).items():
            if count > 1:
                yield part.broken(f"`{account}` is charged {count} times")
        if not _shares_first(step.charges, accounts):
            yield part.broken("a share comes after the total")


def _shares_first(charges: Sequence[Charge], accounts: dict[str, Account]) -> bool:
    """Whether no share follows a budget of the same campaign that everybody is charged to."""
    of_all = False
    for charge in charges:
        account = accounts.get(charge.account)
        if charge.share is not None and of_all:
            return False
        if account is not None and account.refusal == "over_budget" and charge.share is None:
            of_all = of_all or account.owner_kind == "campaign"
    return True
