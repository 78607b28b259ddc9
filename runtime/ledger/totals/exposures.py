"""Exposures: who was decided about by which campaign, and when; and what each customer cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from ....compiler.plan.types import from_minor
from ...decide.decisions import Outcome
from ..instants import instant, instant_text
from ..store import Store
from .moves import MOVES


@dataclass(frozen=True, slots=True)
class Touch:
    """A kept decision about a customer: granted, reached, or held out, at an instant.

    One that was served from the waiting list is granted at the instant at which it was served.
    """

    customer: str
    campaign: str
    step: str
    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Spent:
    """The cost of all that a campaign granted to a customer, less what came back."""

    campaign: str
    customer: str
    cost: Decimal


class Exposing(Protocol):
    """The part of a ledger that measures read, of every plan that decided."""

    def touches(self, until: datetime) -> Iterator[Touch]:
        """The decisions up to an instant, customer by customer, each in the order of time."""

    def spent(self, until: datetime) -> Iterator[Spent]:
        """The cost by campaign and customer up to an instant."""

    def foreign_costs(self, currency: str) -> Iterator[tuple[str, str]]:
        """The campaigns that granted money in another currency, each with that currency."""


# Claims and reversals are kept under steps such as `main/claim`.
_TOUCHES = """
SELECT decisions.customer, decisions.campaign, decisions.step,
  coalesce(served.at, decisions.at) AS moment, decisions.outcome
FROM decisions
LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'
WHERE decisions.outcome IN ('granted', 'reached', 'held_out') AND step NOT LIKE '%/%'
  AND coalesce(served.at, decisions.at) <= ?
ORDER BY decisions.customer, moment, decisions.id
"""
_SPENT = f"""
WITH {MOVES}
SELECT decisions.campaign, decisions.customer, sum(moves.cost)
FROM moves JOIN decisions ON decisions.id = moves.decision
WHERE moves.at <= ?
GROUP BY 1, 2
"""  # noqa: S608  (our own words)
_FOREIGN = """
SELECT DISTINCT decisions.campaign, grants.currency FROM grants
JOIN decisions ON decisions.id = grants.decision
WHERE grants.reward = 'cash' AND grants.currency <> ?
ORDER BY 1, 2
"""


class StoredExposures:
    """`Exposing` of an open store."""

    _store: Store
    _currency: str

    def touches(self, until: datetime) -> Iterator[Touch]:
        """See `Exposing.touches`."""
        rows = self._store.stream(_TOUCHES, (instant_text(until),))
        for customer, campaign, step, at, outcome in rows:
            yield Touch(customer, campaign, step, instant(at), outcome)

    def spent(self, until: datetime) -> Iterator[Spent]:
        """See `Exposing.spent`."""
        for campaign, customer, cost in self._store.stream(_SPENT, (instant_text(until),)):
            yield Spent(campaign, customer, from_minor(int(cost or 0), self._currency))

    def foreign_costs(self, currency: str) -> Iterator[tuple[str, str]]:
        """See `Exposing.foreign_costs`."""
        yield from ((a, b) for a, b in self._store.stream(_FOREIGN, (currency,)))
