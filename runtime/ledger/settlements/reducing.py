"""Take back a grant, or a part of each of its lines: an entry, and the balances that it moves.

Lines are counted in units: of a wallet, or of the smallest unit of a currency. A benefit is one
unit. Units have the line's sign: a price that was paid comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, NamedTuple

from ....compiler.plan import CASH, CHOICE
from ....compiler.plan.types import to_minor
from ...kept import kept_number
from ..batches.entries import WHOLE
from ..batches.wallets import Wallet, kept_for_others
from ..chain import Chain
from ..store import Row, Store
from ..units.codes import release
from .settling import Charged, Moved, charged, give_back

REVERSED = "reversed"
"""The reason for which outbox rows of a reversed grant are suppressed."""

FIRST = -2
"""`settles` of the first reduction of a grant; the others count down from it."""

Taken = Literal["reversed", "partly_reversed", "already_reversed", "nothing_due"]

_LINES = (
    "SELECT line, reward, benefit, amount, currency, cost, ended.kind, coalesce(ended.lost, 0),"
    " coalesce((SELECT sum(units) FROM reductions WHERE reductions.decision = grants.decision"
    " AND reductions.line = grants.line), 0),"
    " coalesce((SELECT sum(reductions.cost) FROM reductions"
    " WHERE reductions.decision = grants.decision AND reductions.line = grants.line), 0)"
    " FROM grants LEFT JOIN amendments AS ended ON ended.decision = grants.decision"
    " AND ended.settles = line WHERE grants.decision = ? ORDER BY line"
)
_REVERSED = "SELECT 1 FROM amendments WHERE decision = ? AND kind = 'reversed'"
_COUNT = "SELECT count(*) FROM amendments WHERE decision = ? AND kind = 'reduced'"
_RECIPIENT = "SELECT recipient FROM decisions WHERE id = ?"
_STOP = (
    "UPDATE outbox SET state = 'suppressed', reason = ? WHERE decision = ?"
    " AND state IN ('waiting', 'dead')"
)


class Cause(NamedTuple):
    """The cause of an entry: its instant, its reason, and the id and digest of the plan."""

    at: str
    reason: str
    plan: tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a grant. `before` and `cost_before` were taken earlier, `take` is taken now.

    `wanted`: the units that should be taken now; `units` are all that it had.
    """

    line: int
    reward: str
    benefit: str | None
    currency: str
    cost: int
    units: int
    is_redeemed: bool
    before: int
    cost_before: int
    wanted: int = 0
    take: int = 0

    @property
    def in_wallet(self) -> bool:
        """Whether it moves a wallet."""
        return self.benefit is None and self.reward == self.currency

    @property
    def left(self) -> int:
        """The units that stay with the recipient."""
        return self.units - self.before - self.take

    @property
    def cost_back(self) -> int:
        """The part of its cost that goes back now, rounded down in all."""
        taken = self.before + self.take
        return 0 if not taken else self.cost * taken // self.units - self.cost_before


def stop(store: Store, decision: int) -> None:
    """Take the codes of a grant back, and suppress its outbox rows that wait."""
    release(store, decision)
    store.change(_STOP, [(REVERSED, decision)])


def take_part(store: Store, chain: Chain, decision: int, ratio: Fraction, cause: Cause) -> Taken:
    """Take back as much of each line as the ratio says in all, less what was taken before.

    What the recipient has spent or used stays with them: then it is `partly_reversed`. The entry
    is `reversed` once nothing is left.
    """
    if store.ask(_REVERSED, (decision,)):
        return "already_reversed"
    lines = [_wanted(one, ratio) for one in _lines(store, decision)]
    lines = _as_far_as_there(store, decision, lines, cause.at)
    missing = any(one.take != one.wanted for one in lines)
    moves = _moves(store, decision, lines)
    if ratio == 1 and all(one.left == 0 for one in lines):
        _reverse(store, chain, decision, cause)
    elif any(one.take for one in lines):
        _reduce(store, chain, decision, lines, cause)
    else:
        return "partly_reversed" if missing else "nothing_due"
    store.move_wallets(moves)
    return "partly_reversed" if missing else "reversed"


# --- how much -----------------------------------------------------------------------------------


def _lines(store: Store, decision: int) -> Iterator[_Line]:
    for line, reward, benefit, amount, currency, cost, ended, lost, before, back in store.ask(
        _LINES, (decision,)
    ):
        units = _units(reward, benefit, amount, currency)
        if ended in ("claimed", "lapsed") or (ended == "expired" and not lost):
            units = int(before)
        units -= int(lost)
        used = ended == "redeemed"
        yield _Line(line, reward, benefit, currency, int(cost), units, used, int(before), int(back))


def _units(reward: str, benefit: str | None, amount: str, currency: str) -> int:
    if benefit is not None or (reward == CHOICE != currency):
        return 1
    if reward == CASH != currency:
        return to_minor(kept_number(amount), currency)
    return int(kept_number(amount))


def _wanted(one: _Line, ratio: Fraction) -> _Line:
    """Return the line with the units to take: rounded down in all, and never given again."""
    sign = -1 if one.units < 0 else 1
    goal = int(abs(one.units) * ratio)
    wanted = sign * max(goal - abs(one.before), 0)
    return replace(one, wanted=wanted, take=0 if one.is_redeemed else wanted)


def _as_far_as_there(store: Store, decision: int, lines: Sequence[_Line], at: str) -> list[_Line]:
    """Return the lines without what was spent from their wallets."""
    room = _spendable(store, decision, lines, at)
    found = []
    for one in lines:
        there = one.take
        if one.in_wallet and one.take > 0:
            there = max(min(one.take, room[one.reward]), 0)
            room[one.reward] -= there
        found.append(replace(one, take=there))
    return found


def _spendable(store: Store, decision: int, lines: Sequence[_Line], at: str) -> dict[str, int]:
    """Return what each wallet has to take from, with what comes back into it."""
    owner = _recipient(store, decision)
    names = sorted({one.reward for one in lines if one.in_wallet and one.take})
    wallets: list[Wallet] = [(name, owner) for name in names]
    held = {name: int(left) for name, _, left in store.among("wallets", wallets)}
    pending = kept_for_others(store, wallets, decision, at)
    back = dict.fromkeys(names, 0)
    for one in lines:
        if one.in_wallet and one.take < 0:
            back[one.reward] -= one.take
    return {name: held.get(name, 0) - pending.get((name, owner), 0) + back[name] for name in names}


def _recipient(store: Store, decision: int) -> str:
    ((recipient,),) = store.ask(_RECIPIENT, (decision,))
    return str(recipient)


def _moves(store: Store, decision: int, lines: Iterable[_Line]) -> list[Row]:
    owner, moves = _recipient(store, decision), dict[str, int]()
    for one in lines:
        if one.in_wallet:
            moves[one.reward] = moves.get(one.reward, 0) - one.take
    return [(wallet, owner, by) for wallet, by in sorted(moves.items()) if by]


# --- the entries --------------------------------------------------------------------------------


def _reverse(store: Store, chain: Chain, decision: int, cause: Cause) -> None:
    """Write the entry that takes back all that is left."""
    give_back(store, [(one.number, one.amount) for one in charged(store, decision)])
    stop(store, decision)
    entry, (plan, digest) = chain.next, cause.plan
    told = (decision, "reversed", cause.at, cause.reason)
    previous = chain.link((*told, digest))
    store.add("amendments", [(entry, *told, plan, previous, WHOLE, 0)])


def _reduce(
    store: Store, chain: Chain, decision: int, lines: Sequence[_Line], cause: Cause
) -> None:
    """Write the entry that takes back a part."""
    moved = list(_given_back(charged(store, decision), lines))
    give_back(store, [(one.number, -one.amount) for one in moved])
    ((count,),) = store.ask(_COUNT, (decision,))
    entry, (plan, digest), settles = chain.next, cause.plan, FIRST - int(count)
    told = (decision, "reduced", cause.at, cause.reason)
    taken = [(one.line, one.take, one.cost_back) for one in lines if one.take]
    posted = [(*one[1:4], one.amount) for one in moved]
    previous = chain.link((*told, digest, settles, 0), taken, posted)
    store.add("amendments", [(entry, *told, plan, previous, settles, 0)])
    rows = [(entry, decision, line, units, cost) for line, units, cost in taken]
    store.add("reductions", rows)
    for one in lines:
        if one.benefit is not None and one.take:
            release(store, decision, one.line)
    store.add("settlements", [(entry, one.number, one.amount) for one in moved])


def _given_back(balances: Iterable[Charged], lines: Sequence[_Line]) -> Iterator[Moved]:
    """Yield what budgets get back of the cost, and stocks of the benefits that were taken."""
    cost = sum(one.cost_back for one in lines)
    for one in balances:
        if one.measure == "money":
            back = cost
        elif one.benefit is None:
            back = 0
        else:
            back = sum(line.benefit == one.benefit and line.take == 1 for line in lines)
        if back:
            yield Moved(*one[:4], -back)
