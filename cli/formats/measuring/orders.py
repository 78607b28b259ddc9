"""Orders of customers: retention of cohorts, repurchase, and scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from ....dsl.diagnostics.diagnostic import Phrase
from ...screen.tables import Column
from .shares import few_of, percent
from .sheet import Grid

if TYPE_CHECKING:
    from decimal import Decimal

    from ....runtime.lifecycle.orders import Cohort, OrderHistory, Scores

FEW = 10
"""As `runtime.lifecycle.model` has it, which needs no library but is not loaded for help."""


def of_orders(found: OrderHistory) -> Iterator[Grid]:
    """The tables of orders."""
    yield of_cohorts(found)
    yield of_repeats(found)
    if found.scores is None:
        yield Grid(
            Phrase("lifecycle.scores", event=found.event),
            (Column(Phrase("lifecycle.too_few_buyers")),),
            [],
        )
        return
    yield of_cuts(found, found.scores)
    yield of_scores(found, found.scores)


def of_cohorts(found: OrderHistory) -> Grid:
    """A row a month in which customers began, a column a month from there."""
    months = max((len(one.active) for one in found.cohorts), default=0)
    columns = (
        Column(Phrase("lifecycle.cohort")),
        Column("customers", number=True),
        *(Column(f"+{place}", number=True) for place in range(months)),
    )
    rows: list[Sequence[str | Phrase]] = [
        (
            f"{one.month:%Y-%m}",
            f"{one.customers:,}",
            *(active_text(one, place) for place in range(months)),
        )
        for one in found.cohorts
        if one.customers
    ]
    return Grid(cohorts_title(found), columns, rows)


def cohorts_title(found: OrderHistory) -> Phrase:
    """The title, which says whom a cohort has and who counts as retained."""
    if found.began == "since":
        return Phrase("lifecycle.cohorts_since", event=found.event)
    return Phrase("lifecycle.cohorts_first", event=found.event)


def active_text(one: Cohort, place: int) -> str | Phrase:
    """The share of a cohort that ordered in a month; of few how many, and of a month to come `…`.

    Empty after the end of the period.
    """
    if place >= len(one.active):
        return ""
    count = one.active[place]
    if count is None:
        return "…"
    if one.customers < FEW:
        return few_of(count, one.customers)
    return percent(Fraction(count, one.customers))


def of_repeats(found: OrderHistory) -> Grid:
    """A row an order: the customers who ordered again, and how long after it."""
    columns = (
        Column(Phrase("lifecycle.after_order"), number=True),
        Column("customers", number=True),
        Column(Phrase("lifecycle.again"), number=True),
        Column(Phrase("lifecycle.share"), number=True),
        Column(Phrase("lifecycle.median_days"), number=True),
    )
    rows: list[Sequence[str | Phrase]] = [
        (
            str(one.after),
            f"{one.customers:,}",
            f"{one.again:,}",
            few_of(one.again, one.customers) if one.share is None else percent(one.share),
            Phrase("lifecycle.too_few") if one.median_days is None else f"{one.median_days:g}",
        )
        for one in found.repeats
    ]
    return Grid(Phrase("lifecycle.repeats", event=found.event), columns, rows)


def of_cuts(found: OrderHistory, scores: Scores) -> Grid:
    """A row a score, with the values that have it."""
    money = () if scores.monetary is None else (_money_column(found),)
    columns = (
        Column(Phrase("lifecycle.score"), number=True),
        Column(Phrase("lifecycle.recency"), number=True),
        Column(Phrase("lifecycle.frequency"), number=True),
        *money,
    )
    recent = list(reversed(ranges([f"{one:,}" for one in scores.recency])))
    often = ranges([f"{one:,}" for one in scores.frequency])
    rich = ranges([money_text(one) for one in scores.monetary or ()])
    rows: list[Sequence[str | Phrase]] = [
        (
            str(score),
            recent[score - 1],
            often[score - 1],
            *(rich[score - 1 : score] if money else ()),
        )
        for score in range(5, 0, -1)
    ]
    return Grid(Phrase("lifecycle.scores", event=found.event), columns, rows)


def _money_column(found: OrderHistory) -> Column:
    return Column(Phrase("lifecycle.money", currency=found.currency or ""), number=True)


def ranges(cuts: list[str]) -> list[str | Phrase]:
    """The values between the cuts, the least first; `-` where two cuts are the same."""
    if not cuts:
        return []
    found: list[str | Phrase] = [Phrase("lifecycle.up_to", most=cuts[0])]
    for before, most in pairwise(cuts):
        same = before == most
        found.append("-" if same else Phrase("lifecycle.between", least=before, most=most))
    return [*found, Phrase("lifecycle.over", least=cuts[-1])]


def money_text(amount: Decimal) -> str:
    """An amount with two digits after the point."""
    return f"{amount:,.2f}"


def of_scores(found: OrderHistory, scores: Scores) -> Grid:
    """Customers by recency (rows) and frequency (columns)."""
    columns = (
        Column(Phrase("lifecycle.recency_score"), number=True),
        *(
            Column(Phrase("lifecycle.frequency_score", score=str(n)), number=True)
            for n in range(1, 6)
        ),
    )
    counts: dict[tuple[int, int], int] = {}
    for cell in scores.cells:
        place = cell.recency, cell.frequency
        counts[place] = counts.get(place, 0) + cell.customers
    rows: list[Sequence[str | Phrase]] = [
        (str(recency), *(f"{counts.get((recency, often), 0):,}" for often in range(1, 6)))
        for recency in range(5, 0, -1)
    ]
    return Grid(Phrase("lifecycle.scored", event=found.event), columns, rows)


def orders_document(found: OrderHistory) -> dict[str, object]:
    """The orders as an object."""
    return {
        "event": found.event,
        "amount": found.amount,
        "currency": found.currency,
        "cohorts_by": found.began,
        "cohorts": [
            {
                "month": f"{one.month:%Y-%m}",
                "customers": one.customers,
                "active": list(one.active),
            }
            for one in found.cohorts
        ],
        "earlier": found.earlier,
        "repurchase": [
            {
                "after": one.after,
                "customers": one.customers,
                "again": one.again,
                "share": None if one.share is None else round(float(one.share), 6),
                "median_days": one.median_days,
            }
            for one in found.repeats
        ],
        "rfm": None if found.scores is None else _scores(found.scores),
    }


def _scores(scores: Scores) -> dict[str, object]:
    return {
        "customers": scores.customers,
        "cuts": {
            "recency": list(scores.recency),
            "frequency": list(scores.frequency),
            "monetary": None
            if scores.monetary is None
            else [f"{one:f}" for one in scores.monetary],
        },
        "cells": [
            {
                "recency": cell.recency,
                "frequency": cell.frequency,
                "monetary": cell.monetary,
                "customers": cell.customers,
                "money": None if cell.money is None else f"{cell.money:f}",
            }
            for cell in scores.cells
        ],
    }
