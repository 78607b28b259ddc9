"""Amendments of decisions: reversals, and grants from the waiting list. Both are entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ....compiler.plan import Plan
from ...decide.decisions import Decision, Identity, Result
from ...decide.wallets.reached import Firings
from ..batches.batch import Batch
from ..batches.books import Books
from ..batches.entries import WHOLE
from ..batches.facts import waiting
from ..batches.loading import NO_KEYS
from ..batches.wallets import take_back, touched
from ..brakes.braking import holds
from ..chain import Chain
from ..contract import Reversal
from ..instants import instant_text
from ..store import Row, Store
from ..units.codes import benefits_of, lock_of
from .firing import begin, decided, prepare
from .reducing import stop
from .settling import charged, give_back

AT_ONCE = 1_000
"""The number of waiting decisions read in one transaction."""

_DECISION = "SELECT campaign, step, recipient, occurrence, outcome FROM decisions WHERE id = ?"
_REDEEMED = "SELECT 1 FROM amendments WHERE decision = ? AND kind = 'redeemed' LIMIT 1"
_WAITING = (
    "SELECT at, id, campaign, step, recipient, occurrence, customer, facts FROM decisions"
    " WHERE outcome = 'waitlisted' AND (at, id) > (?, ?) AND at <= ? ORDER BY at, id LIMIT ?"
)


class Reversing(NamedTuple):
    """The reason and instant of a reversal, and whether it includes redeemed grants."""

    reason: str
    at: str
    even_if_redeemed: bool


def reverse(store: Store, numbers: Sequence[int], asked: Reversing) -> list[Reversal]:
    """See `Ledger.reverse`."""
    done: list[Reversal] | None = None
    while done is None:
        held = _touching(store, numbers)
        done = store.write(
            held,
            lambda held=held: _reverse(store, numbers, asked, held),  # type: ignore[misc]  # a default binds this try's
        )
    return done


def _touching(store: Store, numbers: Sequence[int]) -> set[str]:
    """Return the names to lock for reversing these grants."""
    held: set[str] = set()
    for number in numbers:
        held.update(f"campaign/{row[0]}" for row in store.ask(_DECISION, (number,)))
        held.update(one.account for one in charged(store, number))
        held.update(f"wallet/{row[0]}" for row in touched(store, number))
        held.update(map(lock_of, benefits_of(store, number)))
    return held


def _reverse(
    store: Store, numbers: Sequence[int], asked: Reversing, held: set[str]
) -> list[Reversal] | None:
    """Reverse; return `None` if more must be locked, because an offer was claimed meanwhile."""
    if not _touching(store, numbers) <= held:
        return None
    chain = store.chain()
    done = [_reverse_one(store, chain, number, asked) for number in numbers]
    if chain.changed:
        store.keep_chain(chain)
    return done


def _reverse_one(store: Store, chain: Chain, number: int, asked: Reversing) -> Reversal:
    rows = store.ask(_DECISION, (number,))
    if not rows or rows[0][4] != "granted":
        return Reversal(number, "not_granted", None)
    identity = Identity(*rows[0][:4])
    known = "SELECT id FROM amendments WHERE decision = ? AND kind = 'reversed'"
    if store.ask(known, (number,)):
        return Reversal(number, "already_reversed", identity)
    if not asked.even_if_redeemed and store.ask(_REDEEMED, (number,)):
        return Reversal(number, "already_redeemed", identity)
    if not take_back(store, number, asked.at):
        return Reversal(number, "insufficient_balance", identity)
    give_back(store, [(one.number, one.amount) for one in charged(store, number)])
    stop(store, number)
    entry, told = chain.next, (number, "reversed", asked.at, asked.reason)
    previous = chain.link((*told, None))
    store.add("amendments", [(entry, *told, None, previous, WHOLE, 0)])
    return Reversal(number, "reversed", identity)


def serve(
    store: Store,
    plan: Plan,
    books: Callable[[], Books],
    at: datetime,
    fires: Firings | None = None,
) -> Iterator[list[Result]]:
    """See `Ledger.serve`: one transaction for each page."""
    held = holds(store)
    serving = {
        campaign.name
        for campaign in plan.campaigns
        if campaign.when_exhausted.action == "waitlist"
        and campaign.name not in held
        and (campaign.active_to is None or at <= campaign.active_to)
    }
    after: tuple[str, int] = ("", 0)
    while serving:
        rows = store.ask(_WAITING, (*after, instant_text(at), AT_ONCE))
        if not rows:
            return
        after = rows[-1][0], rows[-1][1]
        waits = [_waits(row, at) for row in rows if row[2] in serving]
        asked = [one for one in waits if one is not None and one.identity.key in books().steps]
        if asked:
            batch = Batch(books(), asked, kept=True)
            prepare(store, batch, fires)
            yield store.write(batch.claims(), lambda batch=batch: _serve(store, batch, at, fires))  # type: ignore[misc]  # a default binds this page's


def _waits(row: Row, at: datetime) -> Decision | None:
    """Return the decision of a row of `_WAITING`, with its expiries moved to `at`."""
    asked_at, _, campaign, step, recipient, occurrence, customer, facts = row
    identity = Identity(campaign, step, recipient, occurrence)
    decision = waiting(identity, customer, asked_at, facts)
    if decision is None:
        return None
    later = at - decision.at
    lines = tuple(
        line if line.expires_at is None else replace(line, expires_at=line.expires_at + later)
        for line in decision.lines
    )
    return decision._replace(at=at, lines=lines, deliver_at=max(at, decision.deliver_at))


def _serve(store: Store, batch: Batch, at: datetime, fires: Firings | None) -> list[Result]:
    begin(fires)
    results = decided(store, batch, NO_KEYS, fires, lambda deciding, one: deciding.serve(one, at))
    return [result for result in results if result is not None and result.outcome == "granted"]
