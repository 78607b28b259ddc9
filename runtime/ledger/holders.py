"""The holders of balances: pools, benefits with a stock, and wallets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from .store import Store

Kind = Literal["pool", "benefit", "wallet"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A name with balances: the amount spent of its caps, or the content of its wallets.

    `caps` are its accounts by name, each with its cap in units.
    """

    kind: Kind
    name: str
    amount: int
    caps: frozenset[tuple[str, int]] = frozenset()


class Holding(Protocol):
    """The part of a ledger that lists the names of its balances."""

    def holders(self) -> tuple[Holder, ...]:
        """Every pool, benefit with a stock, and wallet that has balances."""


# Each name is one step down the index of accounts, however many periods and keys it has.
_ACCOUNTS = """
WITH RECURSIVE names (account) AS (
  SELECT min(account) FROM accounts
  UNION ALL
  SELECT (SELECT min(account) FROM accounts WHERE account > names.account) FROM names
  WHERE account IS NOT NULL
)
SELECT account FROM names WHERE account IS NOT NULL
"""
_OF_ACCOUNT = "SELECT max(declared), sum(spent) FROM accounts WHERE account = ?"
_WALLETS = "SELECT wallet, sum(balance) FROM wallets GROUP BY wallet ORDER BY wallet"


def holders(store: Store) -> tuple[Holder, ...]:
    """See `Holding.holders`."""
    spent: dict[tuple[Kind, str], int] = {}
    caps: dict[tuple[Kind, str], set[tuple[str, int]]] = {}
    for (account,) in store.ask(_ACCOUNTS):
        owner_kind, owner, name = str(account).split("/", 2)
        if owner_kind not in ("pool", "benefit"):
            continue
        kind: Kind = "pool" if owner_kind == "pool" else "benefit"
        ((cap, amount),) = store.ask(_OF_ACCOUNT, (account,))
        spent[kind, owner] = spent.get((kind, owner), 0) + int(amount)
        caps.setdefault((kind, owner), set()).add((name, int(cap)))
    accounts = (Holder(*key, spent[key], frozenset(caps[key])) for key in spent)
    wallets = (Holder("wallet", str(name), int(amount)) for name, amount in store.ask(_WALLETS))
    return (*accounts, *wallets)
