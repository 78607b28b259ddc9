"""Plain decisions of one step with equal lines share rows, units and texts of the chain.

Accounts without a key charge the same balance in all of these decisions. Each decision fills in
its balances by key, its instants, and the texts of its keys.
"""

from __future__ import annotations

from typing import NamedTuple

from ....compiler.plan import Period
from ...decide.charges import Slot, Tariff, key_of
from ...decide.decisions import Decision, Line, Outcome
from ..batches.balances import Balance, Cap
from ..batches.batch import Charges, entry_tail
from ..batches.books import Books, Bundle, StepBook
from ..batches.facts import NO_FACTS
from ..chain import quoted
from .plain import is_plain_bundle

_BY_CUSTOMER = ("customer",)
_NO_LABELS: dict[Period, str] = {}

Balances = dict[Slot, Balance]
"""The balances of a batch, in the order in which its decisions first name them."""


class _Keyed(NamedTuple):
    """An account with a balance for each key. `place` is its place among the charges."""

    place: int
    cap: Cap
    account: str
    period: str
    keys: tuple[str, ...]
    amount: int


class Charged:
    """The units that a bundle charges in one period of the calendar.

    `pattern` is the text of its postings, in their order. It lacks the keys of the balances at
    `named`.
    """

    __slots__ = ("_charges", "_keyed", "named", "pattern")

    def __init__(
        self,
        books: Books,
        balances: Balances,
        tariff: Tariff,
        labels: dict[Period, str],
        first: Decision,
        cost: int,
    ) -> None:
        self._charges: Charges = []
        self._keyed: list[_Keyed] = []
        posted: list[tuple[str, int, str, str]] = []
        for place, (account, period, keys, each, of_cost) in enumerate(tariff.items):
            cap, amount = books.caps[account], each + of_cost * cost
            label = "" if period is None else labels[period]
            slot = (account, label, key_of(keys, first) if keys else "")
            balance = balances.get(slot)
            if balance is None:
                balance = balances[slot] = Balance(cap, slot)
            self._charges.append((balance, amount))
            if keys:
                self._keyed.append(_Keyed(place, cap, account, label, keys, amount))
            if amount:
                name = f"[{cap.entry_text},{quoted(label)},"
                posted.append((account, place, name, f",{amount}]"))
        # Each account is charged once, so their names alone put the postings in order.
        posted.sort()
        keyed = {one.place for one in self._keyed}
        self.named = tuple(place for _, place, *_ in posted if place in keyed)
        texts = (
            f"{before}%s{after}" if place in keyed else f'{before}""{after}'
            for _, place, before, after in (map(_escaped, posted) if self.named else posted)
        )
        self.pattern = ",".join(texts)

    def charges(self, balances: Balances, decision: Decision) -> Charges:
        """Return what a decision is charged. The list is shared if no account has a key."""
        if not self._keyed:
            return self._charges
        found = self._charges.copy()
        for place, cap, account, period, keys, amount in self._keyed:
            key = decision[0][2] if keys == _BY_CUSTOMER else key_of(keys, decision)
            slot = (account, period, key)
            balance = balances.get(slot)
            if balance is None:
                balance = balances[slot] = Balance(cap, slot)
            found[place] = (balance, amount)
        return found

    def posted(self, charges: Charges) -> str:
        """Return the text of the postings of a grant."""
        if not self.named:
            return self.pattern
        return self.pattern % tuple([quoted(charges[at][0].slot[2]) for at in self.named])


def _escaped(posted: tuple[str, int, str, str]) -> tuple[str, int, str, str]:
    account, place, before, after = posted
    return account, place, before.replace("%", "%%"), after


class Template:
    """The plain decisions of one step that give the same bundle, paid by the same share.

    `given` are the texts between the instants of delivery in the lines of an entry. `tail` is the
    end of an entry without facts, and `before_facts` that of one with facts.
    """

    __slots__ = (
        "_books",
        "_by_labels",
        "_charged",
        "_tariff",
        "before_facts",
        "book",
        "bundle",
        "given",
        "is_plain",
        "offers",
        "outcome",
        "tail",
        "tells",
        "waits",
        "wallets",
        "worth",
    )

    def __init__(
        self,
        books: Books,
        book: StepBook,
        lines: tuple[Line, ...],
        bundle: Bundle,
        share: int | None,
    ) -> None:
        self._books = books
        self.book = book
        self.bundle = bundle
        self.is_plain = is_plain_bundle(books, bundle)
        self._tariff = books.tariff(book, share, bundle)
        self._charged: Charged | None = None
        self._by_labels: dict[int, Charged] = {}
        self.offers = any(line.choice is not None for line in lines)
        self.wallets = tuple(moves.wallet for moves in bundle.wallets)
        self.waits = book.campaign.when_exhausted.action == "waitlist"
        self.tells = bool(book.step.messages) or books.tells_rewards or books.tells_alerts
        self.outcome: Outcome = "reached" if book.step.gives_nothing else "granted"
        self.tail = entry_tail(books, bundle, NO_FACTS)
        self.before_facts = f',"{bundle.content}",{books.entry_text},'
        self.worth = [
            (index, *worth, kept.until, int(kept.returns), kept.settled)
            for index, (worth, kept) in enumerate(zip(bundle.lines, bundle.kept, strict=True))
        ]
        pieces = ["["]
        for n, kept in enumerate(bundle.kept):
            before, after = kept.entry_text
            pieces[-1] += f"{',' if n else ''}{before}"
            pieces.append(after)
        pieces[-1] += "]"
        self.given = tuple(pieces)

    def charged(self, balances: Balances, decision: Decision) -> Charged:
        """Return the units that a decision charges at its instant."""
        if not self._tariff.periodic:
            if self._charged is None:
                self._charged = self._new(balances, decision, _NO_LABELS)
            return self._charged
        labels = self._books.charging.labels(decision.at)
        # The calendar keeps its labels, so their addresses name them.
        found = self._by_labels.get(id(labels))
        if found is None:
            found = self._by_labels[id(labels)] = self._new(balances, decision, labels)
        return found

    def _new(self, balances: Balances, first: Decision, labels: dict[Period, str]) -> Charged:
        return Charged(self._books, balances, self._tariff, labels, first, self.bundle.cost)
