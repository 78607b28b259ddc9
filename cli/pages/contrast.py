"""Charts of what sets two audiences apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ..formats.measuring.contrast import name_of
from .charts import Chart, Series

if TYPE_CHECKING:
    from ...runtime.paths.contrast import Contrasted

_BARS = 10
"""Differences of a chart, at most."""


def charts_of(found: Contrasted, language: Language) -> Iterator[Chart]:
    """The largest standardised differences."""
    shown = [one for one in found.differences if one.separates and one.effect is not None][:_BARS]
    if not shown:
        return
    labels = tuple(in_language(name_of(one), language) for one in shown)
    sizes = tuple(round(one.effect.standard, 2) if one.effect else None for one in shown)
    title = Phrase("contrast.chart", one=found.names[0], other=found.names[1])
    series = (Series(Phrase("contrast.standard"), sizes),)
    yield Chart("rows", title, Phrase("simulated.in_the_table"), labels, series)
