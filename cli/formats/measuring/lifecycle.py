"""Lifecycles over a period: tables for people, a document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ....dsl.diagnostics.diagnostic import Language, Phrase
from ...screen.tables import Column
from ..json import record
from .orders import of_orders, orders_document
from .shares import few_of, percent
from .sheet import Grid

if TYPE_CHECKING:
    from ....runtime.lifecycle.lifecycle import Lifecycles
    from ....runtime.lifecycle.model import (
        Conversion,
        Edge,
        Flow,
        History,
        Moves,
        State,
        Stays,
    )

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """The findings, in the project's zone. `with_ledger`: campaigns have decided something.

    `without_orders`: why nothing is shown of orders.
    """

    found: Lifecycles
    project: str
    zone: str
    with_ledger: bool
    without_orders: Phrase | None = None


# --- for people ---------------------------------------------------------------------------------


def grids(shown: Shown) -> Iterator[Grid]:
    """The tables of each lifecycle, one after the other."""
    for one in shown.found.histories:
        yield of_sizes(one, shown.zone)
        if one.whole is not None:
            yield of_flows(one, one.whole)
            yield of_edges(one)
            yield of_stays(one)
            yield of_conversions(one)
    if shown.found.orders is not None:
        yield from of_orders(shown.found.orders)


def name_of(state: State) -> str | Phrase:
    """A stage by its name; the others in words."""
    match state.kind:
        case "stage":
            return state.name
        case "outside":
            return Phrase("lifecycle.outside")
        case "not_yet":
            return Phrase("lifecycle.not_yet")


def shown_states(history: History) -> list[tuple[int, State]]:
    """The stages, and the others if any customer ever was there, each with its place."""
    every = list(enumerate(history.states))
    stages = [one for one in every if one[1].kind == "stage"]
    others = [one for one in every if one[1].kind != "stage"]
    return [*stages, *(one for one in others if any(row[one[0]] for row in history.sizes))]


def instant_text(at: datetime, zone: str) -> str:
    """An instant on the project's clock, to the minute."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def of_sizes(one: History, zone: str) -> Grid:
    """A row an instant, a column a stage."""
    states = shown_states(one)
    columns = (Column("at"), *(Column(name_of(state), number=True) for _, state in states))
    rows: list[Sequence[str | Phrase]] = [
        (instant_text(at, zone), *(f"{sizes[place]:,}" for place, _ in states))
        for at, sizes in zip(one.instants, one.sizes, strict=True)
    ]
    return Grid(Phrase("lifecycle.sizes", name=one.name), columns, rows)


_FLOWS = (
    Phrase("lifecycle.before"),
    Phrase("lifecycle.stayed"),
    Phrase("lifecycle.new"),
    Phrase("lifecycle.entered"),
    Phrase("lifecycle.left"),
    Phrase("lifecycle.gone"),
    Phrase("lifecycle.after"),
)


def of_flows(one: History, moves: Moves) -> Grid:
    """A row a stage: its customers at the start and at the end, and the moves between the two."""
    columns = (
        Column("stage"),
        *(Column(heading, number=True) for heading in _FLOWS),
    )
    places = {place for place, _ in shown_states(one)}
    rows: list[Sequence[str | Phrase]] = [
        (name_of(flow.state), *(f"{number:,}" for number in _numbers(flow)))
        for place, flow in enumerate(moves.flows)
        if place in places
    ]
    return Grid(Phrase("lifecycle.flows", name=one.name), columns, rows)


def _numbers(flow: Flow) -> tuple[int, ...]:
    new, gone = new_in(flow), gone_from(flow)
    entered = sum(flow.entered.values()) - new
    left = sum(flow.left.values()) - gone
    return flow.before, flow.stayed, new, entered, left, gone, flow.after


def new_in(flow: Flow) -> int:
    """The customers who were none yet at the earlier instant."""
    return sum(count for state, count in flow.entered.items() if state.kind == "not_yet")


def gone_from(flow: Flow) -> int:
    """The customers of a stage who are in none at the later instant."""
    if flow.state.kind != "stage":
        return 0
    return sum(count for state, count in flow.left.items() if state.kind == "outside")


def of_edges(one: History) -> Grid:
    """A row an edge, with the campaigns that touched its customers."""
    columns = (
        Column(Phrase("lifecycle.from")),
        Column(Phrase("lifecycle.to")),
        Column(Phrase("lifecycle.moves"), number=True),
        Column(Phrase("lifecycle.touched_by")),
    )
    rows: list[Sequence[str | Phrase]] = [
        (name_of(edge.source), name_of(edge.target), f"{edge.moves:,}", campaigns_text(edge))
        for edge in one.edges
    ]
    return Grid(Phrase("lifecycle.edges", name=one.name), columns, rows)


def campaigns_text(edge: Edge) -> str:
    """The campaigns that touched moves of an edge, each with their number."""
    return ", ".join(f"{name} {count:,}" for name, count in edge.campaigns.items()) or "-"


def of_stays(one: History) -> Grid:
    """A row a stage: how long stays in it last, in days."""
    columns = (
        Column("stage"),
        Column(Phrase("lifecycle.ended"), number=True),
        Column(Phrase("lifecycle.quarter"), number=True),
        Column(Phrase("lifecycle.median"), number=True),
        Column(Phrase("lifecycle.three_quarters"), number=True),
        Column(Phrase("lifecycle.still"), number=True),
        Column(Phrase("lifecycle.median_of_all"), number=True),
        Column(Phrase("lifecycle.earlier"), number=True),
    )
    rows: list[Sequence[str | Phrase]] = []
    for each in one.stays:
        known = each.quartiles()
        few = Phrase("lifecycle.too_few")
        days = (few, few, few) if known is None else tuple(f"{part:g}" for part in known)
        rows.append(
            (
                name_of(each.state),
                f"{each.ended:,}",
                *days,
                f"{each.open:,}",
                median_text(each),
                f"{each.earlier:,}",
            )
        )
    return Grid(Phrase("lifecycle.stays", name=one.name), columns, rows)


def median_text(each: Stays) -> str | Phrase:
    """The median of all stays, or why there is none."""
    median = each.median_of_all()
    if median is not None:
        return str(median)
    return Phrase("lifecycle.too_few") if each.is_few else Phrase("lifecycle.not_half")


def of_conversions(one: History) -> Grid:
    """A row a stage: how many of those who left it went on to the next one."""
    columns = (
        Column("stage"),
        Column(Phrase("lifecycle.next")),
        Column(Phrase("lifecycle.onward"), number=True),
        Column(Phrase("lifecycle.elsewhere"), number=True),
        Column(Phrase("lifecycle.still"), number=True),
        Column(Phrase("lifecycle.share"), number=True),
    )
    rows: list[Sequence[str | Phrase]] = [
        (
            name_of(each.state),
            "-" if each.following is None else name_of(each.following),
            f"{each.onward:,}",
            f"{each.elsewhere:,}",
            f"{each.still:,}",
            share_text(each),
        )
        for each in one.conversions
    ]
    return Grid(Phrase("lifecycle.conversions", name=one.name), columns, rows)


def share_text(each: Conversion) -> str | Phrase:
    """The share that went on; of few, how many of how many."""
    if each.following is None:
        return "-"
    if each.share is not None:
        return percent(each.share)
    return few_of(each.onward, each.onward + each.elsewhere)


def notes(shown: Shown) -> Iterator[Phrase]:
    """Yield how to read the tables."""
    if not any(one.moves for one in shown.found.histories):
        return
    yield Phrase("lifecycle.read_stays")
    if shown.with_ledger:
        yield Phrase("lifecycle.read_edges")
    else:
        yield Phrase("lifecycle.no_ledger")
    if shown.without_orders is not None:
        yield shown.without_orders
    if shown.found.orders is not None:
        yield Phrase("lifecycle.read_orders")
    for table in shown.found.left_out:
        yield Phrase(
            "outcome.left_out", table=table.table, count=f"{table.count:,}", rows=f"{table.rows:,}"
        )


# --- for programs -------------------------------------------------------------------------------


def as_json(shown: Shown, language: Language) -> str:
    """One document, in the shape of docs/json.md."""
    found = shown.found
    instants = found.histories[0].instants
    document = {
        "format_version": FORMAT_VERSION,
        "from": _instant(instants[0], shown.zone),
        "to": _instant(instants[-1], shown.zone),
        "with_ledger": shown.with_ledger,
        "lifecycles": [_history(one, shown.zone) for one in found.histories],
        "orders": None if found.orders is None else orders_document(found.orders),
        "left_out": [
            {"table": one.table, "count": one.count, "rows": one.rows} for one in found.left_out
        ],
        "diagnostics": [record(one, language) for one in found.warnings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _instant(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat()


def _history(one: History, zone: str) -> dict[str, object]:
    return {
        "lifecycle": one.name,
        "label": one.label,
        "stages": [{"stage": stage.name, "label": stage.label} for stage in one.stages],
        "customers": [
            {"at": _instant(at, zone), **_by_state(zip(one.states, sizes, strict=True))}
            for at, sizes in zip(one.instants, one.sizes, strict=True)
        ],
        "moves": [_moves(each, zone) for each in one.moves],
        "whole": None if one.whole is None else _moves(one.whole, zone),
        "edges": [_edge(edge) for edge in one.edges],
        "stays": [_stays(each) for each in one.stays],
        "conversions": [_conversion(each) for each in one.conversions],
    }


def _by_state(counts: Iterable[tuple[State, int]]) -> dict[str, object]:
    """Counts by stage, and those of the two states that are none."""
    stages: dict[str, int] = {}
    others = {"outside": 0, "not_yet": 0}
    for state, count in counts:
        if state.kind == "stage":
            stages[state.name] = count
        else:
            others[state.kind] = count
    return {"stages": stages, **others}


def _moves(moves: Moves, zone: str) -> dict[str, object]:
    return {
        "from": _instant(moves.start, zone),
        "to": _instant(moves.end, zone),
        "flows": [_flow(one) for one in moves.flows],
    }


def _flow(flow: Flow) -> dict[str, object]:
    return {
        **_state(flow.state),
        "before": flow.before,
        "stayed": flow.stayed,
        "new": new_in(flow),
        "entered": _by_state(flow.entered.items()),
        "left": _by_state(flow.left.items()),
        "gone": gone_from(flow),
        "after": flow.after,
    }


def _state(state: State) -> Mapping[str, str | None]:
    return {"kind": state.kind, "stage": state.name if state.kind == "stage" else None}


def _edge(edge: Edge) -> dict[str, object]:
    return {
        "from": _state(edge.source),
        "to": _state(edge.target),
        "moves": edge.moves,
        "campaigns": [{"campaign": name, "moves": count} for name, count in edge.campaigns.items()],
    }


def _stays(each: Stays) -> dict[str, object]:
    known = each.quartiles()
    return {
        "stage": each.state.name,
        "ended": each.ended,
        "quartiles": None if known is None else list(known),
        "open": each.open,
        "median_with_open": each.median_of_all(),
        "earlier": each.earlier,
    }


def _conversion(each: Conversion) -> dict[str, object]:
    return {
        "stage": each.state.name,
        "next": None if each.following is None else each.following.name,
        "onward": each.onward,
        "elsewhere": each.elsewhere,
        "open": each.still,
        "share": None if each.share is None else round(float(each.share), 6),
    }
