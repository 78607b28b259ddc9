"""Multiples of a sum, such as `every 1_000 CNY of amount`, each of which is paid once.

An event that crosses several multiples is one decision, as the highest of them, and
`Decision.times` is how many. A late event can move them, so that a decision holds multiples which
an earlier one has paid. Such a decision is paid for the others only: `already_granted` if there
are none, else each line that rests on `times` in proportion, rounded towards zero.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_DOWN, Context, Decimal, localcontext

from ....compiler.plan.types import DECIMAL_DIGITS, minor_unit
from ...decide.decisions import Decision, Line, Outcome
from ..store import Store
from .batch import Batch, Key, Request

Card = tuple[str, str, str, str]
"""Campaign, step, recipient, and the first day of the period; empty without one."""

_WAITING = (
    "SELECT campaign, step, recipient, occurrence, outcome, facts FROM decisions"
    " WHERE outcome = 'waitlisted' AND campaign = ? AND step = ?"
)


class Multiples:
    """The highest multiple of each card that a decision of the ledger holds."""

    def __init__(self, batch: Batch, highest: dict[Card, tuple[Decimal, Outcome]]) -> None:
        self._batch = batch
        self._highest = highest

    def held_by(self, request: Request) -> Outcome | None:
        """The outcome of an earlier decision that holds all of its multiples; `None` without."""
        if request.decision.times is None or self._left(request):
            return None
        outcome = self._highest[_card(request.key)][1]
        return "already_granted" if outcome == "granted" else outcome

    def unpaid(self, request: Request) -> Request:
        """The request for those of its multiples that no decision holds."""
        times = request.decision.times
        if times is None:
            return request
        left = self._left(request)
        if left == times:
            return request
        return self._batch.with_lines(request, _in_proportion(request.decision, left, times))

    def add(self, request: Request, outcome: Outcome) -> None:
        """Take up a decision of this batch."""
        if request.decision.times is not None and outcome in ("granted", "waitlisted"):
            number = _number(request.key[3])
            _raise(self._highest, _card(request.key), number, outcome)

    def _left(self, request: Request) -> int:
        """How many of its multiples no decision holds."""
        times, pattern = request.decision.times or 0, request.book.step.trigger.pattern
        held = self._highest.get(_card(request.key))
        if held is None or pattern is None:
            return times
        with localcontext(Context(prec=4 * DECIMAL_DIGITS)):
            above = _number(request.key[3]) // pattern.amount - held[0] // pattern.amount
        return max(0, min(times, int(above)))


def multiples(store: Store, batch: Batch) -> Multiples:
    """Load what the ledger has of the cards in a batch."""
    asked = [one for one in batch.requests if one.decision.times is not None]
    highest: dict[Card, tuple[Decimal, Outcome]] = {}
    for *names, outcome, facts in _rows(store, asked):
        campaign, step, recipient, occurrence = names
        # What was decided under another trigger has names that are no multiples.
        if json.loads(facts).get("times") is not None:
            key = (campaign, step, recipient, occurrence)
            _raise(highest, _card(key), _number(occurrence), outcome)
    return Multiples(batch, highest)


def _rows(store: Store, asked: list[Request]) -> Iterator[tuple[str, ...]]:
    yield from store.among("firings", list({one.key[:3]: None for one in asked}))
    for step in {one.key[:2] for one in asked}:
        yield from store.ask(_WAITING, step)


def _raise(
    highest: dict[Card, tuple[Decimal, Outcome]], card: Card, number: Decimal, outcome: Outcome
) -> None:
    known = highest.get(card)
    if known is None or known[0] < number:
        highest[card] = number, outcome


def _card(key: Key) -> Card:
    campaign, step, recipient, occurrence = key
    return campaign, step, recipient, occurrence.rpartition(" ")[0]


def _number(occurrence: str) -> Decimal:
    return Decimal(occurrence.rpartition(" ")[2])


def _in_proportion(decision: Decision, left: int, times: int) -> Decision:
    lines = tuple(_scaled(line, left, times) if line.by_times else line for line in decision.lines)
    return decision._replace(lines=lines, times=left)


def _scaled(line: Line, left: int, times: int) -> Line:
    is_points = line.reward == line.currency
    digits = 0 if is_points else minor_unit(line.currency)

    def part(value: Decimal, digits: int) -> Decimal:
        with localcontext(Context(prec=4 * DECIMAL_DIGITS, rounding=ROUND_DOWN)):
            return (value * left / times).quantize(Decimal(1).scaleb(-digits))

    amount = part(line.amount, digits)
    return replace(line, amount=amount, cost=line.cost if is_points else part(line.cost, digits))
