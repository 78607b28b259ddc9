"""Claims: the recipient of an offer chooses, and the reservation becomes a grant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ....compiler.plan.calendar import shift
from ....compiler.plan.values import Length
from ....compiler.rewards.payouts import Choice, Option
from ...decide.charges import Slot
from ...decide.claims import ClaimOutcome
from ...decide.decisions import Identity, Line
from ..batches.books import REWARDS, Books, Bundle
from ..batches.facts import offered
from ..batches.loading import balances_of, plan_number
from ..batches.wallets import loaded, owed
from ..batches.writing import write_balances
from ..chain import Chain
from ..contract import Claim, OfferRow
from ..instants import instant, instant_text
from ..store import Store
from ..units.codes import codes_for, give, lock_of
from .settling import Charged, Entry, Moved, charged, enter, give_back

OFFER = 0
"""The line of an offer: the first of its grant, followed by the lines of the choice."""

_OFFER = (
    "SELECT campaign, step, recipient, occurrence, decisions.at, facts, deliver_at, expires_at"
    " FROM decisions JOIN grants ON grants.decision = decisions.id"
    " WHERE decisions.id = ? AND line = 0 AND reward = 'choice'"
    " AND benefit IS NULL AND reward <> currency"
)
_OPEN = (
    "SELECT decisions.id, campaign, step, recipient, occurrence, decisions.at, facts, expires_at"
    " FROM decisions JOIN grants ON grants.decision = decisions.id"
    " WHERE line = 0 AND reward = 'choice' AND benefit IS NULL AND reward <> currency"
    " AND NOT EXISTS (SELECT 1 FROM amendments WHERE amendments.decision = decisions.id"
    " AND (settles = 0 OR kind = 'reversed'))"
)
_LAST = (
    "SELECT decisions.id FROM decisions JOIN grants ON grants.decision = decisions.id"
    " WHERE recipient = ? AND outcome = 'granted' AND campaign = ? AND decisions.at <= ?"
    " AND line = 0 AND reward = 'choice' AND benefit IS NULL AND reward <> currency"
    " ORDER BY decisions.at DESC, decisions.id DESC LIMIT 1"
)
_SETTLED = "SELECT kind, reason FROM amendments WHERE decision = ? AND settles = 0"
_REVERSED = "SELECT 1 FROM amendments WHERE decision = ? AND kind = 'reversed'"


class Offer(NamedTuple):
    """An offer: to whom, from when until when, and the choice."""

    identity: Identity
    at: str
    choice: Choice
    deliver_at: str
    ends: str


class ClaimRequest(NamedTuple):
    """A request to claim: the offer's number, the customer, the choice, and the instant."""

    number: int
    by: str
    chosen: tuple[str, ...]
    at: datetime


def claim(
    store: Store, books: Books, number: int, by: str, chosen: Sequence[str], at: datetime
) -> Claim:
    """See `Ledger.claim`."""
    request = ClaimRequest(number, by, tuple(chosen), at)
    offer = offer_of(store, number)
    if offer is None:
        return Claim(number, "unknown", None)
    held = touched_by(store, books, offer, request)

    def alone() -> Claim:
        chain = store.chain()
        done = claim_one(store, books, chain, offer, request)
        if chain.changed:
            store.keep_chain(chain)
        return done

    return store.write(held, alone)


def touched_by(store: Store, books: Books, offer: Offer, request: ClaimRequest) -> set[str]:
    """Return the names to lock for this claim."""
    return {
        f"campaign/{offer.identity.campaign}",
        *(slot[0] for slot in books.charging.stocks(request.chosen, request.at)),
        *(one.account for one in charged(store, request.number)),
        *(f"wallet/{wallet}" for wallet, _ in offer.choice.prices),
        *(lock_of(benefit) for benefit in request.chosen if benefit in books.coded),
    }


def offers(store: Store, customer: str | None) -> Iterator[OfferRow]:
    """See `Ledger.offers`."""
    where, values = ("", ()) if customer is None else (" AND recipient = ?", (customer,))
    for row in store.stream(_OPEN + where + " ORDER BY expires_at, decisions.id", values):
        number, *identity, at, facts, ends = row
        choice = offered(facts)
        if choice is not None:
            named = tuple(one.benefit for one in choice.options)
            of = Identity(*identity)
            yield OfferRow(number, of, instant(at), instant(ends), choice.count, named)


def last_offer(store: Store, campaign: str, customer: str, at: datetime) -> int | None:
    """See `Ledger.last_offer`."""
    rows = store.ask(_LAST, (customer, campaign, instant_text(at)))
    return int(rows[0][0]) if rows else None


def offer_of(store: Store, number: int) -> Offer | None:
    """Return the offer of that grant; `None` if the grant is not an offer."""
    rows = store.ask(_OFFER, (number,))
    if not rows:
        return None
    *identity, at, facts, deliver_at, ends = rows[0]
    choice = offered(facts)
    return None if choice is None else Offer(Identity(*identity), at, choice, deliver_at, ends)


def claim_one(
    store: Store, books: Books, chain: Chain, offer: Offer, request: ClaimRequest
) -> Claim:
    """Claim in a transaction that holds `touched_by`; the caller stores the chain's end."""
    refused = _refused(store, offer, request)
    if refused is not None:
        return Claim(request.number, refused, offer.identity)
    if not _can_pay(store, offer, instant_text(request.at)):
        return Claim(request.number, "insufficient_balance", offer.identity)
    codes = codes_for(store, {one: 1 for one in request.chosen if one in books.coded})
    lacking = codes.lacking(request.chosen)
    if lacking is not None:
        return Claim(request.number, "out_of_stock", offer.identity, lacking)
    slots = books.charging.stocks(request.chosen, request.at)
    balances = balances_of(store, books, slots)
    for slot, amount in slots.items():
        if balances[slot].refuses(amount):
            return Claim(request.number, "out_of_stock", offer.identity, slot[0])
        balances[slot].take(amount)
    write_balances(store, balances.values())
    lines = _lines(books, offer, request)
    _give(store, books, chain, offer, request, books.bundle(lines), lines)
    codes.take(request.number, [line.benefit for line in lines], OFFER + 1)
    give(store, codes)
    return Claim(request.number, "claimed", offer.identity)


def _can_pay(store: Store, offer: Offer, at: str) -> bool:
    """Whether the recipient can pay the price of the choice."""
    owner = offer.identity.recipient
    prices = owed(offer.choice.prices)
    wallets = [(one.wallet, owner) for one in prices]
    return loaded(store, wallets, wallets, at).can_pay(owner, prices, at)


def _refused(store: Store, offer: Offer, request: ClaimRequest) -> ClaimOutcome | None:
    """Return the first check that refuses a claim, apart from stocks and prices."""
    if request.by != offer.identity.recipient:
        return "not_yours"
    if store.ask(_REVERSED, (request.number,)):
        return "reversed"
    chosen = named_choice(offer.choice, request.chosen)
    settled = store.ask(_SETTLED, (request.number,))
    if settled:
        kind, reason = settled[0]
        if kind == "lapsed":
            return "expired"
        return "already_claimed" if chosen is not None and reason == chosen else "other_choice"
    at = instant_text(request.at)
    if at < offer.at:
        return "too_early"
    if at >= offer.ends:
        return "expired"
    return "not_offered" if chosen is None else None


def named_choice(choice: Choice, chosen: Sequence[str]) -> str | None:
    """Return a choice's canonical name, in any order of input; `None` if it is not on offer."""
    taken = [one for one in choice.options if one.benefit in chosen]
    if len(taken) != choice.count or len(chosen) != choice.count:
        return None
    if choice.worth is not None and sum(one.value for one in taken) > choice.worth:
        return None
    return ", ".join(one.benefit for one in taken)


def _lines(books: Books, offer: Offer, request: ClaimRequest) -> tuple[Line, ...]:
    """Return the lines of the choice, in the order of the offer, then those of its price."""
    arrives = max(request.at, instant(offer.deliver_at))
    taken = [one for one in offer.choice.options if one.benefit in request.chosen]
    paid = (
        Line(wallet, Decimal(-amount), wallet, Decimal(0), None, None)
        for wallet, amount in offer.choice.prices
    )
    return (*(_line(books, one, arrives) for one in taken), *paid)


def _line(books: Books, option: Option, arrives: datetime) -> Line:
    after, name, currency = option.expires_after, option.benefit, books.plan.currency
    ends = None
    if after is not None:
        ends = shift(books.zone, arrives, Length(after.count, after.unit), +1)
    return Line(name, option.value, currency, option.cost, name, ends, returns=option.returns)


def _give(
    store: Store,
    books: Books,
    chain: Chain,
    offer: Offer,
    request: ClaimRequest,
    bundle: Bundle,
    lines: Sequence[Line],
) -> None:
    number = request.number
    deliver_at = max(instant_text(request.at), offer.deliver_at)
    given, due = [], []
    for index, (worth, line) in enumerate(zip(bundle.lines, lines, strict=True), OFFER + 1):
        ends = None if line.expires_at is None else instant_text(line.expires_at)
        given.append((index, *worth, deliver_at, ends, int(line.returns)))
        if ends is not None and line.returns:
            due.append((ends, number, index))
    slots = books.charging.stocks(request.chosen, request.at)
    before = charged(store, number)
    moved = [*_less(before, bundle.cost), *_more(store, books, slots)]
    give_back(store, [(one.number, -one.amount) for one in moved if one.amount < 0])
    store.add("grants", [(number, *line) for line in given])
    chosen = named_choice(offer.choice, request.chosen) or ""
    entry = Entry(number, "claimed", instant_text(request.at), chosen, OFFER)
    plan = plan_number(store, books.digest), books.digest
    hashed = [line if line[-1] else line[:-1] for line in given]
    enter(store, chain, entry, moved, hashed, plan)
    owner = offer.identity.recipient
    store.move_wallets([(one.wallet, owner, one.net) for one in bundle.wallets])
    store.add("due", due)
    if books.tells_rewards:
        row = (number, REWARDS, 0, "rewards", "", deliver_at, "waiting", None)
        store.add("outbox", [row])


def _less(before: Sequence[Charged], cost: int) -> list[Moved]:
    """Return what budgets get back: the reservation for the dearest choice, minus the cost."""
    return [
        Moved(*one[:4], cost - one.amount)
        for one in before
        if one.measure == "money" and one.amount != cost
    ]


def _more(store: Store, books: Books, slots: dict[Slot, int]) -> list[Moved]:
    """Return what the stocks of the chosen benefits are charged."""
    balances = balances_of(store, books, slots)
    return [Moved(balances[slot].number, *slot, amount) for slot, amount in slots.items()]
