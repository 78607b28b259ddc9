"""A batch of decisions, prepared as far as that goes before the ledger is looked at.

Others wait while a batch is decided and written, and nobody while it is prepared: what does not
depend on what the ledger knows is made here, down to the text that the audit chain hashes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Self

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import ledger as codes
from ...decide.charges import Slot
from ...decide.decisions import Decision, Line
from ..chain import quoted
from ..instants import instant_text
from .balances import Balance
from .books import Books, Bundle, StepBook
from .facts import Manual, facts_of
from .wallets import Wallet

Key = tuple[str, str, str, str]
"""An identity: campaign, step, recipient, occurrence."""

Charges = list[tuple[Balance, int]]
"""What is taken from which balance, in the order of the checks; nothing perhaps."""

NOTHING_TOLD = "[],[]"


class Giving(NamedTuple):
    """A bundle as it would be given: its lines are `rows` of `grants` then, and both its sides
    `told` in the entry of the chain."""

    lines: tuple[Line, ...]
    bundle: Bundle
    charges: Charges
    deliver_at: str
    rows: list[tuple[object, ...]]
    told: str


class Asked(NamedTuple):
    """A decision to be taken (a tuple, because batches have thousands).

    `head` and `tail` are what its entry of the chain tells before and after the outcome.
    """

    decision: Decision
    key: Key
    book: StepBook
    at: str
    giving: Giving
    fallback: Giving | None
    facts: str
    head: str
    tail: str
    manual: Manual | None


class Batch:
    """Decisions that are taken together, and all that they may touch."""

    def __init__(self, books: Books, decisions: Iterable[Decision] = ()) -> None:
        self.books = books
        self.balances: dict[Slot, Balance] = {}
        self.steps: dict[tuple[str, str], StepBook] = {}
        self.wallets: dict[Wallet, None] = {}
        self.spending: dict[Wallet, None] = {}
        self._spent: set[str] = set()
        self._bundles: dict[int, Bundle] = {}
        self._last_at: datetime | None = None
        self._last_text = ""
        self.asked = [self._ask(decision) for decision in decisions]

    @classmethod
    def by_hand(cls, books: Books, decision: Decision, manual: Manual) -> Self:
        """A grant by hand; `CannotRun` where the campaign keeps no reserve."""
        batch = cls(books)
        batch.asked.append(batch._ask(decision, manual))
        return batch

    @property
    def since(self) -> str:
        """The first instant of the batch as text; empty if it has no decisions."""
        return min((one.at for one in self.asked), default="")

    def claims(self) -> set[str]:
        """What nobody else may hold meanwhile: their campaigns, accounts and caps.

        Wallets only where something goes out of one: what comes in meanwhile does no harm.
        """
        names = {slot[0] for slot in self.balances}
        names.update(f"campaign/{campaign}" for campaign, _ in self.steps)
        names.update(cap.id for book in self.steps.values() for cap in book.caps)
        names.update(f"wallet/{wallet}" for wallet in self._spent)
        return names

    def _ask(self, decision: Decision, manual: Manual | None = None) -> Asked:
        campaign, step, recipient, occurrence = key = decision.identity
        book = self.steps.get((campaign, step))
        if book is None:
            book = self.steps[campaign, step] = self.books.steps[campaign, step]
        at = self._instant_text(decision.at)
        deliver_at = at if decision.deliver_at == decision.at else instant_text(decision.deliver_at)
        giving = self._giving(decision, book, decision.lines, deliver_at, manual)
        fallback = None
        if decision.fallback and manual is None:
            fallback = self._giving(decision, book, decision.fallback, deliver_at, manual)
        facts = facts_of(decision, manual)
        owner = quoted(recipient)
        customer = owner if decision.customer == recipient else quoted(decision.customer)
        head = f'[{book.told},{owner},{quoted(occurrence)},{customer},"{at}","'
        tail = told_after(self.books, giving.bundle, facts)
        return Asked(decision, key, book, at, giving, fallback, facts, head, tail, manual)

    def _instant_text(self, at: datetime) -> str:
        # What falls due together is decided at one instant.
        if at != self._last_at:
            self._last_at, self._last_text = at, instant_text(at)
        return self._last_text

    def _giving(
        self,
        decision: Decision,
        book: StepBook,
        lines: tuple[Line, ...],
        deliver_at: str,
        manual: Manual | None,
    ) -> Giving:
        # Most decisions of a batch share their lines, and comparing those takes long.
        bundle = self._bundles.get(id(lines))
        if bundle is None:
            bundle = self._bundles[id(lines)] = self.books.bundle(lines)
        charges: Charges = []
        if not decision.held_out:
            charges = self._charges(decision, book, bundle, manual)
            for moves in bundle.wallets:
                wallet = (moves.wallet, decision.identity.recipient)
                self.wallets[wallet] = None
                if moves.owed or moves.drained:
                    self.spending[wallet] = None
            self._spent.update(bundle.spends)
        return giving(lines, bundle, charges, deliver_at)

    def _charges(
        self, decision: Decision, book: StepBook, bundle: Bundle, manual: Manual | None
    ) -> Charges:
        charging, balances = self.books.charging, self.balances
        if manual is None:
            tariff = self.books.tariff(book, decision.share, bundle)
            charged = charging.charged(decision, tariff, bundle.cost)
        else:
            reserve = charging.from_reserve(decision, decision.lines, bundle.cost)
            if reserve is None:
                campaign = decision.identity.campaign
                raise CannotRun(diagnose(codes.NO_RESERVE, None, campaign=campaign))
            charged = list(reserve.items())
        charges = []
        for slot, amount in charged:
            balance = balances.get(slot)
            if balance is None:
                balance = balances[slot] = self.books.balance(slot)
            charges.append((balance, amount))
        return charges


def giving(lines: tuple[Line, ...], bundle: Bundle, charges: Charges, deliver_at: str) -> Giving:
    """A bundle that would arrive at an instant."""
    rows: list[tuple[object, ...]] = []
    given = []
    for index, (worth, kept) in enumerate(zip(bundle.lines, bundle.kept, strict=True)):
        rows.append((index, *worth, deliver_at, kept.until, int(kept.returns)))
        before, after = kept.told
        given.append(f'{before}"{deliver_at}"{after}')
    posted = sorted(
        [(balance.slot, f"[{balance.told},{amount}]") for balance, amount in charges if amount]
    )
    told = f"[{','.join(given)}],[{','.join([text for _, text in posted])}]"
    return Giving(lines, bundle, charges, deliver_at, rows, told)


def told_after(books: Books, bundle: Bundle, facts: str) -> str:
    """What an entry tells after its outcome, who refused it, and whether it is the fallback."""
    return f',"{bundle.content}",{books.told},{quoted(facts)}]'
