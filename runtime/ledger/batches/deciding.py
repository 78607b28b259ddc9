"""The ledger's rules: the outcome of each decision of a batch, without any store.

A store loads what it has (`BatchState`), calls `Deciding` for one decision after the other, and
writes the `Entries`. The order of the checks is that of `docs/language.md`, section "Caps".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from ....compiler.plan import WalletTrigger
from ...decide.charges import MOST
from ...decide.decisions import Decision, Identity, Outcome, Result
from ...decide.wallets.reached import Reached
from ..brakes.braking import Hold
from ..brakes.spending import Spending
from ..chain import Chain, quoted, quoted_or_null
from ..instants import instant_text
from ..units.codes import Codes
from ..units.multiples import Multiples, in_proportion
from .balances import Balance
from .batch import (
    NO_ENTRY_TEXT,
    Batch,
    Charges,
    Key,
    PreparedGrant,
    Request,
    entry_tail,
    prepared_grant,
)
from .books import Books, Bundle
from .entries import WHOLE, Entries
from .event_keys import EventKey, keys_of
from .facts import facts_of
from .frequency import Frequency
from .journeys import Journeys
from .outgoing import OutboxWriter
from .wallets import Wallets


class Earlier(NamedTuple):
    """An earlier decision about the same identity. `number` is the id of its row."""

    number: int
    outcome: Outcome
    account: str | None
    content: str


@dataclass(frozen=True, slots=True)
class BatchState:
    """The state of the store for a batch, apart from its balances.

    `foreign` are keys of events that belong to other customers. `holds` are the campaigns that are
    paused or stopped, and those that this batch pauses; `spending` is for their brakes.
    `late` are the decisions of events that come too late. `taken_back` says of
    which share of 1 earlier reversals deprive a decision.
    """

    earlier: dict[Key, Earlier]
    frequency: Frequency
    chain: Chain
    plan: int
    wallets: Wallets
    foreign: frozenset[EventKey]
    multiples: Multiples
    batch: Batch
    journeys: Journeys
    codes: Codes
    holds: dict[str, Hold]
    spending: Spending
    late: frozenset[Key] = frozenset()
    taken_back: Mapping[Key, Fraction] = field(default_factory=dict)


class Deciding:
    """Decides one batch. Decisions are made strictly in the order of the calls.

    `reached` has the wallets that its grants brought to an amount for which campaigns wait.
    """

    def __init__(self, books: Books, known: BatchState) -> None:
        self.entries = Entries()
        self.reduced: list[Decision] = []
        self._books = books
        self.known = self._known = known
        self.reached: list[Reached] = []
        self.outbox_writer = OutboxWriter(books, known.frequency, self.entries)

    def decide(self, request: Request) -> Result:
        """Return the outcome, and add the rows that record it."""
        decision, key, _, at, wanted, _, facts, head, tail, manual = request
        identity, content = decision.identity, wanted.bundle.content
        if self._known.foreign and self._is_foreign(request):
            return Result(identity, "other_customer")
        earlier = self._known.earlier.get(key)
        if earlier is not None:
            return again(identity, earlier, content)
        refusal = self._held(request) or self._known.journeys.refusal(request)
        if refusal in ("not_reached", "stopped") or (refusal == "paused" and not _lapses(request)):
            return Result(identity, refusal)
        if decision.times is not None:
            left, held = self._known.multiples.left(key, decision.times, request.book.multiple)
            if held is not None and not left:
                return Result(identity, held, repeated=True)
            if left < decision.times:
                request = self._known.batch.with_lines(request, in_proportion(decision, left))
        chain = self._known.chain
        number = chain.next
        outcome, account, given = (refusal, None, None) if refusal else self._outcome(request)
        self._known.earlier[key] = Earlier(number, outcome, account, content)
        if decision.times is not None:
            self._known.multiples.add(key, outcome)
        entry_text, kept_back = NO_ENTRY_TEXT, tuple[str, ...]()
        if given is not None:
            entry_text, kept_back = self._give(number, request, given)
        if self._known.journeys.note(request, outcome, account):
            campaign, step, _, occurrence = key
            inside = (campaign, decision.customer, occurrence, step)
            self.entries.journeys.append((*inside, number))
            if outcome == "left":
                self.entries.left.append((campaign, decision.customer, occurrence, at))
        if outcome == "waitlisted":
            facts = facts_of(request.decision, manual, waits=True)
            tail = entry_tail(self._books, wanted.bundle, facts)
        fallback = int(given is not None and given is request.fallback)
        refused_by = quoted_or_null(account)
        previous = chain.link_text(f'{head}{outcome}",{refused_by},{fallback}{tail},{entry_text}')
        self.entries.decisions.append(
            (
                number, *key, decision.customer, at, outcome, account, fallback, content,
                self._known.plan, facts, previous,
            )
        )  # fmt: skip
        event = request.decision.keys.get("event.key")
        if event is not None and request.book.campaign.reversal is not None:
            self.entries.pattern_events.append((key[0], event, number))
        return Result(identity, outcome, account, kept_back=kept_back)

    def _is_foreign(self, request: Request) -> bool:
        keys = () if request.manual else keys_of(self._books, [request.decision])
        return not self._known.foreign.isdisjoint(keys)

    def _held(self, request: Request) -> Outcome | None:
        """Return whether its campaign is paused or stopped, which no grant by hand minds."""
        return None if request.manual is not None else self._known.holds.get(request.key[0])

    def serve(self, request: Request, at: datetime) -> Result | None:
        """Grant a waitlisted decision at `at` if there is room; `None` if it no longer waits.

        `request.decision.at` must be `at` too, since that is the period that is charged.
        """
        earlier = self._known.earlier.get(request.key)
        if earlier is None or earlier.outcome != "waitlisted":
            return None
        if self._known.taken_back.get(request.key) == 1 or self._held(request) is not None:
            return None
        identity, given = request.decision.identity, request.prepared_grant
        if self._unpayable(request, given.bundle) is not None:
            return Result(identity, "waitlisted", earlier.account, repeated=True)
        refusing = _refusing(given.charges)
        if refusing is not None:
            refusing.exhaust(request.at, self._known.chain.next)
            return Result(identity, "waitlisted", refusing.account.id, repeated=True)
        lacking = self._known.codes.lacking(given.bundle.benefits)
        if lacking is not None:
            return Result(identity, "waitlisted", lacking, repeated=True)
        _take(given.charges)
        self._known.earlier[request.key] = earlier._replace(outcome="granted", account=None)
        entry_text, kept_back = self._give(earlier.number, request, given)
        chain, books = self._known.chain, self._books
        number = chain.next
        row = (earlier.number, "served", instant_text(at), "")
        served = f'[{earlier.number},"served",{quoted(row[2])},"",{books.entry_text}]'
        previous = chain.link_text(f"{served},{entry_text}")
        self.entries.amendments.append((number, *row, self._known.plan, previous, WHOLE, 0))
        return Result(identity, "granted", kept_back=kept_back)

    def _outcome(self, request: Request) -> tuple[Outcome, str | None, PreparedGrant | None]:
        """Return the outcome, the refusing account's id, and the grant, which is charged here."""
        if request.decision.held_out:
            return "held_out", None, None
        if _is_end(request):
            return "left", None, None
        if request.decision.too_late or request.key in self._known.late:
            return "too_late", None, None
        if self._known.taken_back.get(request.key) == 1:
            return "reversed", None, None
        given = request.prepared_grant
        refusing = _refusing(given.charges)
        if refusing is None or refusing.account.refusal != "over_limit":
            capped = self._cap(request)
            if capped is not None:
                return "over_limit", capped, None
            unpayable = self._unpayable(request, given.bundle)
            if unpayable is not None:
                return unpayable, None, None
            lacking = self._known.codes.lacking(given.bundle.benefits)
            if lacking is not None and not _is_stock(refusing):
                return "out_of_stock", lacking, None
        if given.bundle.cost > MOST:
            return "over_budget", None, None
        if refusing is None:
            _take(given.charges)
            nothing = request.book.step.gives_nothing
            return ("reached" if nothing else "granted"), None, given
        refusing.exhaust(request.at, self._known.chain.next)
        account = refusing.account
        if account.refusal != "over_budget":
            return account.refusal, account.id, None
        return self._exhausted(request, account.id)

    def _unpayable(self, request: Request, bundle: Bundle) -> Outcome | None:
        """Return why the recipient's wallets cannot hold or pay it; `None` if they can."""
        if not bundle.wallets:
            return None
        wallets, owner = self._known.wallets, request.key[2]
        if not wallets.have_room(owner, bundle.wallets):
            return "over_limit"
        if not wallets.can_pay(owner, bundle.wallets, request.at):
            return "insufficient_balance"
        return None

    def _cap(self, request: Request) -> str | None:
        """Return the message cap that refuses a campaign of messages alone; `None` if none does."""
        book, decision = request.book, request.decision
        if not (book.of_messages_alone and book.caps):
            return None
        # Messages to staff are not capped, and must not be lost with those to customers.
        if any(message.staff for message in book.step.messages):
            return None
        frequency, recipient = self._known.frequency, decision.identity.recipient
        capped, counted = None, 0
        for _ in (one for one in book.step.messages if not one.otherwise):
            capped = frequency.refusing(book.caps, recipient, decision.at)
            if capped is not None:
                break
            frequency.add(book.caps, recipient, decision.at)
            counted += 1
        for _ in range(counted):
            frequency.remove(book.caps, recipient, decision.at)
        return None if capped is None else capped.id

    def _exhausted(
        self, request: Request, account: str
    ) -> tuple[Outcome, str | None, PreparedGrant | None]:
        """Return the outcome after a refusal as `over_budget`.

        A fallback is charged like any grant, with one exception: an exhausted budget still pays it
        from what is left. So a fallback that costs nothing always passes the budgets.
        """
        if request.manual is not None:
            return "over_budget", account, None
        match request.book.campaign.when_exhausted.action:
            case "stop":
                return "over_budget", account, None
            case "waitlist":
                return "waitlisted", account, None
            case "reward":
                pass
        given = request.fallback
        if given is None:
            return "over_budget", account, None
        unpayable = self._unpayable(request, given.bundle)
        if unpayable is not None:
            return unpayable, None, None
        lacking = self._known.codes.lacking(given.bundle.benefits)
        if lacking is not None:
            return "out_of_stock", lacking, None
        for balance, amount in given.charges:
            of_budget = balance.account.refusal == "over_budget"
            if of_budget and balance.has_room(amount):
                continue
            if of_budget or balance.refuses(amount):
                balance.exhaust(request.at, self._known.chain.next)
                return balance.account.refusal, balance.account.id, None
        _take(given.charges)
        return "granted", None, given

    def _give(
        self, number: int, request: Request, given: PreparedGrant
    ) -> tuple[str, tuple[str, ...]]:
        """Add the rows of a grant and of its outbox.

        Return the text of its chain entry, and the reasons of messages that cannot be sent.
        """
        entries, bundle = self.entries, given.bundle
        if bundle.drains:
            given = self._drained(request, given)
            bundle = given.bundle
        self._spend(number, request, bundle)
        if bundle.wallets:
            self._move(request, given)
        for index, row in enumerate(given.rows):
            entries.grants.append((number, *row))
            ends = bundle.kept[index].settled
            if ends is not None:
                entries.due.append((ends, number, index))
        for balance, amount in given.charges:
            if amount:
                entries.postings.append((number, balance.number, amount))
        if self._known.taken_back.get(request.key):
            self.reduced.append(request.decision)
        codes = self._known.codes.take(number, bundle.benefits)
        return given.entry_text, self.outbox_writer.tell(number, request, given, codes)

    def _spend(self, number: int, request: Request, bundle: Bundle) -> None:
        """Count the cost of a grant, and pause its campaign if it brings the day over the brake."""
        campaign, at = request.book.campaign, request.decision.at
        pause = self._known.spending.add(campaign, at, bundle.cost, number)
        if pause is not None and campaign.name not in self._known.holds:
            self._known.holds[campaign.name] = "paused"
            self.entries.pauses.append(pause)

    def _move(self, request: Request, given: PreparedGrant) -> None:
        """Move the recipient's wallets, and note those that come to a threshold from below."""
        wallets, owner, at = self._known.wallets, request.key[2], request.at
        waited = [
            (threshold, wallets.spendable(owner, moves.wallet, at))
            for moves in given.bundle.wallets
            for threshold in self._books.thresholds.get(moves.wallet, ())
        ]
        wallets.move(owner, given.bundle.wallets, at, given.deliver_at)
        for threshold, before in waited:
            if before < threshold.amount <= wallets.spendable(owner, threshold.wallet, at):
                cause, when = request.decision.identity, request.decision.at
                self.reached.append(Reached(threshold, cause, when))

    def _drained(self, request: Request, given: PreparedGrant) -> PreparedGrant:
        """Return the grant with the amounts that its wallets have, possibly 0."""
        lines = self._known.wallets.drained(request.key[2], given.lines, request.at)
        return prepared_grant(lines, self._books.bundle(lines), given.charges, given.deliver_at)


def _lapses(request: Request) -> bool:
    """Whether it gives nothing for good if its campaign is paused: a wallet fires only once."""
    waits_for_wallet = isinstance(request.book.step.trigger, WalletTrigger)
    return waits_for_wallet or request.book.campaign.while_paused == "lapse"


def _is_end(request: Request) -> bool:
    """Whether a journey ends at a step: by `leave on`, or by a `while` that is false."""
    follows = request.book.step.follows
    return request.decision.left or (follows is not None and follows.leaves)


def again(identity: Identity, earlier: Earlier, content: str) -> Result:
    """Return the result of a decision that was made before."""
    granted = earlier.outcome == "granted"
    outcome: Outcome = "already_granted" if granted else earlier.outcome
    # A decision that was served from the waiting list keeps the account that first refused it.
    account = None if granted else earlier.account
    changed = earlier.content != content
    return Result(identity, outcome, account, repeated=True, changed=changed)


def _is_stock(refusing: Balance | None) -> bool:
    return refusing is not None and refusing.account.refusal == "out_of_stock"


def _refusing(charges: Charges) -> Balance | None:
    for balance, amount in charges:
        if balance.refuses(amount):
            return balance
    return None


def _take(charges: Charges) -> None:
    for balance, amount in charges:
        balance.take(amount)
