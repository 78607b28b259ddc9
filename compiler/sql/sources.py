"""The first CTEs: customers and events as the catalog has them, and the occasions to decide on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from ..dialects.common.context import SqlContext
from ..dialects.common.literals import literal
from ..dialects.common.moments import TODAY, Moments
from ..dialects.common.terms import Term, all_true, any_true, column, text
from ..plan import Column, CustomerField, Opening, Reward
from ..plan.demands import Demand, Key
from ..plan.expressions import CLOCKED, Clock, Expression, walk
from ..plan.types import DATE, TEXT, TIMESTAMP
from . import columns, groups, patterns
from .comments import noted, place, places
from .ctes import Job, Relation, Script, Task, either, restricted, without, written
from .translate import Scope
from .windows import day_of_month


@dataclass(frozen=True, slots=True)
class Past:
    """The CTE of one kind of event; `fields` are its columns under the names of the catalog.

    `owner`: the customer as the table keeps it, not as text.
    """

    name: str
    key: str
    customer: str
    moment: str
    fields: Mapping[str, Term]
    owner: str | None = None

    def is_of(self, relation: Relation) -> exp.Expr:
        """The condition that an event is of the customer in a row of the relation."""
        there = relation.terms.get(owner_key(self.name))
        if self.owner is None or there is None:
            mine, theirs = self.customer, "customer"
        else:
            mine, theirs = self.owner, there.expression.name
        return exp.EQ(this=column(mine, self.name), expression=column(theirs, relation.name))


def owner_key(events: str) -> Key:
    """The key of the customer as the table of these events keeps it."""
    return ("owner", events)


def needs_clock(expression: Expression) -> bool:
    """Whether it can only be answered at an instant."""
    return any(
        isinstance(node, Clock) or (node.kind == "operation" and node.operator in CLOCKED)
        for node in walk(expression)
    )


# --- customers ----------------------------------------------------------------------------------


def customers(
    script: Script,
    wanted: Sequence[Key],
    demanded: Sequence[Sequence[Demand]],
    called: str = "customers",
) -> Relation:
    """The wanted fields of those customers that meet the conditions of any campaign."""
    task, table = script.task, script.task.plan.customers
    terms: dict[Key, Term] = {}
    shown: dict[str, exp.Expr] = {}
    for key in wanted:
        field = _field(task, key)
        name = task.names.give(("customer", field.name), f"customer_{field.name}")
        terms[key] = columns.term(name, field.type, optional=field.optional)
        shown[name] = exp.alias_(columns.typed(task.dialect, field), name)
    key_ = exp.alias_(columns.key_text(task.dialect, table.key), "customer")
    select = exp.select(key_, *shown.values()).from_(columns.table(table.table))
    sources: dict[Key, Term] = {}
    for key in task.index.closure(one.condition for every in demanded for one in every):
        field = _field(task, key)
        cast = columns.typed(task.dialect, field)
        sources[key] = columns.sized(cast, field.type, optional=field.optional)
    scope = Scope(task.context(exp.Null()), sources)
    select = either(select, [written(every, scope) for every in _telling(demanded)])
    return Relation(script.add(called, select, f"{called}: {place(table.origin)}"), terms)


def recipients(script: Script, reward: Reward) -> exp.Select:
    """The keys of all to whom compliance lets the reward go, if not to the customer."""
    demanded = [Demand("compliance", one.condition, (one.origin,)) for one in reward.asks]
    whole = script.whole or script.statement
    found = customers(Script(script.task, whole), (), [demanded], "recipients")
    # Further on the name of the table may be that of a CTE.
    whole.ctes.insert(0, whole.ctes.pop())
    return exp.select(column("customer")).from_(exp.to_identifier(found.name))


def _telling(demanded: Sequence[Sequence[Demand]]) -> Sequence[Sequence[Demand]]:
    """The conditions worth checking early, for each campaign.

    If a campaign needs only the conditions that all share, no other condition can drop a row. Then
    just the shared conditions are written, not those of a thousand campaigns.
    """
    first, *others = ({one.condition for one in every} for every in demanded)
    common = first.intersection(*others)
    if others and any(all(one.condition in common for one in every) for every in demanded):
        least = [one for one in demanded[0] if one.condition in common]
        return [least, least]
    return demanded


def _field(task: Task, key: Key) -> Column:
    feature = task.index.features[key[1]]
    if not isinstance(feature, CustomerField):
        raise TypeError(f"{key[1]} is no field of the customer")
    return next(one for one in task.plan.customers.fields if one.name == feature.field)


# --- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """The part of an event table to read: these fields, of events up to `last`.

    `since`: the earliest instant that any fact needs. `by_owner`: the events are joined to others
    of the same table and customer. `bounded`: whether the period is a predicate of the scan and not
    of the join alone.
    """

    event: str
    fields: tuple[str, ...]
    since: datetime | None
    last: datetime
    by_owner: bool = False
    bounded: bool = True


def past(script: Script, look: Look) -> Past:
    """The CTE of the events of one kind."""
    task, since, last = script.task, look.since, look.last
    event, give = task.index.events[look.event], task.names.give
    key = give(("event", event.name, "key"), f"{event.word}_key")
    customer = give(("event", event.name, "customer"), f"{event.word}_customer")
    moment = give(("event", event.name, "at"), f"{event.word}_moment")
    between = None if since is None else (since, last)
    select = exp.select(
        exp.alias_(columns.key_text(task.dialect, event.customer), customer),
        exp.alias_(columns.key_text(task.dialect, event.key), key),
        exp.alias_(columns.typed(task.dialect, event.at, between), moment),
    ).from_(columns.table(event.table))
    fields = {
        "key": Term(column(key), TEXT, optional=False),
        "at": Term(column(moment), TIMESTAMP, optional=False),
    }
    known = {one.name: one for one in event.fields}
    for field in look.fields:
        if field in fields:
            continue
        kept = known[field]
        name = give(("event", event.name, "field", field), f"{event.word}_{field}")
        select = select.select(exp.alias_(columns.typed(task.dialect, kept), name))
        fields[field] = columns.term(name, kept.type, optional=kept.optional)
    owner = None
    if look.by_owner:
        wish = f"{event.word}_{event.customer}"
        owner = give(("event", event.name, "owner"), wish)
        select = select.select(exp.alias_(columns.source(event.customer), owner))
    if look.bounded:
        select = restricted(select, _stretch(task, event.at, since, last))
    made = script.add(f"{event.word}_events", select, f"{event.name}: {place(event.origin)}")
    return Past(made, key, customer, moment, fields, owner)


def _stretch(task: Task, at: Column, since: datetime | None, last: datetime) -> list[exp.Expr]:
    """The period that is read, as a predicate that a warehouse can prune by.

    A column in local time is compared without conversion, so a day is added at each end.
    """
    clock = task.dialect.read(columns.source(at.column), at.type)
    margin = timedelta(days=0 if at.zone is None else 1)
    upper = exp.LTE(this=clock, expression=task.dialect.timestamp(last + margin))
    if since is None:
        return [upper]
    lower = exp.GTE(this=clock.copy(), expression=task.dialect.timestamp(since - margin))
    return [lower, upper]


# --- occasions ----------------------------------------------------------------------------------


def scheduled(
    script: Script,
    who: Relation,
    later: frozenset[Key],
    demanded: Sequence[Sequence[Demand]],
) -> Relation:
    """Each customer at each instant of the schedule, with the facts that are needed later.

    `demanded`: what each of the campaigns asks of them already.
    """
    task = script.task
    comment = f"trigger: {places(job.step.trigger.origin for job in task.jobs)}"
    table = exp.Select()
    instants = script.add("instants", table, comment)
    now = column("moment", instants)
    context = task.context(now, column(TODAY, instants))
    select = exp.select(column("customer", who.name), column("occurrence", instants), now.copy())
    select = select.from_(exp.to_identifier(instants)).join(
        exp.to_identifier(who.name), join_type="cross"
    )
    scope = Scope(context, _terms(who))
    select = either(select, [written(every, scope) for every in demanded])

    def complete(last: exp.Query) -> None:
        if isinstance(task.moments, Moments):
            task.moments.with_today = script.looks_at(TODAY, last)
        rows = _instants(task)
        for part, value in rows.args.items():
            table.set(part, value)
        known = [column(one.alias_or_name, instants) for one in rows.expressions[2:]]
        select.select(*known, *_carried(who, later), copy=False)

    script.statement.finish.append(complete)
    made = script.add("triggered", select, comment)
    return Relation(made, _needed(who.terms, later))


def _instants(task: Task) -> exp.Select:
    """The instants of the schedule, with the columns computed for each."""
    dialect, zone = task.dialect, ZoneInfo(task.plan.time_zone)
    moments = task.moments
    if not isinstance(moments, Moments):
        raise LookupError("only a schedule has instants")
    titles = ("moment", "occurrence", *moments.columns())
    rows: list[list[exp.Expr]] = []
    for instant in moments.instants:
        shown = text(instant.astimezone(zone).isoformat())
        known = (literal(dialect, one) for one in moments.of(instant).values())
        rows.append([dialect.timestamp(instant), shown, *known])
    empty = not rows
    if empty:
        kinds = {"occurrence": dialect.text_type(), TODAY: dialect.type_of(DATE)}
        plain = dialect.type_of(TIMESTAMP)
        rows.append([exp.cast(exp.Null(), kinds.get(title, plain)) for title in titles])
    select = dialect.table_of("due", titles, rows)
    return restricted(select, [exp.false()] if empty else [])


def happened(
    script: Script,
    who: Relation,
    events: Past,
    later: frozenset[Key],
    demanded: Sequence[Sequence[Demand]],
) -> Relation:
    """Each event of the trigger, in its period, with its customer and the facts needed later.

    `demanded`: what each of the campaigns asks of them already.
    """
    task = script.task
    now = column(events.moment, events.name)
    context = task.context(now)
    seen = {("event", name): _of(term, events.name) for name, term in events.fields.items()}
    job = task.jobs[0]
    occurrence = column(events.key, events.name)
    fired = None if job.pattern is None else _fired(script, job, events, seen)
    shown, terms = _event_fields(task, seen, later)
    if fired is not None:
        occurrence = column(patterns.OCCURRENCE, fired.name)
        name = task.names.give(("event", "key"), "event_key")
        shown.append(exp.alias_(column(events.key, events.name), name))
        terms["event", "key"] = Term(column(name), TEXT, optional=False)
    if events.owner is not None:
        shown.append(column(events.owner, events.name))
        terms[owner_key(events.name)] = Term(column(events.owner), TEXT, optional=True)
    select = exp.select(
        column("customer", who.name),
        exp.alias_(occurrence, "occurrence"),
        exp.alias_(now, "moment"),
        exp.alias_(context.today, TODAY),
        *shown,
        *_carried(who, later),
    ).from_(exp.to_identifier(events.name))
    owner = column(events.customer, events.name)
    if fired is not None:
        select = fired.joined(select, events.name)
    if job.group is not None:
        whole = _completed(script, job, events, seen)
        value = seen["event", job.group.field]
        select = select.join(exp.to_identifier(whole.name), on=whole.is_of(events.name, value))
        if whole.member is not None:
            owner = column(whole.member, whole.name)
    same = exp.EQ(this=column("customer", who.name), expression=owner)
    select = select.join(exp.to_identifier(who.name), on=same)
    scope, key = Scope(context, {**seen, **_terms(who)}), column(events.key, events.name)
    alternatives = [
        [*fires(task, job, context, key, fired), *written(every, scope)]
        for job, every in zip(task.jobs, demanded, strict=True)
    ]
    select = either(select, alternatives)

    def complete(last: exp.Query) -> None:
        if not script.looks_at(TODAY, last):
            without(select, TODAY)

    script.statement.finish.append(complete)
    origins = (job.step.trigger.origin for job in task.jobs)
    made = script.add("triggered", select, f"trigger: {places(origins)}")
    return Relation(made, {**terms, **_needed(who.terms, later)})


def _completed(
    script: Script, job: Job, events: Past, seen: Mapping[Key, Term]
) -> groups.Completed:
    """The events that complete a group, and everybody in it where everybody is concerned."""
    counted = groups.counted(script, _named(events), seen, _opened(script, job, events))
    return groups.completed(script, counted)


def _fired(script: Script, job: Job, events: Past, seen: Mapping[Key, Term]) -> patterns.Firings:
    """The events that fire of a pattern."""
    return patterns.firings(script, job, _named(events), seen, _opened(script, job, events))


def _named(events: Past) -> tuple[str, str, str, str]:
    return events.name, events.key, events.customer, events.moment


def _opened(script: Script, job: Job, events: Past) -> list[exp.Expr]:
    """The condition that an event is in the opening of its month, if the trigger has one."""
    now = column(events.moment, events.name)
    opening = job.opening
    return [] if opening is None else [_open(groups.context_of(script.task, now), opening)]


def fires(
    task: Task,
    job: Job,
    context: SqlContext,
    key: exp.Expr,
    fired: patterns.Firings | None = None,
) -> list[exp.Expr]:
    """The condition that an event is due of a campaign. `key` is the event's, as text.

    A late event that a pattern counts asks for all later firings of its customer once more.
    """
    conditions = _period(task, job, context, key, fired)
    if job.opening is not None:
        opened = _open(context, job.opening)
        conditions.append(noted(opened, f"open: {place(job.step.trigger.origin)}"))
    return conditions


def _event_fields(
    task: Task, seen: Mapping[Key, Term], later: frozenset[Key]
) -> tuple[list[exp.Expr], dict[Key, Term]]:
    """The triggering event's fields that are needed later; its key and time are there anyway."""
    shown: list[exp.Expr] = []
    terms: dict[Key, Term] = {
        ("event", "key"): Term(column("occurrence"), TEXT, optional=False),
        ("event", "at"): Term(column("moment"), TIMESTAMP, optional=False),
    }
    for key, term in seen.items():
        if key in later and key not in terms:
            name = task.names.give(key, f"event_{key[1]}")
            shown.append(exp.alias_(term.expression.copy(), name))
            terms[key] = columns.renamed(term, name)
    return shown, terms


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


def _open(context: SqlContext, opening: Opening) -> exp.Expr:
    """Whether now is in its month's opening window: see `plan.triggers.is_open`."""
    start = day_of_month(context, opening.from_day, opening.from_time)
    end = day_of_month(context, opening.to_day, time(), days_after=1)
    return all_true(
        exp.GTE(this=context.now.copy(), expression=start),
        exp.LT(this=context.now.copy(), expression=end),
    )
