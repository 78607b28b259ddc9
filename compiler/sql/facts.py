"""From the warehouse's tables to one row for each candidate, with every fact that is asked for.

Conditions are applied as early as their facts are known, so that histories are computed for those
customers alone who can still be reached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from ..dialects.common.moments import Moments, Single
from ..dialects.common.terms import Term, column, text
from ..plan import AllDoneTrigger, CustomerField, EventAggregate, EventPick, Lifecycle
from ..plan.demands import Demand, Index, Key, demands
from ..plan.expressions import Expression
from ..plan.types import BOOLEAN, TEXT
from .comments import place, places
from .ctes import Relation, Script, meets
from .histories.at_instant import Asking, Counted
from .histories.entered import entered
from .histories.grouped import beside, grouped, is_plain
from .histories.joined import History, with_histories
from .looks import histories_of, keys_of_entering, looks_of
from .occasions import happened, scheduled, timed
from .sources import Past, customers, needs_clock, past
from .tasks.doing import Narrowed, firings
from .translate import Scope, condition, value
from .waiting.counting import Columns
from .waiting.timers import Timers, timers


@dataclass(frozen=True, slots=True)
class Needs:
    """The requirements of a campaign on its occasions.

    `demanded` are conditions to be met, `expressions` are computed for occasions that meet them,
    and `also` are further facts that must be columns.
    """

    demanded: Sequence[Demand]
    expressions: Sequence[Expression]
    also: Sequence[Key]


def needed(
    index: Index, needs: Iterable[Needs], answered: Collection[Expression] = ()
) -> tuple[Key, ...]:
    """Every fact that any of them asks for, each before the facts that depend on it.

    `answered` are conditions that need no facts.
    """
    every = list(needs)
    conditions = [
        one.condition for each in every for one in each.demanded if one.condition not in answered
    ]
    expressions = [expression for each in every for expression in each.expressions]
    also = [key for each in every for key in each.also]
    return tuple(
        dict.fromkeys((*index.closure([*conditions, *expressions]), *index.with_basis(also)))
    )


def candidates(
    script: Script, needs: Needs, come: Past | None = None, narrowed: Narrowed | None = None
) -> Relation:
    """One row for each occasion that meets the demands, with what the expressions ask for.

    `come`: the occasions of a later step. `narrowed` leaves out some of the events that trigger.
    """
    index = script.task.index
    early, middle, late = split(index, needs.demanded)
    conditions = [one.condition for one in late]
    wanted = [*index.closure([*conditions, *needs.expressions]), *index.with_basis(needs.also)]
    later = tuple(dict.fromkeys(wanted))
    keys = tuple(dict.fromkeys((*index.closure(one.condition for one in middle), *later)))
    asked = dict.fromkeys((*keys, *keys_of_entering(script.task)))
    fields = [key for key in asked if index.is_field(key)]
    if come is not None and not fields and not early:
        pasts = _pasts(script, keys)
        relation = happened(script, None, come, frozenset(later), [middle])
    else:
        who = customers(script, fields, [early])
        pasts = _pasts(script, keys)
        if narrowed is not None and script.task.event is not None:
            pasts[script.task.event] = narrowed(script, pasts[script.task.event])
        relation = occasions(script, who, pasts, later, [middle], come)
    relation = _first_histories(script, relation, later, pasts, late)
    relation, left = complete(script, relation, later, pasts, late)
    return _audience(script, relation, left) if left or relation.joined else relation


def _pasts(script: Script, keys: Sequence[Key]) -> dict[str, Past]:
    """The events that a single campaign reads.

    Triggering events that are also part of a history are two parts of one table. Reading it twice
    is cheaper than materializing it. The join already limits past events to those before the
    trigger. A second predicate on the scan would make DuckDB estimate a fifth of the table. It
    would then build its hash table over the whole past, so the predicate is omitted.
    """
    task, dialect = script.task, script.task.dialect
    by_itself = any(one.event == task.event for one in histories_of(task.index, keys))
    waits = any(job.waits for job in task.jobs)
    pasts: dict[str, Past] = {}
    for look in looks_of(task, keys):
        own = by_itself and look.event == task.event
        alike = own and not waits and dialect.keys_are_alike
        in_utc = task.index.events[look.event].at.zone in (None, "UTC")
        implied = in_utc and look.since is None and task.due.start <= task.due.end
        bounded = not (own and not waits and implied and dialect.narrows_joins)
        found = past(script, replace(look, by_owner=alike, bounded=bounded))
        if own and in_utc:
            script.statement.materialized[found.name] = False
        pasts[look.event] = found
    return pasts


def _first_histories(
    script: Script,
    relation: Relation,
    later: Sequence[Key],
    pasts: Mapping[str, Past],
    late: Sequence[Demand],
) -> Relation:
    """The histories to begin with, of a single instant: grouped before they are joined.

    Those that come after them are of few customers, so that it is better to join these first.
    """
    task, instants = script.task, script.task.due.instants
    index = task.index
    if not isinstance(task.moments, Moments) or len(instants) != 1:
        return relation
    known = relation.known_values()
    ready = [
        key
        for key in later
        if key[0] == "feature"
        and key not in known
        and all(basis in known for basis in index.basis(key))
    ]
    made = _decisive(index, ready, known, late)
    if not made or not is_plain(index, made):
        return relation
    single = replace(task, moments=Single(instants[0], task.plan.time_zone))
    groups: dict[str, list[Asking]] = {}
    for _, name in made:
        feature = index.features[name]
        if isinstance(feature, Counted):
            groups.setdefault(feature.event, []).append(Asking(single, feature))
    made_ = grouped(script.statement, groups.values(), pasts)
    name, found = beside(script.statement, relation.name, made_)
    return relation.after(name, {key: term for (_, key), term in found.items()})


def _audience(script: Script, relation: Relation, demanded: Sequence[Demand]) -> Relation:
    """Those who meet the demands."""
    select = meets(relation.select(script.task), demanded, relation.scope(script.task))
    origins = [origin for one in demanded for origin in one.origins]
    return relation.after(script.add("audience", select, f"audience: {places(origins)}"), {})


def split(
    index: Index, demanded: Sequence[Demand]
) -> tuple[list[Demand], list[Demand], list[Demand]]:
    """The demands that the customer's row decides, those that need the occasion too, and others."""
    early = [one for one in demanded if _is_early(index, one)]
    middle = [one for one in demanded if one not in early and _is_middle(index, one)]
    late = [one for one in demanded if one not in early and one not in middle]
    return early, middle, late


def _is_early(index: Index, demand: Demand) -> bool:
    """Whether the customer's own fields decide it, whatever the time."""
    fields = all(index.is_field(key) for key in index.keys(demand.condition))
    return fields and not needs_clock(demand.condition)


def _is_middle(index: Index, demand: Demand) -> bool:
    """Whether the customer's fields, the clock and the triggering event decide it."""
    return all(key[0] == "event" or index.is_field(key) for key in index.keys(demand.condition))


def occasions(
    script: Script,
    who: Relation,
    pasts: Mapping[str, Past],
    later: Sequence[Key],
    demanded: Sequence[Sequence[Demand]],
    come: Past | None = None,
) -> Relation:
    """The occasions of the campaigns. `demanded`: the conditions of each that can be checked
    here. `come`: those of a later step."""
    if come is not None:
        return happened(script, who, come, frozenset(later), demanded)
    if script.task.is_scheduled:
        moved = entered(script, who, pasts, complete)
        return scheduled(script, who, frozenset(later), demanded, moved)
    job = script.task.jobs[0]
    if job.timer is not None:
        return timed(script, who, pasts, frozenset(later), demanded)
    events, fired = pasts[script.task.event or ""], None
    if job.is_task:
        fired, done = firings(script, _may_do)
        if isinstance(job.step.trigger, AllDoneTrigger):
            events = done
        else:
            fired = fired.among(script, Columns(events.key, events.customer, events.moment))
    return happened(script, who, events, frozenset(later), demanded, fired)


def _may_do(script: Script, narrowed: Narrowed) -> Relation:
    """The events that may do a task: they meet all that it asks, but for past grants."""
    index, job = script.task.index, script.task.jobs[0]
    every = demands(index, job.campaign, job.step)
    asked = [one for one in every if not index.asks_ledger(one.condition)]
    return candidates(script, Needs(asked, (), ()), narrowed=narrowed)


def timers_of(script: Script, *, all_: bool = True) -> Timers:
    """The timers of a step that are due, those that an event has ended too."""
    job = script.task.jobs[0]
    pasts = {one.event: past(script, one) for one in looks_of(script.task, ())}
    return timers(script, job, pasts, all_=all_)


def complete(
    script: Script,
    relation: Relation,
    later: Sequence[Key],
    pasts: Mapping[str, Past],
    late: Sequence[Demand],
) -> tuple[Relation, list[Demand]]:
    """Add all histories, stages and memberships, each after the facts it depends on.

    Rows that fail the demands known so far are dropped before more events are read. The remaining
    demands are returned.
    """
    index = script.task.index
    left = list(late)
    todo = [key for key in later if key not in relation.known_values()]
    while todo:
        known = relation.known_values()
        met = [one for one in left if all(key in known for key in index.keys(one.condition))]
        if met and _more_histories(index, todo):
            relation = _audience(script, relation, met)
            left = [one for one in left if one not in met]
        ready = [key for key in todo if all(basis in known for basis in index.basis(key))]
        if not ready:
            raise LookupError(f"{todo} rest upon each other")
        kind = next(kind for kind in ("feature", "stage", "audience") if _of(kind, ready))
        made = _of(kind, ready)
        match kind:
            case "feature":
                made = _decisive(index, made, known, left)
                histories = [_history(index, name) for _, name in made]
                relation = with_histories(script, relation, histories, pasts)
            case "stage":
                relation = _staged(script, relation, [index.lifecycles[name] for _, name in made])
            case _:
                relation = _members(script, relation, [name for _, name in made])
        todo = [key for key in todo if key not in made]
    return relation, left


def _more_histories(index: Index, keys: Iterable[Key]) -> bool:
    return any(kind == "feature" and not index.is_field((kind, name)) for kind, name in keys)


def _decisive(
    index: Index, features: Sequence[Key], known: Collection[Key], left: Sequence[Demand]
) -> list[Key]:
    """The histories to begin with: of events that by themselves decide a demand, or all."""
    by_event: dict[str | None, list[Key]] = {}
    for key in features:
        feature = index.features[key[1]]
        event = feature.event if isinstance(feature, EventAggregate | EventPick) else None
        by_event.setdefault(event, []).append(key)
    if len(by_event) > 1:
        for made in by_event.values():
            there = {*known, *made}
            if any(there.issuperset(index.closure([one.condition])) for one in left):
                return made
    return list(features)


def _of(kind: str, keys: Iterable[Key]) -> list[Key]:
    return [key for key in keys if key[0] == kind]


def _history(index: Index, name: str) -> History:
    feature = index.features[name]
    if isinstance(feature, CustomerField):
        raise TypeError(f"{name} is a field, not a history")
    return feature


def _staged(script: Script, relation: Relation, lifecycles: Sequence[Lifecycle]) -> Relation:
    """The customers' current stages."""
    scope = relation.scope(script.task)
    columns: list[exp.Expr] = []
    terms: dict[Key, Term] = {}
    for lifecycle in lifecycles:
        key = ("stage", lifecycle.name)
        name = script.task.name(key, f"stage_{lifecycle.name}")
        columns.append(exp.alias_(_stage(lifecycle, scope), name))
        terms[key] = Term(column(name), TEXT, optional=True)
    comment = f"stage: {places(one.origin for one in lifecycles)}"
    return relation.after(
        script.add("stage", relation.select(script.task, columns), comment), terms
    )


def _stage(lifecycle: Lifecycle, scope: Scope) -> exp.Expr:
    chosen = exp.Case()
    for stage in lifecycle.stages:
        chosen = chosen.when(condition(stage.condition, scope), text(stage.name))
    return chosen


def _members(script: Script, relation: Relation, names: Sequence[str]) -> Relation:
    """Whether the customers are in declared audiences."""
    scope = relation.scope(script.task)
    columns: list[exp.Expr] = []
    terms: dict[Key, Term] = {}
    places_: list[str] = []
    for audience in names:
        key = ("audience", audience)
        declared = script.task.index.audiences[audience]
        name = script.task.name(key, f"audience_{audience}")
        columns.append(exp.alias_(value(declared.condition, scope).expression, name))
        terms[key] = Term(column(name), BOOLEAN, optional=False)
        places_.append(place(declared.origin))
    comment = f"declared audiences: {', '.join(places_)}"
    return relation.after(
        script.add("members", relation.select(script.task, columns), comment), terms
    )
