"""Wallets: the points, or other units, that a customer has.

A grant's line whose reward equals its currency (`100 points`) moves the recipient's wallet of that
name. A negative amount is a price, or a deduction. Balances are stored next to the lines. The
database keeps them from becoming negative, and `verify` compares them with the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...decide.charges import MOST
from ...decide.decisions import Line
from ..holders import WalletRow
from ..store import Row, Store

Wallet = tuple[str, str]
"""The wallet's name and its owner."""

_BALANCES = "SELECT owner, wallet, sum(balance) FROM wallets"
_GROUPED = " GROUP BY owner, wallet ORDER BY owner, wallet"

_REDUCED = (
    "coalesce((SELECT sum(units) FROM reductions WHERE reductions.decision = grants.decision"
    " AND reductions.line = grants.line), 0)"
)
"""The units of a line that events have taken back."""

_LINES_OF = (
    f"SELECT reward, recipient, amount, coalesce(lost, 0) + {_REDUCED}"  # noqa: S608  (our own words)
    " FROM grants JOIN decisions ON decisions.id = grants.decision"
    " LEFT JOIN amendments ON amendments.decision = decisions.id AND settles = line"
    " WHERE grants.decision = ? AND benefit IS NULL AND reward = currency ORDER BY line"
)
_LOTS = (
    f"SELECT grants.decision, line, amount, coalesce(ended.lost, 0) + {_REDUCED}"  # noqa: S608
    " FROM decisions JOIN grants ON grants.decision = decisions.id"
    " LEFT JOIN amendments AS ended ON ended.decision = decisions.id AND ended.settles = line"
    " WHERE reward = ? AND recipient = ? AND outcome = 'granted'"
    " AND benefit IS NULL AND reward = currency"
    " AND NOT EXISTS (SELECT 1 FROM amendments AS taken"
    " WHERE taken.decision = decisions.id AND taken.kind = 'reversed')"
    " ORDER BY deliver_at, grants.decision, line"
)

# Amounts that a recipient's grants deposit later than at their decision.
_PENDING = (
    "SELECT reward, recipient, deliver_at,"  # noqa: S608  (our own words)
    f" CAST(amount AS BIGINT) - coalesce(ended.lost, 0) - {_REDUCED},"
    " decisions.id"
    " FROM decisions JOIN grants ON grants.decision = decisions.id"
    " LEFT JOIN amendments AS ended ON ended.decision = decisions.id AND ended.settles = line"
    " WHERE outcome = 'granted' AND benefit IS NULL AND reward = currency"
    " AND deliver_at > decisions.at AND deliver_at > ? AND amount NOT LIKE '-%'"
    " AND NOT EXISTS (SELECT 1 FROM amendments AS taken"
    " WHERE taken.decision = decisions.id AND taken.kind = 'reversed')"
)
_PENDING_OF = _PENDING + " AND recipient = ?"

MOVED = f"""
SELECT reward, recipient, CASE WHEN taken.id IS NULL
       THEN CAST(amount AS BIGINT) - coalesce(ended.lost, 0) - {_REDUCED} ELSE 0 END
FROM grants JOIN decisions ON decisions.id = grants.decision
     LEFT JOIN amendments AS taken ON taken.decision = decisions.id AND taken.kind = 'reversed'
     LEFT JOIN amendments AS ended ON ended.decision = decisions.id AND ended.settles = line
WHERE benefit IS NULL AND reward = currency
"""  # noqa: S608  (our own words)
"""The moves of lines: wallet, owner, amount; 0 if it was taken back."""

UNEQUAL = f"""
SELECT wallet, owner, sum(kept), sum(got) FROM (
  SELECT wallet, owner, balance AS kept, 0 AS got FROM wallets
  UNION ALL
  SELECT reward, recipient, 0, CAST(amount AS BIGINT) - coalesce(ended.lost, 0) - {_REDUCED}
  FROM grants JOIN decisions ON decisions.id = grants.decision
       LEFT JOIN amendments AS taken ON taken.decision = decisions.id AND taken.kind = 'reversed'
       LEFT JOIN amendments AS ended ON ended.decision = decisions.id AND ended.settles = line
  WHERE benefit IS NULL AND reward = currency AND taken.id IS NULL
) AS sides GROUP BY wallet, owner HAVING sum(kept) <> sum(got) ORDER BY wallet, owner
"""  # noqa: S608  (our own words)
"""Wallets whose balance differs from their entries: name, owner, balance, sum of entries."""


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves of one wallet by a bundle, over all of its lines; all amounts are positive or 0.

    First the wallet pays what is `owed`, from its balance before the bundle. Then it pays up to
    `drained`, as far as possible. `earned` is added last, so the bundle cannot be paid with it.
    """

    wallet: str
    earned: int
    owed: int
    drained: int

    @property
    def net(self) -> int:
        """The change of the balance, if everything can be drained."""
        return self.earned - self.owed - self.drained


def in_wallets(lines: Iterable[Line]) -> tuple[Moves, ...]:
    """Return the moves of a bundle, one for each wallet; several prices are added up."""
    sums: dict[str, list[int]] = {}
    for line in lines:
        if line.benefit is None and line.reward == line.currency:
            earned_owed_drained = sums.setdefault(line.reward, [0, 0, 0])
            kind = 0 if line.amount > 0 else 2 if line.drains else 1
            earned_owed_drained[kind] += abs(int(line.amount))
    return tuple(Moves(wallet, *amounts) for wallet, amounts in sums.items())


def owed(prices: Iterable[tuple[str, int]]) -> tuple[Moves, ...]:
    """Return the moves that pay these prices."""
    sums: dict[str, int] = {}
    for wallet, amount in prices:
        sums[wallet] = sums.get(wallet, 0) + amount
    return tuple(Moves(wallet, 0, amount, 0) for wallet, amount in sums.items())


class Wallets:
    """The balances that a batch may move. `moved` has the changes so far.

    `pending` amounts are part of a balance, but can be spent only from an instant on.
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
        """Whether the balances stay within a store's integers."""
        return all(
            max(self._balance(owner, one.wallet) - one.owed - one.drained, 0) + one.earned <= MOST
            for one in moves
        )

    def can_pay(self, owner: str, moves: Iterable[Moves], at: str) -> bool:
        """Whether what is owed can be spent at an instant, all prices of a wallet together."""
        return all(
            one.owed == 0 or self.spendable(owner, one.wallet, at) >= one.owed for one in moves
        )

    def drained(self, owner: str, lines: Sequence[Line], at: str) -> tuple[Line, ...]:
        """Return the lines with the amounts that prices and earlier lines leave to drain."""
        left = {
            one.wallet: max(self.spendable(owner, one.wallet, at) - one.owed, 0)
            for one in in_wallets(lines)
        }
        return tuple(_drained(line, left) if line.drains else line for line in lines)

    def earn(self, owner: str, moves: Iterable[Moves], at: str, arrives: str) -> bool:
        """Add what is earned, where nothing is owed or drained; `False` without room for all."""
        balances, moved = self._balances, self.moved
        for one in moves:
            if balances.get((one.wallet, owner), 0) + one.earned > MOST:
                return False
        for one in moves:
            key, earned = (one.wallet, owner), one.earned
            if earned and arrives > at:
                self._pending.setdefault(key, []).append((arrives, earned))
            balances[key] = balances.get(key, 0) + earned
            moved[key] = moved.get(key, 0) + earned
        return True

    def move(self, owner: str, moves: Iterable[Moves], at: str, arrives: str) -> None:
        """Add what is earned, to be spent after delivery; subtract what is owed or drained."""
        for one in moves:
            key = (one.wallet, owner)
            if one.earned and arrives > at:
                self._pending.setdefault(key, []).append((arrives, one.earned))
            self._balances[key] = self._balances.get(key, 0) + one.net
            self.moved[key] = self.moved.get(key, 0) + one.net

    def spendable(self, owner: str, wallet: str, at: str) -> int:
        """Return the units that can be spent at an instant."""
        pending = self._pending.get((wallet, owner), ())
        waits = sum(amount for arrives, amount in pending if arrives > at)
        return self._balance(owner, wallet) - waits

    def _balance(self, owner: str, wallet: str) -> int:
        return self._balances.get((wallet, owner), 0)


def _drained(line: Line, left: dict[str, int]) -> Line:
    """Return the line limited to what is `left`, and subtract it there."""
    taken = min(-int(line.amount), left[line.reward])
    left[line.reward] -= taken
    return replace(line, amount=Decimal(-taken))


def loaded(store: Store, asked: Iterable[Wallet], spent: Iterable[Wallet], since: str) -> Wallets:
    """Load the balances of these wallets; a wallet without a row is empty.

    For those in `spent`, load pending amounts too: those that arrive after `since`.
    """
    wanted = list(dict.fromkeys(asked))
    rows = store.among("wallets", wanted) if wanted else ()
    balances = {(wallet, owner): int(balance) for wallet, owner, balance in rows}
    return Wallets(balances, [one[:3] for one in _pending(store, spent, since)])


def _pending(
    store: Store, spent: Iterable[Wallet], since: str
) -> Iterator[tuple[Wallet, str, int, int]]:
    """Yield amounts that cannot be spent at `since`: wallet, arrival, amount, decision."""
    wanted = set(spent)
    for owner in sorted({owner for _, owner in wanted}):
        for wallet, _, arrives, amount, decision in store.ask(_PENDING_OF, (since, owner)):
            if (wallet, owner) in wanted and int(amount):
                yield (wallet, owner), arrives, int(amount), int(decision)


def touched(store: Store, decision: int) -> list[Row]:
    """Return a decision's moves of wallets: name, owner, amount.

    The amount is without what expired or was taken back.
    """
    rows = store.ask(_LINES_OF, (decision,))
    return [(wallet, owner, int(amount) - int(lost)) for wallet, owner, amount, lost in rows]


def take_back(store: Store, decision: int, at: str) -> bool:
    """Undo a decision's moves of wallets; return `False`, and change nothing, if they were spent.

    Amounts that are pending at that instant may cover only their own decision.
    """
    back: dict[Wallet, int] = {}
    for wallet, owner, amount in touched(store, decision):
        back[wallet, owner] = back.get((wallet, owner), 0) - amount
    others = kept_for_others(store, back, decision, at)
    held = {
        (wallet, owner): int(left) for wallet, owner, left in store.among("wallets", list(back))
    }
    if any(by < 0 and held.get(key, 0) - others.get(key, 0) + by < 0 for key, by in back.items()):
        return False
    store.move_wallets([(wallet, owner, by) for (wallet, owner), by in back.items()])
    return True


def kept_for_others(
    store: Store, wallets: Iterable[Wallet], decision: int, at: str
) -> dict[Wallet, int]:
    """Return the amounts that are pending at an instant, without those of one decision."""
    others: dict[Wallet, int] = {}
    for key, _, amount, of in _pending(store, wallets, at):
        others[key] = others.get(key, 0) + (0 if of == decision else amount)
    return others


def left_of_lot(store: Store, wallet: str, owner: str, decision: int, line: int) -> int:
    """Return how many units of a line are still in its wallet.

    First in, first out: spent units are taken from the oldest lot that had not expired.
    """
    came = gone = 0
    left = 0
    for at_decision, at_line, amount, lost in store.ask(_LOTS, (wallet, owner)):
        kept = int(amount) - int(lost)
        if int(amount) < 0:
            gone -= kept
            continue
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
