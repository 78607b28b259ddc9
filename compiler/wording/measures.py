"""Measures in words: a sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import Campaign, Conversion, Guard, Measured, Revenue, RevenuePart, Success
from .clauses import Clause
from .conditions import events_of, said
from .names import Names
from .values import Words, listed, money, number, percent, span


def measure_clauses(names: Names, campaign: Campaign) -> Iterator[Clause]:
    """A clause for each measure; the first says that it is the primary one."""
    for place, one in enumerate(campaign.measures):
        told = measure_words(names, one)
        if place == 0 and len(campaign.measures) > 1:
            told = Phrase("wording.measure_primary", measure=told)
        yield Clause("measure", told, one.origin)


def measure_words(names: Names, one: Measured) -> Phrase:
    """The question of a measure, as a sentence."""
    within = span(one.within)
    match one:
        case Conversion(event=event, where=where):
            events = events_of(names.of_row(event), event, where)
            return Phrase("wording.measure_conversion", events=events, span=within)
        case Revenue(parts=parts):
            value = listed([_part(names, part) for part in parts], "and")
            return Phrase("wording.measure_revenue", value=value, span=within)
        case Success(condition=condition):
            holds = said(names, condition)
            return Phrase("wording.measure_success", condition=holds, span=within)
        case Guard(most=most, event=event, where=where):
            events = events_of(names.of_row(event), event, where)
            share = percent(most)
            return Phrase("wording.measure_guard", share=share, events=events, span=within)
        case _:
            assert_never(one)


def _part(names: Names, part: RevenuePart) -> Words:
    events = events_of(names.of_row(part.event), part.event, part.where)
    if part.field is None:
        each = money(part.factor, names.plan.currency)
        return Phrase("wording.revenue_each", amount=each, events=events)
    field = names.field_of(part.event, part.field)
    if part.factor == 1:
        return Phrase("wording.revenue_total", field=field, events=events)
    shown = percent(part.factor) if abs(part.factor) < 1 else number(part.factor)
    return Phrase("wording.revenue_share", factor=shown, field=field, events=events)
