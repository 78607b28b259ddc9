"""Reversals made by events: each is stored with its outcome, and carried out once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ....compiler.plan import Campaign
from ...decide.decisions import Decision, Identity
from ...decide.reversing.events import (
    ReversalEvent,
    ReversalOutcome,
    ReversalResult,
)
from ...decide.reversing.reversers import amount_of, ratio_of
from ..batches.books import Books
from ..batches.event_keys import EventKey, keys_of
from ..batches.facts import read_keys, read_reversal, reversal_facts
from ..batches.kept_texts import REVERSAL, kept_reversal, reversal_of
from ..batches.loading import event_key, plan_number
from ..batches.wallets import touched
from ..chain import Chain
from ..contract import ReversalRow
from ..instants import instant, instant_text
from ..store import Store
from ..units.codes import benefits_of, lock_of
from .reducing import Cause, Taken, take_part
from .settling import Unheld, charged

_DECISIONS = (
    "SELECT id, step, customer, at, outcome, facts FROM decisions"
    " WHERE campaign = ? AND step = ? AND occurrence = ? ORDER BY id"
)
_OF_PATTERN = (
    "SELECT decisions.id, step, customer, decisions.at, outcome, facts FROM pattern_events"
    " JOIN decisions ON decisions.id = decision"
    " WHERE pattern_events.campaign = ? AND key = ? ORDER BY decisions.id"
)
_REVERSALS = (
    "SELECT campaign, step, recipient, occurrence, at, outcome, facts"  # noqa: S608  (our own word)
    f" FROM decisions WHERE step LIKE '%{REVERSAL}'"
)
_OF_EVENT = (
    "SELECT reversals.at, part, occurrence FROM reversals JOIN decisions ON decisions.id = entry"
    " WHERE reversals.campaign = ? AND key = ? AND reversals.customer = ? ORDER BY entry"
)
_MADE = (
    "SELECT id FROM decisions WHERE campaign = ? AND step = ? AND recipient = ? AND occurrence = ?"
)
_ORDER: tuple[Taken, ...] = ("partly_reversed", "reversed", "nothing_due", "already_reversed")
"""The order in which the results of several grants decide the event's."""


class _Granted(NamedTuple):
    """A decision of the event that a reversal names."""

    number: int
    step: str
    customer: str
    at: str
    outcome: str
    facts: str


class _Stored(NamedTuple):
    """The stored outcome of a reversal."""

    outcome: ReversalOutcome
    content: str


def held_for(store: Store, books: Books, events: Sequence[ReversalEvent]) -> set[str]:
    """Return the names to lock for these reversals, as far as grants are known."""
    held: set[str] = set()
    for event in events:
        held.add(f"campaign/{event.identity.campaign}")
        held |= _touched(store, _granted(store, books, event))
    return held


def carry_out(
    store: Store,
    books: Books,
    events: Sequence[ReversalEvent],
    held: set[str],
    foreign: frozenset[EventKey],
) -> list[ReversalResult]:
    """Carry out reversals in their order, in a transaction.

    Raise `Unheld` if it locks too little.
    """
    rows = store.among("decisions", [kept_reversal(event.identity) for event in events])
    kept = {
        Identity(a, b, c, d): _Stored(outcome, content)
        for a, b, c, d, _, outcome, _, content in rows
    }
    chain = store.chain()
    plan = plan_number(store, books.digest), books.digest
    done: list[ReversalResult] = []
    for event in events:
        if foreign and not foreign.isdisjoint(keys_of(books, [event])):
            done.append(ReversalResult(event.identity, "other_customer"))
            continue
        key, content = kept_reversal(event.identity), _content(event)
        before = kept.get(key)
        if before is not None:
            changed = before.content != content
            done.append(ReversalResult(event.identity, before.outcome, True, changed))
            continue
        outcome = _outcome(store, books, chain, event, plan, held)
        kept[key] = _Stored(outcome, content)
        _enter(store, chain, event, kept[key], plan)
        done.append(ReversalResult(event.identity, outcome))
    if chain.changed:
        store.keep_chain(chain)
    return done


def take_back_kept(store: Store, books: Books, decisions: Iterable[Decision]) -> None:
    """Take back of decisions that were just granted what earlier reversals say."""
    chain = store.chain()
    plan = plan_number(store, books.digest), books.digest
    for decision in decisions:
        campaign = books.steps[decision.identity.key].campaign
        ((number,),) = store.ask(_MADE, decision.identity)
        key, customer = event_key(books, decision)
        rows = store.ask(_OF_EVENT, (campaign.name, key, customer))
        parts = [amount_of(part) for _, part, _ in rows]
        ratio = ratio_of(campaign.reversal, parts, decision.keys)
        last, _, named = rows[-1]
        at = max(str(last), instant_text(decision.at))
        take_part(store, chain, number, ratio, Cause(at, _reason(campaign, named), plan))
    if chain.changed:
        store.keep_chain(chain)


def reversals_of(store: Store, campaign: str | None, customer: str | None) -> Iterator[ReversalRow]:
    """See `Ledger.reversals`."""
    filters = {" AND campaign = ?": campaign, " AND recipient = ?": customer}
    where = "".join(part for part, value in filters.items() if value is not None)
    values = [value for value in filters.values() if value is not None]
    for row in store.stream(f"{_REVERSALS}{where} ORDER BY at, id", values):
        *identity, at, outcome, facts = row
        of, part = read_reversal(facts)
        yield ReversalRow(reversal_of(Identity(*identity)), instant(at), of, part, outcome)


def _reason(campaign: Campaign, key: str) -> str:
    name = "" if campaign.reversal is None else campaign.reversal.event
    return f"{name} {key}"


def _content(event: ReversalEvent) -> str:
    words = "\0".join((event.of or "", "" if event.part is None else f"{event.part.normalize():f}"))
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()


def _campaign(books: Books, event: ReversalEvent) -> Campaign:
    return books.steps[event.identity.key].campaign


def _granted(store: Store, books: Books, event: ReversalEvent) -> list[_Granted]:
    """Return the decisions of the event that a reversal names, of all steps of the campaign."""
    if event.of is None:
        return []
    campaign = _campaign(books, event)
    found: list[_Granted] = []
    for step in campaign.steps:
        if step.trigger.pattern is None:
            rows = store.ask(_DECISIONS, (campaign.name, step.name, event.of))
            found += [_Granted._make(row) for row in rows]
    if any(step.trigger.pattern is not None for step in campaign.steps):
        found += [_Granted._make(row) for row in store.ask(_OF_PATTERN, (campaign.name, event.of))]
    return [one for one in found if '"manual":' not in one.facts]


def _touched(store: Store, granted: Iterable[_Granted]) -> set[str]:
    held: set[str] = set()
    for one in granted:
        held.update(each.account for each in charged(store, one.number))
        held.update(f"wallet/{row[0]}" for row in touched(store, one.number))
        held.update(map(lock_of, benefits_of(store, one.number)))
    return held


def _outcome(
    store: Store,
    books: Books,
    chain: Chain,
    event: ReversalEvent,
    plan: tuple[int, str],
    held: set[str],
) -> ReversalOutcome:
    """Take back what the event names; return what became of it."""
    if event.of is None:
        return "names_nothing"
    granted = _granted(store, books, event)
    if _is_of_another(store, books, event, granted):
        return "of_another"
    granted = [one for one in granted if one.outcome == "granted"]
    if not granted:
        return "kept"
    more = _touched(store, granted) - held
    if more:
        raise Unheld(more)
    campaign, who = _campaign(books, event), event.identity.recipient
    rows = store.ask(_OF_EVENT, (campaign.name, event.of, who))
    parts = [*(amount_of(part) for _, part, _ in rows), event.part]
    taken: set[Taken] = set()
    for one in granted:
        ratio = ratio_of(campaign.reversal, parts, read_keys(one.facts))
        at = max(instant_text(event.at), one.at)
        cause = Cause(at, _reason(campaign, event.identity.occurrence), plan)
        taken.add(take_part(store, chain, one.number, ratio, cause))
    return next(one for one in _ORDER if one in taken)


def _is_of_another(
    store: Store, books: Books, event: ReversalEvent, granted: Sequence[_Granted]
) -> bool:
    """Whether the event that a reversal names is another customer's."""
    campaign, who = _campaign(books, event).name, event.identity.recipient
    for one in granted:
        step = books.events.get((campaign, one.step))
        if step is None or not step.for_each:
            owners = [one.customer]
        else:
            rows = store.among("event_customers", [(step.name, event.of)])
            owners = [customer for _, _, customer, _ in rows]
        if owners != [who]:
            return True
    return False


def _enter(
    store: Store, chain: Chain, event: ReversalEvent, became: _Stored, plan: tuple[int, str]
) -> None:
    """Write the reversal with its outcome into the chain."""
    number, who, at = chain.next, event.identity.recipient, instant_text(event.at)
    campaign, (plan_row, digest) = event.identity.campaign, plan
    row = (*kept_reversal(event.identity), who, at, became.outcome, None, 0, became.content)
    facts = reversal_facts(event.of, event.part)
    previous = chain.link((*row, digest, facts))
    store.add("decisions", [(number, *row, plan_row, facts, previous)])
    if event.of is not None and became.outcome != "of_another":
        part = None if event.part is None else f"{event.part}"
        store.add("reversals", [(campaign, event.of, number, who, at, part)])
