"""Past grants, and the order in which decisions see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .decisions import Identity, Outcome


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as it stands. `account`: the id of the account that refused it."""

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
    """What a recipient has got, as `received(…)` sees it: a row a reward line of a grant.

    `at` is when it came: the decision's instant, that of the serving for what had waited, that of
    the claim for what was chosen from an offer.

    `benefit` is nothing for points, for cash, and for a granted decision of messages alone.
    """

    campaign: str
    step: str
    recipient: str
    occurrence: str
    benefit: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A decision's place among those of its instant: it sees what those before it gave.

    By `ranks` of the campaigns, within one by the occurrence. What it gave itself, or what later
    ones gave when the same was decided before, or by another worker, it does not see.
    """

    at: datetime
    campaign: str
    occurrence: str
    ranks: Mapping[str, int]

    def sees(self, campaign: str, occurrence: str) -> bool:
        """Whether a grant of the same instant comes before it."""
        own, other = self.ranks.get(self.campaign, 0), self.ranks.get(campaign, -1)
        return (other, occurrence) < (own, self.occurrence)


@dataclass(frozen=True, slots=True)
class Stretch:
    """How often did `recipient` get it from `since` (in; nothing: ever) to `until` (in)?

    An open end is one microsecond further in: instants have no finer grain. `turn`: whose question
    it is; at that decision's instant only what it sees counts.
    """

    recipient: str
    since: datetime | None
    until: datetime
    turn: Turn | None = None
