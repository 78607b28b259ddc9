"""Deadlines of steps, and whether a step can come before its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import assert_never

from ....dsl import tree
from ... import plan
from ...check.context import Context, folded, origin
from ...codes import journeys as words
from ...plan.calendar import at_clock, shift
from ...plan.triggers.after_steps import last_of_month
from ...plan.values import Length
from ..rewards import months_later

_DAYS, _TIMES = 366, (0, 7, 13, 23)
"""The moments that are tried: some times of each day of a year."""


def measured_from(form: tree.TriggerForm | tree.DayAfterStep) -> tree.Name | None:
    """The step that a later step is measured from; `None` of one on an event."""
    match form:
        case tree.DayAfterStep(step=step):
            return step
        case tree.Timer(moment=moment) if moment.owner is None and not moment.anniversary:
            return moment.name
        case _:
            return None


def deadline(c: Context, node: tree.Deadline) -> plan.Deadline:
    """The deadline as the plan has it; a date as the end means the whole day."""
    at = origin(node.span)
    match node:
        case tree.BySpan(duration, step):
            span = plan.Span(duration.count, duration.unit)
            return plan.Deadline(step.text, span, None, None, at)
        case tree.ByMonth(months, step):
            return plan.Deadline(step.text, None, months_later(c, months), None, at)
        case tree.ByDate(day):
            return plan.Deadline(None, None, None, _end(c, day), at)
        case _:
            assert_never(node)


def _end(c: Context, node: tree.DateLiteral | tree.TimestampLiteral) -> datetime:
    if isinstance(node, tree.TimestampLiteral):
        return at_clock(c.zone, node.value)
    after = at_clock(c.zone, datetime.combine(node.value + timedelta(days=1), time()))
    return after - timedelta(microseconds=1)


def report_line_before(c: Context, node: tree.JourneyStep, follows: tuple[str, ...]) -> None:
    """Warn of a deadline after another step than the one that is followed for its place alone."""
    by, first = node.by, follows[0] if follows else None
    if node.after or by is None or isinstance(by, tree.ByDate) or first is None:
        return
    if measured_from(node.form) is None and by.step.text != first:
        given = {"name": node.name.text, "before": first, "other": by.step.text}
        c.report(words.FOLLOWS_THE_LINE_BEFORE, node.name, **given)


def report_unreachable(
    c: Context,
    node: tree.JourneyStep,
    fires: plan.EventTrigger | plan.AfterStep,
    by: plan.Deadline | None,
) -> None:
    """Report a timer whose instant is never after its step, or always after its deadline."""
    if not isinstance(fires, plan.AfterStep):
        return
    tried = [(moment, fires.instant(c.zone, moment)) for moment in _moments()]
    if all(instant <= moment for moment, instant in tried):
        c.report(words.NEVER_AFTER_STEP, node.form, text=folded(node.form.span), step=fires.step)
        return
    if by is None or by.step != fires.step or node.by is None:
        return
    if all(instant > _last(c, by, moment) for moment, instant in tried):
        text, end = folded(node.form.span), folded(node.by.span)
        c.report(words.DEADLINE_BEFORE_STEP, node.by, name=node.name.text, text=text, end=end)


def _last(c: Context, by: plan.Deadline, moment: datetime) -> datetime:
    if by.span is not None:
        return shift(c.zone, moment, Length(by.span.count, by.span.unit), +1)
    return last_of_month(c.zone, moment, by.months or 0)


def _moments() -> Iterator[datetime]:
    first = datetime(2028, 1, 1, tzinfo=UTC)
    return (first + timedelta(days=day, hours=hour) for day in range(_DAYS) for hour in _TIMES)
