"""Charts as inline SVG: no script, no link, text kept as text, colours of the style sheet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Literal, TypeAlias

from markupsafe import Markup

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ..screen.excerpt import text_width

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Kind: TypeAlias = Literal["bars", "lines", "rows", "stacked"]
"""`rows` are bars that lie, with a label each; `stacked` bars are added up."""

COLOURS = 6
"""Colours of series in the style sheet; the seventh series has that of the first."""

_WIDTH, _HEIGHT, _ROW = 460, 260, 28
_AROUND = 60
"""Height that the axis of lying bars takes."""
_LETTER = 7
"""Width of half a Chinese character in the style sheet's 12 pixels."""
_LYING, _UPRIGHT = 24, 10
"""Columns of a label at a lying bar, where half of the width is for bars, and below a chart."""
_OVERHANG = 20
"""Half of the last label below a chart."""
_LABELS = 5
"""Labels of an axis of many: more would overlap on a phone."""


@dataclass(frozen=True, slots=True)
class Series:
    """A line or a set of bars; `None` where it has no value."""

    name: str | Phrase
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its title, a sentence for readers who do not see it, and series over `labels`.

    `labels` are short, since five of them share the width of a phone.
    """

    kind: Kind
    title: str | Phrase
    description: str | Phrase
    labels: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart in a language: what its template needs."""

    title: str
    svg: Markup
    legend: tuple[str, ...]


def drawn(chart: Chart, language: Language) -> Drawn:
    """The chart as inline SVG; its legend is text of the page, which wraps."""
    names = tuple(in_language(one.name, language) for one in chart.series)
    title, description = (in_language(one, language) for one in (chart.title, chart.description))
    root = _rendered(chart, names)
    _strip(root)
    _say_values(root)
    _describe(root, title, description)
    return Drawn(title, _markup(root), names if len(names) > 1 else ())


@cache
def _library() -> ModuleType:
    """The library, without the finder of plug-ins that it adds to those of Python's imports."""
    pygal: ModuleType = import_module("pygal")
    sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != pygal.__name__]
    library: ModuleType = pygal
    return library


def _rendered(chart: Chart, names: Sequence[str]) -> Element:
    pygal = _library()
    lying = chart.kind == "rows"
    kinds = {
        "bars": pygal.Bar,
        "lines": pygal.Line,
        "rows": pygal.HorizontalBar,
        "stacked": pygal.StackedBar,
    }
    few = lying or len(chart.labels) <= _LABELS
    labels = [_short(one, _LYING if lying else _UPRIGHT) for one in chart.labels]
    # The library leaves room for Latin letters; Chinese ones are twice as wide.
    more = max(map(text_width, labels), default=0) * _LETTER - max(map(len, labels), default=0) * 6
    graph = kinds[chart.kind](
        js=[],
        css=[],
        no_prefix=True,
        width=_WIDTH,
        height=_AROUND + _ROW * len(chart.labels) * len(names) if lying else _HEIGHT,
        margin=4,
        margin_left=max(4, more) if lying else 4,
        margin_right=_OVERHANG,
        show_legend=False,
        truncate_label=-1,
        show_dots=len(chart.labels) <= 2 * _LABELS,
        show_minor_x_labels=few,
        x_labels_major_count=None if few else _LABELS,
        include_x_axis=True,
        allow_interruptions=True,
        formatter=_number,
        max_scale=6,
    )
    # Lying bars begin at the bottom, and lists are read from the top.
    turn = -1 if lying else 1
    graph.x_labels = labels[::turn]
    for name, one in zip(names, chart.series, strict=True):
        graph.add(name, one.values[::turn])
    root: Element = graph.render_tree()
    return root


def _short(label: str, columns: int) -> str:
    if text_width(label) <= columns:
        return label
    kept = label
    while text_width(kept) >= columns:
        kept = kept[:-1]
    return f"{kept}…"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.6g}" if abs(value) < 1 else f"{value:,.10g}"


def _strip(root: Element) -> None:
    """Leave out scripts, styles, remarks and the box of tooltips, which need a script."""
    for parent in [*root.iter()]:
        for child in [*parent]:
            if _is_extra(child):
                parent.remove(child)


def _is_extra(node: Element) -> bool:
    # The tag of a comment is the function that makes it.
    if not isinstance(node.tag, str):
        return True
    return node.tag in ("defs", "script", "style") or "tooltip" in _classes(node)


def _classes(node: Element) -> list[str]:
    return node.get("class", "").split()


def _say_values(root: Element) -> None:
    """Show each value when it is pointed at: `2026-01-08: 49`."""
    from xml.etree.ElementTree import SubElement

    for parent in [*root.iter()]:
        notes = [child for child in parent if child.tag == "desc"]
        said = {place: note.text or "" for note in notes for place in _classes(note)}
        for note in notes:
            parent.remove(note)
        if "value" in said:
            shown = (said.get("x_label", ""), said["value"])
            SubElement(parent, "title").text = ": ".join(filter(None, shown))


def _describe(root: Element, title: str, description: str) -> None:
    from xml.etree.ElementTree import SubElement

    for child in [child for child in root if child.tag == "title"]:
        root.remove(child)
    for tag, text in (("desc", description), ("title", title)):
        node = SubElement(root, tag)
        node.text = text
        root.remove(node)
        root.insert(0, node)
    for name in ("id", "xmlns", "width", "height"):
        root.attrib.pop(name, None)
    root.set("class", "chart")
    root.set("role", "img")
    root.set("aria-label", f"{title}. {description}")


def _markup(root: Element) -> Markup:
    from pygal.etree import etree

    text: str = etree.tostring(root, encoding="unicode")
    # The tree has escaped every text and attribute of it.
    return Markup(text)  # noqa: S704
