"""Charts of what customers are worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import Phrase
from .charts import Chart, Kind, Series

if TYPE_CHECKING:
    from ...runtime.value.value import Line, Value


def charts_of(found: Value) -> Iterator[Chart]:
    """The value of a customer and what one cost, line by line."""
    lines = [one for one in found.lines if one.has_value and one.customers]
    if not lines:
        return
    labels = tuple(_label(one) for one in lines)
    values = [Series(Phrase("value.ltv"), tuple(round(float(one.ltv), 2) for one in lines))]
    if any(one.cac is not None for one in lines):
        costs = (None if one.cac is None else round(float(one.cac), 2) for one in lines)
        values.append(Series(Phrase("value.cac"), tuple(costs)))
    title = Phrase("value.chart", currency=found.currency)
    kind: Kind = "bars" if found.question.by == "cohort" else "rows"
    yield Chart(kind, title, Phrase("simulated.in_the_table"), labels, tuple(values))


def _label(one: Line) -> str:
    if one.cohort is not None:
        return f"{one.cohort:%Y-%m}"
    return "?" if one.channel is None else one.channel
