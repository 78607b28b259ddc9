"""Sums over all that the ledger has of one campaign, whatever plan decided it, up to an instant.

Instants are cut to minutes, so that a day of any zone is a set of them. No row of a person is in
them, apart from `reached`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from ....compiler.plan.types import from_minor
from ..instants import instant, instant_text
from ..outbox import Kind, State
from .moves import MOVES
from .totals import CUT, Decided, Moved, StoredTotals, minute


@dataclass(frozen=True, slots=True)
class Used:
    """A balance of an account moved by `amount` at a minute: below zero if something came back.

    `period` and the units of `amount` are as in `BudgetRow`. `own`: by a grant of the campaign.
    """

    account: str
    period: str
    own: bool
    at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RanOut:
    """The minute of the first refusal by an account's balance, and its period."""

    account: str
    period: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """So many rows of the outbox on a channel are in a state now; `reason` says why."""

    channel: str
    kind: Kind
    state: State
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Became:
    """So many grants, or lines of them, became this later."""

    kind: Literal["reversed", "served", "claimed", "lapsed", "redeemed", "expired", "reduced"]
    count: int


class OfCampaign(Protocol):
    """The part of a ledger that sums up one campaign, by what was kept up to `until`."""

    def decided_by(self, campaign: str, until: datetime) -> Iterator[Decided]:
        """The decisions by step, outcome, refusing account and minute."""

    def cost_of(self, campaign: str, until: datetime) -> Iterator[Moved]:
        """The cost by step and minute, less what came back."""

    def used_by(self, campaign: str, until: datetime) -> Iterator[Used]:
        """The moves of every balance without a key that the campaign charged."""

    def ran_out(self, campaign: str, until: datetime) -> Iterator[RanOut]:
        """The balances without a key that refused something, among those that it charged."""

    def reached_by(self, campaign: str, until: datetime) -> Iterator[tuple[str, datetime]]:
        """Every recipient of a grant that was not reversed, and the instant of the first."""

    def posted_by(self, campaign: str, until: datetime) -> list[Posted]:
        """The rows of the outbox of decisions up to `until`, as they are now."""

    def became_of(self, campaign: str, until: datetime) -> list[Became]:
        """The grants by what became of them."""


_SERVED = (
    "LEFT JOIN amendments AS served ON served.decision = decisions.id"
    " AND served.kind = 'served' AND served.at <= ?"
)
# A decision that was served later still waited then.
_DECIDED = f"""
SELECT campaign, step, {CUT.format(at="at")}, outcome, refused_by, count(*) FROM (
  SELECT decisions.campaign, decisions.step, coalesce(served.at, decisions.at) AS at, refused_by,
    CASE WHEN served.id IS NULL AND EXISTS (
      SELECT 1 FROM amendments AS later
      WHERE later.decision = decisions.id AND later.kind = 'served')
    THEN 'waitlisted' ELSE decisions.outcome END AS outcome
  FROM decisions {_SERVED}
  WHERE decisions.campaign = ? AND decisions.at <= ?
  AND step NOT LIKE '%/claim' AND step NOT LIKE '%/reversal'
) AS found GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608  (our own words)
_IDS = """
  SELECT accounts.id FROM accounts WHERE key = '' AND accounts.account IN (
    SELECT charged.account FROM accounts AS charged
    JOIN postings ON postings.account = charged.id
    JOIN decisions ON decisions.id = postings.decision
    WHERE decisions.campaign = ? AND charged.key = '')
"""
# A reversal has no settlements: it gives back what is charged by then.
_CHARGES = """
  SELECT postings.account AS account, postings.decision AS decision, amount,
    coalesce(served.at, decisions.at) AS at
  FROM postings JOIN decisions ON decisions.id = postings.decision
  LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'
  WHERE {of_postings}
  UNION ALL
  SELECT settlements.account, amendments.decision, amount, amendments.at
  FROM settlements JOIN amendments ON amendments.id = settlements.entry
  JOIN decisions ON decisions.id = amendments.decision
  WHERE {of_settlements}
"""
_BACK = """
  SELECT account, decision, amount, at FROM charges
  UNION ALL
  SELECT charges.account, charges.decision, -sum(amount), taken.at
  FROM charges JOIN amendments AS taken
  ON taken.decision = charges.decision AND taken.kind = 'reversed'
  GROUP BY charges.account, charges.decision, taken.at
"""
_BY_ACCOUNT = _CHARGES.format(
    of_postings=f"postings.account IN ({_IDS})", of_settlements=f"settlements.account IN ({_IDS})"
)
_USED = f"""
WITH charges AS ({_BY_ACCOUNT}), moves AS ({_BACK})
SELECT accounts.account, period, measure, CASE WHEN decisions.campaign = ? THEN 1 ELSE 0 END,
  {CUT.format(at="moves.at")}, sum(moves.amount)
FROM moves JOIN accounts ON accounts.id = moves.account
JOIN decisions ON decisions.id = moves.decision
WHERE moves.at <= ? GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608
_COST = f"""
WITH {MOVES}
SELECT campaign, step, {CUT.format(at="moves.at")}, sum(moves.cost)
FROM moves JOIN decisions ON decisions.id = moves.decision
WHERE decisions.campaign = ? AND moves.at <= ? GROUP BY 1, 2, 3
"""  # noqa: S608
_RAN_OUT = f"""
SELECT accounts.account, period, {CUT.format(at="min(exhaustions.at)")}
FROM accounts JOIN exhaustions ON exhaustions.account = accounts.id
WHERE accounts.id IN ({_IDS}) AND exhausted = 1 AND exhaustions.at <> ''
AND exhaustions.at <= ? GROUP BY 1, 2
"""  # noqa: S608
_REACHED = f"""
SELECT recipient, min(coalesce(served.at, decisions.at)) FROM decisions {_SERVED}
WHERE decisions.campaign = ? AND decisions.at <= ? AND outcome = 'granted'
AND step NOT LIKE '%/%'
AND NOT EXISTS (SELECT 1 FROM amendments AS later WHERE later.decision = decisions.id
  AND ((later.kind = 'served' AND later.at > ?) OR (later.kind = 'reversed' AND later.at <= ?)))
GROUP BY recipient
"""  # noqa: S608
_POSTED = """
SELECT channel, outbox.kind, state, reason, count(*)
FROM outbox JOIN decisions ON decisions.id = outbox.decision
WHERE decisions.campaign = ? AND decisions.at <= ? GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_BECAME = """
SELECT kind, count(*) FROM amendments JOIN decisions ON decisions.id = amendments.decision
WHERE decisions.campaign = ? AND amendments.at <= ? GROUP BY 1 ORDER BY 1
"""


class StoredSums(StoredTotals):
    """`OfCampaign`, and `Totalling`, of an open store."""

    def decided_by(self, campaign: str, until: datetime) -> Iterator[Decided]:
        """See `OfCampaign.decided_by`."""
        last = instant_text(until)
        for row in self._store.stream(_DECIDED, (last, campaign, last)):
            name, step, at, outcome, account, count = row
            refusing = None if outcome == "granted" else account
            yield Decided(name, step, minute(at), outcome, refusing, int(count))

    def cost_of(self, campaign: str, until: datetime) -> Iterator[Moved]:
        """See `OfCampaign.cost_of`."""
        last = instant_text(until)
        for name, step, at, cost in self._store.stream(_COST, (campaign, last)):
            yield Moved(name, step, minute(at), from_minor(int(cost), self._currency))

    def used_by(self, campaign: str, until: datetime) -> Iterator[Used]:
        """See `OfCampaign.used_by`."""
        values = (campaign, campaign, campaign, instant_text(until))
        for account, period, measure, own, at, amount in self._store.stream(_USED, values):
            units = int(amount)
            of = from_minor(units, self._currency) if measure == "money" else Decimal(units)
            yield Used(account, period, bool(own), minute(at), of)

    def ran_out(self, campaign: str, until: datetime) -> Iterator[RanOut]:
        """See `OfCampaign.ran_out`."""
        for account, period, at in self._store.stream(_RAN_OUT, (campaign, instant_text(until))):
            yield RanOut(account, period, minute(at))

    def reached_by(self, campaign: str, until: datetime) -> Iterator[tuple[str, datetime]]:
        """See `OfCampaign.reached_by`."""
        last = instant_text(until)
        for recipient, at in self._store.stream(_REACHED, (last, campaign, last, last, last)):
            yield recipient, instant(at)

    def posted_by(self, campaign: str, until: datetime) -> list[Posted]:
        """See `OfCampaign.posted_by`."""
        rows = self._store.ask(_POSTED, (campaign, instant_text(until)))
        return [
            Posted(channel, kind, state, reason, int(count))
            for channel, kind, state, reason, count in rows
        ]

    def became_of(self, campaign: str, until: datetime) -> list[Became]:
        """See `OfCampaign.became_of`."""
        rows = self._store.ask(_BECAME, (campaign, instant_text(until)))
        return [Became(kind, int(count)) for kind, count in rows]
