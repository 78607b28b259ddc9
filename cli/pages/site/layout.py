"""Diagrams of boxes and arrows as inline SVG: layers from top to bottom, two boxes a row.

Two boxes share the width of a phone, so that the text in them is read without zooming.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from ...screen.excerpt import text_width

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WIDTH, _MARGIN, _GAP, _BELOW = 360, 20, 16, 34
_BOX = (_WIDTH - 2 * _MARGIN - _GAP) / 2
_LINE, _AROUND = 16, 10
_COLUMNS = 21
"""Columns of text in a box; a Chinese character takes two."""
_LINES = 5
_HANGING = frozenset("。，、；：）”")
"""Signs that begin no line, but hang over the end of the one before."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its title, and a sentence under it. `kind` is its class in the style sheet."""

    id: str
    title: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow from one box to another, `dashed` where it keeps the other from happening."""

    start: str
    end: str
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class _Placed:
    box: Box
    lines: tuple[str, ...]
    left: float
    top: float
    height: float
    row: int

    @property
    def middle(self) -> float:
        return self.left + _BOX / 2


def diagram(title: str, description: str, boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Markup:
    """The diagram as SVG; `description` is for readers who do not see it."""
    from xml.etree.ElementTree import Element, SubElement, tostring

    placed = _placed(boxes, arrows)
    height = max((one.top + one.height for one in placed.values()), default=0) + 4
    root = Element("svg", {"class": "diagram", "viewBox": f"0 0 {_WIDTH} {height:g}"})
    root.set("role", "img")
    root.set("aria-label", f"{title}. {description}")
    SubElement(root, "title").text = title
    for arrow in arrows:
        if arrow.start in placed and arrow.end in placed:
            _draw_arrow(root, placed[arrow.start], placed[arrow.end], dashed=arrow.dashed)
    for one in placed.values():
        _draw_box(root, one)
    return Markup(tostring(root, encoding="unicode"))  # noqa: S704  (the serializer escapes)


# --- where each box is --------------------------------------------------------------------------


def layers(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> dict[str, int]:
    """The layer of each box: below all that lead to it. Arrows of a circle count once."""
    before: dict[str, list[str]] = {box.id: [] for box in boxes}
    for arrow in arrows:
        if arrow.end in before and arrow.start in before and not arrow.dashed:
            before[arrow.end].append(arrow.start)
    found: dict[str, int] = {}

    def layer(name: str, above: tuple[str, ...]) -> int:
        if name not in found:
            known = [one for one in before[name] if one not in above]
            found[name] = 1 + max((layer(one, (*above, name)) for one in known), default=-1)
        return found[name]

    for box in boxes:
        layer(box.id, (box.id,))
    return found


def _placed(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> dict[str, _Placed]:
    rows = list(_rows(boxes, layers(boxes, arrows)))
    placed: dict[str, _Placed] = {}
    top = 4.0
    for number, row in enumerate(rows):
        lines = [_lines(box) for box in row]
        height = max(len(one) for one in lines) * _LINE + _AROUND
        alone = len(row) == 1
        for place, (box, text) in enumerate(zip(row, lines, strict=True)):
            left = (_WIDTH - _BOX) / 2 if alone else _MARGIN + place * (_BOX + _GAP)
            placed[box.id] = _Placed(box, text, left, top, height, number)
        top += height + _BELOW
    return placed


def _rows(boxes: Sequence[Box], layer: Mapping[str, int]) -> Iterator[list[Box]]:
    for number in sorted(set(layer.values())):
        inside = [box for box in boxes if layer[box.id] == number]
        for start in range(0, len(inside), 2):
            yield inside[start : start + 2]


def _lines(box: Box) -> tuple[str, ...]:
    title = _wrapped(box.title, 2)
    return (*title, *_wrapped(box.text, _LINES))


def _wrapped(text: str, most: int) -> tuple[str, ...]:
    """The text in lines that fit; what is left over is cut off with `…`."""
    lines, line = [], ""
    for word in _words(text):
        if line and text_width(line + word.rstrip()) > _COLUMNS and word not in _HANGING:
            lines.append(line.rstrip())
            line = ""
        line += word
    lines.append(line.rstrip())
    lines = [one for one in lines if one]
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: _COLUMNS - 2]}…"]
    return tuple(lines)


def _words(text: str) -> Iterator[str]:
    """Pieces between which a line may break: words, and single wide characters."""
    piece = ""
    for character in text:
        wide = text_width(character) > 1
        if wide or text_width(piece) >= _COLUMNS:
            if piece:
                yield piece
            piece = ""
        piece += character
        if wide or character == " ":
            yield piece
            piece = ""
    if piece:
        yield piece


# --- drawing ------------------------------------------------------------------------------------


def _draw_box(root: Element, one: _Placed) -> None:
    from xml.etree.ElementTree import SubElement

    group = SubElement(root, "g", {"class": f"box {one.box.kind}"})
    SubElement(group, "title").text = f"{one.box.title}: {one.box.text}"
    size = {"x": one.left, "y": one.top, "width": _BOX, "height": one.height, "rx": 6}
    SubElement(group, "rect", {name: f"{value:g}" for name, value in size.items()})
    titles = len(_wrapped(one.box.title, 2))
    for number, line in enumerate(one.lines):
        at = {"x": f"{one.left + 8:g}", "y": f"{one.top + _LINE * (number + 1):g}"}
        name = "name" if number < titles else "words"
        SubElement(group, "text", {**at, "class": name}).text = line


def _draw_arrow(root: Element, start: _Placed, end: _Placed, *, dashed: bool) -> None:
    from xml.etree.ElementTree import SubElement

    kind = "arrow dashed" if dashed else "arrow"
    SubElement(root, "path", {"class": kind, "d": _path(start, end)})
    x, y = end.middle, end.top
    if start.row == end.row:
        x, y = (end.left if start.left < end.left else end.left + _BOX), end.top + end.height / 2
        side = 8 if start.left > end.left else -8
        tip = f"M{x:g} {y:g} l{side:g} -4 l0 8 z"
    else:
        tip = f"M{x:g} {y:g} l-4 -8 l8 0 z" if start.row < end.row else _side_tip(end)
    SubElement(root, "path", {"class": "tip", "d": tip})


def _side_tip(end: _Placed) -> str:
    return f"M{end.left:g} {end.top + end.height / 2:g} l-8 -4 l0 8 z"


def _path(start: _Placed, end: _Placed) -> str:
    x, y = start.middle, start.top + start.height
    to_x, to_y = end.middle, end.top
    if start.row == end.row:
        height = start.top + start.height / 2
        right = start.left < end.left
        x, to_x = (start.left + _BOX, end.left) if right else (start.left, end.left + _BOX)
        return f"M{x:g} {height:g} L{to_x:g} {height:g}"
    if end.row == start.row + 1:
        half = (to_y - y) / 2
        return f"M{x:g} {y:g} C{x:g} {y + half:g} {to_x:g} {to_y - half:g} {to_x:g} {to_y - 6:g}"
    if end.row < start.row:
        height = end.top + end.height / 2
        side = start.top + 10
        return f"M{start.left:g} {side:g} L6 {side:g} L6 {height:g} L{end.left:g} {height:g}"
    # Past other rows it goes along the edge of the drawing, on the side of its end.
    edge = 8 if end.middle <= _WIDTH / 2 else _WIDTH - 8
    return (
        f"M{x:g} {y:g} L{x:g} {y + 10:g} L{edge:g} {y + 10:g} L{edge:g} {to_y - 18:g}"
        f" L{to_x:g} {to_y - 18:g} L{to_x:g} {to_y - 6:g}"
    )
