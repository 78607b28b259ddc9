"""The page of a simulation: the whole period first, then each campaign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Language, Phrase
from ..formats.planning import simulated as grids
from ..formats.planning.simulated import Grid, Shown
from .charts import COLOURS, Chart, Series
from .page import Table, page

if TYPE_CHECKING:
    from ...runtime.simulate.simulation import SimulatedCampaign, Simulation

_ON_LEDGER, _FROM_NOTHING = Phrase("simulated.on_ledger"), Phrase("simulated.from_nothing")
_BARS = 12
"""Campaigns of a chart of all, at most: the others are in the table."""


_GRANTS_BY_DAY = Phrase("simulated.grants_by_day")
_GRANTS_BY_WEEK = Phrase("simulated.grants_by_week")
_SPEND_BY_DAY = Phrase("simulated.spend_by_day")
_SPEND_BY_WEEK = Phrase("simulated.spend_by_week")
_MOST = 100
"""Days of a chart, at most: a longer period is drawn week by week, from its first day on."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The days of a period, or its weeks if it is long."""

    first: date
    last: date

    @property
    def is_weekly(self) -> bool:
        """Whether a bar is a week."""
        return (self.last - self.first).days >= _MOST

    @property
    def labels(self) -> tuple[str, ...]:
        """The first day of each bar."""
        days = (self.last - self.first).days + 1
        starts = (self.first + timedelta(days=n) for n in range(0, days, self._step))
        return tuple(f"{day:%m-%d}" for day in starts)

    def sums(self, values: Iterable[tuple[date, float]]) -> tuple[float, ...]:
        """The sum of the values of each bar."""
        found = [0.0] * len(self.labels)
        for day, value in values:
            place = (day - self.first).days // self._step
            # Work on the last instant of the period may be of the day before or after it.
            found[min(max(place, 0), len(found) - 1)] += value
        return tuple(round(one, 2) for one in found)

    @property
    def _step(self) -> int:
        return 7 if self.is_weekly else 1


@dataclass(frozen=True, slots=True)
class Section:
    """A campaign that decided something."""

    name: str
    label: str
    facts: tuple[tuple[Phrase, str], ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


def page_of(shown: Shown, language: Language) -> str:
    """The simulation as one page, in a language."""
    simulation, plan = shown.simulation, shown.plan
    zone = ZoneInfo(plan.time_zone)
    first, last = (at.astimezone(zone).date() for at in (simulation.start, simulation.end))
    axis = Axis(first, last)
    title = Phrase("simulated.title", project=plan.project, first=str(first), last=str(last))
    tables = [grids.of_campaigns(simulation, plan.currency)]
    if shown.present is not None:
        tables.insert(0, grids.side_by_side(shown.present, simulation, plan.currency))
    tables += [grids.of_caps(simulation.shared)] if simulation.shared else []
    tables += [grids.of_overlaps(simulation.overlaps)] if simulation.overlaps else []
    return page(
        "simulated.html",
        title,
        language,
        edit=shown.edit,
        how=_ON_LEDGER if simulation.with_ledger else _FROM_NOTHING,
        facts=_facts(simulation, plan.currency),
        warnings=[one.message(language) for one in shown.warnings],
        charts=tuple(_charts(simulation, plan.currency, axis)),
        tables=[_table(grid) for grid in tables],
        sections=[
            _section(one, plan.currency, axis)
            for one in simulation.campaigns
            if one.granted or one.cut_off
        ],
        contents=Phrase("simulated.contents"),
        read=Phrase("simulated.read"),
    )


def _facts(simulation: Simulation, currency: str) -> tuple[tuple[Phrase, str], ...]:
    total = sum((one.spent for one in simulation.campaigns), Decimal(0))
    several = sum(count for campaigns, count in simulation.several.items() if campaigns > 1)
    return (
        (Phrase("simulated.reached"), f"{sum(simulation.several.values()):,}"),
        (Phrase("simulated.granted"), f"{sum(one.granted for one in simulation.campaigns):,}"),
        (Phrase("headings.spent_in", currency=currency), f"{total:,f}"),
        (Phrase("simulated.several"), f"{several:,}"),
    )


def _charts(simulation: Simulation, currency: str, axis: Axis) -> Iterator[Chart]:
    spending = [one for one in simulation.campaigns if one.spent]
    spending.sort(key=lambda one: -one.spent)
    shown, rest = spending[: COLOURS - 1], spending[COLOURS - 1 :]
    series = [
        Series(one.name, axis.sums((day.day, float(day.spent)) for day in one.days))
        for one in shown
    ]
    if rest:
        each = [axis.sums((day.day, float(day.spent)) for day in one.days) for one in rest]
        series.append(Series(Phrase("simulated.others"), tuple(map(sum, zip(*each, strict=True)))))
    if series:
        title = (_SPEND_BY_WEEK if axis.is_weekly else _SPEND_BY_DAY).filled(currency=currency)
        yield Chart("stacked", title, _about(spending), axis.labels, tuple(series))
    most = sorted(simulation.campaigns, key=lambda one: -one.granted)[:_BARS]
    most = [one for one in most if one.granted]
    if most:
        yield Chart(
            "rows",
            Phrase("simulated.grants_by_campaign"),
            Phrase("simulated.in_the_table"),
            tuple(one.name for one in most),
            (Series(Phrase("headings.granted"), tuple(float(one.granted) for one in most)),),
        )


def _about(spending: Sequence[SimulatedCampaign]) -> Phrase:
    """The spend in words, for readers who do not see the chart."""
    dearest = spending[0]
    return Phrase("simulated.dearest", name=dearest.name, amount=f"{dearest.spent:,f}")


def _section(one: SimulatedCampaign, currency: str, axis: Axis) -> Section:
    facts = [
        (Phrase("headings.reached"), f"{one.reached:,}"),
        (Phrase("headings.granted"), f"{one.granted:,}"),
        (Phrase("headings.spent_in", currency=currency), f"{one.spent:,f}"),
    ]
    if one.runs_out is not None:
        facts.append((Phrase("simulated.money_gone"), str(one.runs_out)))
    tables = [grids.of_cut_off(one)] if one.cut_off else []
    tables += [grids.of_caps(one.caps)] if one.caps else []
    tables += [grids.of_steps(one)] if one.is_journey else []
    charts = tuple(_charts_of(one, currency, axis))
    return Section(one.name, one.label, tuple(facts), charts, tuple(map(_table, tables)))


def _charts_of(one: SimulatedCampaign, currency: str, axis: Axis) -> Iterator[Chart]:
    labels, about = axis.labels, Phrase("simulated.in_the_table")
    if one.granted:
        values = axis.sums((day.day, float(day.granted)) for day in one.days)
        title = _GRANTS_BY_WEEK if axis.is_weekly else _GRANTS_BY_DAY
        yield Chart("bars", title, about, labels, (Series(one.name, values),))
    if one.spent:
        total, curve = 0.0, []
        for value in axis.sums((day.day, float(day.spent)) for day in one.days):
            total += value
            curve.append(round(total, 2))
        title = Phrase("simulated.spend_so_far", currency=currency)
        yield Chart("lines", title, about, labels, (Series(one.name, tuple(curve)),))


def _table(grid: Grid) -> Table:
    return Table(grid.title, grid.columns, grid.rows)
