"""The steps of a journey: which they follow, until when, and what they may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ....dsl import tree
from ....dsl.diagnostics.nearest import suggestions
from ... import plan
from ...check.context import Context, find_column, folded, origin
from ...check.scope import Scope
from ...codes import journeys as words
from ...codes import names
from ...plan import EventTable
from ...plan.all_expressions import of_campaign
from ...plan.expressions import (
    CLOCKED,
    EventValue,
    Expression,
    Operation,
    RowValue,
    of_the_event_alone,
    walk,
)
from ...plan.steps import events_of_steps
from ..declarations import rule
from ..triggers import trigger, triggering_event
from . import deadlines
from .later import later_trigger
from .source import Source, of_parts

LEAVE = "leave"
"""The name of the step that ends a journey; of a second such rule `leave_2`."""


@dataclass(slots=True)
class _Journey:
    """The journey so far: its steps by their names, their events, and what comes before each."""

    c: Context
    node: tree.Journey
    nodes: dict[str, tree.JourneyStep]
    experiment: plan.Experiment | None
    events: dict[str, EventTable | None] = field(default_factory=dict)
    before: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def known(self, step: str) -> dict[str, EventTable | None]:
        """The events of the steps that must have been reached before a step."""
        return {name: self.events[name] for name in self.before[step]}

    def scope(self, step: str, *, bare: bool = False) -> Scope:
        """Where names of a step have their meaning."""
        known = self.known(step)
        unsure = frozenset(self.nodes).difference(known)
        event = self.events[step]
        return Scope(event=event, bare=bare, steps=known, unsure=unsure, keyed=bare)

    def scope_of_if(self, step: str) -> Scope:
        """Where names of the condition of a step have their meaning."""
        return replace(self.scope(step), asks_arm=True, experiment=self.experiment)


def journey_steps(
    c: Context, node: tree.Journey, start: date | None, experiment: plan.Experiment | None
) -> tuple[Source, ...]:
    """The steps in the order of the file, then the rules by which it is left.

    None after a mistake in what the steps follow, which is reported. `start`: the first day on
    which the campaign is active. `experiment`: the campaign's.
    """
    steps = [one for one in node.statements if isinstance(one, tree.JourneyStep)]
    if not steps:
        c.report(words.NO_STEP, node)
        return ()
    _report_removed(c, node)
    if not _names_are_free(c, steps):
        return ()
    journey = _Journey(c, node, {one.name.text: one for one in steps}, experiment)
    entry = _entry(journey, steps[0], start)
    later = [_later(journey, one) for one in steps[1:]]
    _report_circles(journey, [one for one in later if one is not None])
    leaves = [one for one in node.statements if isinstance(one, tree.Leave)]
    left = [_leave(journey, one, number) for number, one in enumerate(leaves, 1)]
    found = (entry, *later, *left)
    return tuple(one for one in found if one is not None) if None not in found else ()


def journey_of(c: Context, node: tree.Journey) -> plan.Journey:
    """The rules that all steps share."""
    parts = [
        part
        for one in node.statements
        if isinstance(one, tree.JourneyStep)
        for part in one.parts
        if isinstance(part, tree.OneAtATime)
    ]
    during = (
        rule(c, one.condition, Scope()) for one in node.statements if isinstance(one, tree.While)
    )
    conditions = tuple(one for one in during if one is not None)
    gone = [one for one in node.statements if isinstance(one, tree.RemovedStep)]
    passed, ended = (
        tuple(one.step.text for one in gone if one.does.text == word) for word in _DOES
    )
    return plan.Journey(bool(parts), conditions, origin(node.span), passed, ended=ended)


_DOES = ("pass", "end")
"""The fates of those who wait for a removed step: they go on, or their journey ends."""


def with_fields_as_of(c: Context, campaign: plan.Campaign) -> plan.Campaign:
    """The campaign, whose journey names the fields of the customer that it asks of steps."""
    if campaign.journey is None:
        return campaign
    steps = events_of_steps(campaign)
    asked = {
        node.field
        for written in of_campaign(campaign)
        for node in walk(written.expression)
        if isinstance(node, EventValue) and _is_of_customer(c, steps, *node.field.split(".", 1))
    }
    return replace(campaign, journey=replace(campaign.journey, as_of=tuple(sorted(asked))))


def _is_of_customer(
    c: Context, steps: Mapping[str, str | None], step: str, field: str = ""
) -> bool:
    """Whether a field that is asked of a step is one of the customer's, and not of its event."""
    event = steps.get(step)
    if step not in steps or field in ("", "at", "key"):
        return False
    return event is None or find_column(c.events[event].fields, field) is None


def old_names(node: tree.Journey | None) -> dict[str, str]:
    """The names by which the ledger knows steps that were renamed, by their new names."""
    steps = () if node is None else node.statements
    return {
        one.name.text: one.renamed_from.text
        for one in steps
        if isinstance(one, tree.JourneyStep) and one.renamed_from is not None
    }


def _report_removed(c: Context, node: tree.Journey) -> None:
    """Report a step that is there although it was removed, and words that say nothing."""
    steps = {one.name.text for one in node.statements if isinstance(one, tree.JourneyStep)}
    for one in node.statements:
        if not isinstance(one, tree.RemovedStep):
            continue
        if one.step.text in steps:
            c.report(words.STEP_NAME_TAKEN, one.step, name=one.step.text, kind=words.A_STEP)
        if one.does.text not in _DOES:
            c.report(words.NOT_AN_END, one.does, found=one.does.text, step=one.step.text)


def _names_are_free(c: Context, steps: list[tree.JourneyStep]) -> bool:
    """Whether no step has the name of another, or of something that could be meant."""
    free, seen = True, set[str]()
    former = [one.renamed_from for one in steps if one.renamed_from is not None]
    for name in (*(one.name for one in steps), *former):
        kind = None
        if name.text in seen:
            kind = words.A_STEP
        elif name.text in c.events:
            kind = names.EVENT
        elif name.text in c.symbols.benefits:
            kind = names.BENEFIT
        elif name.text in ("event", "customer", "reward", "campaign", "sender", LEAVE):
            kind = words.THE_LANGUAGE
        if kind is not None:
            c.report(words.STEP_NAME_TAKEN, name, name=name.text, kind=kind)
            free = False
        seen.add(name.text)
    return free


# --- the entry ----------------------------------------------------------------------------------


def _entry(journey: _Journey, node: tree.JourneyStep, start: date | None) -> Source:
    """The first step: it fires as a campaign's trigger does."""
    c, form, unless = journey.c, node.form, node.unless
    if isinstance(form, tree.Timer) and unless is not None:
        form, unless = replace(form, unless=unless), None
    for clause in (*node.after, node.by, unless, node.condition):
        if clause is not None:
            c.report(words.ENTRY_FOLLOWS, clause, name=node.name.text, text=folded(clause.span))
    fires, event = None, None
    if isinstance(form, tree.DayAfterStep):
        c.report(words.ENTRY_FOLLOWS, form, name=node.name.text, text=folded(form.span))
    else:
        written = tree.Trigger(form, None, span=form.span)
        event = triggering_event(c, written)
        fires = trigger(c, written, start)
    journey.events[node.name.text], journey.before[node.name.text] = event, ()
    return _source(node, fires, event, None)


# --- later steps --------------------------------------------------------------------------------


def _later(journey: _Journey, node: tree.JourneyStep) -> Source | None:
    """A later step; `None` after a mistake in what it follows, which is reported."""
    c, name = journey.c, node.name.text
    follows = _followed(journey, node)
    if follows is None:
        return None
    before = [one for one in journey.nodes if one in follows or _is_before(journey, one, follows)]
    journey.before[name] = tuple(before)
    journey.events[name] = _own_event(c, node)
    _report_misplaced(c, node)
    fires = later_trigger(c, node, journey.scope(name, bare=True))
    by = None if node.by is None else _deadline(journey, node, node.by)
    reached, absent = _unless(journey, node)
    condition = rule(c, node.condition, journey.scope_of_if(name)) if node.condition else None
    deadlines.report_line_before(c, node, follows)
    if fires is not None:
        deadlines.report_unreachable(c, node, fires, by)
    if _is_one_at_a_time(journey) and by is None and isinstance(fires, plan.EventTrigger):
        c.report(words.WITHOUT_END, node.name, name=name, first=next(iter(journey.nodes)))
    at = origin(node.span)
    following = plan.Following(follows, by, reached, condition, at, unless_event=absent)
    source = _source(node, fires, journey.events[name], following)
    known = journey.scope(name)
    return replace(source, steps=known.steps, unsure=known.unsure)


def _followed(journey: _Journey, node: tree.JourneyStep) -> tuple[str, ...] | None:
    """The names of the steps that a step follows; `None` after a mistake, which is reported."""
    written = list(journey.before)
    measured = deadlines.measured_from(node.form)
    if node.after:
        followed = [one for one in node.after if _is_earlier(journey, node, one)]
        if len(followed) < len(node.after):
            return None
        given = tuple(one.text for one in followed)
        if measured is not None and not _is_sure(journey, measured, given):
            return None
        return given
    if measured is None:
        return (written[-1],) if written else None
    return (measured.text,) if _is_earlier(journey, node, measured) else None


def _is_earlier(journey: _Journey, node: tree.JourneyStep, name: tree.Name) -> bool:
    """Whether a step of that name comes before; if not, that is reported."""
    if name.text in journey.before:
        return True
    if name.text in journey.nodes:
        journey.c.report(words.STEP_BEFORE, name, name=node.name.text, other=name.text)
    else:
        known = suggestions(name.text, journey.nodes)
        journey.c.report(words.UNKNOWN_STEP, name, name=name.text, **known)
    return False


def _is_sure(journey: _Journey, name: tree.Name, follows: tuple[str, ...]) -> bool:
    """Whether a step must have been reached where these have; if not, that is reported."""
    if name.text in follows or _is_before(journey, name.text, follows):
        return True
    if name.text in journey.nodes:
        journey.c.report(words.STEP_NOT_SURE, name, name=name.text)
    else:
        known = suggestions(name.text, journey.nodes)
        journey.c.report(words.UNKNOWN_STEP, name, name=name.text, **known)
    return False


def _is_before(journey: _Journey, name: str, follows: tuple[str, ...]) -> bool:
    return any(name in journey.before.get(one, ()) for one in follows)


def _own_event(c: Context, node: tree.JourneyStep) -> EventTable | None:
    return c.events.get(node.form.event.text) if isinstance(node.form, tree.OnEvent) else None


def _deadline(journey: _Journey, node: tree.JourneyStep, by: tree.Deadline) -> plan.Deadline | None:
    if not isinstance(by, tree.ByDate):
        before = journey.before[node.name.text]
        if by.step.text not in before and not _is_sure(journey, by.step, before):
            return None
    return deadlines.deadline(journey.c, by)


def _unless(
    journey: _Journey, node: tree.JourneyStep
) -> tuple[tuple[str, ...], tuple[plan.Unless, ...]]:
    """The steps and the events that keep a step from being taken."""
    c, unless = journey.c, node.unless
    if unless is None:
        return (), ()
    named, own = unless.event, node.name.text
    if named.text in journey.nodes:
        if unless.where is not None:
            c.report(words.WHERE_ASKS_OTHERS, unless.where, text=folded(unless.where.span))
        return (named.text,), ()
    if named.text not in c.events:
        known = suggestions(named.text, (*journey.nodes, *c.events))
        c.report(words.UNKNOWN_STEP, named, name=named.text, **known)
        return (), ()
    where = None
    if unless.where is not None:
        scope = replace(journey.scope(own), event=None, row=c.events[named.text], keyed=True)
        where = rule(c, unless.where, scope)
        if where is not None and not _of_events(where):
            c.report(words.WHERE_ASKS_OTHERS, unless.where, text=folded(unless.where.span))
            where = None
    return (), (plan.Unless(named.text, where, origin(unless.span)),)


def _report_circles(journey: _Journey, later: list[Source]) -> None:
    """Report `unless` of a step that cannot come before its own."""
    waits = {
        one.name: {*one.follows.steps, *one.follows.unless_reached} for one in later if one.follows
    }
    for one in later:
        node, follows = journey.nodes[one.name], one.follows
        for other in () if follows is None else follows.unless_reached:
            if node.unless is not None and _leads_to(waits, other, one.name):
                journey.c.report(words.UNLESS_AFTERWARDS, node.unless, name=one.name, other=other)


def _leads_to(waits: Mapping[str, set[str]], start: str, end: str) -> bool:
    """Whether a step waits for another, at whatever distance, or is it itself."""
    left, seen = [start], set[str]()
    while left:
        name = left.pop()
        if name == end:
            return True
        if name not in seen:
            seen.add(name)
            left.extend(waits.get(name, ()))
    return False


def _of_events(where: Expression) -> bool:
    """Whether events answer it by their own fields, at any time."""
    return all(
        isinstance(part, RowValue) or of_the_event_alone(part)
        for part in walk(where)
        if not isinstance(part, Operation) or part.operator in CLOCKED
    )


def _report_misplaced(c: Context, node: tree.JourneyStep) -> None:
    """Report what only the entry of a journey may have."""
    for part in node.parts:
        if isinstance(part, tree.OneAtATime):
            c.report(words.NOT_OF_THE_ENTRY, part, name=node.name.text)


def _is_one_at_a_time(journey: _Journey) -> bool:
    entry = next(iter(journey.nodes.values()))
    return any(isinstance(one, tree.OneAtATime) for one in entry.parts)


# --- what ends it -------------------------------------------------------------------------------


def _leave(journey: _Journey, node: tree.Leave, number: int) -> Source | None:
    """The step that ends the journey; `None` after a mistake, which is reported."""
    c, entry = journey.c, next(iter(journey.nodes))
    event = c.events.get(node.event.text)
    if event is None:
        known = suggestions(node.event.text, c.events)
        c.report(
            names.UNKNOWN_DECLARATION, node.event, kind=names.EVENT, name=node.event.text, **known
        )
        return None
    name = LEAVE if number == 1 else f"{LEAVE}_{number}"
    steps: Mapping[str, EventTable | None] = {entry: journey.events[entry]}
    where = None
    if node.where is not None:
        unsure = frozenset(journey.nodes).difference(steps)
        scope = Scope(event=event, bare=True, steps=steps, unsure=unsure, keyed=True)
        where = rule(c, node.where, scope)
        if where is not None and not of_the_event_alone(where):
            c.report(words.WHERE_ASKS_OTHERS, node.where, text=folded(node.where.span))
            return None
    at = origin(node.span)
    fires = plan.EventTrigger(event.name, where, None, at)
    following = plan.Following((entry,), None, (), None, at, leaves=True)
    return Source(name, node, fires, event, None, (), follows=following, steps=steps)


def _source(
    node: tree.JourneyStep,
    fires: plan.Trigger | None,
    event: EventTable | None,
    follows: plan.Following | None,
) -> Source:
    parts = tuple(one for one in node.parts if not isinstance(one, tree.OneAtATime))
    source = of_parts(node.name.text, node, fires, event, parts)
    former = None if node.renamed_from is None else node.renamed_from.text
    return replace(source, follows=follows, limits=node.limits, former=former)
