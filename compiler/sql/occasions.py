"""The occasions to decide on: customers at the instants of a schedule, or at events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from sqlglot import exp

from ..dialects.common.context import SqlContext
from ..dialects.common.moments import TODAY
from ..dialects.common.terms import INTEGER_WHOLE, Term, all_true, any_true, column, number
from ..plan.demands import Demand, Key
from ..plan.triggers import TIMES
from ..plan.types import INTEGER, TEXT, TIMESTAMP
from . import columns
from .comments import noted, place, places
from .ctes import Job, Relation, Script, Task, either, without, written
from .histories.entered import Entered, fill_in
from .sources import Past, owner_key
from .translate import Scope
from .waiting import groups, patterns
from .waiting import timers as timing
from .waiting.counting import Columns, context_of
from .windows import is_open

DUE = "is_due"
"""The column that says of an event whether it is due, where more is read than that."""


def scheduled(
    script: Script,
    who: Relation,
    later: frozenset[Key],
    demanded: Sequence[Sequence[Demand]],
    entered: Entered | None = None,
) -> Relation:
    """Each customer at each instant of the schedule, with the facts that are needed later.

    `demanded`: what each of the campaigns asks of them already. `entered`: the customers who enter
    something at each instant, if others do not matter.
    """
    task = script.task
    comment = f"trigger: {places(job.step.trigger.origin for job in task.jobs)}"
    table = exp.Select()
    instants = script.add("instants", table, comment)
    now = column("moment", instants)
    context = task.context(now, column(TODAY, instants))
    select = exp.select(column("customer", who.name), column("occurrence", instants), now.copy())
    select = select.from_(exp.to_identifier(instants))
    if entered is None:
        select = select.join(exp.to_identifier(who.name), join_type="cross")
    else:
        select = entered.joined(select, instants, who.name)
    scope = Scope(context, _terms(who))
    select = either(select, [written(every, scope) for every in demanded])

    fill_in(script, (instants, table), select, lambda: _carried(who, later))
    made = script.add("triggered", select, comment)
    return Relation(made, _needed(who.terms, later))


def happened(
    script: Script,
    who: Relation | None,
    events: Past,
    later: frozenset[Key],
    demanded: Sequence[Sequence[Demand]],
    fired: patterns.Firings | None = None,
) -> Relation:
    """Each event of the trigger, in its period, with its customer and the facts needed later.

    `demanded`: what each of the campaigns asks of them already. `who`: the customers; `None` if the
    events are of customers, and no field of them is needed. `fired`: the events that do a task.
    """
    task = script.task
    now = column(events.moment, events.name)
    context = task.context(now)
    whose = Relation(events.name, {}) if who is None else who
    seen = {("event", name): _of(term, events.name) for name, term in events.fields.items()}
    job = task.jobs[0]
    occurrence = column(events.occurrence or events.key, events.name)
    if fired is None and job.pattern is not None and not job.is_later:
        fired = _fired(script, job, events, seen)
    shown, terms = _event_fields(task, seen, later)
    if fired is not None:
        occurrence = column(patterns.OCCURRENCE, fired.name)
    if fired is not None or (job.is_later and events.key):
        name = task.names.give(("event", "key"), "event_key")
        shown.append(exp.alias_(column(events.key, events.name), name))
        terms["event", "key"] = Term(column(name), TEXT, optional=False)
        if fired is not None and ("event", TIMES) in later:
            name = task.names.give(("event", TIMES), "times")
            shown.append(exp.alias_(fired.times(), name))
            terms["event", TIMES] = Term(column(name), INTEGER, False, INTEGER_WHOLE)
    shown += _due_flag(task, job, context, fired, events)
    if events.owner is not None:
        shown.append(column(events.owner, events.name))
        terms[owner_key(events.name)] = Term(column(events.owner), TEXT, optional=True)
    select = exp.select(
        column("customer", whose.name),
        exp.alias_(occurrence, "occurrence"),
        exp.alias_(now, "moment"),
        exp.alias_(context.today, TODAY),
        *shown,
        *_carried(whose, later),
    ).from_(exp.to_identifier(events.name))
    select, owner = _firing(script, job, events, seen, fired, select)
    if who is not None:
        same = exp.EQ(this=column("customer", who.name), expression=owner)
        select = select.join(exp.to_identifier(who.name), on=same)
    scope, key = Scope(context, {**seen, **_terms(whose)}), column(events.key, events.name)
    alternatives = [
        [*fires(task, job, context, key, fired), *written(every, scope)]
        for job, every in zip(task.jobs, demanded, strict=True)
    ]
    select = either(select, alternatives)

    _without_today(script, select)
    origins = (job.step.trigger.origin for job in task.jobs)
    made = script.add("triggered", select, f"trigger: {places(origins)}")
    return Relation(made, {**terms, **_needed(whose.terms, later)})


def _without_today(script: Script, select: exp.Select) -> None:
    """Leave the date out of a CTE if nothing looks at it."""

    def complete(last: exp.Query) -> None:
        if not script.looks_at(TODAY, last):
            without(select, TODAY)

    script.statement.finish.append(complete)


def timed(
    script: Script,
    who: Relation,
    pasts: Mapping[str, Past],
    later: frozenset[Key],
    demanded: Sequence[Sequence[Demand]],
) -> Relation:
    """Each timer that is due and that no event has ended, with the facts that are needed later."""
    task, job = script.task, script.task.jobs[0]
    found = timing.timers(script, job, pasts)
    events = found.events
    now = column(events.moment, events.name)
    context = task.context(now)
    seen = {("event", name): _of(term, events.name) for name, term in events.fields.items()}
    of_event = {("event", "at")} if job.event is not None else set()
    shown, terms = _event_fields(task, seen, later | of_event, at_moment=False)
    select = exp.select(
        column("customer", who.name),
        exp.alias_(column(events.key, events.name), "occurrence"),
        exp.alias_(now, "moment"),
        exp.alias_(context.today, TODAY),
        *shown,
        *_carried(who, later),
    ).from_(exp.to_identifier(events.name))
    select = found.joined(select)
    same = exp.EQ(
        this=column("customer", who.name), expression=column(events.customer, events.name)
    )
    select = select.join(exp.to_identifier(who.name), on=same)
    scope = Scope(context, {**seen, **_terms(who)})
    select = either(select, [written(every, scope) for every in demanded])

    _without_today(script, select)
    made = script.add("triggered", select, f"timer: {place(job.step.trigger.origin)}")
    return Relation(made, {**terms, **_needed(who.terms, later)})


def _firing(
    script: Script,
    job: Job,
    events: Past,
    seen: Mapping[Key, Term],
    fired: patterns.Firings | None,
    select: exp.Select,
) -> tuple[exp.Select, exp.Expr]:
    """The events that fire, where others decide that, and the customer whom each concerns."""
    owner = column(events.customer, events.name)
    if fired is not None and fired.name != events.name:
        select = fired.joined(select, events.name)
    if job.group is not None:
        whole = _completed(script, job, events, seen)
        value = seen["event", job.group.field]
        select = select.join(exp.to_identifier(whole.name), on=whole.is_of(events.name, value))
        if whole.member is not None:
            owner = column(whole.member, whole.name)
    return select, owner


def _completed(
    script: Script, job: Job, events: Past, seen: Mapping[Key, Term]
) -> groups.Completed:
    """The events that complete a group, and everybody in it where everybody is concerned."""
    also = _opened(script, job, events)
    counted = groups.counted(script, events.name, _columns(events), seen, also)
    return groups.completed(script, counted)


def _fired(script: Script, job: Job, events: Past, seen: Mapping[Key, Term]) -> patterns.Firings:
    """The events that fire of a pattern."""
    also = _opened(script, job, events)
    return patterns.firings(script, job, events.name, _columns(events), seen, also)


def _columns(events: Past) -> Columns:
    return Columns(events.key, events.customer, events.moment)


def _opened(script: Script, job: Job, events: Past) -> list[exp.Expr]:
    """The condition that an event is in the opening of its month, if the trigger has one."""
    now = column(events.moment, events.name)
    opening = job.opening
    return [] if opening is None else [is_open(context_of(script.task, now), opening)]


def fires(
    task: Task,
    job: Job,
    context: SqlContext,
    key: exp.Expr,
    fired: patterns.Firings | None = None,
) -> list[exp.Expr]:
    """The condition that an event is due of a campaign. `key` is the event's, as text.

    A late event that a pattern counts asks for all later firings of its customer once more. Of a
    later step, and of a task, the occasions are those that are due.
    """
    if job.is_later or job.is_task:
        return []
    conditions = _period(task, job, context, key, fired)
    if job.opening is not None:
        opened = is_open(context, job.opening)
        conditions.append(noted(opened, f"open: {place(job.step.trigger.origin)}"))
    return conditions


def _due_flag(
    task: Task,
    job: Job,
    context: SqlContext,
    fired: patterns.Firings | None,
    events: Past,
) -> list[exp.Expr]:
    """1 where an event is due out of a longer stretch that is read, else 0; if more is read."""
    if job.asked is None:
        return []
    asked, key = replace(job, due=job.asked, asked=None), column(events.key, events.name)
    is_due = _period(task, asked, context, key, fired)[0]
    if events.again is not None:
        again = exp.EQ(this=column(events.again, events.name), expression=number(1))
        is_due = any_true(exp.Paren(this=is_due), again)
    return [exp.alias_(exp.Case().when(is_due, number(1)).else_(number(0)), DUE)]


def _event_fields(
    task: Task, seen: Mapping[Key, Term], later: Set[Key], *, at_moment: bool = True
) -> tuple[list[exp.Expr], dict[Key, Term]]:
    """The event's fields that are needed later; its key, and mostly its time, are there anyway."""
    shown: list[exp.Expr] = []
    terms: dict[Key, Term] = {("event", "key"): Term(column("occurrence"), TEXT, optional=False)}
    if at_moment:
        terms["event", "at"] = Term(column("moment"), TIMESTAMP, optional=False)
    for key, term in seen.items():
        if key in later and key not in terms:
            name = task.names.give(key, wish_of(key[1]))
            shown.append(exp.alias_(term.expression.copy(), name))
            terms[key] = columns.renamed(term, name)
    return shown, terms


def wish_of(field: str) -> str:
    """The name of a column with a field of the event, or of a step before it: `ticket_level`."""
    return field.replace(".", "_") if "." in field else f"event_{field.removeprefix('#')}"


def _of(term: Term, relation: str) -> Term:
    return columns.renamed(term, term.expression.name, relation)


def _terms(who: Relation) -> dict[Key, Term]:
    return {key: _of(term, who.name) for key, term in who.terms.items()}


def _needed(terms: Mapping[Key, Term], later: frozenset[Key]) -> dict[Key, Term]:
    return {key: term for key, term in terms.items() if key in later}


def _carried(who: Relation, later: frozenset[Key]) -> list[exp.Expr]:
    names = dict.fromkeys(term.expression.name for term in _needed(who.terms, later).values())
    return [column(name, who.name) for name in names]


def _period(
    task: Task, job: Job, context: SqlContext, key: exp.Expr, fired: patterns.Firings | None
) -> list[exp.Expr]:
    """The conditions of the due period, including late events, and of the campaign's active
    period."""
    due, dialect = job.due, task.dialect
    start, end = dialect.timestamp(due.start), dialect.timestamp(due.end)
    within: exp.Expr = exp.Between(this=context.now.copy(), low=start, high=end)
    if due.late_table is None:
        return [noted(within, "the period asked for")]
    keys = exp.select("occurrence").from_(exp.table_(due.late_table, quoted=True))
    late = all_true(
        exp.LT(this=context.now.copy(), expression=start.copy()),
        _among(key, keys) if fired is None else fired.is_again(),
    )
    conditions: list[exp.Expr] = [exp.Paren(this=any_true(within, late))]
    campaign = job.campaign
    if campaign.active_from is not None:
        first = dialect.timestamp(campaign.active_from)
        conditions.append(exp.GTE(this=context.now.copy(), expression=first))
    if campaign.active_to is not None:
        last = dialect.timestamp(campaign.active_to)
        conditions.append(exp.LTE(this=context.now.copy(), expression=last))
    return conditions


def _among(key: exp.Expr, keys: exp.Select) -> exp.Expr:
    return exp.In(this=key.copy(), query=exp.Subquery(this=keys))
