"""The differences of two audiences as a table, and as rows for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ....dsl.diagnostics.diagnostic import Phrase
from ...screen.headings import WORDS
from ...screen.tables import Column
from .sheet import Cell, Grid, Sheet, rounded

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....runtime.paths.contrast import Contrasted, Difference

_LONGEST = 30
"""Differences of a table; JSON and CSV have all."""

_COLUMNS = (
    "event",
    "feature",
    "kind",
    "class",
    "word",
    "customers_1",
    "customers_2",
    "mean_1",
    "mean_2",
    "effect",
    "low",
    "high",
    "p_holm",
    "separates",
)

_NAMES = {
    "any": Phrase("contrast.any"),
    "count": Phrase("contrast.count"),
    "sum": Phrase("contrast.sum"),
    "days": Phrase("contrast.days"),
}


def sheet_of(found: Contrasted, plan: Plan) -> Sheet:
    """The result in every form."""
    title = Phrase("contrast.title", project=plan.project, one=found.names[0], other=found.names[1])
    head = {
        "audience": found.names[0],
        "against": found.names[1],
        "at": found.at.astimezone(ZoneInfo(plan.time_zone)).isoformat(),
        "first_days": found.days,
        "customers": list(found.sizes),
        "in_both": found.both,
        "too_early": list(found.early),
        "too_few": found.few,
        "withheld": found.withheld,
    }
    rows = [_row(one) for one in found.differences]
    grids = () if found.few else (_grid(found),)
    return Sheet(title, grids, tuple(_notes(found)), head, _COLUMNS, rows, "differences")


def _grid(found: Contrasted) -> Grid:
    columns = (
        Column(Phrase("contrast.feature")),
        Column(found.names[0], number=True),
        Column(found.names[1], number=True),
        Column(Phrase("contrast.effect"), number=True),
        Column(Phrase("contrast.interval"), number=True),
        Column(Phrase("contrast.p"), number=True),
    )
    rows = [_cells(one, found) for one in found.differences if one.separates][:_LONGEST]
    return Grid(Phrase("contrast.separates", days=str(found.days)), columns, rows)


def name_of(one: Difference) -> str | Phrase:
    """The feature in words: `order: number`, `city = Wuhan`."""
    feature = one.feature
    if feature.event is not None:
        name = f"{feature.event}.{feature.name}" if feature.kind == "sum" else feature.event
        return _NAMES[feature.kind].filled(name=name)
    match one.class_:
        case "unknown":
            return Phrase("contrast.unknown", name=feature.name)
        case "other":
            return Phrase("contrast.other", name=feature.name)
        case "word":
            word = one.word or "''"
            return Phrase("contrast.word", name=feature.name, word=WORDS.get(word, word))
        case None:
            days = feature.kind == "days"
            return _NAMES["days"].filled(name=feature.name) if days else feature.name


def _cells(one: Difference, found: Contrasted) -> tuple[str | Phrase, ...]:
    effect = one.effect
    if one.means is not None:
        values = tuple(
            f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}" for value in one.means
        )
    else:
        values = tuple(
            f"{100 * count / size:.1f}%"
            for count, size in zip(one.counts, found.sizes, strict=True)
        )
    if effect is None or one.p is None:
        return (name_of(one), *values, "-", "-", "-")
    if one.means is not None:
        shown = f"{effect.size:+.2f} SD", f"{effect.low:+.2f} … {effect.high:+.2f}"
    else:
        size, low, high = (100 * value for value in (effect.size, effect.low, effect.high))
        shown = f"{size:+.1f} pp", f"{low:+.1f} … {high:+.1f}"
    p = "<0.0001" if one.p < 0.0001 else f"{one.p:.4f}"
    return (name_of(one), *values, *shown, p)


def _notes(found: Contrasted) -> Iterator[Phrase]:
    sizes = {
        "one": found.names[0],
        "count": f"{found.sizes[0]:,}",
        "other": found.names[1],
        "others": f"{found.sizes[1]:,}",
    }
    yield Phrase("contrast.sizes", **sizes)
    if found.both:
        yield Phrase("paths.in_both", count=f"{found.both:,}")
    if any(found.early):
        early = f"{sum(found.early):,}"
        yield Phrase("contrast.early", count=early, days=str(found.days))
    if found.few:
        yield Phrase("contrast.few")
        return
    separating = sum(one.separates for one in found.differences)
    if separating > _LONGEST:
        yield Phrase("contrast.more", count=str(separating - _LONGEST))
    rest = len(found.differences) - separating
    yield Phrase("contrast.rest", count=str(rest), of=str(len(found.differences)))
    if found.withheld:
        yield Phrase("contrast.withheld", count=str(found.withheld))
    yield Phrase("contrast.corrected")
    yield Phrase("contrast.correlation")


def _row(one: Difference) -> dict[str, Cell]:
    effect = one.effect
    means = one.means or (None, None)
    return {
        "event": one.feature.event,
        "feature": one.feature.name,
        "kind": one.feature.kind,
        "class": one.class_,
        "word": one.word,
        "customers_1": one.counts[0],
        "customers_2": one.counts[1],
        "mean_1": rounded(means[0], 6),
        "mean_2": rounded(means[1], 6),
        "effect": None if effect is None else rounded(effect.size, 6),
        "low": None if effect is None else rounded(effect.low, 6),
        "high": None if effect is None else rounded(effect.high, 6),
        "p_holm": None if one.p is None else f"{one.p:.6g}",
        "separates": int(one.separates),
    }
