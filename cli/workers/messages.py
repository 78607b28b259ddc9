"""The messages between a parent and its workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...compiler.plan import Plan
from ...compiler.project.settings import Settings
from ...dsl.diagnostics.diagnostic import Diagnostic, Language, Phrase
from ...runtime.events.lines import Line
from ...runtime.events.session import Totals
from ...runtime.ledger.batches.conflicts import Conflict


@dataclass(frozen=True, slots=True)
class Begin:
    """The work of a worker.

    `file` is the name of the stream in messages. With `in_json`, answers have a line of JSON for
    each line. `plain`: the path without what makes it quicker. `even_in_the_future`: events later
    than the parent's clock are decided too.
    """

    settings: Settings
    plan: Plan
    file: str | Phrase
    language: Language
    in_json: bool
    plain: bool
    even_in_the_future: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """Lines to decide, in their order. `at` is the parent's clock, here and below."""

    lines: Sequence[Line]
    at: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """No line has come for a while: let time pass."""

    at: datetime


@dataclass(frozen=True, slots=True)
class End:
    """The stream has ended. One worker `settles` what has ended by now."""

    at: datetime
    settles: bool


ToWorker = Begin | Given | Silence | End


@dataclass(frozen=True, slots=True)
class Began:
    """The worker has checked the warehouse. `rows_left_out`: it found bad rows."""

    warnings: tuple[Diagnostic, ...]
    rows_left_out: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A batch was decided, and the ledger has it. The mappings are by the numbers of lines.

    `shown`: the line of JSON for each of the `numbers`, or none at all.
    """

    numbers: Sequence[int] = ()
    shown: Sequence[str] = ()
    problems: Mapping[int, Diagnostic] = field(default_factory=dict)
    conflicts: Mapping[int, tuple[Conflict, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """The worker has done everything; its totals."""

    totals: Totals


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker cannot go on. `every` has all findings, where several stop it."""

    diagnostic: Diagnostic
    every: tuple[Diagnostic, ...] = ()


FromWorker = Began | Answered | Ended | Failed
