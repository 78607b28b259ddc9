"""The lines of one file, each as an event or with its problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from ....compiler.plan import Plan
from ....dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ...codes import events as words
from ...codes.running import ROW_LEFT_OUT
from ...decide.facts import Row
from ...decide.keys import counted_fields
from ...warehouse.bad_rows import shown_key
from ...warehouse.check import problem_at
from ..engine import Event
from .compiled import CompiledLines
from .line import Line
from .plain import customer_of, event_of
from .refusals import Unusable

SKEW = timedelta(minutes=5)
"""The most that a sender's clock may be ahead of ours."""


class Lines:
    """Reads the lines of one file. `file` is its name in messages.

    Events later than `now()` by more than `SKEW` are refused; without `now`, none are. `plain`:
    every line is read by the plain reader.
    """

    def __init__(
        self,
        plan: Plan,
        file: str | Phrase,
        now: Callable[[], datetime] | None = None,
        *,
        plain: bool = False,
    ) -> None:
        self._file = file
        self._now = now
        pasts = tuple(event.fields[0] for event in plan.events if event.past_of is not None)
        self._customers = replace(plan.customers, fields=(*plan.customers.fields, *pasts))
        self._kinds = {event.name: event for event in plan.events if event.past_of is None}
        self._counted = counted_fields(plan)
        self._compiled = (
            None if plain else CompiledLines(self._kinds.values(), self._customers, self._counted)
        )

    def of_another(self, line: Line) -> Diagnostic:
        """Return the diagnostic of a line whose key belongs to another customer's event."""
        number, reason = str(line.number), words.KEY_OF_ANOTHER
        return diagnose(words.EVENT_LINE, None, line=number, file=self._file, reason=reason)

    def read(self, line: Line) -> Event | Diagnostic:
        """Return the event in a line, or the diagnostic of a bad line."""
        event = None
        if self._compiled is not None and line.content is not None:
            event = self._compiled.event(line.content)
        if event is None:
            try:
                event = event_of(line.content, self._kinds, self._counted)
            except Unusable as problem:
                return self._problem(line, problem)
        if self._now is not None and _at(event) > self._now() + SKEW:
            skew, number = str(SKEW // timedelta(minutes=1)), str(line.number)
            return diagnose(words.EVENT_AHEAD, None, line=number, file=self._file, skew=skew)
        return event

    def _problem(self, line: Line, problem: Unusable) -> Diagnostic:
        number, reason = str(line.number), problem.reason
        said = partial(diagnose, words.EVENT_LINE, None, line=number, reason=reason)
        if problem.nearest is None:
            return said(file=self._file)
        return said(file=self._file, nearest=problem.nearest)

    def customer(self, key: str, content: bytes) -> Row | Diagnostic:
        """The row of a customer whose fields are an object of JSON."""
        found = None if self._compiled is None else self._compiled.customer(key, content)
        if found is not None:
            return found
        table = self._customers
        try:
            return customer_of(table, key, content)
        except Unusable as problem:
            values = {"table": table.table, "key": shown_key(key)}
            return problem_at(ROW_LEFT_OUT, table.origin, {**values, "reason": problem.reason})


def _at(event: Event) -> datetime:
    at = event.row["at"]
    assert isinstance(at, datetime)
    return at
