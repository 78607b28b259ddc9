"""What is only said because something else was wrong: each mistake is told once, at its root.

A clause that could not be read is not missing, what a declaration that could not be read declares
is not unknown, and where campaigner.toml has no currency that can be read, none is another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..dsl import tree
from ..dsl.codes import compliance, files, logic, money, names, types
from ..dsl.diagnostics import Diagnostic, Phrase
from ..dsl.parser import Parsed
from ..dsl.source import Place, Span
from .folder import SETTINGS
from .project import Project

NO_CURRENCY = "XXX"
"""What stands in for a currency that could not be read (ISO 4217: no currency)."""

_ABSENT = (
    names.MISSING_CLAUSE,
    money.NOTHING_PAYS,
    money.SHARE_WITHOUT_TOTAL,
    money.RESERVE_WITHOUT_TOTAL,
    money.NOTHING_TO_WATCH,
    compliance.NO_SUCH_REWARD,
    logic.EMPTY_REWARD,
)
_UNKNOWN = (names.UNKNOWN_NAME, names.UNKNOWN_FIELD, names.UNKNOWN_DECLARATION)
_WITHOUT_EVENT = (names.NO_EVENT_HERE, types.BEFORE_EVENT_WITHOUT_EVENT)


def without_consequences(
    project: Project, diagnostics: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """The diagnostics without those that mending another one would take away."""
    roots = _roots(project)
    return tuple(found for found in diagnostics if not _follows(found, roots))


@dataclass(frozen=True, slots=True)
class _Roots:
    """What other mistakes may come from.

    `torn`: declarations of which a part could not be read. `aimless`: campaigns whose trigger
    nobody knows. `lost`: text that may declare something. `settings`: what is wrong there.
    """

    torn: tuple[Place, ...]
    aimless: tuple[Place, ...]
    lost: tuple[Span, ...]
    settings: tuple[Diagnostic, ...]
    currency_known: bool


def _roots(project: Project) -> _Roots:
    events = {event.name for event in project.events}
    declared = [(file, one) for file in project.parsed for one in file.tree.declarations]
    return _Roots(
        tuple(one.span.place for file, one in declared if _skipped_in(file, one)),
        tuple(one.span.place for _, one in declared if _is_aimless(one, events)),
        tuple(span for file in project.parsed for span in _lost(file)),
        tuple(one for one in project.diagnostics if one.place and one.place.file == SETTINGS),
        project.config.currency != NO_CURRENCY,
    )


def _skipped_in(parsed: Parsed, declaration: tree.Declaration) -> list[Span]:
    """What was skipped in the declaration, or on its line right after it."""
    own = declaration.span
    return [
        skipped
        for skipped in parsed.skipped
        if own.start <= skipped.start
        and (skipped.start < own.end or "\n" not in own.source.text[own.end : skipped.start])
    ]


def _is_aimless(declaration: tree.Declaration, events: set[str]) -> bool:
    if not isinstance(declaration, tree.Campaign):
        return False
    trigger = next((one for one in declaration.clauses if isinstance(one, tree.Trigger)), None)
    if trigger is None:
        return True
    return isinstance(trigger.form, tree.OnEvent) and trigger.form.event.text not in events


def _lost(parsed: Parsed) -> list[Span]:
    """What was skipped where something may be declared: between declarations, among stages."""
    inside = [
        skipped
        for one in parsed.tree.declarations
        if not isinstance(one, tree.Lifecycle)
        for skipped in _skipped_in(parsed, one)
    ]
    return [skipped for skipped in parsed.skipped if skipped not in inside]


def _follows(found: Diagnostic, roots: _Roots) -> bool:
    """Whether the mistake comes from another one."""
    if found.code in _ABSENT:
        return _within(found.place, roots.torn)
    if found.code in _WITHOUT_EVENT:
        return _within(found.place, roots.aimless)
    if found.code is compliance.UNKNOWN_VARIABLE:
        of_event = str(dict(found.values)["name"]).startswith("event.")
        return of_event and _within(found.place, roots.aimless)
    if found.code in _UNKNOWN:
        return _not_read(found, roots)
    return found.code is money.OTHER_CURRENCY and not roots.currency_known


def _within(place: Place | None, around: Iterable[Place]) -> bool:
    return place is not None and any(
        place.file == one.file
        and (one.line, one.column) <= (place.line, place.column) < (one.end_line, one.end_column)
        for one in around
    )


def _not_read(found: Diagnostic, roots: _Roots) -> bool:
    """Whether what is of that name may well stand in what was not read."""
    values = dict(found.values)
    name = values.get("name")
    if values.get("kind") is names.CHANNEL and any(_spoils(one, name) for one in roots.settings):
        return True
    return isinstance(name, str) and any(
        re.search(rf"\b{re.escape(name)}\b", span.text) for span in roots.lost
    )


def _spoils(mistake: Diagnostic, channel: str | Phrase | None) -> bool:
    """Whether a mistake in the settings took the channel away."""
    owner = dict(mistake.values).get("owner")
    named = isinstance(owner, Phrase) and f"`{channel}`" in owner.en
    return named or mistake.code is files.TOML_SYNTAX
