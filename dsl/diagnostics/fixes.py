"""Fixes: made from a span, and applied to a text."""

from __future__ import annotations

from collections.abc import Iterable

from .diagnostic import Fix, Safety
from .source import SourceFile, Span


def in_place_of(span: Span, right: str, safety: Safety = "look") -> Fix:
    """The fix that puts `right` in place of a span, with spaces where words would grow together.

    `a&&b` becomes `a and b`.
    """
    text = span.source.text
    before, after = text[: span.start][-1:], text[span.end : span.end + 1]
    if right:
        left = " " if _joins(before) and _joins(right[0]) else ""
        end = " " if _joins(right[-1]) and _joins(after) else ""
        return Fix(span.place, f"{left}{right}{end}", safety)
    return Fix(span.place, " " if _joins(before) and _joins(after) else "", safety)


def apply(source: SourceFile, fixes: Iterable[Fix]) -> tuple[str, tuple[Fix, ...]]:
    """The text with fixes applied, and those that were, in reading order.

    Of fixes that overlap, the first in reading order is applied.
    """
    parts: list[str] = []
    applied: list[Fix] = []
    done, last = 0, -1
    for fix in sorted(fixes, key=lambda one: one.place):
        start = source.offset(fix.place.line, fix.place.column)
        end = source.offset(fix.place.end_line, fix.place.end_column)
        if start < done or start == last:
            continue
        parts += (source.text[done:start], fix.replacement)
        applied.append(fix)
        done, last = end, start
    return "".join((*parts, source.text[done:])), tuple(applied)


def _joins(character: str) -> bool:
    """Whether a character would make one word with a neighbour of its kind."""
    return character.isalnum() or character in ("_", "`") if character else False
