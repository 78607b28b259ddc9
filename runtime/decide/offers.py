"""Offers: `choose k of …` as a line of a decision, until its recipient has chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ...compiler.plan import CHOICE, Benefit, ChoiceLine, Plan
from .decisions import Choice, Line, Option
from .facts import named


def choice_line(plan: Plan, line: ChoiceLine, expires: datetime | None, *, back: bool) -> Line:
    """An offer, which stands for the most that can be chosen; `back`: see `Line.returns`."""
    options = tuple(_option(named(plan.benefits, name)) for name in line.options)
    choice = Choice(line.count, line.worth, options)
    return Line(
        CHOICE, line.value, plan.currency, line.cost, None, expires, returns=back, choice=choice
    )


def _option(benefit: Benefit) -> Option:
    back = bool(benefit.returns)
    return Option(benefit.name, benefit.value, benefit.cost, benefit.expires_after, back)


def with_price(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines of a bundle; what is chosen from an offer is paid when it is claimed."""
    if len(lines) < 2 or lines[0].choice is None:
        return lines
    offer, *paid = lines
    prices = tuple((line.reward, -int(line.amount)) for line in paid)
    return (replace(offer, choice=replace(lines[0].choice, prices=prices)),)
