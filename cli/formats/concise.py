"""One line a mistake, as editors and `grep` read them: `file:line:column: E201 message`."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Diagnostic
from ..screen.excerpt import safe
from .report import Report


def render(report: Report) -> str:
    """A line for each diagnostic; without a place, the code comes first."""
    return "".join(_line(diagnostic, report) + "\n" for diagnostic in report.diagnostics)


def _line(diagnostic: Diagnostic, report: Report) -> str:
    said = f"{diagnostic.code.id} {diagnostic.message(report.language)}"
    place = diagnostic.place
    if place is None:
        return safe(said.replace("\n", " "))
    where = f"{report.path(place.file)}:{place.line}:{place.column}"
    return safe(f"{where}: {said}".replace("\n", " "))
