"""Sums over the decisions of one plan, and what they moved, for reports of a whole period.

Instants are cut to minutes, so that a day of any zone is a set of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from ....compiler.plan.types import from_minor
from ...decide.decisions import Outcome
from ..instants import instant
from ..store import Row, Store
from .exposures import Exposing, StoredExposures
from .moves import MOVES


@dataclass(frozen=True, slots=True)
class Decided:
    """So many decisions of a step came to an outcome at a minute.

    `account` is the id of the account that refused them. A decision that was served from the
    waiting list is `granted`, at the minute at which it was served.
    """

    campaign: str
    step: str
    at: datetime
    outcome: Outcome
    account: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The cost that a step's grants had at a minute, less the cost that came back to it then."""

    campaign: str
    step: str
    at: datetime
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Closed:
    """A balance of an account that was used up, at the minute of the first refusal.

    `period` is as in `BudgetRow`. `at` is the last charge if nothing was refused.
    """

    account: str
    period: str
    at: datetime


class Totalling(Exposing, Protocol):
    """The part of a ledger that sums up what one plan decided. `digest` names the plan."""

    def decided(self, digest: str) -> Iterator[Decided]:
        """The decisions by step, outcome, refusing account and minute."""

    def moved(self, digest: str) -> Iterator[Moved]:
        """The cost by step and minute; it adds up to what the budgets spent.

        A step that no account of money pays costs what its lines cost.
        """

    def closed(self) -> Iterator[Closed]:
        """The balances without a key that are used up."""

    def recipients(self, digest: str) -> Iterator[tuple[str, str, str]]:
        """The campaign, step and recipient of every grant, each once."""


CUT = "substr({at}, 1, 16)"
"""The minute of an instant, as SQL."""

# Claims and reversals are kept under steps such as `main/claim`.
_DECIDED = f"""
SELECT decisions.campaign, decisions.step, {CUT.format(at="coalesce(served.at, decisions.at)")},
  decisions.outcome, decisions.refused_by, count(*)
FROM decisions JOIN plans ON plans.id = decisions.plan
LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'
WHERE digest = ? AND step NOT LIKE '%/%'
GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608  (our own words)
_MOVED = f"""
WITH {MOVES}
SELECT campaign, step, {CUT.format(at="moves.at")}, sum(moves.cost)
FROM moves JOIN decisions ON decisions.id = moves.decision
JOIN plans ON plans.id = decisions.plan
WHERE digest = ? GROUP BY 1, 2, 3
"""  # noqa: S608
_CLOSED = f"""
SELECT accounts.account, period, {CUT.format(at="min(exhaustions.at)")}
FROM accounts JOIN exhaustions ON exhaustions.account = accounts.id
WHERE key = '' AND exhausted = 1 GROUP BY 1, 2
UNION ALL
SELECT accounts.account, period, {CUT.format(at="max(decisions.at)")}
FROM accounts JOIN postings ON postings.account = accounts.id
JOIN decisions ON decisions.id = postings.decision
WHERE key = '' AND exhausted = 0 AND spent >= declared GROUP BY 1, 2
"""  # noqa: S608
_RECIPIENTS = """
SELECT DISTINCT campaign, step, recipient FROM decisions JOIN plans ON plans.id = plan
WHERE digest = ? AND outcome = 'granted'
"""


class StoredTotals(StoredExposures):
    """`Totalling` of an open store."""

    _store: Store
    _currency: str

    def decided(self, digest: str) -> Iterator[Decided]:
        """See `Totalling.decided`."""
        for campaign, step, at, outcome, account, count in self._store.stream(_DECIDED, (digest,)):
            refusing = None if outcome == "granted" else account
            yield Decided(campaign, step, minute(at), outcome, refusing, int(count))

    def moved(self, digest: str) -> Iterator[Moved]:
        """See `Totalling.moved`."""
        yield from map(self._moved, self._store.stream(_MOVED, (digest,)))

    def _moved(self, row: Row) -> Moved:
        campaign, step, at, cost = row
        return Moved(campaign, step, minute(at), from_minor(int(cost), self._currency))

    def closed(self) -> Iterator[Closed]:
        """See `Totalling.closed`."""
        for account, period, at in self._store.stream(_CLOSED):
            yield Closed(account, period, minute(at))

    def recipients(self, digest: str) -> Iterator[tuple[str, str, str]]:
        """See `Totalling.recipients`."""
        yield from ((a, b, c) for a, b, c in self._store.stream(_RECIPIENTS, (digest,)))


def minute(text: str) -> datetime:
    """The instant at which a minute begins, of its text."""
    return instant(f"{text}Z")
