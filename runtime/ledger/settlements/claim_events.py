"""Claims made by events: each is stored with its outcome, and carried out once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...decide.claims import ClaimEvent, ClaimIdentity, ClaimResult
from ...decide.decisions import Identity
from ..batches.batch import Key
from ..batches.books import Books
from ..batches.event_keys import EventKey, keys_of
from ..batches.facts import claim_facts, offered, read_claim
from ..batches.kept_texts import CLAIM, claim_of, kept_claim
from ..batches.loading import plan_number
from ..chain import Chain
from ..contract import Claim, ClaimRow
from ..instants import instant, instant_text
from ..store import Row, Store
from .claiming import ClaimRequest, claim_one, named_choice, offer_of, touched_by
from .settling import Unheld

_OFFERS = (
    "SELECT decisions.id, decisions.at, facts, expires_at,"
    " EXISTS (SELECT 1 FROM amendments WHERE amendments.decision = decisions.id"
    " AND (settles = 0 OR kind = 'reversed'))"
    " FROM decisions JOIN grants ON grants.decision = decisions.id"
    " WHERE recipient = ? AND outcome = 'granted' AND campaign = ? AND step = ?"
    " AND line = 0 AND reward = 'choice' AND benefit IS NULL AND reward <> currency"
    " ORDER BY expires_at, decisions.at, decisions.id"
)
_CLAIMS = (
    "SELECT campaign, step, recipient, occurrence, at, outcome, refused_by, facts"  # noqa: S608
    f" FROM decisions WHERE step LIKE '%{CLAIM}'"
)
_FACTS = "SELECT facts FROM decisions WHERE id = ?"


class _StoredClaim(NamedTuple):
    """The stored outcome of a claim event. `number` is the id of its row."""

    number: int
    outcome: str
    account: str | None
    content: str


def held_for(store: Store, books: Books, events: Sequence[ClaimEvent]) -> set[str]:
    """Return the names to lock for these claims, as far as offers are known."""
    held: set[str] = set()
    for event in events:
        held.add(f"campaign/{event.identity.campaign}")
        number = _picked(store, event)
        held |= set() if number is None else _touched(store, books, event, number)
    return held


def carry_out(
    store: Store,
    books: Books,
    events: Sequence[ClaimEvent],
    held: set[str],
    foreign: frozenset[EventKey],
) -> list[ClaimResult]:
    """Carry out claims in their order, in a transaction. Raise `Unheld` if it locks too little."""
    rows = store.among("decisions", [_key(event.identity) for event in events])
    kept = {(a, b, c, d): _StoredClaim(*rest) for a, b, c, d, *rest in rows}
    chain = store.chain()
    plan = plan_number(store, books.digest)
    done: list[ClaimResult] = []
    for event in events:
        if foreign and not foreign.isdisjoint(keys_of(books, [event])):
            done.append(ClaimResult(event.identity, "other_customer"))
            continue
        key, content = _key(event.identity), _content(event.chosen)
        before = kept.get(key)
        if before is not None:
            done.append(_again(store, event.identity, before, content))
            continue
        number = _picked(store, event)
        claimed = _claimed(store, books, chain, event, number, held)
        offer, account = None if number is None else claimed.number, claimed.account
        kept[key] = _StoredClaim(chain.next, claimed.outcome, account, content)
        _enter(store, chain, event, kept[key], (plan, books.digest), offer)
        done.append(ClaimResult(event.identity, claimed.outcome, offer, account))
    if chain.changed:
        store.keep_chain(chain)
    return done


def claimed_by_events(
    store: Store, campaign: str | None, customer: str | None
) -> Iterator[ClaimRow]:
    """See `Ledger.claims`."""
    filters = {" AND campaign = ?": campaign, " AND recipient = ?": customer}
    where = "".join(part for part, value in filters.items() if value is not None)
    values = [value for value in filters.values() if value is not None]
    for row in store.stream(f"{_CLAIMS}{where} ORDER BY at, id", values):
        *identity, at, outcome, account, facts = row
        chosen, offer = read_claim(facts)
        yield ClaimRow(claim_of(Identity(*identity)), instant(at), chosen, outcome, offer, account)


def _key(identity: ClaimIdentity) -> Key:
    return kept_claim(identity)


def _content(chosen: Sequence[str]) -> str:
    return hashlib.blake2b("\0".join(chosen).encode(), digest_size=16).hexdigest()


def _again(
    store: Store, identity: ClaimIdentity, before: _StoredClaim, content: str
) -> ClaimResult:
    ((facts,),) = store.ask(_FACTS, (before.number,))
    chosen, offer = read_claim(facts)
    return ClaimResult(
        identity,
        before.outcome,  # type: ignore[arg-type]  # the database lets nothing else in
        offer,
        before.account,
        repeated=True,
        changed=before.content != content,
        chosen=chosen,
    )


def _picked(store: Store, event: ClaimEvent) -> int | None:
    """Return the offer that an event claims; `None` if its customer had none.

    Of open offers it is the one with the choice that ends first, else the one that ends first. If
    none is open, it is the last offer before the event, which explains the refusal.
    """
    identity, at = event.identity, instant_text(event.at)
    rows = store.ask(_OFFERS, (identity.recipient, *identity.key))
    there = [row for row in rows if row[1] <= at]
    open_ = [row for row in there if not row[4] and at < row[3]]
    if open_:
        return int(next((row for row in open_ if _offers(row, event)), open_[0])[0])
    if there:
        return int(max(there, key=lambda row: (row[1], row[0]))[0])
    return int(min(rows, key=lambda row: (row[1], row[0]))[0]) if rows else None


def _offers(row: Row, event: ClaimEvent) -> bool:
    choice = offered(row[2])
    return choice is not None and named_choice(choice, event.chosen) is not None


def _request(event: ClaimEvent, number: int) -> ClaimRequest:
    return ClaimRequest(number, event.identity.recipient, event.chosen, event.at)


def _touched(store: Store, books: Books, event: ClaimEvent, number: int) -> set[str]:
    offer = offer_of(store, number)
    return set() if offer is None else touched_by(store, books, offer, _request(event, number))


def _claimed(
    store: Store,
    books: Books,
    chain: Chain,
    event: ClaimEvent,
    number: int | None,
    held: set[str],
) -> Claim:
    offer = None if number is None else offer_of(store, number)
    if number is None or offer is None:
        return Claim(0, "unknown", None)
    request = _request(event, number)
    touched = touched_by(store, books, offer, request)
    if not touched <= held:
        raise Unheld(touched)
    return claim_one(store, books, chain, offer, request)


def _enter(
    store: Store,
    chain: Chain,
    event: ClaimEvent,
    became: _StoredClaim,
    plan: tuple[int, str],
    offer: int | None,
) -> None:
    """Write the claim event with its outcome into the chain."""
    identity, (plan_row, digest) = event.identity, plan
    who = identity.recipient
    at = instant_text(event.at)
    row = (*_key(identity), who, at, became.outcome, became.account, 0, became.content)
    facts = claim_facts(event.chosen, offer)
    previous = chain.link((*row, digest, facts))
    store.add("decisions", [(became.number, *row, plan_row, facts, previous)])
