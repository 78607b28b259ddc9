"""Timers: their instants, and those that are ended. Meaning: `runtime.decide.patterns.timers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlglot import exp

from ...dialects.common.context import SqlContext
from ...dialects.common.literals import as_text
from ...dialects.common.overlaps import at_clock
from ...dialects.common.terms import Term, all_true, any_true, column, is_null, number, text
from ...operators.sql_time import date_of, shifted
from ...plan import Column, TimerTrigger, Unless
from ...plan.calendar import days_in_month
from ...plan.demands import Key
from ...plan.types import DATE, TEXT, TIMESTAMP
from ...plan.values import Length
from .. import columns
from ..comments import place
from ..ctes import Job, Script, restricted
from ..sources import Past
from ..translate import Scope, condition
from ..windows import instant_of, is_open
from .counting import aliased, context_of


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of columns of timers, which no field has."""

    mark: str
    started: str
    due_at: str
    occurrence: str
    owner: str


def _names(script: Script) -> _Names:
    wishes = ("timer_key", "started_at", "due_at", "timer_of", "timer_customer")
    return _Names(*(script.task.names.give(("timer", wish), wish) for wish in wishes))


@dataclass(frozen=True, slots=True)
class Timers:
    """The timers that are due, as events at their instants. `events` holds `Past` for them.

    `mark` is the column with their keys, `ended` the CTE of those that an event has ended; `None`
    if none can be.
    """

    events: Past
    mark: str
    ended: str | None

    def joined(self, select: exp.Select) -> exp.Select:
        """The rows of the timers that no event has ended."""
        if self.ended is None:
            return select
        mine, theirs = column(self.mark, self.events.name), column(self.mark, self.ended)
        select = select.join(
            exp.to_identifier(self.ended),
            on=exp.EQ(this=theirs, expression=mine),
            join_type="left",
        )
        return restricted(select, [is_null(theirs.copy())])


def timers(script: Script, job: Job, pasts: Mapping[str, Past], *, all_: bool = False) -> Timers:
    """The timers of a step that are due; with `all_` none of them counts as ended."""
    names = _names(script)
    trigger = timer_of(job)
    if trigger.event is not None:
        found = _of_events(script, job, pasts[trigger.event])
        mark = found.key
    elif trigger.moment.of == "anniversary":
        found, mark = _of_years(script, job), names.mark
    else:
        found, mark = _of_customers(script, job), names.mark
    found = _due(script, job, found, mark)
    ended = None
    if trigger.unless is not None and not all_:
        ended = _ended(script, trigger.unless, found, mark, pasts[trigger.unless.event])
    return Timers(found, mark, ended)


def timer_of(job: Job) -> TimerTrigger:
    """The trigger of a step that waits for a timer."""
    if job.timer is None:
        raise LookupError("only a step with a timer has one")
    return job.timer


# --- from what they are measured ----------------------------------------------------------------


def _of_events(script: Script, job: Job, events: Past) -> Past:
    """The CTE of the starting events with the instants of their timers."""
    names = _names(script)
    task, trigger = script.task, timer_of(job)
    started = column(events.moment, events.name)
    context = context_of(task, started)
    field = trigger.moment.field
    start = Term(started.copy(), TIMESTAMP, optional=False)
    known: list[exp.Expr] = []
    if field is not None:
        start = columns.renamed(
            events.fields[field], events.fields[field].expression.name, events.name
        )
        known = [exp.Not(this=is_null(start.expression.copy()))]
    fields = {
        name: columns.renamed(one, one.expression.name) for name, one in events.fields.items()
    }
    shown = dict.fromkeys(
        one.expression.name for name, one in fields.items() if name not in ("at", "key")
    )
    select = exp.select(
        column(events.customer, events.name),
        column(events.key, events.name),
        exp.alias_(started.copy(), names.started),
        *(column(name, events.name) for name in shown),
        exp.alias_(_instant(context, trigger, start), names.due_at),
    ).from_(exp.to_identifier(events.name))
    if trigger.follows_event:
        known += _active(script, job, started)
    made = script.add("measured", restricted(select, known), f"timer: {place(trigger.origin)}")
    fields["at"] = Term(column(names.started), TIMESTAMP, optional=False)
    return Past(made, events.key, events.customer, names.due_at, fields)


def _of_customers(script: Script, job: Job) -> Past:
    """The CTE of the customers with the instants of the timers of a field."""
    names, trigger = _names(script), timer_of(job)
    who, start = _dates(script, trigger)
    context = context_of(script.task, exp.Null())
    day = Term(date_of(context, start).expression, DATE, optional=False)
    select = exp.select(
        column(names.owner, who),
        exp.alias_(as_text(script.task.dialect, day), names.occurrence),
        exp.alias_(_instant(context, trigger, start), names.due_at),
    ).from_(exp.to_identifier(who))
    made = script.add("measured", select, f"timer: {place(trigger.origin)}")
    return _marked(script, made)


def _of_years(script: Script, job: Job) -> Past:
    """The CTE of the customers with the days of all years that have a field's month and day."""
    names, trigger, dialect = _names(script), timer_of(job), script.task.dialect
    dates, start = _dates(script, trigger)
    day = date_of(context_of(script.task, exp.Null()), start).expression
    born = exp.select(
        column(names.owner, dates),
        exp.alias_(dialect.month(day), "born_month"),
        exp.alias_(dialect.day_of_month(day.copy()), "born_day"),
    ).from_(exp.to_identifier(dates))
    who = script.add("born", born, "month and day")
    days = _days(script, job)
    same = all_true(
        exp.EQ(this=column("born_month", who), expression=column("day_month", days)),
        exp.GTE(this=column("born_day", who), expression=column("day_from", days)),
        exp.LTE(this=column("born_day", who), expression=column("day_to", days)),
    )
    select = (
        exp.select(
            column(names.owner, who),
            column(names.occurrence, days),
            column(names.due_at, days),
        )
        .from_(exp.to_identifier(who))
        .join(exp.to_identifier(days), on=same)
    )
    made = script.add("measured", select, f"timer: {place(trigger.origin)}")
    return _marked(script, made)


def _dates(script: Script, trigger: TimerTrigger) -> tuple[str, Term]:
    """The CTE of the customers whose field is known, and the field in it."""
    names, task = _names(script), script.task
    field = _field(script, trigger)
    value = columns.typed(task.dialect, field)
    select = exp.select(
        exp.alias_(columns.key_text(task.dialect, task.plan.customers.key), names.owner),
        exp.alias_(value, names.started),
    ).from_(columns.table(task.plan.customers.table))
    select = restricted(select, [exp.Not(this=is_null(value.copy()))])
    made = script.add("dates", select, f"{field.name}: {place(field.origin)}")
    # Further on the name of the table may be that of a CTE.
    whole = script.statement.ctes
    whole.insert(0, whole.pop())
    return made, columns.sized(column(names.started, made), field.type, optional=False)


def _days(script: Script, job: Job) -> str:
    """The CTE of the days whose timers are due, each with the days of birth that it is of."""
    names = _names(script)
    task, trigger, due = script.task, timer_of(job), job.due
    start = due.start if due.late_since is None else min(due.start, due.late_since)
    rows: list[list[exp.Expr]] = []
    for day, instant in trigger.days(ZoneInfo(task.plan.time_zone), start, due.end):
        last = days_in_month(day.year, day.month)
        to = 31 if day.day == last else day.day
        known = (text(str(day)), task.dialect.timestamp(instant))
        rows.append([*known, *(number(one) for one in (day.month, day.day, to))])
    empty = not rows
    if empty:
        nothing = [exp.cast(exp.Null(), task.dialect.text_type())]
        nothing.append(exp.cast(exp.Null(), task.dialect.type_of(TIMESTAMP)))
        rows.append([*nothing, number(0), number(0), number(0)])
    titles = (
        names.occurrence,
        names.due_at,
        "day_month",
        "day_from",
        "day_to",
    )
    select = task.dialect.table_of("days", titles, rows)
    select = restricted(select, [exp.false()] if empty else [])
    return script.add("days", select, "the days whose timers are due")


def _marked(script: Script, measured: str) -> Past:
    """The CTE of timers of customers, each with its key."""
    names = _names(script)
    key = script.task.dialect.joined(column(names.occurrence), text(" "), column(names.owner))
    select = exp.select(exp.Star(), exp.alias_(key, names.mark)).from_(exp.to_identifier(measured))
    made = script.add("marked", select, "each by its day and customer")
    fields = {"key": Term(column(names.occurrence), TEXT, optional=False)}
    return Past(
        made,
        names.occurrence,
        names.owner,
        names.due_at,
        fields,
    )


def _field(script: Script, trigger: TimerTrigger) -> Column:
    """The customer's field from which a timer is measured."""
    fields = script.task.plan.customers.fields
    return next(one for one in fields if one.name == trigger.moment.field)


def _instant(context: SqlContext, trigger: TimerTrigger, start: Term) -> exp.Expr:
    """The instant of the timer of a date or an instant: see `TimerTrigger.instant`."""
    dialect = context.dialect
    if trigger.at is None:
        instant = Term(instant_of(context, start).copy(), TIMESTAMP, optional=start.optional)
        return shifted(context, instant, trigger.length, trigger.sign)
    day = Term(date_of(context, start).expression.copy(), DATE, optional=start.optional)
    shown = dialect.midnight(shifted(context, day, trigger.length, trigger.sign))
    minutes = trigger.at.hour * 60 + trigger.at.minute
    if minutes:
        shown = dialect.moved(shown, Length(minutes, "minute"), +1)
    return at_clock(context, context.zone, shown)


# --- which of them are due ----------------------------------------------------------------------


def _due(script: Script, job: Job, found: Past, mark: str) -> Past:
    """The CTE of the timers whose instants are due, after their events and in the opening."""
    names = _names(script)
    trigger, now = timer_of(job), column(names.due_at)
    asked = [_period(script, job, now, column(mark))]
    if trigger.event is not None:
        asked.append(exp.GT(this=now.copy(), expression=column(names.started)))
    if not trigger.follows_event:
        asked += _active(script, job, now)
    if trigger.where is not None:
        fields: dict[Key, Term] = {("event", name): term for name, term in found.fields.items()}
        asked.append(condition(trigger.where, Scope(context_of(script.task, now), fields)))
    if trigger.opening is not None:
        asked.append(is_open(context_of(script.task, now), trigger.opening))
    select = exp.select(exp.Star()).from_(exp.to_identifier(found.name))
    made = script.add("timers", restricted(select, asked), "those that are due")
    return Past(made, found.key, found.customer, found.moment, found.fields)


def _period(script: Script, job: Job, now: exp.Expr, mark: exp.Expr) -> exp.Expr:
    """The condition of the period, late timers included."""
    due, dialect = job.due, script.task.dialect
    start, end = dialect.timestamp(due.start), dialect.timestamp(due.end)
    within = exp.Between(this=now.copy(), low=start, high=end)
    if due.late_table is None:
        return within
    keys = exp.select("occurrence").from_(exp.table_(due.late_table, quoted=True))
    before = exp.LT(this=now.copy(), expression=start.copy())
    late = all_true(before, exp.In(this=mark, query=exp.Subquery(this=keys)))
    return exp.Paren(this=any_true(within, late))


def _active(script: Script, job: Job, at: exp.Expr) -> list[exp.Expr]:
    """The conditions that an instant is in the campaign's active period."""
    campaign, dialect = job.campaign, script.task.dialect
    found: list[exp.Expr] = []
    if campaign.active_from is not None:
        first = dialect.timestamp(campaign.active_from)
        found.append(exp.GTE(this=at.copy(), expression=first))
    if campaign.active_to is not None:
        last = dialect.timestamp(campaign.active_to)
        found.append(exp.LTE(this=at.copy(), expression=last))
    return found


def _ended(script: Script, unless: Unless, found: Past, mark: str, others: Past) -> str:
    """The CTE of the timers that an event has ended."""
    names = _names(script)
    one, other = "one", "other"
    at = column(others.moment, other)
    parts: list[exp.Expr] = [
        exp.EQ(this=column(others.customer, other), expression=column(found.customer, one)),
        exp.GT(this=at, expression=column(names.started, one)),
        exp.LTE(this=at.copy(), expression=column(names.due_at, one)),
    ]
    if unless.where is not None:
        terms: dict[Key, Term] = {}
        for kind, past, alias in (("event", found, one), ("row", others, other)):
            for name, term in past.fields.items():
                terms[kind, name] = columns.renamed(term, term.expression.name, alias)
        context = context_of(script.task, column(names.due_at, one))
        parts.append(condition(unless.where, Scope(context, terms)))
    select = (
        exp.select(column(mark, one))
        .distinct()
        .from_(aliased(found.name, one))
        .join(aliased(others.name, other), on=all_true(*parts))
    )
    return script.add("ended", select, f"unless: {place(unless.origin)}")
