"""A failure of a scenario in short lines, which every format shows in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ....dsl.diagnostics.diagnostic import Phrase

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ....runtime.scenarios.testing import Failure, ScenarioResult

EXPECTED = Phrase("tests.expected")
CAME = Phrase("tests.came")
IS = Phrase("tests.is")
CLAUSE = Phrase("tests.clause")
NOTHING = Phrase("tests.nothing")


class Line(NamedTuple):
    """Something expected, that came, is true instead, or decided it; of a clause with its place."""

    what: Phrase
    text: str | Phrase
    file: str = ""
    line: int = 0


def lines_of(result: ScenarioResult, zone: ZoneInfo) -> Iterator[Line]:
    """Yield the differences and the clause that decided; nothing if the scenario passed."""
    failure = result.failure
    if failure is not None:
        yield from _of(failure, zone, several=len(result.scenario.customers) > 1)


def _of(failure: Failure, zone: ZoneInfo, *, several: bool) -> Iterator[Line]:
    from ....runtime.scenarios.writing import every

    found = failure.difference
    for one in found.missing:
        yield Line(EXPECTED, one.text)
    for said in every(found.more, zone, several=several):
        yield Line(CAME, said)
    if found.missing and not found.more:
        yield Line(CAME, NOTHING)
    for wanted, actual in found.actual:
        yield Line(EXPECTED, wanted.text)
        yield Line(IS, NOTHING if actual is None else actual)
    for _, clause in failure.lost:
        text = " ".join(clause.text.split())
        values = ", ".join(f"{name} = {value}" for name, value in clause.values.items())
        yield Line(CLAUSE, f"{text} ({values})" if values else text, clause.file, clause.line)
