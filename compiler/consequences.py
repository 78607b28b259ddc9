"""What is only said because something else was wrong: each mistake is told once, at its root.

A clause that could not be read is not missing, what a declaration that could not be read declares
is not unknown, and where campaigner.toml has no currency that can be read, none is another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..dsl.codes import compliance, files, money, names
from ..dsl.diagnostics import Diagnostic
from ..dsl.parser import Parsed
from ..dsl.source import Place, Span
from .project import Project

NO_CURRENCY = "XXX"
"""What stands in for a currency that could not be read (ISO 4217: no currency)."""

_ABSENT = (
    names.MISSING_CLAUSE,
    money.NOTHING_PAYS,
    money.SHARE_WITHOUT_TOTAL,
    compliance.NO_SUCH_REWARD,
)
_UNKNOWN = (names.UNKNOWN_NAME, names.UNKNOWN_FIELD, names.UNKNOWN_DECLARATION)


def without_consequences(
    project: Project, diagnostics: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """The diagnostics without those that mending another one would take away."""
    torn = [place for parsed in project.parsed for place in _torn(parsed)]
    lost = [span for parsed in project.parsed for span in _lost(parsed)]
    unread = any(found.code is files.TOML_SYNTAX for found in project.diagnostics)
    return tuple(
        found
        for found in diagnostics
        if not (
            (found.code in _ABSENT and any(_within(found.place, place) for place in torn))
            or (found.code in _UNKNOWN and _not_read(found, lost, unread=unread))
            or (found.code is money.OTHER_CURRENCY and project.config.currency == NO_CURRENCY)
        )
    )


def _torn(parsed: Parsed) -> list[Place]:
    """The declarations of which a part could not be read."""
    return [
        declaration.span.place
        for declaration in parsed.tree.declarations
        if any(_overlap(declaration.span, skipped) for skipped in parsed.skipped)
    ]


def _lost(parsed: Parsed) -> list[Span]:
    """What could not be read outside of the declarations that could: perhaps one itself."""
    return [
        skipped
        for skipped in parsed.skipped
        if not any(_overlap(declaration.span, skipped) for declaration in parsed.tree.declarations)
    ]


def _overlap(one: Span, other: Span) -> bool:
    return one.start <= other.start < one.end


def _within(place: Place | None, around: Place) -> bool:
    if place is None or place.file != around.file:
        return False
    start, end = (around.line, around.column), (around.end_line, around.end_column)
    return start <= (place.line, place.column) < end


def _not_read(found: Diagnostic, lost: list[Span], *, unread: bool) -> bool:
    """Whether the name may well stand in what was not read."""
    values = dict(found.values)
    name = values.get("name")
    if unread and values.get("kind") is names.CHANNEL:
        return True
    return isinstance(name, str) and any(
        re.search(rf"\b{re.escape(name)}\b", span.text) for span in lost
    )
