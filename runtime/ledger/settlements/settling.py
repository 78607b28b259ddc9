"""What becomes of the lines of a grant later, line by line: an entry each, and what moves by it.

`claimed` and `lapsed` settle an offer, `redeemed` and `expired` what was given. A line is settled
once: the database sees to it.
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
"""


class Charged(NamedTuple):
    """How much of a balance a grant takes by now; `benefit`: of whose stock it is, if of one."""

    number: int
    account: str
    period: str
    key: str
    measure: Literal["money", "grants"]
    benefit: str | None
    amount: int


class Entry(NamedTuple):
    """A line settled: `lost` is what a wallet loses by it."""

    decision: int
    kind: Settled
    at: str
    reason: str
    line: int
    lost: int = 0


class Moved(NamedTuple):
    """By how much an entry moves a balance: above zero takes more, below gives back."""

    number: int
    account: str
    period: str
    key: str
    amount: int


def charged(store: Store, decision: int) -> list[Charged]:
    """What the grant has been charged, less what settling its lines has given back."""
    rows = store.ask(_CHARGED, (decision, decision))
    return [Charged._make((*rest, int(amount))) for *rest, amount in rows if amount]


def give_back(store: Store, back: Iterable[tuple[int, int]]) -> None:
    """Balances by number, and how much each gets back: they are open again."""
    store.change(_GIVE_BACK, [(amount, number) for number, amount in back])


def returned(balances: Iterable[Charged], cost: int, benefit: str | None) -> list[Moved]:
    """What one line of a grant gives back: its cost, and the one of its benefit's stock."""
    moved = []
    for one in balances:
        back = cost if one.measure == "money" else int(one.benefit is not None)
        if one.benefit is not None and one.benefit != benefit:
            back = 0
        if back:
            moved.append(Moved(*one[:4], -back))
    return moved


def all_of(balances: Iterable[Charged]) -> list[Moved]:
    """Everything that a grant still takes, given back."""
    return [Moved(*one[:4], -one.amount) for one in balances]


def others_left(store: Store, decision: int, line: int) -> bool:
    """Whether anything else of the grant is still there."""
    return any(row[0] != line for row in store.ask(_NOT_SETTLED, (decision,)))


def enter(
    store: Store,
    chain: Chain,
    entry: Entry,
    moved: Sequence[Moved] = (),
    lines: Sequence[Line] = (),
    plan: tuple[int, str] | None = None,
) -> None:
    """Writes the entry into the chain. `plan`: number and digest of the plan it was made under."""
    number, digest = (None, None) if plan is None else plan
    id_ = chain.next
    told = (*entry[:4], digest, *entry[4:])
    previous = chain.link(told, lines, [(*one[1:4], one.amount) for one in moved])
    row: Row = (id_, *entry[:4], number, previous, *entry[4:])
    store.add("amendments", [row])
    store.add("settlements", [(id_, one.number, one.amount) for one in moved])
