"""The page of lifecycles: pictures first, then the tables that they are of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Language, Phrase
from ..formats.measuring import lifecycle as formats
from ..formats.measuring import orders as order_formats
from ..formats.measuring.lifecycle import Shown
from .charts import COLOURS, Chart, Series
from .page import Table, page
from .sankey import sankey

if TYPE_CHECKING:
    from markupsafe import Markup

    from ...runtime.lifecycle.model import History, State
    from ...runtime.lifecycle.orders import Cohort, OrderHistory
    from ..formats.measuring.sheet import Grid


@dataclass(frozen=True, slots=True)
class Section:
    """A lifecycle: its picture of moves, its lines and its tables."""

    name: str
    label: str
    picture: Markup | None
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the triangle: its text, and the class of its shade."""

    text: str | Phrase
    shade: str


@dataclass(frozen=True, slots=True)
class Triangle:
    """The retention of cohorts."""

    caption: Phrase
    head: tuple[str | Phrase, ...]
    rows: tuple[tuple[str, str, tuple[Cell, ...]], ...]


def page_of(shown: Shown, language: Language) -> str:
    """The lifecycles as one page, in a language."""
    found = shown.found
    instants = found.histories[0].instants
    first, last = (formats.instant_text(one, shown.zone) for one in (instants[0], instants[-1]))
    title = Phrase("lifecycle.title", project=shown.project, first=first, last=last)
    orders = found.orders
    tables = [] if orders is None else list(order_formats.of_orders(orders))[1:]
    return page(
        "lifecycle.html",
        title,
        language,
        warnings=[one.message(language) for one in found.warnings],
        sections=[_section(one, shown.zone, language) for one in found.histories],
        triangle=None if orders is None else _triangle(orders),
        orders=Phrase("lifecycle.orders") if orders is not None else None,
        tables=[_table(one) for one in tables],
        notes=tuple(formats.notes(shown)),
    )


def _table(grid: Grid) -> Table:
    return Table(grid.title, grid.columns, grid.rows)


def _section(one: History, zone: str, language: Language) -> Section:
    grids = [formats.of_sizes(one, zone)]
    if one.whole is not None:
        grids += [formats.of_flows(one, one.whole), formats.of_edges(one)]
        grids += [formats.of_stays(one), formats.of_conversions(one)]
    return Section(
        one.name,
        one.label,
        _picture(one, zone, language),
        tuple(_charts(one, zone)),
        tuple(map(_table, grids)),
    )


def _picture(one: History, zone: str, language: Language) -> Markup | None:
    """The moves between a few instants."""
    if not one.legs:
        return None
    names = {state: _name(state) for _, state in formats.shown_states(one)}
    instants = [one.legs[0].start, *(leg.end for leg in one.legs)]
    days = [f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" for at in instants]
    description = Phrase("lifecycle.picture", name=one.label or one.name)
    return sankey(one.legs, names, days, description, language)


def _name(state: State) -> str | Phrase:
    """The label of a stage; the others in words."""
    return state.label or state.name if state.kind == "stage" else formats.name_of(state)


def _charts(one: History, zone: str) -> Iterator[Chart]:
    """Lines of the customers of each state."""
    if len(one.instants) < 2:
        return
    labels = tuple(f"{at.astimezone(ZoneInfo(zone)):%m-%d}" for at in one.instants)
    states = formats.shown_states(one)
    for first in range(0, len(states), COLOURS):
        series = tuple(
            Series(_name(state), tuple(float(sizes[place]) for sizes in one.sizes))
            for place, state in states[first : first + COLOURS]
        )
        title = Phrase("lifecycle.sizes", name=one.label or one.name)
        yield Chart("lines", title, Phrase("lifecycle.in_the_table"), labels, series)


def _triangle(found: OrderHistory) -> Triangle:
    """A row a cohort, each share on a ground that is the darker the larger it is."""
    cohorts = [one for one in found.cohorts if one.customers]
    months = max((len(one.active) for one in cohorts), default=0)
    head = (Phrase("lifecycle.cohort"), Phrase("headings.customers"))
    rows = tuple(
        (
            f"{one.month:%Y-%m}",
            f"{one.customers:,}",
            tuple(
                Cell(order_formats.active_text(one, place), _shade(one, place))
                for place in range(len(one.active))
            ),
        )
        for one in cohorts
    )
    return Triangle(
        order_formats.cohorts_title(found), (*head, *(f"+{n}" for n in range(months))), rows
    )


def _shade(one: Cohort, place: int) -> str:
    """One of six grounds, by the share; none where there is none."""
    count = one.active[place]
    if count is None or one.customers < order_formats.FEW:
        return ""
    steps: Sequence[float] = (0.02, 0.05, 0.1, 0.2, 0.4)
    return f"shade-{sum(count / one.customers >= step for step in steps)}"
