"""What becomes of each decision of a batch: the ledger's rules, with no store in them.

A store brings what it knows (`Known`), asks `Deciding` about one decision after the other, and
writes down the `Entries`. The order of the checks is that of language.md, "Caps".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ...decide.charges import MOST
from ...decide.decisions import Identity, Outcome, Result
from ..chain import Chain, quoted, quoted_or_null
from ..instants import instant_text
from .balances import Balance
from .batch import NOTHING_TOLD, Asked, Charges, Giving, Key, giving, told_after
from .books import Books, Bundle
from .entries import WHOLE, Entries
from .event_keys import EventKey, keys_of
from .facts import facts_of
from .frequency import Frequency
from .outgoing import Telling
from .wallets import Wallets


class Earlier(NamedTuple):
    """What was decided about an identity before, under its number."""

    number: int
    outcome: Outcome
    account: str | None
    content: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a batch, beside its balances: earlier decisions, messages sent.

    `foreign`: keys of events that belong to other customers.
    """

    earlier: dict[Key, Earlier]
    frequency: Frequency
    chain: Chain
    plan: int
    wallets: Wallets
    foreign: frozenset[EventKey]


class Deciding:
    """One batch. Decisions are taken strictly in the order in which they are asked about."""

    def __init__(self, books: Books, known: Known) -> None:
        self.entries = Entries()
        self._books = books
        self._known = known
        self._telling = Telling(books, known.frequency, self.entries)

    def decide(self, asked: Asked) -> Result:
        """The outcome, and the rows that make it last."""
        decision, key, _, at, wanted, _, facts, head, tail, manual = asked
        identity, content = decision.identity, wanted.bundle.content
        if self._known.foreign and self._is_foreign(asked):
            return Result(identity, "other_customer")
        earlier = self._known.earlier.get(key)
        if earlier is not None:
            return _again(identity, earlier, content)
        chain = self._known.chain
        number = chain.next
        outcome, account, given = self._outcome(asked)
        self._known.earlier[key] = Earlier(number, outcome, account, content)
        told, kept_back = NOTHING_TOLD, tuple[str, ...]()
        if given is not None:
            told, kept_back = self._give(number, asked, given)
        if outcome == "waitlisted":
            facts = facts_of(decision, manual, waits=True)
            tail = told_after(self._books, wanted.bundle, facts)
        fallback = int(given is not None and given is asked.fallback)
        refused_by = quoted_or_null(account)
        previous = chain.link_text(f'{head}{outcome}",{refused_by},{fallback}{tail},{told}')
        self.entries.decisions.append(
            (
                number, *key, decision.customer, at, outcome, account, fallback, content,
                self._known.plan, facts, previous,
            )
        )  # fmt: skip
        return Result(identity, outcome, account, kept_back=kept_back)

    def _is_foreign(self, asked: Asked) -> bool:
        keys = () if asked.manual else keys_of(self._books, [asked.decision])
        return not self._known.foreign.isdisjoint(keys)

    def serve(self, asked: Asked, at: datetime) -> Result | None:
        """Grants at `at` what was waitlisted, if there is room now; nothing where it waits no more.

        `asked.decision.at` is `at` too: that is when it is charged.
        """
        earlier = self._known.earlier.get(asked.key)
        if earlier is None or earlier.outcome != "waitlisted":
            return None
        identity, given = asked.decision.identity, asked.giving
        if self._unpayable(asked, given.bundle) is not None:
            return Result(identity, "waitlisted", earlier.account, repeated=True)
        refusing = _refusing(given.charges)
        if refusing is not None:
            refusing.exhaust(asked.at, self._known.chain.next)
            return Result(identity, "waitlisted", refusing.account.id, repeated=True)
        _take(given.charges)
        self._known.earlier[asked.key] = earlier._replace(outcome="granted", account=None)
        told, kept_back = self._give(earlier.number, asked, given)
        chain, books = self._known.chain, self._books
        number = chain.next
        row = (earlier.number, "served", instant_text(at), "")
        served = f'[{earlier.number},"served",{quoted(row[2])},"",{books.told}]'
        previous = chain.link_text(f"{served},{told}")
        self.entries.amendments.append((number, *row, self._known.plan, previous, WHOLE, 0))
        return Result(identity, "granted", kept_back=kept_back)

    def _outcome(self, asked: Asked) -> tuple[Outcome, str | None, Giving | None]:
        """Outcome, the id of the refusing account, and what is given.

        That is taken from its balances here.
        """
        if asked.decision.held_out:
            return "held_out", None, None
        given = asked.giving
        refusing = _refusing(given.charges)
        if refusing is None or refusing.account.refusal != "over_limit":
            capped = self._cap(asked)
            if capped is not None:
                return "over_limit", capped, None
            unpayable = self._unpayable(asked, given.bundle)
            if unpayable is not None:
                return unpayable, None, None
        if given.bundle.cost > MOST:
            return "over_budget", None, None
        if refusing is None:
            _take(given.charges)
            return "granted", None, given
        refusing.exhaust(asked.at, self._known.chain.next)
        account = refusing.account
        if account.refusal != "over_budget":
            return account.refusal, account.id, None
        return self._exhausted(asked, account.id)

    def _unpayable(self, asked: Asked, bundle: Bundle) -> Outcome | None:
        """Why the recipient's wallets cannot take or pay it; nothing where they can."""
        if not bundle.wallets:
            return None
        wallets, owner = self._known.wallets, asked.key[2]
        if not wallets.have_room(owner, bundle.wallets):
            return "over_limit"
        if not wallets.can_pay(owner, bundle.wallets, asked.at):
            return "insufficient_balance"
        return None

    def _cap(self, asked: Asked) -> str | None:
        """The message cap that refuses a campaign of messages alone: all of them go out or none."""
        book, decision = asked.book, asked.decision
        if not (book.of_messages_alone and book.caps):
            return None
        frequency, recipient = self._known.frequency, decision.identity.recipient
        capped, counted = None, 0
        for _ in book.step.messages:
            capped = frequency.refusing(book.caps, recipient, decision.at)
            if capped is not None:
                break
            frequency.add(book.caps, recipient, decision.at)
            counted += 1
        for _ in range(counted):
            frequency.remove(book.caps, recipient, decision.at)
        return None if capped is None else capped.id

    def _exhausted(self, asked: Asked, account: str) -> tuple[Outcome, str | None, Giving | None]:
        """What follows a refusal as over_budget.

        A fallback is charged like any grant, save that an exhausted budget still pays it out of
        what is left, so one that costs nothing always passes the budgets.
        """
        if asked.manual is not None:
            return "over_budget", account, None
        match asked.book.campaign.when_exhausted.action:
            case "stop":
                return "over_budget", account, None
            case "waitlist":
                return "waitlisted", account, None
            case "reward":
                pass
        given = asked.fallback
        if given is None:
            return "over_budget", account, None
        unpayable = self._unpayable(asked, given.bundle)
        if unpayable is not None:
            return unpayable, None, None
        for balance, amount in given.charges:
            of_budget = balance.account.refusal == "over_budget"
            if of_budget and balance.has_room(amount):
                continue
            if of_budget or balance.refuses(amount):
                balance.exhaust(asked.at, self._known.chain.next)
                return balance.account.refusal, balance.account.id, None
        _take(given.charges)
        return "granted", None, given

    def _give(self, number: int, asked: Asked, given: Giving) -> tuple[str, tuple[str, ...]]:
        """Both sides of a grant, and what leaves the house for it; how they are told, and why
        messages are kept back."""
        entries, bundle = self.entries, given.bundle
        if bundle.drains:
            given = self._drained(asked, given)
            bundle = given.bundle
        if bundle.wallets:
            self._known.wallets.move(asked.key[2], bundle.wallets, asked.at, given.deliver_at)
        for index, row in enumerate(given.rows):
            entries.grants.append((number, *row))
            ends = bundle.kept[index].settled
            if ends is not None:
                entries.due.append((ends, number, index))
        for balance, amount in given.charges:
            if amount:
                entries.postings.append((number, balance.number, amount))
        return given.told, self._telling.tell(number, asked, given)

    def _drained(self, asked: Asked, given: Giving) -> Giving:
        """With what is there to be taken, nothing perhaps."""
        lines = self._known.wallets.drained(asked.key[2], given.lines, asked.at)
        return giving(lines, self._books.bundle(lines), given.charges, given.deliver_at)


def _again(identity: Identity, earlier: Earlier, content: str) -> Result:
    """What was decided before stands."""
    granted = earlier.outcome == "granted"
    outcome: Outcome = "already_granted" if granted else earlier.outcome
    # One that was served has been refused by an account once.
    account = None if granted else earlier.account
    changed = earlier.content != content
    return Result(identity, outcome, account, repeated=True, changed=changed)


def _refusing(charges: Charges) -> Balance | None:
    for balance, amount in charges:
        if balance.refuses(amount):
            return balance
    return None


def _take(charges: Charges) -> None:
    for balance, amount in charges:
        balance.take(amount)
