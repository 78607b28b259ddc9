"""Campaigns that wait for wallets: which grants fire them, in which order, under which name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from ....compiler.plan import Plan, WalletTrigger
from ....compiler.plan.steps import StepKey, steps_of
from ..decisions import Decision, Identity, Result
from ..received import Ranks


@dataclass(frozen=True, slots=True)
class Threshold:
    """The amount that a step waits for, in a wallet. `rank` is the step's place in its instant."""

    rank: int
    key: StepKey
    wallet: str
    amount: int


def thresholds(plan: Plan) -> Mapping[str, tuple[Threshold, ...]]:
    """Return the thresholds of each wallet, in the order of their steps."""
    ranks = Ranks(plan)
    found: dict[str, list[Threshold]] = {}
    for key, _, step in steps_of(plan):
        if isinstance(step.trigger, WalletTrigger):
            wallet, amount = step.trigger.wallet, step.trigger.amount
            found.setdefault(wallet, []).append(Threshold(ranks.rank(key), key, wallet, amount))
    return {wallet: tuple(sorted(some, key=lambda one: one.rank)) for wallet, some in found.items()}


@dataclass(frozen=True, slots=True)
class Reached:
    """A customer's wallet that a decision brought to a threshold from below, at an instant."""

    threshold: Threshold
    cause: Identity
    at: datetime

    @property
    def customer(self) -> str:
        """The wallet's owner: the decision's recipient."""
        return self.cause.recipient

    @property
    def occurrence(self) -> str:
        """The decision, as the occurrence of the one that it fires."""
        return f"{self.cause.campaign}/{self.cause.step}/{self.cause.occurrence}"


class Happened(NamedTuple):
    """The instant of a decision, and its occurrence."""

    at: datetime
    occurrence: str


class Firings(Protocol):
    """The campaigns that a ledger asks when a wallet has come to their amount."""

    def prepare(self, customers: Collection[str], until: datetime) -> None:
        """Read what is known of these customers up to an instant, before a transaction begins."""

    def begin(self) -> None:
        """Forget what was taken: a transaction begins, or is tried once more."""

    def decision(self, reached: Reached) -> Decision | None:
        """Return the decision that is fired; `None` if its conditions do not hold."""

    def took(self, decision: Decision, result: Result) -> None:
        """Note a decision that the ledger took."""


class Arriving(Protocol):
    """The part of a ledger that knows when wallets fire: by deliveries, and before."""

    def next_arrival(self, plan: Plan, digest: str, after: datetime) -> datetime | None:
        """The next delivery of units to a wallet for which campaigns of the plan wait."""

    def last_fired(self, key: StepKey, customer: str, until: datetime) -> Happened | None:
        """The last decision of a step about a customer up to an instant."""

    def arrive(
        self, plan: Plan, digest: str, at: datetime, keys: Collection[StepKey], fires: Firings
    ) -> None:
        """Decide those of these steps that deliveries at an instant fire, in one transaction."""
