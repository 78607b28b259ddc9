"""Suppress diagnostics that follow from another mistake, so that each is reported at its root.

An unreadable clause is not missing, and a name from an unreadable declaration is not unknown.
Without a readable currency in campaigner.toml, no currency is reported as a different one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from ..dsl import tree
from ..dsl.codes import text
from ..dsl.diagnostics.diagnostic import Diagnostic, Phrase, in_language
from ..dsl.diagnostics.source import Place, Span
from ..dsl.parsing.parser import Parsed
from ..dsl.words.catalogue import ENGLISH
from .codes import brakes, compliance, files, logic, money, names, types
from .codes.measuring import measures
from .files.folder import SETTINGS
from .plan.currencies import NO_CURRENCY
from .project.project import Project

_WORD = re.compile(r"\w+")
_ABSENT = (
    names.MISSING_CLAUSE,
    money.NOTHING_PAYS,
    money.SHARE_WITHOUT_TOTAL,
    money.RESERVE_WITHOUT_TOTAL,
    money.NOTHING_TO_WATCH,
    compliance.NO_SUCH_REWARD,
    logic.EMPTY_REWARD,
    logic.NO_EXPERIMENT,
    logic.SAYS_NOTHING,
)
_UNKNOWN = (names.UNKNOWN_NAME, names.UNKNOWN_FIELD, names.UNKNOWN_DECLARATION)
_WITHOUT_EVENT = (names.NO_EVENT_HERE, types.BEFORE_EVENT_WITHOUT_EVENT)
_OF_CURRENCY = (money.OTHER_CURRENCY, measures.NO_REVENUE, brakes.NOTHING_SPENT)
_FOLLOWING = frozenset(
    (
        *_ABSENT,
        *_UNKNOWN,
        *_WITHOUT_EVENT,
        compliance.UNKNOWN_VARIABLE,
        *_OF_CURRENCY,
    )
)
"""Mistakes that may follow from others."""


def without_consequences(
    project: Project, diagnostics: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """The diagnostics without those that mending another one would take away."""
    every = tuple(diagnostics)
    if not any(found.code in _FOLLOWING for found in every):
        return every  # the roots of a thousand campaigns take longer than the edit of one
    roots = _roots(project)
    return tuple(found for found in every if not _follows(found, roots))


class _Stretches:
    """Places that do not overlap, to be asked whether one of them is around another place."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = sorted(places, key=_start)

    def around(self, place: Place | None) -> bool:
        if place is None:
            return False
        index = bisect_right(self._places, _start(place), key=_start)
        if not index:
            return False
        one = self._places[index - 1]
        return one.file == place.file and (place.line, place.column) < (
            one.end_line,
            one.end_column,
        )


def _start(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column


@dataclass(frozen=True, slots=True)
class _Roots:
    """Mistakes that others may follow from.

    `torn`: declarations with an unreadable part. `aimless`: campaigns without a known trigger.
    `lost`: words of text that may be declarations. `settings`: faulty settings.
    """

    torn: _Stretches
    aimless: _Stretches
    lost: frozenset[str]
    settings: tuple[Diagnostic, ...]
    currency_known: bool


def _roots(project: Project) -> _Roots:
    events = {event.name for event in project.events}
    torn: list[Place] = []
    aimless: list[Place] = []
    lost: set[str] = set()
    for file in project.parsed:
        inside = _skipped_inside(file)
        headless = _headless(file)
        for one, skipped in inside:
            if skipped or one.name.span.place.line in headless:
                torn.append(one.span.place)
            if _is_aimless(one, events):
                aimless.append(one.span.place)
        for span in _skipped_spans(file, inside):
            lost.update(_WORD.findall(span.text))
    return _Roots(
        _Stretches(torn),
        _Stretches(aimless),
        frozenset(lost),
        tuple(one for one in project.diagnostics if one.place and one.place.file == SETTINGS),
        project.config.currency != NO_CURRENCY,
    )


def _headless(parsed: Parsed) -> set[int]:
    """The lines on which a `{` is missing: what belongs to its declaration is anybody's guess."""
    return {
        one.place.line
        for one in parsed.diagnostics
        if one.place and one.code is text.UNEXPECTED and "`{`" in str(dict(one.values)["expected"])
    }


_Inside = list[tuple[tree.Named, list[Span]]]


def _skipped_inside(parsed: Parsed) -> _Inside:
    """Each declaration with what was skipped in it, or on its line right after it."""
    spans = sorted(parsed.skipped, key=lambda span: span.start)
    found: _Inside = []
    for declaration in parsed.tree.declarations:
        if isinstance(declaration, tree.Scenario):
            continue
        own = declaration.span
        line_end = own.source.text.find("\n", own.end)
        last = len(own.source.text) if line_end < 0 else line_end
        first = bisect_left(spans, own.start, key=lambda span: span.start)
        behind = bisect_right(spans, last, key=lambda span: span.start)
        found.append((declaration, spans[first:behind]))
    return found


def _is_aimless(declaration: tree.Named, events: set[str]) -> bool:
    if not isinstance(declaration, tree.Campaign):
        return False
    trigger = next((one for one in declaration.clauses if isinstance(one, tree.Trigger)), None)
    if trigger is None:
        return True
    match trigger.form:
        case tree.OnEvent(event):
            return event.text not in events
        case tree.Timer(moment=moment):
            return (moment.owner or moment.name).text not in events
        case _:
            return False


def _skipped_spans(parsed: Parsed, inside: _Inside) -> list[Span]:
    """The skipped spans that may contain declarations: between declarations and among stages."""
    known = {
        (skipped.start, skipped.end)
        for one, spans in inside
        if not isinstance(one, tree.Lifecycle)
        for skipped in spans
    }
    return [one for one in parsed.skipped if (one.start, one.end) not in known]


def _follows(found: Diagnostic, roots: _Roots) -> bool:
    """Whether the mistake comes from another one."""
    if found.code in _ABSENT:
        return roots.torn.around(found.place)
    if found.code in _WITHOUT_EVENT:
        return roots.aimless.around(found.place)
    if found.code is compliance.UNKNOWN_VARIABLE:
        of_event = str(dict(found.values)["name"]).startswith("event.")
        return of_event and roots.aimless.around(found.place)
    if found.code in _UNKNOWN:
        return _not_read(found, roots)
    return found.code in _OF_CURRENCY and not roots.currency_known


def _not_read(found: Diagnostic, roots: _Roots) -> bool:
    """Whether what is of that name may well stand in what was not read."""
    values = dict(found.values)
    name = values.get("name")
    if values.get("kind") is names.CHANNEL and any(_spoils(one, name) for one in roots.settings):
        return True
    return isinstance(name, str) and name in roots.lost


def _spoils(mistake: Diagnostic, channel: str | Phrase | None) -> bool:
    """Whether a mistake in the settings took the channel away."""
    owner = dict(mistake.values).get("owner")
    named = isinstance(owner, Phrase) and f"`{channel}`" in in_language(owner, ENGLISH)
    return named or mistake.code is files.TOML_SYNTAX
