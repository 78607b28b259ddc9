"""The changes of an export to its target, which holds all labels of the exports before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import feedback as codes
from ..ledger.instants import instant_text
from .labels import Place

COLUMNS = ("kind", "name", "customer", "value", "since")
"""The columns of a target. `since` is the instant of the export that first had the value."""

Kept = Mapping[Place, tuple[str, str]]
"""The labels in a target: value and `since` by place."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows that enter or move, as they become, and the places that leave.

    `entered`, `moved`, `left` and `stayed` count customers of the labels that are exported.
    """

    written: tuple[tuple[str, str, str, str, str], ...]
    gone: tuple[Place, ...]
    entered: int
    moved: int
    left: int
    stayed: int

    @property
    def nothing(self) -> bool:
        """Whether the target is as it should be."""
        return not self.written and not self.gone


def changes(
    kept: Kept,
    now: Mapping[Place, str],
    names: Collection[tuple[str, str]],
    at: datetime,
    target: str,
) -> Changes:
    """Return how the target becomes what the labels of these kinds and names are at an instant.

    Labels of other names stay. Raise `CannotRun` if the target has labels from a later export.
    """
    own = {place: row for place, row in kept.items() if place[:2] in names}
    since = instant_text(at)
    last = max((row[1] for row in own.values()), default="")
    if last > since:
        raise CannotRun(diagnose(codes.EARLIER, None, target=target, at=since, last=last))
    new = [place for place in now if place not in own]
    moved = [place for place, value in now.items() if place in own and own[place][0] != value]
    gone = tuple(sorted(place for place in own if place not in now))
    written = tuple((*place, now[place], since) for place in sorted((*new, *moved)))
    stayed = len(now) - len(new) - len(moved)
    return Changes(written, gone, len(new), len(moved), len(gone), stayed)


def after(kept: Kept, changed: Changes) -> list[tuple[str, str, str, str, str]]:
    """Return all rows of the target after the changes, in the order of their places."""
    rows = {place: (*place, *row) for place, row in kept.items()}
    for place in changed.gone:
        del rows[place]
    for row in changed.written:
        rows[Place(*row[:3])] = row
    return [rows[place] for place in sorted(rows)]
