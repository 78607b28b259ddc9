"""Charts of paths: how many took each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import Phrase
from .charts import Chart, Series

if TYPE_CHECKING:
    from ...runtime.paths.paths import Paths

_BARS = 8
"""Paths of a chart, at most."""


def charts_of(found: Paths) -> Iterator[Chart]:
    """The shares of the paths that reached the end, by side."""
    reached = [one for one in found.paths if one.ending == "reached"][:_BARS]
    if not reached:
        return
    labels = tuple(
        f"{place}. {' → '.join(one.events[1:-1]) or '→'}" for place, one in enumerate(reached, 1)
    )
    series = tuple(
        Series(
            Phrase("paths.everybody") if side.name is None else side.name,
            tuple(
                round(100 * one.counts[place].customers / side.began, 1) if side.began else None
                for one in reached
            ),
        )
        for place, side in enumerate(found.sides)
    )
    title = Phrase("paths.chart", event=found.walk.end)
    yield Chart("rows", title, Phrase("paths.about_chart"), labels, series)
