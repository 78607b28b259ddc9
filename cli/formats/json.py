"""For programs, in the shape of docs/json.md. Files are relative to the project."""

from __future__ import annotations

import json

from ...dsl.diagnostics.diagnostic import Diagnostic, Fix, Language
from .report import Report

FORMAT_VERSION = 1


def render(report: Report, **more: object) -> str:
    """Return one JSON document; a diagnostic without a place has null in every coordinate.

    `more` is inserted between the format and the diagnostics.
    """
    diagnostics = [record(diagnostic, report.language) for diagnostic in report.diagnostics]
    document = {"format_version": FORMAT_VERSION, **more, "diagnostics": diagnostics}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def record(diagnostic: Diagnostic, language: Language) -> dict[str, object]:
    """A diagnostic as one object."""
    place = diagnostic.place
    return {
        "code": diagnostic.code.id,
        "severity": diagnostic.code.severity,
        "message": diagnostic.message(language),
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "end_line": place.end_line if place else None,
        "end_column": place.end_column if place else None,
        "help": diagnostic.help(language),
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
    }


def _fix(fix: Fix) -> dict[str, object]:
    place = fix.place
    return {
        "safe": fix.safety == "safe",
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "replacement": fix.replacement,
    }
