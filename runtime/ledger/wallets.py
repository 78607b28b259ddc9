"""Wallets: how many points, or units of another kind, a customer has.

A line of a grant whose reward is its own currency (`100 points`) goes to the recipient's wallet of
that name; one below zero is a price, or what was taken, and goes out of it. The balance is kept
beside the lines, the database keeps it from going below zero, and `verify` holds the two against
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..charging import MOST
from .contract import WalletRow
from .store import Row, Store

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
    " ORDER BY decisions.at, grants.decision, line"
)

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


def in_wallets(
    lines: Iterable[tuple[str, str | None, str, str, int]],
) -> tuple[tuple[str, int], ...]:
    """Of a bundle's lines as the ledger keeps them: how much goes to the wallet of which name."""
    return tuple(
        (reward, int(amount))
        for reward, benefit, amount, unit, _ in lines
        if benefit is None and reward == unit
    )


class Wallets:
    """The balances that a batch may move; `moved` is by how much it did."""

    __slots__ = ("_balances", "moved")

    def __init__(self, balances: Mapping[Wallet, int]) -> None:
        self._balances = dict(balances)
        self.moved: dict[Wallet, int] = {}

    def have_room(self, owner: str, amounts: Iterable[tuple[str, int]]) -> bool:
        """Whether the balances stay numbers that a store can hold."""
        return all(
            self._balances.get((wallet, owner), 0) + amount <= MOST for wallet, amount in amounts
        )

    def can_pay(self, owner: str, amounts: Iterable[tuple[str, int]]) -> bool:
        """Whether what goes out of them is there."""
        return all(
            amount >= 0 or self._balances.get((wallet, owner), 0) + amount >= 0
            for wallet, amount in amounts
        )

    def there(self, owner: str, wallet: str, amount: int) -> int:
        """Of what is to be taken out (below zero), as much as there is."""
        return max(amount, -self._balances.get((wallet, owner), 0))

    def move(self, owner: str, amounts: Iterable[tuple[str, int]]) -> None:
        """Puts these in, or takes them out."""
        for wallet, amount in amounts:
            key = (wallet, owner)
            self._balances[key] = self._balances.get(key, 0) + amount
            self.moved[key] = self.moved.get(key, 0) + amount


def loaded(store: Store, asked: Iterable[Wallet]) -> Wallets:
    """The balances of these wallets; one that nobody has put anything in is empty."""
    wanted = list(dict.fromkeys(asked))
    rows = store.among("wallets", wanted) if wanted else ()
    return Wallets({(wallet, owner): int(balance) for wallet, owner, balance in rows})


def touched(store: Store, decision: int) -> list[Row]:
    """What a decision put into wallets, or took out of them: name, owner, amount.

    What has expired since is not counted any more.
    """
    rows = store.ask(_LINES_OF, (decision,))
    return [(wallet, owner, int(amount) - int(lost)) for wallet, owner, amount, lost in rows]


def take_back(store: Store, decision: int) -> bool:
    """Undoes what a decision did to wallets, all of it or nothing: no where it was spent since."""
    back: dict[Wallet, int] = {}
    for wallet, owner, amount in touched(store, decision):
        back[wallet, owner] = back.get((wallet, owner), 0) - amount
    held = loaded(store, back)
    if not all(held.can_pay(owner, [(wallet, by)]) for (wallet, owner), by in back.items()):
        return False
    store.move_wallets([(wallet, owner, by) for (wallet, owner), by in back.items()])
    return True


def left_of_lot(store: Store, wallet: str, owner: str, decision: int, line: int) -> int:
    """How much of what a line put into a wallet is still in it.

    First in, first out, by the instants of the decisions: what was ever taken out was taken from
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


def balances(store: Store, customer: str | None) -> Iterator[WalletRow]:
    """See `Ledger.balances`."""
    where, values = ("", ()) if customer is None else (" WHERE owner = ?", (customer,))
    for owner, wallet, balance in store.stream(_BALANCES + where + _GROUPED, values):
        yield WalletRow(owner, wallet, int(balance))
