"""Redemptions: the recipient has used a benefit, so it does not expire."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ....compiler.plan import CASH, CHOICE
from ...decide.decisions import Identity
from ..instants import instant_text
from ..store import Store
from ..units.redemptions import RedeemOutcome, Redemption
from .settling import Entry, enter

_DECISION = "SELECT campaign, step, recipient, occurrence, at FROM decisions WHERE id = ?"
_LINES = (
    "SELECT line, reward, benefit, currency, expires_at,"
    " CASE WHEN EXISTS (SELECT 1 FROM reductions WHERE reductions.decision = grants.decision"
    " AND reductions.line = grants.line AND benefit IS NOT NULL) THEN 'reduced' ELSE kind END"
    " FROM grants"
    " LEFT JOIN amendments ON amendments.decision = grants.decision AND settles = line"
    " WHERE grants.decision = ? ORDER BY line"
)
_REVERSED = "SELECT 1 FROM amendments WHERE decision = ? AND kind = 'reversed'"


class _Line(NamedTuple):
    """A line of the grant. `settled` is the kind of its settlement, if any."""

    line: int
    reward: str
    benefit: str | None
    currency: str
    expires_at: str | None
    settled: str | None

    @property
    def offers(self) -> bool:
        """Whether the line is an offer; a wallet may have the same name."""
        return self.benefit is None and self.reward == CHOICE != self.currency

    @property
    def can_be_used(self) -> bool:
        """Whether the line is a benefit or money, and neither points nor an offer."""
        return self.benefit is not None or self.reward == CASH != self.currency


class _Request(NamedTuple):
    """A request to redeem: the grant, the instant, and one reward or all (`None`)."""

    number: int
    at: str
    reward: str | None


def redeem(
    store: Store, number: int, at: datetime, by: str | None, reward: str | None
) -> Redemption:
    """See `Ledger.redeem`."""
    rows = store.ask(_DECISION, (number,))
    if not rows or not store.ask(_LINES, (number,)):
        return Redemption(number, "unknown", None)
    *identity, since = rows[0]
    of = Identity(*identity)
    if by is not None and by != of.recipient:
        return Redemption(number, "not_yours", of)
    request = _Request(number, instant_text(at), reward)
    held = {f"campaign/{of.campaign}"}
    outcome = store.write(held, lambda: _redeem(store, request, since))
    return Redemption(number, outcome, None if outcome == "unknown" else of)


def _redeem(store: Store, request: _Request, since: str) -> RedeemOutcome:
    if store.ask(_REVERSED, (request.number,)):
        return "reversed"
    lines = [_Line._make(row) for row in store.ask(_LINES, (request.number,))]
    given = [one for one in lines if one.can_be_used and request.reward in (None, one.reward)]
    if not given:
        unclaimed = any(one.offers and one.settled is None for one in lines)
        return "not_claimed" if unclaimed else "unknown"
    if all(one.settled == "reduced" for one in given):
        return "reversed"
    if all(one.settled == "redeemed" for one in given):
        return "already_redeemed"
    if request.at < since:
        return "too_early"
    there = [one for one in given if one.settled is None]
    there = [one for one in there if one.expires_at is None or request.at < one.expires_at]
    if not there:
        return "expired"
    chain = store.chain()
    for one in there:
        enter(store, chain, Entry(request.number, "redeemed", request.at, one.reward, one.line))
    store.keep_chain(chain)
    return "redeemed"
