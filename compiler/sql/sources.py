"""The first CTEs: customers and events as the catalog has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlglot import exp

from ..dialects.common.terms import Term, all_true, column, is_null
from ..plan import Column, CustomerField, EventTable, Reward
from ..plan.data import CANCELLED
from ..plan.demands import Demand, Key
from ..plan.expressions import CLOCKED, Clock, Expression, walk
from ..plan.types import TEXT, TIMESTAMP
from . import columns
from .comments import place
from .ctes import Relation, Script, Task, either, restricted, written
from .translate import Scope


@dataclass(frozen=True, slots=True)
class Past:
    """The CTE of one kind of event; `fields` are its columns under the names of the catalog.

    `owner`: the customer as the table keeps it, not as text. `occurrence`: of a step that follows
    another; of an event it is the key. `again`: a column that is 1 where an event is due because of
    another one.
    """

    name: str
    key: str
    customer: str
    moment: str
    fields: Mapping[str, Term]
    owner: str | None = None
    occurrence: str | None = None
    again: str | None = None

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
        if field in fields or field == CANCELLED:
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
    found = Past(made, key, customer, moment, fields, owner)
    is_asked = event.cancelled_by is not None and CANCELLED in look.fields
    return with_cancelled(script, found, event, look) if is_asked else found


def with_cancelled(script: Script, events: Past, event: EventTable, look: Look) -> Past:
    """The CTE of events with the instant from which on each is cancelled, NULL if it is not."""
    by, give = event.cancelled_by, script.task.names.give
    if by is None:
        raise LookupError(f"nothing cancels {event.name}")
    cancelling = past(script, Look(by.event, (by.field,), None, look.last))
    since = give(("event", event.name, "field", CANCELLED), f"{event.word}_cancelled")
    whose, of = (give(("cancels", event.name, one), f"cancelled_{one}") for one in ("owner", "key"))
    named = cancelling.fields[by.field].expression
    grouped = exp.select(
        exp.alias_(column(cancelling.customer), whose),
        exp.alias_(named.copy(), of),
        exp.alias_(exp.Min(this=column(cancelling.moment)), since),
    ).from_(exp.to_identifier(cancelling.name))
    known = exp.Not(this=is_null(named.copy()))
    grouped = restricted(grouped, [known]).group_by(column(cancelling.customer), named.copy())
    comment = f"when each is cancelled: {place(by.origin)}"
    made = script.add(f"{event.word}_cancellations", grouped, comment)
    whole: exp.Expr = exp.Column(this=exp.Star(), table=exp.to_identifier(events.name))
    same = all_true(
        exp.EQ(this=column(whose, made), expression=column(events.customer, events.name)),
        exp.EQ(this=column(of, made), expression=column(events.key, events.name)),
    )
    select = exp.select(whole, column(since, made)).from_(exp.to_identifier(events.name))
    select = select.join(exp.to_identifier(made), on=same, join_type="left")
    name = script.add(f"{event.word}_counted", select, f"{event.name}, and when it is cancelled")
    fields = {**events.fields, CANCELLED: Term(column(since), TIMESTAMP, optional=True)}
    return replace(events, name=name, fields=fields)


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
