"""What becomes of each decision of a batch: the ledger's rules, with no store in them.

A store brings what it knows (`Known`), asks `Deciding` about one decision after the other, and
writes down the `Entries`. The order of the checks is that of language.md, "Caps".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ...dsl.codes import ledger as codes
from ...dsl.diagnostics import CannotRun, diagnose
from ..charging import MOST, Slot
from ..decisions import Decision, Line, Outcome, Result
from .balances import Balance
from .books import ALERTS, REWARDS, Books, Bundle, StepBook
from .chain import Chain
from .chain import Line as ChainLine
from .entries import WHOLE, Entries, Given, OutboxRows, something_becomes
from .facts import facts_of
from .frequency import Frequency
from .instants import instant_text
from .quiet import first_allowed
from .wallets import Wallets

Key = tuple[str, str, str, str]
"""An identity: campaign, step, recipient, occurrence."""

NO_HOUR = "quiet_hours"


class Earlier(NamedTuple):
    """What was decided about an identity before, under its number."""

    number: int
    outcome: Outcome
    account: str | None
    content: str


class Manual(NamedTuple):
    """A grant by hand, paid from a reserve: under which name, and why."""

    name: str
    reason: str


class Asked(NamedTuple):
    """A decision with what it would be charged (a tuple, because batches have thousands)."""

    decision: Decision
    key: Key
    book: StepBook
    bundle: Bundle
    charges: Mapping[Slot, int]
    fallback_charges: Mapping[Slot, int]
    manual: Manual | None = None
    spends: tuple[str, ...] = ()
    """The wallets out of which something goes."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a batch: earlier decisions, balances it may touch, messages sent."""

    earlier: dict[Key, Earlier]
    balances: Mapping[Slot, Balance]
    frequency: Frequency
    chain: Chain
    plan: int
    wallets: Wallets


_NOTHING: Given = ((), ())


def ask(books: Books, decision: Decision) -> Asked:
    """Prepares a decision to be decided."""
    identity = decision.identity
    charging = books.charging
    bundle = books.bundle(decision.lines)
    charges: Mapping[Slot, int] = {}
    fallback: Mapping[Slot, int] = {}
    spends = bundle.spends
    if not decision.held_out:
        charges = charging.charges(decision, decision.lines, bundle.cost)
        if decision.fallback:
            other = books.bundle(decision.fallback)
            fallback = charging.charges(decision, decision.fallback, other.cost)
            spends += other.spends
    return Asked(
        decision,
        (identity.campaign, identity.step, identity.recipient, identity.occurrence),
        books.steps[identity.campaign, identity.step],
        bundle,
        charges,
        fallback,
        spends=spends,
    )


def ask_by_hand(books: Books, decision: Decision, manual: Manual) -> Asked:
    """Prepares a grant by hand; `CannotRun` where the campaign keeps no reserve."""
    identity = decision.identity
    bundle = books.bundle(decision.lines)
    charges = books.charging.from_reserve(decision, decision.lines, bundle.cost)
    if charges is None:
        raise CannotRun(diagnose(codes.NO_RESERVE, None, campaign=identity.campaign))
    key = (identity.campaign, identity.step, identity.recipient, identity.occurrence)
    return Asked(decision, key, books.steps[key[:2]], bundle, charges, {}, manual)


class Deciding:
    """One batch. Decisions are taken strictly in the order in which they are asked about."""

    def __init__(self, books: Books, known: Known) -> None:
        self.entries = Entries()
        self._books = books
        self._known = known

    def decide(self, asked: Asked) -> Result:
        """The outcome, and the rows that make it last."""
        identity = asked.decision.identity
        earlier = self._known.earlier.get(asked.key)
        if earlier is not None:
            granted = earlier.outcome == "granted"
            outcome: Outcome = "already_granted" if granted else earlier.outcome
            changed = earlier.content != asked.bundle.content
            # One that was served has been refused by an account once.
            account = None if granted else earlier.account
            return Result(identity, outcome, account, repeated=True, changed=changed)
        number = self._known.chain.next
        outcome, account, fallback = self._outcome(asked)
        content = asked.bundle.content
        self._known.earlier[asked.key] = Earlier(number, outcome, account, content)
        given = self._give(number, asked, fallback) if outcome == "granted" else _NOTHING
        decision = asked.decision
        facts = facts_of(decision, asked.manual, waits=outcome == "waitlisted")
        at = instant_text(decision.at)
        row = (*asked.key, decision.customer, at, outcome, account, int(fallback), content)
        previous = self._known.chain.link((*row, self._books.digest, facts), *given)
        self.entries.decisions.append((number, *row, self._known.plan, facts, previous))
        return Result(identity, outcome, account)

    def serve(self, asked: Asked, at: datetime) -> Result | None:
        """Grants at `at` what was waitlisted, if there is room now; nothing where it waits no more.

        `asked.decision.at` is `at` too: that is when it is charged.
        """
        earlier = self._known.earlier.get(asked.key)
        if earlier is None or earlier.outcome != "waitlisted":
            return None
        identity = asked.decision.identity
        if self._unpayable(asked.key[2], asked.bundle) is not None:
            return Result(identity, "waitlisted", earlier.account, repeated=True)
        refusing = self._refusing(asked)
        if refusing is not None:
            refusing.exhaust()
            return Result(identity, "waitlisted", refusing.account.id, repeated=True)
        self._take(asked.charges)
        self._known.earlier[asked.key] = earlier._replace(outcome="granted", account=None)
        given = self._give(earlier.number, asked, fallback=False)
        number = self._known.chain.next
        row = (earlier.number, "served", instant_text(at), "")
        previous = self._known.chain.link((*row, self._books.digest), *given)
        self.entries.amendments.append((number, *row, self._known.plan, previous, WHOLE, 0))
        return Result(identity, "granted")

    def _outcome(self, asked: Asked) -> tuple[Outcome, str | None, bool]:
        """Outcome, the id of the refusing account, and whether the fallback is what is given.

        What is given is taken from its balances here.
        """
        if asked.decision.held_out:
            return "held_out", None, False
        refusing = self._refusing(asked)
        if refusing is None or refusing.account.refusal != "over_limit":
            capped = self._cap(asked)
            if capped is not None:
                return "over_limit", capped, False
            unpayable = self._unpayable(asked.key[2], asked.bundle)
            if unpayable is not None:
                return unpayable, None, False
        if asked.bundle.cost > MOST:
            return "over_budget", None, False
        if refusing is None:
            self._take(asked.charges)
            return "granted", None, False
        refusing.exhaust()
        account = refusing.account
        if account.refusal != "over_budget":
            return account.refusal, account.id, False
        return self._exhausted(asked, account.id)

    def _refusing(self, asked: Asked) -> Balance | None:
        balances = self._known.balances
        for slot, amount in asked.charges.items():
            balance = balances[slot]
            if balance.refuses(amount):
                return balance
        return None

    def _unpayable(self, owner: str, bundle: Bundle) -> Outcome | None:
        """Why the recipient's wallets cannot take or pay it; nothing where they can."""
        wallets = self._known.wallets
        if not wallets.have_room(owner, bundle.wallets):
            return "over_limit"
        if not bundle.drains and not wallets.can_pay(owner, bundle.wallets):
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

    def _exhausted(self, asked: Asked, account: str) -> tuple[Outcome, str | None, bool]:
        """What follows a refusal as over_budget.

        A fallback is charged like any grant, save that an exhausted budget still pays it out of
        what is left, so one that costs nothing always passes the budgets.
        """
        if asked.manual is not None:
            return "over_budget", account, False
        match asked.book.campaign.when_exhausted.action:
            case "stop":
                return "over_budget", account, False
            case "waitlist":
                return "waitlisted", account, False
            case "reward":
                pass
        if not asked.decision.fallback:
            return "over_budget", account, False
        bundle = self._books.bundle(asked.decision.fallback)
        unpayable = self._unpayable(asked.key[2], bundle)
        if unpayable is not None:
            return unpayable, None, False
        for slot, amount in asked.fallback_charges.items():
            balance = self._known.balances[slot]
            of_budget = balance.account.refusal == "over_budget"
            if of_budget and balance.has_room(amount):
                continue
            if of_budget or balance.refuses(amount):
                balance.exhaust()
                return balance.account.refusal, balance.account.id, False
        self._take(asked.fallback_charges)
        return "granted", None, True

    def _take(self, charges: Mapping[Slot, int]) -> None:
        for slot, amount in charges.items():
            self._known.balances[slot].take(amount)

    def _give(self, number: int, asked: Asked, fallback: bool) -> Given:
        """Both sides of a grant, and what leaves the house for it."""
        decision = asked.decision
        lines = decision.fallback if fallback else decision.lines
        charges = asked.fallback_charges if fallback else asked.charges
        entries, balances = self.entries, self._known.balances
        deliver_at = instant_text(decision.deliver_at)
        given: list[ChainLine] = []
        bundle = self._books.bundle(lines)
        if bundle.drains:
            lines = self._drained(asked.key[2], lines)
            bundle = self._books.bundle(lines)
        self._known.wallets.move(asked.key[2], bundle.wallets)
        for index, worth in enumerate(bundle.lines):
            line = lines[index]
            until = None if line.expires_at is None else instant_text(line.expires_at)
            row = (index, *worth, deliver_at, until)
            given.append((*row, 1) if line.returns else row)
            entries.grants.append((number, *row, int(line.returns)))
            if until is not None and something_becomes(line):
                entries.due.append((until, number, index))
        posted = []
        for slot, amount in charges.items():
            if amount:
                entries.postings.append((number, balances[slot].number, amount))
                posted.append((*slot, amount))
        self._tell(number, asked, lines, charges)
        return given, posted

    def _drained(self, owner: str, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """The lines with what is there to be taken, nothing perhaps."""
        there = self._known.wallets.there
        return tuple(
            replace(line, amount=Decimal(there(owner, line.reward, int(line.amount))))
            if line.drains
            else line
            for line in lines
        )

    def _tell(
        self, number: int, asked: Asked, lines: tuple[Line, ...], charges: Mapping[Slot, int]
    ) -> None:
        rows = OutboxRows(number)
        decision = asked.decision
        # Whoever grants by hand has no warehouse at hand to fill a message from.
        if asked.book.step.messages and asked.manual is None:
            self._tell_messages(rows, asked, lines)
        # An offer is nothing to fulfil yet.
        if lines and lines[0].choice is None and self._books.tells_rewards:
            rows.add(REWARDS, "rewards", "", instant_text(decision.deliver_at))
        if self._books.tells_alerts:
            for slot in charges:
                balance = self._known.balances[slot]
                if balance.account.alerts:
                    for threshold in balance.new_alerts():
                        body = self._alert(balance, threshold)
                        rows.add(ALERTS, "alert", body, instant_text(decision.at))
        self.entries.outbox.extend(rows.rows)

    def _tell_messages(self, rows: OutboxRows, asked: Asked, lines: tuple[Line, ...]) -> None:
        decision, book, recipient = asked.decision, asked.book, asked.key[2]
        start = max(decision.at, decision.deliver_at)
        deliver_at = first_allowed(self._books.zone, book.campaign.quiet_hours, start)
        written = self._books.messages.write(decision, lines)
        for n, (channel, text) in enumerate(written):
            if deliver_at is None:
                rows.add(channel, "message", text, instant_text(start), NO_HOUR)
                continue
            capped = self._known.frequency.refusing(book.caps, recipient, decision.at)
            due = instant_text(deliver_at)
            if capped is not None:
                rows.add(channel, "message", text, due, capped.id)
                continue
            rows.add(channel, "message", text, due)
            self._count(rows.number, n, asked, decision.at)

    def _count(self, number: int, n: int, asked: Asked, at: datetime) -> None:
        recipient = asked.key[2]
        self._known.frequency.add(asked.book.caps, recipient, at)
        self.entries.touches.extend(
            (cap.id, recipient, instant_text(at), number, n) for cap in asked.book.caps
        )

    def _alert(self, balance: Balance, threshold: Decimal) -> str:
        charging, (account, period, key) = self._books.charging, balance.slot
        facts = {
            "account": account,
            "period": period,
            "key": key,
            "threshold": f"{threshold.normalize():f}",
            "spent": charging.amount_text(balance.account, balance.spent),
            "cap": charging.amount_text(balance.account, balance.declared),
        }
        return json.dumps(facts, ensure_ascii=False)
