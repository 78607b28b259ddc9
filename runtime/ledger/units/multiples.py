"""Multiples of a sum, such as `every 1_000 CNY of amount`, each of which is paid once.

An event that crosses several multiples is one decision, as the highest of them, and
`Decision.times` is how many. A late event can move them, so that a decision crosses multiples
which an earlier one has paid. Such a decision is paid for the others only: each line that rests on
`times` in proportion, rounded towards zero. Without any others it is `already_granted`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Context, Decimal, localcontext

from ....compiler.plan.types import DECIMAL_DIGITS, minor_unit
from ...decide.decisions import Decision, Line, Outcome
from ...kept import entries, kept
from ..store import Store

Key = tuple[str, str, str, str]
"""An identity: campaign, step, recipient, occurrence."""

Card = tuple[str, str, str, str]
"""Campaign, step, recipient, and the first day of the period; empty without one."""

_HOLDING: tuple[Outcome, ...] = ("granted", "waitlisted")
_WAITING = (
    "SELECT campaign, step, recipient, occurrence, outcome, facts FROM decisions"
    " WHERE outcome = 'waitlisted' AND campaign = ? AND step = ?"
)


class Multiples:
    """The highest multiple of each card that a decision holds, and what that decision came to."""

    def __init__(self) -> None:
        self._highest: dict[Card, tuple[Decimal, Outcome]] = {}

    def add(self, key: Key, outcome: Outcome) -> None:
        """Take up a decision."""
        card, number = _named(key)
        known = self._highest.get(card)
        if outcome in _HOLDING and (known is None or known[0] < number):
            self._highest[card] = number, outcome

    def left(self, key: Key, times: int, amount: Decimal) -> tuple[int, Outcome | None]:
        """Return how many of a decision's multiples of an amount no other holds.

        With it comes the outcome of a decision that has them all; `None` before the first.
        """
        card, number = _named(key)
        if card not in self._highest:
            return times, None
        held, outcome = self._highest[card]
        with localcontext(Context(prec=4 * DECIMAL_DIGITS)):
            above = int(number // amount - held // amount)
        named: Outcome = "already_granted" if outcome == "granted" else outcome
        return max(0, min(times, above)), named


def multiples(store: Store, asked: Sequence[Key]) -> Multiples:
    """Load what the ledger has of the cards of these decisions."""
    found = Multiples()
    for campaign, step, recipient, occurrence, outcome, facts in _rows(store, asked):
        # What was decided under another trigger has names that are no multiples.
        if entries(facts).get("times") is not None:
            found.add((campaign, step, recipient, occurrence), outcome)
    return found


def in_proportion(decision: Decision, left: int) -> Decision:
    """The decision for so many of its multiples."""
    times = decision.times or 1
    lines = tuple(_scaled(line, left, times) if line.by_times else line for line in decision.lines)
    return decision._replace(lines=lines, times=left)


def _rows(store: Store, asked: Sequence[Key]) -> Iterator[tuple[str, str, str, str, Outcome, str]]:
    if asked:
        yield from store.among("firings", list({key[:3]: None for key in asked}))
    for step in sorted({key[:2] for key in asked}):
        yield from store.ask(_WAITING, step)


@kept
def _named(key: Key) -> tuple[Card, Decimal]:
    campaign, step, recipient, occurrence = key
    period, _, number = occurrence.rpartition(" ")
    return (campaign, step, recipient, period), Decimal(number)


def _scaled(line: Line, left: int, times: int) -> Line:
    is_points = line.reward == line.currency
    digits = 0 if is_points else minor_unit(line.currency)

    def part(value: Decimal) -> Decimal:
        with localcontext(Context(prec=4 * DECIMAL_DIGITS, rounding=ROUND_DOWN)):
            return (value * left / times).quantize(Decimal(1).scaleb(-digits))

    cost = line.cost if is_points else part(line.cost)
    return replace(line, amount=part(line.amount), cost=cost)
