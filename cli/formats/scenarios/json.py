"""Scenarios for programs: see docs/json.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ....dsl.diagnostics.diagnostic import in_language
from ....dsl.words.catalogue import ENGLISH
from .lines import CAME, CLAUSE, EXPECTED, IS, NOTHING, lines_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ....runtime.scenarios.testing import ScenarioResult

FORMAT_VERSION = 1
_KEYS = {EXPECTED: "expected", CAME: "came", IS: "is", CLAUSE: "clause"}


def render(every: Sequence[ScenarioResult], zone: ZoneInfo, more: Mapping[str, object]) -> str:
    """One object, with `more` keys at its end."""
    passed = sum(one.passed for one in every)
    found = {
        "format_version": FORMAT_VERSION,
        "passed": passed,
        "failed": len(every) - passed,
        "scenarios": [_scenario(one, zone) for one in every],
        **more,
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _scenario(result: ScenarioResult, zone: ZoneInfo) -> dict[str, object]:
    scenario = result.scenario
    found: dict[str, object] = {
        "title": scenario.title,
        "campaign": scenario.campaign,
        "file": scenario.place.file,
        "line": scenario.place.line,
        "passed": result.passed,
        "failure": None,
    }
    if result.needed is not None:
        at = result.needed.place
        line = None if at is None else at.line
        found["failure"] = {"line": line, "needed": result.needed.message(ENGLISH)}
    elif result.failure is not None:
        differs = [
            {
                _KEYS[one.what]: None if one.text is NOTHING else in_language(one.text, ENGLISH),
                **({"file": one.file, "line": one.line} if one.file else {}),
            }
            for one in lines_of(result, zone)
        ]
        found["failure"] = {"line": result.failure.turn.place.line, "differs": differs}
    return found
