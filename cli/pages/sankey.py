"""Flows of customers between stages as inline SVG: a column an instant, a band a move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ..screen.excerpt import text_width

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from ...runtime.lifecycle.model import Moves, State

_WIDTH, _HEIGHT, _BAR, _GAP, _TOP = 720.0, 420.0, 14.0, 12.0, 24.0
_LABEL = 130.0
"""The width of the names at the right."""
_COLUMNS = 17
"""Columns of text in a name; a Chinese character takes two."""
_LEAST = 13.0
"""The height of a bar with a name, so that names do not overlap."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The customers of a state at an instant: a place between `top` and `top + height`."""

    state: State
    colour: str
    customers: int
    top: float
    height: float


def sankey(
    legs: Sequence[Moves],
    names: Mapping[State, str | Phrase],
    instants: Sequence[str],
    description: Phrase,
    language: Language,
) -> Markup:
    """Draw the moves between each instant and the next; `instants` are the names of all.

    States without a customer at any of them are left out.
    """
    from xml.etree.ElementTree import Element, SubElement, tostring

    columns = list(_columns(legs, names))
    bottom = max(bar.top + bar.height for column in columns for bar in column.values())
    step = (_WIDTH - _LABEL - _BAR) / len(legs)
    root = Element("svg", {"class": "sankey", "viewBox": f"0 0 {_WIDTH:g} {bottom + 6:.6g}"})
    said = in_language(description, language)
    root.set("role", "img")
    root.set("aria-label", said)
    SubElement(root, "title").text = said
    for place, moves in enumerate(legs):
        _draw_bands(root, moves, columns[place], columns[place + 1], place * step, step)
    shown = {state: in_language(name, language) for state, name in names.items()}
    for place, (column, at) in enumerate(zip(columns, instants, strict=True)):
        left = place * step
        head = SubElement(root, "text", {"x": f"{left:g}", "y": "14"})
        if place == len(instants) - 1:
            head.set("x", f"{left + _BAR:g}")
            head.set("text-anchor", "end")
        head.text = at
        for bar in column.values():
            _draw_bar(root, bar, left, shown[bar.state])
            is_gone = not place and not columns[-1][bar.state].customers
            if bar.customers and (is_gone or place == len(columns) - 1):
                _draw_name(root, bar, left, shown[bar.state])
    # The serializer escapes every text and attribute.
    return Markup(tostring(root, encoding="unicode"))  # noqa: S704


def _columns(
    legs: Sequence[Moves], names: Mapping[State, str | Phrase]
) -> Iterator[dict[State, Bar]]:
    """The bars of each instant, one below the other in the order of the names."""
    sizes = [{flow.state: flow.before for flow in legs[0].flows}]
    sizes += [{flow.state: flow.after for flow in leg.flows} for leg in legs]
    states = [state for state in names if any(each.get(state) for each in sizes)]
    whole = max(sum(sizes[0][state] for state in states), 1)
    room = _HEIGHT - _TOP - 4 - len(states) * (_GAP + _LEAST)
    for each in sizes:
        top, column = _TOP, {}
        for place, state in enumerate(states):
            count = each[state]
            height = count / whole * room
            colour = f"color-{place % 6}" if state.kind == "stage" else "colour-none"
            column[state] = Bar(state, colour, count, top, height)
            top += max(height, _LEAST if count else 0) + _GAP
        yield column


def _draw_bar(root: Element, bar: Bar, left: float, name: str) -> None:
    from xml.etree.ElementTree import SubElement

    if not bar.customers:
        return
    values = {"x": left, "y": bar.top, "width": _BAR, "height": max(bar.height, 1)}
    rect = SubElement(root, "rect", {key: f"{value:.6g}" for key, value in values.items()})
    rect.set("class", bar.colour)
    SubElement(rect, "title").text = f"{name}: {bar.customers:,}"


def _draw_name(root: Element, bar: Bar, left: float, name: str) -> None:
    from xml.etree.ElementTree import SubElement

    number = f" {bar.customers:,}"
    kept = name
    while text_width(kept) + len(number) > _COLUMNS:
        kept = kept[:-1]
    shown = name if kept == name else f"{kept[:-1]}…"
    middle = bar.top + max(bar.height, 8) / 2 + 4
    text = SubElement(root, "text", {"x": f"{left + _BAR + 6:g}", "y": f"{middle:.6g}"})
    text.text = f"{shown}{number}"


def _draw_bands(
    root: Element,
    moves: Moves,
    before: Mapping[State, Bar],
    after: Mapping[State, Bar],
    left: float,
    step: float,
) -> None:
    """A band a move, in the colour of where it comes from, from the top of both bars down."""
    from xml.etree.ElementTree import SubElement

    left_of = {state: bar.top for state, bar in before.items()}
    right_of = {state: bar.top for state, bar in after.items()}
    flows = {flow.state: flow for flow in moves.flows}
    for state, bar in before.items():
        for target in after:
            flow = flows[state]
            count = flow.stayed if target == state else flow.left.get(target, 0)
            if not count or not bar.customers:
                continue
            height = bar.height * count / bar.customers
            start, end = left_of[state], right_of[target]
            left_of[state] += height
            right_of[target] += height
            path = _band(left + _BAR, left + step, start, end, height)
            band = SubElement(root, "path", {"d": path, "class": f"band {bar.colour}"})
            SubElement(band, "title").text = f"{count:,}"


def _band(x: float, to: float, start: float, end: float, height: float) -> str:
    middle = (x + to) / 2
    height = max(height, 0.5)
    return (
        f"M{x:.6g} {start:.6g}C{middle:.6g} {start:.6g} {middle:.6g} {end:.6g} {to:.6g} {end:.6g}"
        f"V{end + height:.6g}C{middle:.6g} {end + height:.6g} {middle:.6g} {start + height:.6g}"
        f" {x:.6g} {start + height:.6g}Z"
    )
