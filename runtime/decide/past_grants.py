"""Past grants, and the order in which decisions see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...compiler.plan.steps import StepKey
from .decisions import Identity, Outcome


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as the ledger has it. `account` is the id of the account that refused it."""

    identity: Identity
    customer: str
    at: datetime
    outcome: Outcome
    account: str | None
    fallback: bool
    plan: str
    number: int


@dataclass(frozen=True, slots=True)
class Received:
    """A reward line that a recipient received, as `received(…)` counts it.

    `at` is the instant of the decision. For a waitlisted decision it is the instant of serving, and
    for a choice from an offer the instant of the claim. `benefit` is `None` for points, for cash,
    and for a granted decision of messages alone.
    """

    campaign: str
    step: str
    recipient: str
    occurrence: str
    benefit: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class WalletMove:
    """A change of what can be spent in a customer's wallet, from the instant `at` on."""

    customer: str
    wallet: str
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A decision's place among those of its instant. It sees the grants of earlier places.

    Decisions are ordered by `ranks` of their steps, then by occurrence. A decision never sees
    its own grant, nor those of later places, even where those were committed first.

    Steps in `fired` wait for wallets. Their decisions come right after the one that fired them,
    which is their occurrence.
    """

    at: datetime
    key: StepKey
    occurrence: str
    ranks: Mapping[StepKey, int]
    fired: frozenset[StepKey] = frozenset()

    def sees(self, key: StepKey, occurrence: str) -> bool:
        """Whether a grant of the same instant comes before this turn.

        Grants of steps that the plan does not have any more come before all others.
        """
        return self._place(key, occurrence) < self._place(self.key, self.occurrence)

    def _place(self, key: StepKey, occurrence: str) -> tuple[tuple[int, str], ...]:
        own = (self.ranks.get(key, -1), occurrence)
        cause = occurrence.split("/", 2) if key in self.fired else ()
        if len(cause) < 3:
            return (own,)
        campaign, step, before = cause
        return (*self._place(StepKey(campaign, step), before), own)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A count to make: the grants of `recipient` from `since` to `until`, both included.

    `since` is `None` for all of the past. Open ends are moved by one microsecond, the grain of
    instants. With `turn`, grants at its instant count only if the turn sees them.
    """

    recipient: str
    since: datetime | None
    until: datetime
    turn: Turn | None = None
