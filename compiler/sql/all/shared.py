"""The facts that campaigns share when they are decided together, each computed once.

A boolean column per campaign marks the occasions for which the customer is eligible. The SELECT of
a campaign filters by that column and reads only the facts that it returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ...dialects.common.moments import Moments, Single
from ...dialects.common.terms import Term, all_true, column
from ...plan.demands import Demand, Index, Key
from ...plan.due import Due
from ...plan.expressions import Expression
from ..ctes import Job, Relation, Script, Statement, Task, written
from ..facts import Needs, complete, needed, occasions, split
from ..histories.grouped import is_plain
from ..histories.joined import settled
from ..journeys.answers import Answers
from ..journeys.occasions import occasions_of
from ..looks import keys_of_entering, looks_of
from ..occasions import fires
from ..sources import Look, customers, past
from ..translate import Scope, condition
from .blocks import Everybody
from .flags import answers_at
from .known_rewards import Listed, Optional
from .single_instant import by_customer

_MANY = 100
"""Campaigns whose columns of truth stand in one relation for long."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The facts of campaigns that share their occasions; for each of them the name of the column
    that says whose occasions are its own."""

    task: Task
    jobs: Sequence[Job]
    facts: Relation
    needs: Sequence[Needs]
    flags: Sequence[str]

    @property
    def single(self) -> Single | None:
        """The single instant of the schedule; `None` if the facts have a column for the instant."""
        return _single(self.task)


@dataclass(frozen=True, slots=True)
class _Group:
    """Campaigns that share their occasions, the needs of each, and the facts that any of them
    needs.

    `sure` are conditions that hold for every customer in the relation. `answers` are conditions
    that are columns already.
    """

    task: Task
    needs: tuple[Needs, ...]
    needed: tuple[Key, ...]
    sure: frozenset[Expression] = frozenset()
    answers: Mapping[Expression, exp.Expr] = field(default_factory=dict)

    def scope(self, facts: Relation) -> Scope:
        """Where the values of a campaign's expressions are found."""
        return replace(facts.scope(self.task), answers=self.answers)

    def conditions(self, demanded: Sequence[Demand], scope: Scope) -> list[exp.Expr]:
        """The conditions of a campaign that remain to be checked."""
        return written((one for one in demanded if one.condition not in self.sure), scope)


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """Campaigns with rows of their own, and `listed` ones with the customers and their facts."""

    shared: Sequence[Shared] = ()
    listed: Sequence[Listed] = ()
    who: Everybody = field(default_factory=Everybody)


def shared_facts(
    index: Index,
    statement: Statement,
    needs: Sequence[tuple[Sequence[tuple[Job, Needs]], Due]],
    optional: Optional,
    answers: Answers,
) -> SharedFacts:
    """The facts of campaigns that are decided alike, from one reading of the customers and one of
    each kind of event."""
    groups = [group for some, due in needs for group in _groups(index, statement, some, due)]
    if not groups:
        return SharedFacts()
    demanded = [one.demanded for group in groups for one in group.needs]
    keys = (key for group in groups for key in (*group.needed, *keys_of_entering(group.task)))
    wanted = dict.fromkeys(key for key in keys if index.is_field(key))
    first = Script(groups[0].task, statement)
    who = customers(first, list(wanted), [split(index, each)[0] for each in demanded])
    looks = [look for group in groups for look in looks_of(group.task, group.needed)]
    pasts = {
        event: past(first, _joined([look for look in looks if look.event == event]))
        for event in dict.fromkeys(look.event for look in looks)
    }
    sure = _in_all([split(index, each)[0] for each in demanded])
    groups = [replace(group, sure=sure) for group in groups]
    found: list[Shared] = []
    listed: list[Listed] = []
    facts = ""
    singles = [group for group in groups if _single(group.task) is not None]
    if singles:
        tasks = [(group.task, group.needs) for group in singles]
        relations, bits = by_customer(statement, tasks, who, pasts)
        singles = [replace(group, answers=answers_at(group.task, bits)) for group in singles]
        facts, known = relations[0].name, []
        for group, relation in zip(singles, relations, strict=True):
            some, others = _listed(group, relation, optional)
            listed.extend(some)
            known.extend([(others, relation)] if others.needs else [])
        if known:
            facts, flagged = _flagged(statement, known)
            found.extend(flagged)
    for group in groups:
        if _single(group.task) is None:
            script = Script(group.task, statement)
            middle = [split(index, one.demanded)[1] for one in group.needs]
            come = occasions_of(script, answers)
            relation = occasions(script, who, pasts, group.needed, middle, come)
            relation, _ = complete(script, relation, group.needed, pasts, ())
            found.extend(_flagged(statement, [(group, settled(script, relation))])[1])
    return SharedFacts(found, listed, Everybody(who.name, facts))


def _in_all(demanded: Sequence[Sequence[Demand]]) -> frozenset[Expression]:
    """The conditions that all campaigns have in common. They hold for every row that was read."""
    first, *others = ({one.condition for one in some} for some in demanded)
    return frozenset(first.intersection(*others))


def _single(task: Task) -> Single | None:
    return task.moments if isinstance(task.moments, Single) else None


# --- groups -------------------------------------------------------------------------------------


def _groups(
    index: Index, statement: Statement, needs: Sequence[tuple[Job, Needs]], due: Due
) -> Iterator[_Group]:
    """Campaigns that are decided alike: of a single instant, those apart that can do without it."""
    zone, names = index.plan.time_zone, statement.names
    if not needs[0][0].is_scheduled:
        yield _group(index, statement, needs, due, None)
        return
    apart: list[tuple[Job, Needs]] = []
    if len(due.instants) == 1 and needs[0][0].entering is None:
        apart = [(job, one) for job, one in needs if is_plain(index, needed(index, [one]))]
    if apart:
        yield _group(index, statement, apart, due, Single(due.instants[0], zone))
    keys_apart = {job.key for job, _ in apart}
    others = [(job, one) for job, one in needs if job.key not in keys_apart]
    if others:
        yield _group(index, statement, others, due, Moments(due.instants, zone, names))


def _group(
    index: Index,
    statement: Statement,
    needs: Sequence[tuple[Job, Needs]],
    due: Due,
    moments: Moments | Single | None,
) -> _Group:
    jobs, facts = tuple(job for job, _ in needs), needed(index, (one for _, one in needs))
    task = Task(index, jobs, jobs[0].event, due, statement.dialect, statement.names, moments)
    return _Group(task, tuple(one for _, one in needs), facts)


def _joined(looks: Sequence[Look]) -> Look:
    """One look at a kind of event that shows what all of them need."""
    fields = dict.fromkeys(field for look in looks for field in look.fields)
    starts = [look.since for look in looks if look.since is not None]
    since = min(starts) if len(starts) == len(looks) else None
    return Look(looks[0].event, tuple(fields), since, max(look.last for look in looks))


# --- who is eligible ----------------------------------------------------------------------------


def _listed(group: _Group, facts: Relation, optional: Optional) -> tuple[list[Listed], _Group]:
    """The campaigns that need no rows of their own, and the others."""
    found: list[Listed] = []
    apart: list[tuple[Job, Needs]] = []
    task, scope = group.task, group.scope(facts)
    for job, needs in zip(task.jobs, group.needs, strict=True):
        options = optional(task, job, scope) if task.dialect.lists else None
        if options is None:
            apart.append((job, needs))
        else:
            stage = next((one for one in needs.demanded if _is_of_stage(task.index, one)), None)
            others = [one for one in needs.demanded if one is not stage]
            conditions = tuple(group.conditions(others, scope))
            asks = (
                (None, ()) if stage is None else (condition(stage.condition, scope), stage.origins)
            )
            found.append(Listed(task, job, conditions, options, asks))
    jobs = tuple(job for job, _ in apart)
    needs_ = tuple(needs for _, needs in apart)
    return found, replace(group, task=replace(task, jobs=jobs), needs=needs_)


def _is_of_stage(index: Index, demand: Demand) -> bool:
    """Whether it is asked of the stage alone that a customer is in."""
    keys = list(index.keys(demand.condition))
    return bool(keys) and all(kind == "stage" for kind, _ in keys)


def _flagged(
    statement: Statement, known: Sequence[tuple[_Group, Relation]]
) -> tuple[str, list[Shared]]:
    """The facts of these groups, which one relation has, and whether they meet the demands."""
    select = exp.select("*").from_(exp.to_identifier(known[0][1].name))
    every: list[list[str]] = []
    for group, facts in known:
        scope = group.scope(facts)
        flags: list[str] = []
        for job, needs in zip(group.task.jobs, group.needs, strict=True):
            name, conditions = job.campaign.name, group.conditions(needs.demanded, scope)
            if not job.is_scheduled:
                # A step that waits has a task to itself: its occasions are its own.
                due = (
                    []
                    if job.pattern or job.timer or job.is_task
                    else fires(group.task, job, scope.context, column("occurrence"))
                )
                conditions = [*due, *conditions]
            key = ("flag", len(statement.ctes), len(every), job.key)
            flags.append(statement.names.give(key, f"is_{name}"))
            holds = all_true(*conditions) if conditions else exp.true()
            select.select(exp.alias_(exp.Paren(this=holds), flags[-1]), copy=False)
        every.append(flags)
    made = statement.add("eligible", select, "who is eligible for which campaign")
    many = sum(map(len, every)) > _MANY
    found: list[Shared] = []
    for (group, facts), flags in zip(known, every, strict=True):
        whole = Shared(group.task, group.task.jobs, Relation(made, facts.terms), group.needs, flags)
        if many and whole.single is not None:
            found.extend(_parted(statement, whole))
        else:
            found.append(whole)
    return made, found


def _parted(statement: Statement, whole: Shared) -> Iterator[Shared]:
    """The same by parts, as an engine's planner goes through all columns for every campaign."""
    for first in range(0, len(whole.flags), _MANY):
        part = slice(first, first + _MANY)
        needs, flags = whole.needs[part], whole.flags[part]
        terms = remaining_facts(whole, needs)
        titles = dict.fromkeys(("customer", *(one.expression.name for one in terms.values())))
        select = exp.select(*(column(title) for title in (*titles, *flags)))
        select = select.from_(exp.to_identifier(whole.facts.name))
        made = statement.add("eligible", select, "of these campaigns")
        yield Shared(whole.task, whole.jobs[part], Relation(made, terms), needs, flags)


def remaining_facts(shared: Shared, needs: Iterable[Needs]) -> dict[Key, Term]:
    """The facts that eligible rows still need: those of expressions and further columns."""
    index = shared.task.index
    keys = {key for one in needs for each in one.expressions for key in index.keys(each)}
    keys |= {key for one in needs for key in one.also}
    return {key: term for key, term in shared.facts.terms.items() if key in keys}
