"""Expiries: unclaimed offers, unredeemed grants, unspent points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from ...decide.decisions import Identity
from ..batches.wallets import left_of_lot
from ..chain import Chain
from ..contract import Expiry
from ..instants import instant, instant_text
from ..store import Row, Store
from .settling import (
    FORFEITED,
    RETURNED,
    Entry,
    Moved,
    Settled,
    all_of,
    charged,
    enter,
    give_back,
    others_left,
    returned,
)

AT_ONCE = 500
"""The number of lines settled in one transaction."""

_DUE = (
    "SELECT at, decision, line FROM due WHERE (at, decision, line) > (?, ?, ?) AND at <= ?"
    " ORDER BY at, decision, line LIMIT ?"
)
_LINE = (
    "SELECT campaign, step, recipient, occurrence, reward, benefit, currency, cost, returns"
    " FROM grants JOIN decisions ON decisions.id = grants.decision"
    " WHERE decisions.id = ? AND line = ?"
)
_SETTLED = (
    "SELECT 1 FROM amendments WHERE decision = ? AND (settles = ? OR kind = 'reversed')"
    " UNION ALL SELECT 1 FROM reductions JOIN grants ON grants.decision = reductions.decision"
    " AND grants.line = reductions.line WHERE reductions.decision = ? AND reductions.line = ?"
    " AND benefit IS NOT NULL LIMIT 1"
)


class _Ending(NamedTuple):
    """A line that has expired."""

    at: str
    decision: int
    line: int
    identity: Identity
    reward: str
    benefit: str | None
    currency: str
    cost: int
    returns: bool


def expire(store: Store, at: datetime) -> Iterator[list[Expiry]]:
    """See `Ledger.expire`: one transaction for each page."""
    after: Row = ("", 0, 0)
    until = instant_text(at)
    while rows := store.ask(_DUE, (*after, until, AT_ONCE)):
        after = rows[-1]
        # A store of one lane has one writer, from whom nothing must be held.
        held = _held_for(store, rows) if store.lanes > 1 else set()
        yield store.write(held, lambda rows=rows: _expire(store, rows))  # type: ignore[misc]  # a default binds this page's


def _held_for(store: Store, rows: Sequence[Row]) -> set[str]:
    """Return the names to lock for lines that have ended."""
    held: set[str] = set()
    for _, decision, line in rows:
        for campaign, *_, reward, _, _, _, _ in store.ask(_LINE, (decision, line)):
            # Spending from a wallet locks its name: see `Batch.claims`.
            held.update((f"campaign/{campaign}", f"wallet/{reward}"))
        held.update(one.account for one in charged(store, decision))
    return held


def next_end(store: Store, after: datetime | None) -> datetime | None:
    """See `Ledger.next_end`."""
    since = "" if after is None else instant_text(after)
    ((end,),) = store.ask("SELECT min(at) FROM due WHERE at > ?", (since,))
    return None if end is None else instant(end)


def _expire(store: Store, rows: Sequence[Row]) -> list[Expiry]:
    chain = store.chain()
    found = [_ending(store, row) for row in rows]
    done = [_end(store, chain, one) for one in found if one is not None]
    store.delete_due(rows)
    if chain.changed:
        store.keep_chain(chain)
    return done


def _ending(store: Store, row: Row) -> _Ending | None:
    """Return the line; `None` if it, or its grant, was settled before."""
    at, decision, line = row
    if store.ask(_SETTLED, (decision, line, decision, line)):
        return None
    ((*identity, reward, benefit, currency, cost, returns),) = store.ask(_LINE, (decision, line))
    worth = reward, benefit, currency, int(cost), bool(returns)
    return _Ending(at, decision, line, Identity(*identity), *worth)


def _end(store: Store, chain: Chain, one: _Ending) -> Expiry:
    offer = one.benefit is None and one.reward != one.currency
    moved: list[Moved] = []
    lost = 0
    if one.returns:
        balances = charged(store, one.decision)
        last = offer or not others_left(store, one.decision, one.line)
        moved = all_of(balances) if last else returned(balances, one.cost, one.benefit)
        give_back(store, [(each.number, -each.amount) for each in moved])
    elif one.reward == one.currency:
        wallet = one.reward, one.identity.recipient
        lost = left_of_lot(store, *wallet, one.decision, one.line)
        store.move_wallets([(*wallet, -lost)])
    reason = RETURNED if one.returns else FORFEITED
    kind: Settled = "lapsed" if offer else "expired"
    enter(store, chain, Entry(one.decision, kind, one.at, reason, one.line, lost), moved)
    return Expiry(one.decision, one.identity, one.reward, instant(one.at), one.returns, lost)
