"""Balances at the turn of a decision, from the lines of the wallet.

The tables hold one balance for each wallet, of now. A decision asks for that of its own instant,
so that a late event, a run in pieces and an explanation see the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ....compiler.plan.steps import StepKey
from ...decide.past_grants import Turn, WalletMove
from ..instants import instant, instant_text
from ..store import Row, Store

# Lines that were reversed are left out, and so is what was taken back of others: to a condition
# they never were.
_LINES = """
SELECT recipient, reward, campaign, step, occurrence,
       CAST(amount AS BIGINT) - coalesce((SELECT sum(units) FROM reductions
         WHERE reductions.decision = grants.decision AND reductions.line = grants.line), 0),
       deliver_at, expires_at,
       coalesce(claimed.at, served.at, decisions.at),
       CASE WHEN claimed.id IS NOT NULL THEN 'claimed'
            WHEN served.id IS NOT NULL THEN 'served' ELSE 'decided' END,
       ended.at, coalesce(ended.lost, 0), decisions.id, line
FROM decisions JOIN grants ON grants.decision = decisions.id
LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'
LEFT JOIN amendments AS claimed ON claimed.decision = decisions.id AND claimed.kind = 'claimed'
     AND grants.line > claimed.settles
LEFT JOIN amendments AS ended ON ended.decision = decisions.id AND ended.settles = line
WHERE outcome = 'granted' AND benefit IS NULL AND reward = currency AND NOT EXISTS (
  SELECT 1 FROM amendments AS taken
  WHERE taken.decision = decisions.id AND taken.kind = 'reversed')
"""
_IN_ORDER = " ORDER BY deliver_at, decisions.id, line"
_OF_ONE = _LINES + " AND recipient = ? AND reward = ?" + _IN_ORDER
_OF_ALL = _LINES + _IN_ORDER


@dataclass(slots=True)
class _Line:
    """A line of a wallet; `amount` is negative if it leaves it. Instants are text, in UTC.

    `at` is the instant of receipt, and `came` by what. `lost` units ended at `ended`.
    `place` is the number of the decision, and of the line in it.
    """

    owner: str
    wallet: str
    key: StepKey
    occurrence: str
    amount: int
    deliver_at: str
    expires_at: str | None
    at: str
    came: str
    ended: str | None
    lost: int
    place: tuple[int, int] = (0, 0)

    @property
    def is_pending(self) -> bool:
        """Whether it is delivered later than received."""
        return self.amount > 0 and self.deliver_at > self.at

    @property
    def moves_at(self) -> str:
        """The instant from which the wallet has it."""
        return self.deliver_at if self.is_pending else self.at


def _line(row: Row) -> _Line:
    owner, wallet, campaign, step, occurrence, amount, *instants, lost, number, place = row
    deliver_at, expires_at, at, came, ended = instants
    key = StepKey(campaign, step)
    return _Line(
        owner, wallet, key, occurrence, int(amount), deliver_at, expires_at, at, came, ended,
        int(lost), (int(number), int(place)),
    )  # fmt: skip


def balance(store: Store, customer: str, wallet: str, turn: Turn) -> int:
    """See `Ledger.balance`."""
    now = instant_text(turn.at)
    lines = map(_line, store.ask(_OF_ONE, (customer, wallet)))
    return _held([line for line in lines if _is_seen(line, turn, now)], now)


def around(
    store: Store, customer: str, wallet: str, now: str, place: tuple[int, int]
) -> tuple[int, int]:
    """Return what can be spent before and after a line that is delivered at an instant.

    Of that instant only the deliveries before it count, in the order of decisions.
    """
    held = []
    for last in (False, True):
        lines = map(_line, store.ask(_OF_ONE, (customer, wallet)))
        seen = [
            line
            for line in lines
            if line.moves_at < now
            or (
                line.moves_at == now
                and line.is_pending
                and (line.place < place or (last and line.place == place))
            )
        ]
        held.append(_held(seen, now))
    return held[0], held[1]


def _is_seen(line: _Line, turn: Turn, now: str) -> bool:
    """Whether a turn comes after a line: points arrive before all decisions of their instant."""
    if line.moves_at != now:
        return line.moves_at < now
    if line.is_pending or line.came == "served":
        return True
    return line.came == "decided" and turn.sees(line.key, line.occurrence)


def _held(lines: list[_Line], now: str) -> int:
    """Return the sum of the lines, without the units that ended by now."""
    for line in lines:
        if line.ended is not None and line.ended > now:
            line.ended, line.lost = None, 0
    ending = [
        line
        for line in lines
        if line.amount > 0 and line.ended is None and (line.expires_at or "9999") <= now
    ]
    for line in sorted(ending, key=lambda one: one.expires_at or ""):
        line.lost = _left(lines, line)
    return sum(line.amount - line.lost for line in lines)


def _left(lines: Iterable[_Line], lot: _Line) -> int:
    """Return how many units of a lot are left, as `left_of_lot`: first in, first out."""
    spent = -sum(line.amount for line in lines if line.amount < 0)
    before = 0
    for line in lines:
        if line is lot:
            break
        before += max(line.amount, 0) - line.lost
    return max(0, min(lot.amount, before + lot.amount - spent))


def moves(store: Store) -> Iterator[WalletMove]:
    """See `Ledger.wallet_moves`."""
    found: list[tuple[str, WalletMove]] = []
    for line in map(_line, store.ask(_OF_ALL)):
        parts = [(line.moves_at, line.amount)]
        if line.ended is not None and line.lost:
            parts.append((line.ended, -line.lost))
        for at, amount in parts:
            found.append((at, WalletMove(line.owner, line.wallet, amount, instant(at))))
    yield from (move for _, move in sorted(found, key=lambda one: one[0]))
