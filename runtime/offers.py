"""Offers: `choose k of …` as a line of a decision, until its recipient has chosen."""

from __future__ import annotations

from datetime import datetime

from ..compiler.plan import CHOICE, Benefit, ChoiceLine, Plan
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
