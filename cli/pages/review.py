"""The report of a review as a page with charts, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ...compiler.wording.clauses import sentence
from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ..formats.measuring import review as shapes
from ..formats.measuring.review import PHASES, Shown
from ..screen.tables import in_words
from .charts import COLOURS, Chart, Series
from .page import Table, page
from .rules import escaped, inline
from .simulated import Axis

if TYPE_CHECKING:
    from ...runtime.review.model import PhaseName, Use

_IN_TABLE = Phrase("simulated.in_the_table")
_SPEND = Phrase("review.spend_by_day"), Phrase("review.spend_by_week")
_GRANTS = Phrase("review.grants_by_day"), Phrase("review.grants_by_week")
_CURVES = COLOURS - 1
"""Curves of caps, at most: the others are in the table."""


def page_of(shown: Shown, language: Language) -> str:
    """The report as one page, in a language."""
    tables = [Table(one.title, one.columns, one.rows) for one in shapes.grids(shown)]
    return page(
        "review.html",
        shapes.title(shown),
        language,
        facts=tuple(shapes.facts(shown)),
        sentences=tuple(shapes.sentences(shown)),
        warnings=[one.message(language) for one in shown.review.warnings],
        charts=tuple(_charts(shown)),
        tables=tables,
    )


def markdown(shown: Shown, language: Language) -> str:
    """The same without charts, as Markdown in which no text of the project is markup."""
    lines = [f"# {_said(shapes.title(shown), language)}", ""]
    lines += [f"- {_said(name, language)}: {value}" for name, value in shapes.facts(shown)]
    lines += ["", *(f"{escaped(sentence(one, language))}  " for one in shapes.sentences(shown))]
    lines += [f"> {escaped(one.message(language))}" for one in shown.review.warnings]
    for grid in shapes.grids(shown):
        columns, rows = in_words(grid.columns, grid.rows, language)
        lines += ["", f"## {_said(grid.title, language)}", ""]
        lines.append(_row([one.heading for one in columns]))
        lines.append(_row_of(["---:" if one.number else "---" for one in columns]))
        lines += [_row(cells) for cells in rows]
    return "\n".join(lines).rstrip() + "\n"


def _said(phrase: Phrase, language: Language) -> str:
    return escaped(in_language(phrase, language))


def _row(cells: list[str]) -> str:
    return _row_of([inline(one).replace("|", "\\|") for one in cells])


def _row_of(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


# --- charts -------------------------------------------------------------------------------------


def _charts(shown: Shown) -> Iterator[Chart]:
    found = shown.review
    if not found.days:
        return
    axis = Axis(found.days[0].day, found.days[-1].day)
    if found.whole.spent:
        title = _SPEND[axis.is_weekly].filled(currency=shown.plan.currency)
        values = [(one.day, float(one.spent)) for one in found.days]
        yield _by_phase(shown, title, axis, values)
    if found.whole.granted:
        values = [(one.day, float(one.granted)) for one in found.days]
        yield _by_phase(shown, _GRANTS[axis.is_weekly], axis, values)
    yield from _reached(shown, axis)
    curves = [one for one in found.uses if one.left is not None and one.cap > 0]
    if curves:
        series = tuple(_curve(one, axis) for one in curves[:_CURVES])
        yield Chart("lines", Phrase("review.cap_curves"), _IN_TABLE, axis.labels, series)


def _by_phase(shown: Shown, title: Phrase, axis: Axis, values: list[tuple[date, float]]) -> Chart:
    """Bars by day, each phase in its colour."""
    found = shown.review
    peak = next((one for one in found.phases if one.name == "peak"), None)
    if peak is None:
        return Chart(
            "bars", title, _IN_TABLE, axis.labels, (Series(PHASES["all"], axis.sums(values)),)
        )

    def phase_of(day: date) -> PhaseName:
        if peak.first is None or day < peak.first:
            return "warm_up"
        return "peak" if peak.last is None or day <= peak.last else "close"

    series = []
    names: tuple[PhaseName, ...] = ("warm_up", "peak", "close")
    for name in names:
        own = [(day, value if phase_of(day) == name else 0.0) for day, value in values]
        series.append(Series(PHASES[name], axis.sums(own)))
    return Chart("stacked", title, _IN_TABLE, axis.labels, tuple(series))


def _reached(shown: Shown, axis: Axis) -> Iterator[Chart]:
    """Customers so far, with the target as a line of its own."""
    found = shown.review
    if not found.whole.customers:
        return
    so_far, curve = 0.0, []
    for value in axis.sums((one.day, float(one.customers)) for one in found.days):
        so_far += value
        curve.append(so_far)
    series = [Series(Phrase("headings.reached"), tuple(curve))]
    target = None if found.reaching is None else found.reaching.target
    if target is not None and target.of == "customers":
        line = (float(target.amount),) * len(curve)
        series.append(Series(Phrase("review.target"), line))
    yield Chart("lines", Phrase("review.reached_so_far"), _IN_TABLE, axis.labels, tuple(series))


def _curve(one: Use, axis: Axis) -> Series:
    """The part of a cap that was used up, in percent, at the end of each bar."""
    moves, before = [], Decimal(0)
    for day, value in one.curve:
        moves.append((day, float(value - before)))
        before = value
    so_far, curve = 0.0, []
    for added in axis.sums(moves):
        so_far += added
        curve.append(round(100 * so_far / float(one.cap), 1))
    return Series(f"{one.owner} {one.name}", tuple(curve))
