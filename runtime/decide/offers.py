"""Offers: `choose k of …` as one line of a decision, until the recipient chooses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ...compiler.plan import CHOICE, Benefit, ChoiceLine, Plan
from .decisions import Choice, Line, Option
from .facts import named


def choice_line(plan: Plan, line: ChoiceLine, expires: datetime | None, *, back: bool) -> Line:
    """Return an offer's line, valued at the most that can be chosen. `back`: see `Line.returns`."""
    options = tuple(_option(named(plan.benefits, name)) for name in line.options)
    choice = Choice(line.count, line.worth, options)
    return Line(
        CHOICE, line.value, plan.currency, line.cost, None, expires, returns=back, choice=choice
    )


def _option(benefit: Benefit) -> Option:
    back = bool(benefit.returns)
    return Option(benefit.name, benefit.value, benefit.cost, benefit.expires_after, back)


def with_price(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Move the prices of an offer into its choice: they are paid when the offer is claimed."""
    if len(lines) < 2 or lines[0].choice is None:
        return lines
    offer, *paid = lines
    prices = tuple((line.reward, -int(line.amount)) for line in paid)
    return (replace(offer, choice=replace(lines[0].choice, prices=prices)),)
