"""Settlements of a grant's lines: an entry for each, and the balances that it moves.

`claimed` and `lapsed` settle an offer, `redeemed` and `expired` a reward. The database ensures that
a line is settled once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from ..chain import Chain, Line
from ..store import Row, Store

Settled = Literal["claimed", "lapsed", "redeemed", "expired"]

RETURNED = "returned"
FORFEITED = "forfeited"

_CHARGED = """
SELECT accounts.id, accounts.account, period, key, measure, benefit, sum(moved.amount) FROM (
  SELECT account, amount FROM postings WHERE decision = ?
  UNION ALL
  SELECT settlements.account, settlements.amount
  FROM amendments JOIN settlements ON entry = amendments.id WHERE decision = ?
) AS moved JOIN accounts ON accounts.id = moved.account
GROUP BY accounts.id, accounts.account, period, key, measure, benefit ORDER BY accounts.id
"""
_GIVE_BACK = "UPDATE accounts SET spent = spent - ?, exhausted = 0 WHERE id = ?"
_NOT_SETTLED = """
SELECT grants.line FROM grants WHERE decision = ? AND NOT EXISTS (
  SELECT 1 FROM amendments WHERE amendments.decision = grants.decision
  AND settles = grants.line AND kind IN ('claimed', 'lapsed', 'expired'))
AND NOT EXISTS (SELECT 1 FROM reductions WHERE reductions.decision = grants.decision
  AND reductions.line = grants.line AND benefit IS NOT NULL)
"""


class Unheld(Exception):  # noqa: N818  (a way back, not a fault)
    """More must be locked, since a grant came in between. The transaction is retried."""

    def __init__(self, names: set[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = names


class Charged(NamedTuple):
    """The current charge of a grant to a balance. `benefit` is set for a stock."""

    number: int
    account: str
    period: str
    key: str
    measure: Literal["money", "grants"]
    benefit: str | None
    amount: int


class Entry(NamedTuple):
    """A settled line. `lost` is the number of units that leave a wallet."""

    decision: int
    kind: Settled
    at: str
    reason: str
    line: int
    lost: int = 0


class Moved(NamedTuple):
    """The change of a balance by an entry: positive charges it, negative gives back."""

    number: int
    account: str
    period: str
    key: str
    amount: int


def charged(store: Store, decision: int) -> list[Charged]:
    """Return the charges of a grant, less what settlements of its lines gave back."""
    rows = store.ask(_CHARGED, (decision, decision))
    return [Charged._make((*rest, int(amount))) for *rest, amount in rows if amount]


def give_back(store: Store, back: Iterable[tuple[int, int]]) -> None:
    """Give amounts back to balances by number, which reopens them."""
    store.change(_GIVE_BACK, [(amount, number) for number, amount in back])


def returned(balances: Iterable[Charged], cost: int, benefit: str | None) -> list[Moved]:
    """Return what one line of a grant gives back: its cost, and 1 of its benefit's stock."""
    moved = []
    for one in balances:
        back = cost if one.measure == "money" else int(one.benefit is not None)
        if one.benefit is not None and one.benefit != benefit:
            back = 0
        if back:
            moved.append(Moved(*one[:4], -back))
    return moved


def all_of(balances: Iterable[Charged]) -> list[Moved]:
    """Return all charges of a grant, to be given back."""
    return [Moved(*one[:4], -one.amount) for one in balances]


def others_left(store: Store, decision: int, line: int) -> bool:
    """Whether another line of the grant is not settled."""
    return any(row[0] != line for row in store.ask(_NOT_SETTLED, (decision,)))


def enter(
    store: Store,
    chain: Chain,
    entry: Entry,
    moved: Sequence[Moved] = (),
    lines: Sequence[Line] = (),
    plan: tuple[int, str] | None = None,
) -> None:
    """Write the entry into the chain. `plan` is the id and digest of its plan."""
    number, digest = (None, None) if plan is None else plan
    id_ = chain.next
    told = (*entry[:4], digest, *entry[4:])
    previous = chain.link(told, lines, [(*one[1:4], one.amount) for one in moved])
    row: Row = (id_, *entry[:4], number, previous, *entry[4:])
    store.add("amendments", [row])
    store.add("settlements", [(id_, one.number, one.amount) for one in moved])
