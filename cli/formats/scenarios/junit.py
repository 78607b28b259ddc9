"""Scenarios as JUnit's XML, which continuous integration shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from ....dsl.diagnostics.diagnostic import Language, in_language
from .lines import lines_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ....runtime.scenarios.testing import ScenarioResult


def render(every: Sequence[ScenarioResult], zone: ZoneInfo, language: Language) -> str:
    """One test suite, a test case for each scenario."""
    failed = sum(not one.passed for one in every)
    suite = ET.Element(
        "testsuite",
        {"name": "campaigner", "tests": str(len(every)), "failures": str(failed)},
    )
    for one in every:
        scenario = one.scenario
        where = {"file": scenario.place.file, "line": str(scenario.place.line)}
        names = {"classname": scenario.campaign, "name": _plain(scenario.title)}
        case = ET.SubElement(suite, "testcase", {**names, **where})
        if not one.passed:
            lines = _lines(one, zone, language)
            failure = ET.SubElement(case, "failure", {"message": lines[0] if lines else ""})
            failure.text = "\n".join(lines)
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, "unicode") + "\n"


def _lines(result: ScenarioResult, zone: ZoneInfo, language: Language) -> list[str]:
    if result.needed is not None:
        return [_plain(result.needed.message(language))]
    return [
        _plain(f"{in_language(one.what, language)}: {in_language(one.text, language)}")
        for one in lines_of(result, zone)
    ]


def _plain(text: str) -> str:
    """The text without the characters that XML 1.0 cannot hold."""
    return "".join(one if one in "\t\n\r" or one >= " " else "\ufffd" for one in text)
