"""The page of what scenarios reach of a project's campaigns."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import Language, Phrase
from ..formats.scenarios.coverage import KINDS, count
from ..screen.tables import Column
from .page import Table, page

if TYPE_CHECKING:
    from ...runtime.scenarios.coverage import Coverage

_KIND = Column(Phrase("coverage.kind"))
_COUNTS = (
    _KIND,
    Column(Phrase("coverage.reached"), number=True),
    Column(Phrase("coverage.every"), number=True),
)
_MISSED = (
    Column(Phrase("coverage.campaign")),
    _KIND,
    Column(Phrase("coverage.text")),
    Column(Phrase("coverage.place")),
)


def as_html(coverage: Coverage, project: str, language: Language) -> str:
    """The page: how much of each kind was reached, and everything that was not."""
    every = list(coverage.items())
    kinds: Counter[tuple[str, bool]] = Counter((item.kind, reached) for item, reached in every)
    rows = [
        (phrase, str(kinds[kind, True]), str(kinds[kind, True] + kinds[kind, False]))
        for kind, phrase in KINDS.items()
        if (kind, True) in kinds or (kind, False) in kinds
    ]
    tables = [Table(Phrase("coverage.kinds"), _COUNTS, rows)]
    missed = [
        (item.owner, KINDS[item.kind], " ".join(item.text.split()), f"{item.file}:{item.line}")
        for item, reached in every
        if not reached
    ]
    if missed:
        tables.append(Table(Phrase("coverage.missed"), _MISSED, missed))
    title = Phrase("coverage.title", project=project)
    return page("coverage.html", title, language, summary=count(coverage), tables=tables)
