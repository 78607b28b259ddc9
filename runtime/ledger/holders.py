"""The holders of balances: pools, benefits with a stock, and wallets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, Protocol

from ..decide.journeys.inside import Inside, KeptStep
from .instants import instant
from .store import KEPT_STEPS, Row, Store

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


@dataclass(frozen=True, slots=True)
class WalletRow:
    """A customer's wallet, in whole units.

    `balance` can be spent. `pending` was granted, and is delivered later.
    """

    customer: str
    wallet: str
    balance: int
    pending: int


class Holding(Protocol):
    """The part of a ledger that lists the names of its balances, and who is inside of journeys."""

    def holders(self) -> tuple[Holder, ...]:
        """Every pool, benefit with a stock, and wallet that has balances."""

    def inside(self, campaign: str | None = None, customer: str | None = None) -> Iterator[Inside]:
        """Every instance of a journey (of the campaign, of the customer), with its kept steps."""

    def inside_of(self, keys: Collection[tuple[str, str]]) -> Iterator[Inside]:
        """Every instance of these (campaign, customer), with its kept steps."""


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
_INSIDE = (
    f"{KEPT_STEPS} FROM journeys JOIN decisions ON decisions.id = journeys.decision"
    " WHERE (? = '' OR journeys.campaign = ?) AND (? = '' OR journeys.customer = ?)"
    " ORDER BY journeys.campaign, journeys.customer, journeys.occurrence, decisions.at,"
    " decisions.id"
)
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


def inside(
    store: Store, campaign: str | None = None, customer: str | None = None
) -> Iterator[Inside]:
    """See `Holding.inside`."""
    asked = (campaign or "", campaign or "", customer or "", customer or "")
    yield from _instances(store.stream(_INSIDE, asked))


def inside_of(store: Store, keys: Collection[tuple[str, str]]) -> Iterator[Inside]:
    """See `Holding.inside_of`."""
    rows = store.among("journeys", sorted(keys)) if keys else ()
    yield from _instances(sorted(rows, key=lambda row: row[:3]))


def _instances(rows: Iterable[Row]) -> Iterator[Inside]:
    for (name, who, occurrence), some in groupby(rows, lambda row: row[:3]):
        steps = {
            step: KeptStep(instant(at), outcome, account, taken_back=bool(back))
            for *_, step, at, outcome, account, back in some
        }
        yield Inside(name, who, occurrence, steps)


class StoredHolding:
    """`Holding` of an open store."""

    _store: Store

    def holders(self) -> tuple[Holder, ...]:
        """See `Holding.holders`."""
        return holders(self._store)

    def inside(self, campaign: str | None = None, customer: str | None = None) -> Iterator[Inside]:
        """See `Holding.inside`."""
        yield from inside(self._store, campaign, customer)

    def inside_of(self, keys: Collection[tuple[str, str]]) -> Iterator[Inside]:
        """See `Holding.inside_of`."""
        yield from inside_of(self._store, keys)
