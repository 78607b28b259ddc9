"""A batch of decisions, prepared as far as possible before its transaction begins.

Deciding and writing a batch makes others wait; preparing it does not. So everything that is
independent of the ledger's state is computed here, even the text that the audit chain hashes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Self

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import ledger as codes
from ...decide.charges import Slot
from ...decide.decisions import Decision, Line
from ..chain import quoted
from ..instants import instant_text
from ..units.codes import lock_of
from .balances import Balance
from .books import Books, Bundle, StepBook
from .facts import Manual, facts_of
from .wallets import Wallet

Key = tuple[str, str, str, str]
"""An identity: campaign, step, recipient, occurrence."""

Charges = list[tuple[Balance, int]]
"""The units charged to each balance, in the order of the checks; may be 0."""

NO_ENTRY_TEXT = "[],[]"


class PreparedGrant(NamedTuple):
    """A bundle that is ready to be granted.

    `rows` are its rows of `grants`. `entry_text` holds both sides of the grant, for its entry of
    the chain.
    """

    lines: tuple[Line, ...]
    bundle: Bundle
    charges: Charges
    deliver_at: str
    rows: list[tuple[object, ...]]
    entry_text: str


class Request(NamedTuple):
    """A prepared decision. A tuple, because batches hold thousands of them.

    `head` and `tail` are the text of its chain entry before and after the outcome.
    """

    decision: Decision
    key: Key
    book: StepBook
    at: str
    prepared_grant: PreparedGrant
    fallback: PreparedGrant | None
    facts: str
    head: str
    tail: str
    manual: Manual | None


class Batch:
    """Decisions that are made together, with the balances and wallets that they may touch.

    `kept`: they come from the ledger, where private values are hashes already. `filling` has the
    wallets that its grants may fill and that campaigns wait for.
    """

    def __init__(
        self, books: Books, decisions: Iterable[Decision] = (), *, kept: bool = False
    ) -> None:
        self.books = books
        self._kept = kept
        self.balances: dict[Slot, Balance] = {}
        self.steps: dict[tuple[str, str], StepBook] = {}
        self.wallets: dict[Wallet, None] = {}
        self.spending: dict[Wallet, None] = {}
        self.filling: set[str] = set()
        self._spent: set[str] = set()
        self._bundles: dict[int, Bundle] = {}
        self._last_at: datetime | None = None
        self._last_text = ""
        self.requests = [self._prepare(decision) for decision in decisions]

    @classmethod
    def by_hand(cls, books: Books, decision: Decision, manual: Manual) -> Self:
        """Return the batch of a manual grant. Raise `CannotRun` if there is no reserve."""
        batch = cls(books)
        batch.requests.append(batch._prepare(decision, manual))
        return batch

    def __len__(self) -> int:
        return len(self.requests)

    @property
    def keys(self) -> Sequence[Key]:
        """The identities of the decisions."""
        return [one.key for one in self.requests]

    @property
    def decisions(self) -> Sequence[Decision]:
        """The decisions, with hashes for private values."""
        return [one.decision for one in self.requests]

    @property
    def since(self) -> str:
        """The first instant of the batch, as text; empty without decisions."""
        return min((one.at for one in self.requests), default="")

    def claims(self) -> set[str]:
        """Return the names to lock: campaigns, accounts and message caps.

        Wallets are locked only if something is taken out of them. Concurrent deposits do no harm,
        unless campaigns wait for the wallet: then all that these may touch is locked too.
        """
        names = {slot[0] for slot in self.balances}
        names.update(f"campaign/{campaign}" for campaign, _ in self.steps)
        names.update(cap.id for book in self.steps.values() for cap in book.caps)
        names.update(f"wallet/{wallet}" for wallet in self._spent)
        for wallet in self.filling:
            names |= self.books.fired_by(wallet)
        names.update(map(lock_of, self.coded()))
        return names

    def part(self, start: int, count: int) -> Batch:
        """Return the batch of some of the requests, prepared again."""
        if start == 0 and count >= len(self):
            return self
        return Batch(self.books, self.decisions[start : start + count], kept=True)

    def coded(self) -> Counter[str]:
        """Return the benefits with codes, and the most codes that the batch may need of each."""
        coded = self.books.coded
        needed: Counter[str] = Counter()
        if coded:
            for request in self.requests:
                benefits = set(request.prepared_grant.bundle.benefits)
                if request.fallback is not None:
                    benefits.update(request.fallback.bundle.benefits)
                needed.update(one for one in benefits if one in coded)
        return needed

    def _prepare(self, decision: Decision, manual: Manual | None = None) -> Request:
        campaign, step, recipient, occurrence = key = decision.identity
        book = self.steps.get((campaign, step))
        if book is None:
            book = self.steps[campaign, step] = self.books.steps[campaign, step]
        if not self._kept:
            decision = self.books.as_kept(decision)
        at = self._instant_text(decision.at)
        deliver_at = at if decision.deliver_at == decision.at else instant_text(decision.deliver_at)
        prepared_grant = self._prepared_grant(decision, book, decision.lines, deliver_at, manual)
        fallback = None
        if decision.fallback and manual is None:
            fallback = self._prepared_grant(decision, book, decision.fallback, deliver_at, manual)
        facts = facts_of(decision, manual)
        owner = quoted(recipient)
        customer = owner if decision.customer == recipient else quoted(decision.customer)
        head = f'[{book.entry_text},{owner},{quoted(occurrence)},{customer},"{at}","'
        tail = entry_tail(self.books, prepared_grant.bundle, facts)
        return Request(decision, key, book, at, prepared_grant, fallback, facts, head, tail, manual)

    def with_lines(self, request: Request, decision: Decision) -> Request:
        """The request with the lines of a decision that gives less, in the same accounts."""
        at = instant_text(decision.deliver_at)
        given = self._prepared_grant(decision, request.book, decision.lines, at, request.manual)
        return request._replace(decision=decision, prepared_grant=given)

    def _instant_text(self, at: datetime) -> str:
        # Decisions that fall due together share an instant.
        if at != self._last_at:
            self._last_at, self._last_text = at, instant_text(at)
        return self._last_text

    def _prepared_grant(
        self,
        decision: Decision,
        book: StepBook,
        lines: tuple[Line, ...],
        deliver_at: str,
        manual: Manual | None,
    ) -> PreparedGrant:
        # Most decisions of a batch share their lines, and comparing those takes long.
        bundle = self._bundles.get(id(lines))
        if bundle is None:
            bundle = self._bundles[id(lines)] = self.books.bundle(lines)
        charges: Charges = []
        if not decision.held_out and not decision.left:
            charges = self._charges(decision, book, bundle, manual)
            for moves in bundle.wallets:
                wallet = (moves.wallet, decision.identity.recipient)
                self.wallets[wallet] = None
                if moves.earned and moves.wallet in self.books.thresholds:
                    self.filling.add(moves.wallet)
                    self.spending[wallet] = None
                if moves.owed or moves.drained:
                    self.spending[wallet] = None
            self._spent.update(bundle.spends)
            if book.campaign.reversal is not None:
                # The same batch may take back a grant, and its units with it.
                self._spent.update(moves.wallet for moves in bundle.wallets)
        return prepared_grant(lines, bundle, charges, deliver_at)

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


def prepared_grant(
    lines: tuple[Line, ...], bundle: Bundle, charges: Charges, deliver_at: str
) -> PreparedGrant:
    """Prepare a bundle that is delivered at an instant."""
    rows: list[tuple[object, ...]] = []
    given = []
    for index, (worth, kept) in enumerate(zip(bundle.lines, bundle.kept, strict=True)):
        rows.append((index, *worth, deliver_at, kept.until, int(kept.returns)))
        before, after = kept.entry_text
        given.append(f'{before}"{deliver_at}"{after}')
    posted = sorted(
        [
            (balance.slot, f"[{balance.entry_text},{amount}]")
            for balance, amount in charges
            if amount
        ]
    )
    entry_text = f"[{','.join(given)}],[{','.join([text for _, text in posted])}]"
    return PreparedGrant(lines, bundle, charges, deliver_at, rows, entry_text)


def entry_tail(books: Books, bundle: Bundle, facts: str) -> str:
    """Return the end of an entry's text, after outcome, refusing account and fallback."""
    return f',"{bundle.content}",{books.entry_text},{quoted(facts)}]'
