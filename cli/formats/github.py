"""Annotations of GitHub Actions: workflow commands, one a line.

Source of the escapes: `escapeData` and `escapeProperty` of actions/toolkit,
packages/core/src/command.ts.
"""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Diagnostic
from .report import Report


def render(report: Report) -> str:
    """`::error file=…,line=…,col=…,endLine=…,endColumn=…,title=E201::message`, one for each."""
    return "".join(_command(diagnostic, report) + "\n" for diagnostic in report.diagnostics)


def _command(diagnostic: Diagnostic, report: Report) -> str:
    place = diagnostic.place
    properties = {"title": diagnostic.code.id}
    if place is not None:
        properties = {
            "file": report.path(place.file),
            "line": str(place.line),
            "col": str(place.column),
            "endLine": str(place.end_line),
            "endColumn": str(place.end_column),
            **properties,
        }
    told = diagnostic.help(report.language)
    said = diagnostic.message(report.language) + (f"\n{told}" if told else "")
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{diagnostic.code.severity} {listed}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
