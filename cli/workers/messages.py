"""The messages between a parent and its workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...compiler.plan import Plan
from ...compiler.project.settings import Settings
from ...dsl.diagnostics.diagnostic import Diagnostic, Language, Phrase
from ...runtime.events.lines import Line
from ...runtime.events.part import WHOLE, Part
from ...runtime.events.session import Totals
from ...runtime.ledger.batches.conflicts import Conflict
from ...runtime.run.stranded import Changed

NEVER = datetime.min.replace(tzinfo=UTC)
"""The latest instant of a worker without events."""


@dataclass(frozen=True, slots=True)
class Begin:
    """The work of a worker, for its `part` of the customers.

    `file` is the name of the stream in messages. With `in_json`, answers have a line of JSON for
    each line. `plain`: the path without what makes it quicker. `even_in_the_future`: events later
    than the parent's clock are decided too. `changed`: the steps of journeys that the first worker
    found changed, for the others.
    """

    settings: Settings
    plan: Plan
    file: str | Phrase
    language: Language
    in_json: bool
    plain: bool
    even_in_the_future: bool
    at: datetime
    part: Part = WHOLE
    changed: Changed | None = None


@dataclass(frozen=True, slots=True)
class From:
    """The stream begins at an instant: what falls due does so from its day on."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """Lines to decide, in their order. `at` is the parent's clock, here and below.

    They travel as numbers and contents: pickling each line as an object took a third of the
    parent's time.
    """

    numbers: Sequence[int]
    contents: Sequence[bytes | None]
    at: datetime

    @staticmethod
    def of(lines: Sequence[Line], at: datetime) -> Given:
        """Return the message with these lines."""
        return Given([one.number for one in lines], [one.content for one in lines], at)

    @property
    def lines(self) -> list[Line]:
        """Its lines."""
        return [*map(Line, self.numbers, self.contents)]


@dataclass(frozen=True, slots=True)
class Pass:
    """All lines so far are decided: decide what falls due by an instant.

    At the end of the stream (`is_last`) it is the instant of the last event, before that the clock.
    """

    at: datetime
    is_last: bool


@dataclass(frozen=True, slots=True)
class Settle:
    """All workers have passed an instant: keep their `progress`, and settle what has ended by it.

    One worker does it for all. The last time (`is_last`) it also reports what is overdue.
    """

    at: datetime
    progress: Mapping[str, datetime]
    is_last: bool


@dataclass(frozen=True, slots=True)
class End:
    """The stream has ended."""


ToWorker = Begin | From | Given | Pass | Settle | End


@dataclass(frozen=True, slots=True)
class Began:
    """The worker has checked the warehouse. `rows_left_out`: it found bad rows.

    `changed`: see `Begin`. `falls_due`: the plan has something that falls due without an event.
    """

    warnings: tuple[Diagnostic, ...]
    rows_left_out: bool
    changed: Changed | None
    falls_due: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A batch was decided, and the ledger has it. The mappings are by the numbers of lines.

    `shown`: the line of JSON for each of the `numbers`, or none at all. `latest`: the latest
    instant of the worker's events so far.
    """

    numbers: Sequence[int] = ()
    shown: Sequence[str] = ()
    problems: Mapping[int, Diagnostic] = field(default_factory=dict)
    conflicts: Mapping[int, tuple[Conflict, ...]] = field(default_factory=dict)
    latest: datetime = NEVER


@dataclass(frozen=True, slots=True)
class Passed:
    """All that falls due by the instant is decided. `progress`: how far the schedules are."""

    progress: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Settled:
    """Progress is kept, and what has ended is settled."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The worker has done everything; its totals."""

    totals: Totals


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker cannot go on. `every` has all findings, where several stop it."""

    diagnostic: Diagnostic
    every: tuple[Diagnostic, ...] = ()


FromWorker = Began | Answered | Passed | Settled | Ended | Failed
