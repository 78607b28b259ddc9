"""SARIF 2.1.0, which code hosts and editors read.

From the OASIS standard: paths are percent-encoded URI references. Columns count characters
(`unicodeCodePoints`). The end column is the one after the last character. An empty region has
`endColumn` equal to `startColumn`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Fix, Label, Language, in_language
from ...dsl.diagnostics.source import Place
from .report import Report

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render(report: Report) -> str:
    """One log with one run; a clean project gives a run without results."""
    codes = sorted({each.code.id: each.code for each in report.diagnostics}.items())
    index = {id_: position for position, (id_, _) in enumerate(codes)}
    run = {
        "tool": {
            "driver": {
                "name": "campaigner",
                "rules": [_rule(code, report.language) for _, code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, report, index) for each in report.diagnostics],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(code: Code, language: Language) -> dict[str, Any]:
    return {
        "id": code.id,
        "shortDescription": {"text": in_language(code.title, language)},
        "defaultConfiguration": {"level": code.severity},
    }


def _result(diagnostic: Diagnostic, report: Report, index: dict[str, int]) -> dict[str, Any]:
    language = report.language
    told = diagnostic.help(language)
    said = diagnostic.message(language) + (f"\n{told}" if told else "")
    place = diagnostic.place
    result: dict[str, Any] = {
        "ruleId": diagnostic.code.id,
        "ruleIndex": index[diagnostic.code.id],
        "level": diagnostic.code.severity,
        "message": {"text": said},
        "locations": [] if place is None else [{"physicalLocation": _location(place, report)}],
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            _related(number, label, report, language)
            for number, label in enumerate(diagnostic.labels, start=1)
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix, told or said, report)]
    return result


def _fix(fix: Fix, described: str, report: Report) -> dict[str, Any]:
    """A fix object (3.55). A property tells whether it is safe to apply without a look."""
    location = _location(fix.place, report)
    replaced = {"deletedRegion": location["region"], "insertedContent": {"text": fix.replacement}}
    change = {"artifactLocation": location["artifactLocation"], "replacements": [replaced]}
    return {
        "description": {"text": described},
        "artifactChanges": [change],
        "properties": {"safe": fix.safety == "safe"},
    }


def _related(number: int, label: Label, report: Report, language: Language) -> dict[str, Any]:
    return {
        "id": number,
        "physicalLocation": _location(label.place, report),
        "message": {"text": in_language(label.text, language)},
    }


def _location(place: Place, report: Report) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": quote(report.path(place.file), safe="/", errors="replace")},
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    }
