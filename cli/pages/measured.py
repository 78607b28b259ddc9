"""The page of measures: each campaign with its numbers, or with the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ..formats.measuring import measured as formats
from .charts import Chart, Series
from .page import Table, page

if TYPE_CHECKING:
    from ...runtime.measure.results import Line, Report, Result


@dataclass(frozen=True, slots=True)
class Section:
    """A campaign with measures."""

    name: str
    label: str
    facts: tuple[tuple[str | Phrase, str], ...]
    sentences: tuple[Phrase, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


def page_of(found: Report, project: str, language: Language) -> str:
    """The measures as one page, in a language."""
    at = found.at.astimezone(ZoneInfo(found.zone))
    title = Phrase("measure.title", project=project, at=f"{at:%Y-%m-%d %H:%M}")
    return page(
        "measured.html",
        title,
        language,
        how=Phrase("measure.how"),
        empty=Phrase("measure.no_measures"),
        sections=[_section(one, found.currency, language) for one in found.results],
        contents=Phrase("measure.contents"),
    )


def _section(one: Result, currency: str, language: Language) -> Section:
    facts = tuple((formats.variant_name(each.name), f"{each.customers:,}") for each in one.variants)
    tables = (
        (Table(Phrase("measure.table"), formats.COLUMNS, formats.rows(one, currency)),)
        if one.lines
        else ()
    )
    charts = tuple(_chart(each, one, language) for each in one.lines if _is_drawn(each))
    sentences = tuple(formats.sentences(one, currency))
    return Section(one.campaign, one.label, facts, sentences, charts, tables)


def _is_drawn(one: Line) -> bool:
    rates = [count.rate for count in one.counts]
    return len(rates) > 1 and None not in rates and any(rates)


def _chart(one: Line, result: Result, language: Language) -> Chart:
    """The share of customers, or the revenue a customer, by variant."""
    names = {each.number: formats.variant_name(each.name) for each in result.variants}
    labels = tuple(
        name if isinstance(name, str) else in_language(name, language)
        for name in (names[count.variant] for count in one.counts)
    )
    times = 1 if one.counts[0].total is not None else 100
    values = tuple(round((count.rate or 0.0) * times, 2) for count in one.counts)
    unit = Phrase("measure.chart_money") if times == 1 else Phrase("measure.chart_share")
    title = unit.filled(measure=one.measure.origin.text)
    return Chart("rows", title, Phrase("simulated.in_the_table"), labels, (Series(title, values),))
