"""Wallets: how many points, or units of another kind, a customer has.

A line of a grant whose reward is its own currency (`100 points`) goes to the recipient's wallet of
that name; one below zero is a price, or what was taken, and goes out of it. The balance is kept
beside the lines, the database keeps it from going below zero, and `verify` holds the two against
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...decide.charges import MOST
from ...decide.decisions import Line
from ..contract import WalletRow
from ..store import Row, Store

Wallet = tuple[str, str]
"""The wallet's name and its owner."""

_BALANCES = "SELECT owner, wallet, sum(balance) FROM wallets"
_GROUPED = " GROUP BY owner, wallet ORDER BY owner, wallet"

_LINES_OF = (
    "SELECT reward, recipient, amount, coalesce(lost, 0)"
    " FROM grants JOIN decisions ON decisions.id = grants.decision"
    " LEFT JOIN amendments ON amendments.decision = decisions.id AND settles = line"
    " WHERE grants.decision = ? AND benefit IS NULL AND reward = currency ORDER BY line"
)
_LOTS = (
    "SELECT grants.decision, line, amount, coalesce(ended.lost, 0)"
    " FROM decisions JOIN grants ON grants.decision = decisions.id"
    " LEFT JOIN amendments AS ended ON ended.decision = decisions.id AND ended.settles = line"
    " WHERE reward = ? AND recipient = ? AND outcome = 'granted'"
    " AND benefit IS NULL AND reward = currency"
    " AND NOT EXISTS (SELECT 1 FROM amendments AS taken"
    " WHERE taken.decision = decisions.id AND taken.kind = 'reversed')"
    " ORDER BY deliver_at, grants.decision, line"
)

# What a recipient's grants will put into wallets: of those that arrive later than they were given.
_PENDING = (
    "SELECT reward, recipient, deliver_at, CAST(amount AS BIGINT) - coalesce(ended.lost, 0),"
    " decisions.id"
    " FROM decisions JOIN grants ON grants.decision = decisions.id"
    " LEFT JOIN amendments AS ended ON ended.decision = decisions.id AND ended.settles = line"
    " WHERE outcome = 'granted' AND benefit IS NULL AND reward = currency"
    " AND deliver_at > decisions.at AND deliver_at > ? AND amount NOT LIKE '-%'"
    " AND NOT EXISTS (SELECT 1 FROM amendments AS taken"
    " WHERE taken.decision = decisions.id AND taken.kind = 'reversed')"
)
_PENDING_OF = _PENDING + " AND recipient = ?"

UNEQUAL = """
SELECT wallet, owner, sum(kept), sum(got) FROM (
  SELECT wallet, owner, balance AS kept, 0 AS got FROM wallets
  UNION ALL
  SELECT reward, recipient, 0, CAST(amount AS BIGINT) - coalesce(ended.lost, 0)
  FROM grants JOIN decisions ON decisions.id = grants.decision
       LEFT JOIN amendments AS taken ON taken.decision = decisions.id AND taken.kind = 'reversed'
       LEFT JOIN amendments AS ended ON ended.decision = decisions.id AND ended.settles = line
  WHERE benefit IS NULL AND reward = currency AND taken.id IS NULL
) AS sides GROUP BY wallet, owner HAVING sum(kept) <> sum(got) ORDER BY wallet, owner
"""
"""Wallets that do not hold what their entries come to: name, owner, balance, sum of the entries."""


@dataclass(frozen=True, slots=True)
class Moves:
    """How a bundle moves one wallet, over all of its lines; no amount is below zero.

    The wallet pays what is `owed` first, out of what it has before the bundle. Then it gives up to
    `drained`, as far as that is there. What is `earned` comes in last, so it pays for nothing.
    """

    wallet: str
    earned: int
    owed: int
    drained: int

    @property
    def net(self) -> int:
        """By how much the balance changes, where all that is drained is there."""
        return self.earned - self.owed - self.drained


def in_wallets(lines: Iterable[Line]) -> tuple[Moves, ...]:
    """The moves of a bundle, one a wallet: several prices of one wallet add up."""
    sums: dict[str, list[int]] = {}
    for line in lines:
        if line.benefit is None and line.reward == line.currency:
            earned_owed_drained = sums.setdefault(line.reward, [0, 0, 0])
            kind = 0 if line.amount > 0 else 2 if line.drains else 1
            earned_owed_drained[kind] += abs(int(line.amount))
    return tuple(Moves(wallet, *amounts) for wallet, amounts in sums.items())


def owed(prices: Iterable[tuple[str, int]]) -> tuple[Moves, ...]:
    """The moves by which prices are paid: wallets and amounts."""
    sums: dict[str, int] = {}
    for wallet, amount in prices:
        sums[wallet] = sums.get(wallet, 0) + amount
    return tuple(Moves(wallet, 0, amount, 0) for wallet, amount in sums.items())


class Wallets:
    """The balances that a batch may move; `moved` is by how much it did.

    `pending`: amounts that a balance holds, with the instants from which they can be spent.
    """

    __slots__ = ("_balances", "_pending", "moved")

    def __init__(
        self, balances: Mapping[Wallet, int], pending: Iterable[tuple[Wallet, str, int]] = ()
    ) -> None:
        self._balances = dict(balances)
        self._pending: dict[Wallet, list[tuple[str, int]]] = {}
        self.moved: dict[Wallet, int] = {}
        for wallet, arrives, amount in pending:
            self._pending.setdefault(wallet, []).append((arrives, amount))

    def have_room(self, owner: str, moves: Iterable[Moves]) -> bool:
        """Whether the balances stay numbers that a store can hold."""
        return all(
            max(self._balance(owner, one.wallet) - one.owed - one.drained, 0) + one.earned <= MOST
            for one in moves
        )

    def can_pay(self, owner: str, moves: Iterable[Moves], at: str) -> bool:
        """Whether what is owed can be spent at that instant, all prices of a wallet together."""
        return all(
            one.owed == 0 or self._spendable(owner, one.wallet, at) >= one.owed for one in moves
        )

    def drained(self, owner: str, lines: Sequence[Line], at: str) -> tuple[Line, ...]:
        """The lines with what is there to be drained: what the prices and lines before leave."""
        left = {
            one.wallet: max(self._spendable(owner, one.wallet, at) - one.owed, 0)
            for one in in_wallets(lines)
        }
        return tuple(_drained(line, left) if line.drains else line for line in lines)

    def move(self, owner: str, moves: Iterable[Moves], at: str, arrives: str) -> None:
        """Puts in what is earned, spendable once it arrives; takes out what is owed or drained."""
        for one in moves:
            key = (one.wallet, owner)
            if one.earned and arrives > at:
                self._pending.setdefault(key, []).append((arrives, one.earned))
            self._balances[key] = self._balances.get(key, 0) + one.net
            self.moved[key] = self.moved.get(key, 0) + one.net

    def _spendable(self, owner: str, wallet: str, at: str) -> int:
        pending = self._pending.get((wallet, owner), ())
        waits = sum(amount for arrives, amount in pending if arrives > at)
        return self._balance(owner, wallet) - waits

    def _balance(self, owner: str, wallet: str) -> int:
        return self._balances.get((wallet, owner), 0)


def _drained(line: Line, left: dict[str, int]) -> Line:
    """The line with what is `left` of its wallet, which has that much less afterwards."""
    taken = min(-int(line.amount), left[line.reward])
    left[line.reward] -= taken
    return replace(line, amount=Decimal(-taken))


def loaded(store: Store, asked: Iterable[Wallet], spent: Iterable[Wallet], since: str) -> Wallets:
    """The balances of these wallets; one that nobody has put anything in is empty.

    Of those that are `spent` from, also what cannot be spent before some instant after `since`.
    """
    wanted = list(dict.fromkeys(asked))
    rows = store.among("wallets", wanted) if wanted else ()
    balances = {(wallet, owner): int(balance) for wallet, owner, balance in rows}
    return Wallets(balances, [one[:3] for one in _pending(store, spent, since)])


def _pending(
    store: Store, spent: Iterable[Wallet], since: str
) -> Iterator[tuple[Wallet, str, int, int]]:
    """What cannot be spent yet at `since`: wallet, from when it can, amount, decision."""
    wanted = set(spent)
    for owner in sorted({owner for _, owner in wanted}):
        for wallet, _, arrives, amount, decision in store.ask(_PENDING_OF, (since, owner)):
            if (wallet, owner) in wanted and int(amount):
                yield (wallet, owner), arrives, int(amount), int(decision)


def touched(store: Store, decision: int) -> list[Row]:
    """What a decision put into wallets, or took out of them: name, owner, amount.

    What has expired since is not counted any more.
    """
    rows = store.ask(_LINES_OF, (decision,))
    return [(wallet, owner, int(amount) - int(lost)) for wallet, owner, amount, lost in rows]


def take_back(store: Store, decision: int, at: str) -> bool:
    """Undoes what a decision did to wallets, all of it or nothing: no where it was spent since.

    What is pending at that instant pays for its own decision alone.
    """
    back: dict[Wallet, int] = {}
    for wallet, owner, amount in touched(store, decision):
        back[wallet, owner] = back.get((wallet, owner), 0) - amount
    others: dict[Wallet, int] = {}
    for key, _, amount, of in _pending(store, back, at):
        others[key] = others.get(key, 0) + (0 if of == decision else amount)
    held = {
        (wallet, owner): int(left) for wallet, owner, left in store.among("wallets", list(back))
    }
    if any(by < 0 and held.get(key, 0) - others.get(key, 0) + by < 0 for key, by in back.items()):
        return False
    store.move_wallets([(wallet, owner, by) for (wallet, owner), by in back.items()])
    return True


def left_of_lot(store: Store, wallet: str, owner: str, decision: int, line: int) -> int:
    """How much of what a line put into a wallet is still in it.

    First in, first out, by the instants at which they came: what was ever taken out was taken from
    what had been in for longest, and had not expired.
    """
    came = gone = 0
    left = 0
    for at_decision, at_line, amount, lost in store.ask(_LOTS, (wallet, owner)):
        if int(amount) < 0:
            gone -= int(amount)
            continue
        kept = int(amount) - int(lost)
        if (at_decision, at_line) == (decision, line):
            left = kept
        if not left:
            came += kept
    return max(0, min(left, came + left - gone))


def balances(store: Store, customer: str | None, at: str) -> Iterator[WalletRow]:
    """See `Ledger.balances`."""
    query, asked = (_PENDING, (at,)) if customer is None else (_PENDING_OF, (at, customer))
    pending: dict[tuple[str, str], int] = {}
    for wallet, owner, _, amount, _ in store.ask(query, asked):
        pending[owner, wallet] = pending.get((owner, wallet), 0) + int(amount)
    where, values = ("", ()) if customer is None else (" WHERE owner = ?", (customer,))
    for owner, wallet, balance in store.stream(_BALANCES + where + _GROUPED, values):
        waits = pending.get((owner, wallet), 0)
        yield WalletRow(owner, wallet, int(balance) - waits, waits)
