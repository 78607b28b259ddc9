"""Source lines as a terminal shows them, with marks under the characters in question.

A mark must be under its character, whatever comes before it: a tab, a wide CJK character, a
combining accent, a control character. Of a line of a megabyte, only the relevant words are shown.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_TAB = "    "
_MORE = "…"
# The characters shown before the mark in a line that is too long to be shown whole.
_LEAD = 20
_SHORTEST = 40
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
# Emoji, Persian and Indic words need them.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line made fit to show: `text`, and where its mark starts and how wide it is (columns)."""

    text: str
    start: int
    width: int


def cell_width(character: str) -> int:
    """The columns of a terminal that a character takes: 0, 1 or 2."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def text_width(text: str) -> int:
    """The columns of a terminal that a text takes."""
    return sum(cell_width(character) for character in text)


def visible(character: str) -> str:
    """The character as it is safe to show: tabs as blanks, what a terminal would obey as a sign."""
    if character == "\t":
        return _TAB
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code < 0x7F or character in _JOINERS:
        return character
    # Direction marks, separators of lines and what has no width could make a line read as
    # something that it is not.
    return "\ufffd" if unicodedata.category(character) in _HIDDEN else character


def safe(text: str) -> str:
    """The text with every character made safe to show."""
    return "".join(visible(character) for character in text)


def cut(line: str, column: int, end_column: int, room: int) -> Excerpt:
    """The line, or the part of it around the mark that fits into `room` columns.

    `column` (in) and `end_column` (out) count characters from 1 and may lie past the end.
    """
    room = max(room, _SHORTEST)
    start, end = column - 1, max(end_column - 1, column)
    if len(line) * 2 > room and text_width(line[: 4 * room]) > room:
        line, start, end = _window(line, start, end, room)
    before = safe(line[:start])
    marked = safe(line[start:end])
    # A mark past the end of the line still needs a place to stand.
    width = max(text_width(marked), 1)
    gap = max(start - len(line), 0)
    return Excerpt(safe(line), text_width(before) + gap, width)


def _window(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """The line cut to about `room` columns from a little before the mark, and the mark in it."""
    first = max(start - _LEAD, 0) if start > room - _LEAD else 0
    last, used = first, 2
    while last < len(line) and used < room:
        used += text_width(visible(line[last]))
        last += 1
    lead = _MORE if first else ""
    tail = _MORE if last < len(line) else ""
    shift = len(lead) - first
    return (
        lead + line[first:last] + tail,
        start + shift,
        min(end, last) + shift,
    )
