"""Scenarios for people: a line for each that failed, below it what differs, and a count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from ....dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...screen.excerpt import safe, text_width
from .lines import lines_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ....runtime.scenarios.testing import ScenarioResult

_COLUMN = 10


def render(every: Sequence[ScenarioResult], zone: ZoneInfo, language: Language, prefix: str) -> str:
    """The failures and the count."""
    failed = [one for one in every if not one.passed]
    lines = [line for one in failed for line in _lines(one, zone, language, prefix)]
    count = Phrase("tests.passed", passed=str(len(every) - len(failed)), all=str(len(every)))
    return "\n".join([*lines, in_language(count, language)]) + "\n"


def _lines(
    result: ScenarioResult, zone: ZoneInfo, language: Language, prefix: str
) -> Iterator[str]:
    scenario = result.scenario
    place = safe(f"{prefix}{scenario.place.file}:{scenario.place.line}")
    sign = click.style("✗", fg="red")
    yield f"{sign} {click.style(safe(scenario.title), bold=True)}  {place}"
    if result.needed is not None:
        at = result.needed.place
        where = "" if at is None else f"  {safe(f'{prefix}{at.file}:{at.line}')}"
        yield f"    {safe(result.needed.message(language))}{where}"
        return
    if result.failure is not None:
        at = result.failure.turn.place
        yield f"  {safe(f'{prefix}{at.file}:{at.line}')}"
    for line in lines_of(result, zone):
        word = in_language(line.what, language)
        where = f"  {safe(f'{prefix}{line.file}:{line.line}')}" if line.file else ""
        gap = " " * max(1, _COLUMN - text_width(word))
        yield f"    {word}{gap}{safe(in_language(line.text, language))}{where}"
