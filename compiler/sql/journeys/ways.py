"""The way through a journey: which instances come to a step, and which of them reach it.

An instance is a customer at the occurrence of the entry. It comes to a step if it meets everything
that the trigger asks, and reaches it if that is decided. Both have a CTE, one row an instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlglot import exp

from ...dialects.common.context import SqlContext
from ...dialects.common.terms import INTEGER_WHOLE, Term, column, number, text
from ...plan import Campaign, DayAfterStep, EventTrigger, Following, SpanAfterStep, Step
from ...plan.demands import Demand, Key, demands
from ...plan.due import Due
from ...plan.steps import CUSTOMER_KEY, step_of, turn_in_instance
from ...plan.triggers import TIMES
from ...plan.types import INTEGER, TEXT, TIMESTAMP
from ..columns import renamed
from ..comments import place
from ..ctes import Job, Script, Task, restricted
from ..decisions import given, of_reward
from ..facts import Needs, candidates
from ..occasions import wish_of
from ..sources import Look, Past, past
from ..translate import Scope, condition
from ..waiting.counting import Columns
from ..waiting.patterns import firings
from .absences import INSTANCE, MOMENT, after_none, not_after, same_instance
from .answers import Answers
from .fields import Fields
from .instants import deadline, instant_after, is_in_time

TURN = "turn"

_M = TypeVar("_M")


@dataclass(frozen=True, slots=True)
class Reached:
    """The CTE of instances, with the fields of the steps that they reached, such as `ticket.at`."""

    name: str
    terms: Mapping[str, Term]

    def at(self, step: str) -> exp.Expr:
        """The moment of a step."""
        return column(self.terms[f"{step}.at"].expression.name, self.name)

    def fields(self) -> dict[Key, Term]:
        """The fields as values of expressions."""
        return {("event", field): _of(term, self.name) for field, term in self.terms.items()}


@dataclass(frozen=True, slots=True)
class Way:
    """The steps of a journey in a statement. `due`: what is asked of a later step of it."""

    script: Script
    campaign: Campaign
    due: Due
    answers: Answers

    @property
    def entries(self) -> Due:
        """The part of the entry that is due."""
        if self.due.entries is None:
            raise LookupError(f"no period of entries is given for {self.campaign.name}")
        return self.due.entries

    @property
    def fields(self) -> Fields:
        """The fields that steps ask for."""
        index = self.script.task.index
        return self.once(("fields",), lambda: Fields.of(index, self.campaign, self.entries))

    @property
    def first(self) -> datetime | None:
        """An instant before all instances; `None` if there is none."""
        entries = self.entries
        return None if entries.late_table is not None else min((entries.start, *entries.every))

    def once(self, what: tuple[str, ...], make: Callable[[], _M]) -> _M:
        """Make something once for a journey, its entries and an end."""
        known = self.script.statement.known
        key = ("journey", *what, self.campaign.name, self.entries, self.due.end, self.answers)
        if key not in known:
            known[key] = make()
        made: _M = known[key]
        return made

    def part(self, step: Step) -> Script:
        """The part of the statement that asks for all moments of a step up to the end."""
        task, due = self.script.task, self.entries
        if step.follows is not None:
            due = Due(self.first or due.start, self.due.end, (), due.late_table, due)
        job = Job(self.campaign, step, due)
        alone = Task.of_one(task.index, job, task.dialect, task.names)
        return Script(alone, self.script.statement)

    # --- who reaches a step ---------------------------------------------------------------------

    def reached(self, name: str) -> Reached:
        """The instances that reach a step."""
        return self.once(("reached", name), lambda: self._reached(step_of(self.campaign, name)))

    def _reached(self, step: Step) -> Reached:
        script, demanded = self.part(step), self._demanded(step)
        come = None if step.follows is None else self.come(step)
        as_of = self.fields.as_of(step)
        if come is not None and not demanded and step.reward is None and not as_of:
            moment = Term(column(MOMENT), TIMESTAMP, optional=False)
            return self._shown(step, come.name, {**come.fields, "at": moment}, ())
        asked = [*self.fields.passed_on(step), *self.fields.carried(step)]
        asked = [field for field in asked if field not in ("key", *as_of)]
        also: list[Key] = [("event", one) for one in asked]
        also += [("feature", one) for one in as_of]
        needs = Needs(demanded, of_reward(script.task.jobs[0]), also)
        relation = candidates(script, needs, come)
        relation, conditions = given(script, script.task.jobs[0], relation)
        key = Term(column("occurrence"), TEXT, optional=False)
        seen = {name: term for (kind, name), term in relation.terms.items() if kind == "event"}
        seen |= {name: relation.terms["feature", name] for name in as_of}
        moment = Term(column(MOMENT), TIMESTAMP, optional=False)
        return self._shown(step, relation.name, {"key": key, **seen, "at": moment}, conditions)

    def _demanded(self, step: Step) -> list[Demand]:
        """The conditions of a step, without what is met wherever it comes."""
        index = self.script.task.index
        return [
            one
            for one in demands(index, self.campaign, step)
            if step.follows is None or one.clause != "trigger"
            if self.answers.grants or not index.asks_ledger(one.condition)
        ]

    def _shown(
        self, step: Step, name: str, seen: Mapping[str, Term], conditions: Sequence[exp.Expr]
    ) -> Reached:
        """Those rows of a CTE, with the fields that later steps ask for."""
        own = {f"{step.name}.{one}": one for one in ("at", *self.fields.passed_on(step))}
        shown: list[exp.Expr] = [column(one) for one in INSTANCE]
        terms: dict[str, Term] = {}
        if step.follows is None:
            own |= {one: one for one in self.fields.key}
            seen = {**seen, CUSTOMER_KEY: Term(column("customer"), TEXT, optional=False)}
        for field, source in {**own, **{one: one for one in self.fields.carried(step)}}.items():
            title = self._title(field)
            shown.append(_titled(seen[source].expression, title))
            terms[field] = renamed(seen[source], title)
        select = restricted(exp.select(*shown).from_(exp.to_identifier(name)), conditions)
        comment = f"who reached {step.name}: {place(step.origin)}"
        made = self.script.add(f"reached_{step.name}", select, comment)
        self.script.statement.shared.add(made)
        return Reached(made, terms)

    def _title(self, field: str) -> str:
        return self.script.task.names.give(("event", field), wish_of(field))

    # --- who comes to a step --------------------------------------------------------------------

    def come(self, step: Step) -> Past:
        """The instances that come to a later step."""
        return self.once(("come", step.name), lambda: self._come(step))

    def _come(self, step: Step) -> Past:
        follows, trigger = step.follows, step.trigger
        if follows is None:
            raise LookupError(f"{step.name} follows nothing")
        base = self._awaited(step, follows)
        match trigger:
            case SpanAfterStep() | DayAfterStep():
                found = self._on_timer(step, trigger, base)
            case EventTrigger():
                found = self._on_event(step, trigger, base)
            case _:
                raise LookupError(f"no later step fires on {trigger.kind}")
        script = self.part(step)
        for absent in follows.unless_event:
            carried = {one: found.fields[one] for one in self.fields.carried(step)}
            here = Reached(found.name, carried)
            since = self._since(here, follows.steps)
            kept = after_none(script, found.name, absent, since, here.fields(), self.first)
            found = replace(found, name=kept)
        for other in follows.unless_reached if self.answers.reached else ():
            stopped = self.reached(other)
            at = stopped.terms[f"{other}.at"].expression.name
            found = self.before(step, found, step_of(self.campaign, other), stopped.name, at)
        return found

    def before(self, step: Step, come: Past, other: Step, stopped: str, at: str) -> Past:
        """The instances that come to a step, without those that came to another before.

        `stopped`: the CTE of those, `at` its column with their moment.
        """
        turn = turn_in_instance(self.campaign, other) < turn_in_instance(self.campaign, step)
        comment = f"not after {other.name}: {place(other.origin)}"
        name = not_after(self.part(step), come.name, stopped, at, or_at_once=turn, comment=comment)
        return replace(come, name=name)

    def _base(self, steps: Sequence[str]) -> Reached:
        """The instances that reached all of these."""
        first, *others = (self.reached(one) for one in steps)
        if not others:
            return first
        terms: dict[str, Term] = {}
        for one in (first, *others):
            terms = {**{field: _of(term, one.name) for field, term in one.terms.items()}, **terms}
        select = exp.select(
            *(column(one, first.name) for one in INSTANCE),
            *(term.expression for term in terms.values()),
        ).from_(exp.to_identifier(first.name))
        for one in others:
            select = select.join(
                exp.to_identifier(one.name), on=same_instance(first.name, one.name)
            )
        made = self.script.add("reached_all", select, f"who reached {', '.join(steps)}")
        return Reached(made, {field: _of(term, made) for field, term in terms.items()})

    def _since(self, base: Reached, steps: Sequence[str]) -> exp.Expr:
        """The latest of the moments of these steps."""
        moments = [base.at(one) for one in steps]
        return self.script.task.dialect.greatest(moments) if moments[1:] else moments[0]

    def _context(self, step: Step, base: Reached, of: str) -> SqlContext:
        """The context at the moment of a step before it."""
        return self.part(step).task.context(base.at(of))

    def _awaited(self, step: Step, follows: Following) -> Reached:
        """The instances that reached all that a step follows, with its deadline if they differ."""
        base = self._base(follows.steps)
        if follows.by is None or follows.by.step is None:
            return base
        until = deadline(self._context(step, base, follows.by.step), follows.by)
        shown = exp.alias_(until, self._until())
        select = exp.select(exp.Star(), shown).from_(exp.to_identifier(base.name))
        made = self.script.add(f"until_{step.name}", select, f"by: {place(follows.by.origin)}")
        return Reached(made, {field: _of(term, made) for field, term in base.terms.items()})

    def _until(self) -> str:
        """The column with the deadline."""
        return self.script.task.names.give(("journey", "until"), "until_instant")

    def _in_time(self, step: Step, base: Reached, moment: exp.Expr) -> list[exp.Expr]:
        """The conditions that a moment is after all that the step follows, and in time."""
        follows = step.follows
        if follows is None:
            return []
        found: list[exp.Expr] = [exp.GT(this=moment, expression=self._since(base, follows.steps))]
        if follows.by is not None:
            until: exp.Expr = column(self._until(), base.name)
            if follows.by.step is None:
                until = deadline(self.part(step).task.context(moment.copy()), follows.by)
            found.append(is_in_time(follows.by, moment.copy(), until))
        return found

    def _on_timer(self, step: Step, trigger: SpanAfterStep | DayAfterStep, base: Reached) -> Past:
        """The instances with the instant of a timer, if it is after what the step follows."""
        shown, fields = self._carried(step, base)
        if step.follows is not None and step.follows.by is not None and step.follows.by.step:
            shown.append(column(self._until(), base.name))
        key = self._title("key")
        instant = instant_after(self._context(step, base, trigger.step), trigger)
        select = exp.select(
            *(column(one, base.name) for one in INSTANCE),
            exp.alias_(text(""), key),
            exp.alias_(instant, MOMENT),
            *shown,
        ).from_(exp.to_identifier(base.name))
        made = self.script.add(f"timed_{step.name}", select, f"timer: {place(trigger.origin)}")
        after = Reached(made, fields)
        conditions = self._in_time(step, after, column(MOMENT, made))
        kept = restricted(exp.select(exp.Star()).from_(exp.to_identifier(made)), conditions)
        name = self.script.add(f"come_{step.name}", kept, "in time")
        return _instances(name, key, fields)

    def _carried(self, step: Step, base: Reached) -> tuple[list[exp.Expr], dict[str, Term]]:
        """The columns of the steps before it that a step carries on, and what they are."""
        fields = {one: base.terms[one] for one in self.fields.carried(step)}
        names = [term.expression.name for term in fields.values()]
        plain = {one: renamed(term, term.expression.name) for one, term in fields.items()}
        return [column(name, base.name) for name in names], plain

    def _on_event(self, step: Step, trigger: EventTrigger, base: Reached) -> Past:
        """The instances with the first event after what the step follows that is taken."""
        script, left = self.part(step), self.fields.left(step)
        events = past(script, Look(trigger.event, self.fields.own(step), self.first, self.due.end))
        own = {field: _of(term, events.name) for field, term in events.fields.items()}
        seen = {**base.fields(), **{("event", field): term for field, term in own.items()}}
        moment = own["at"].expression
        conditions = self._in_time(step, base, moment)
        if trigger.where is not None and trigger.pattern is None:
            scope = Scope(script.task.context(moment), seen)
            conditions.append(condition(trigger.where, scope))
        shown, fields = self._carried(step, base)
        instance = [column(one, base.name) for one in INSTANCE]
        same = exp.EQ(
            this=column(events.customer, events.name), expression=column("customer", base.name)
        )
        select = exp.select(*instance, *shown).from_(exp.to_identifier(base.name))
        select = restricted(select.join(exp.to_identifier(events.name), on=same), conditions)
        comment = f"events after it: {place(trigger.origin)}"
        if trigger.pattern is None and not left:
            first = exp.alias_(exp.Min(this=moment.copy()), MOMENT)
            select = select.select(first).group_by(*instance, *shown)
            return _instances(script.add(f"come_{step.name}", select, comment), "", fields)
        # A pattern reads more of the events than is left of them.
        for field in dict.fromkeys(
            (*left, "key", *(self.fields.own(step) if trigger.pattern else ()))
        ):
            if field == TIMES:
                continue
            title = self._title(field)
            select.select(_titled(own[field].expression, title), copy=False)
            fields[field] = renamed(own[field], title)
        select.select(exp.alias_(moment.copy(), MOMENT), copy=False)
        if trigger.pattern is None:
            order = [moment, script.task.dialect.ordered(own["key"].expression.copy(), TEXT)]
            select.select(exp.alias_(_turn(instance, order), TURN), copy=False)
            made = script.add(f"after_{step.name}", select, comment)
        else:
            made = self._fired(script, fields, script.add(f"after_{step.name}", select, comment))
        first_ = exp.EQ(this=column(TURN), expression=number(1))
        if trigger.pattern is not None and TIMES in left:
            fields[TIMES] = Term(column(self._times()), INTEGER, False, INTEGER_WHOLE)
        names = [MOMENT, *(term.expression.name for term in fields.values())]
        chosen = exp.select(*map(column, (*INSTANCE, *names))).from_(exp.to_identifier(made))
        name = script.add(f"come_{step.name}", restricted(chosen, [first_]), "the first of them")
        return _instances(name, self._title("key"), fields)

    def _times(self) -> str:
        """The column with how many multiples of a pattern the event crossed."""
        return self.script.task.names.give(("event", TIMES), "times")

    def _fired(self, script: Script, fields: Mapping[str, Term], events: str) -> str:
        """The events with which a pattern is there, in their order."""
        dialect = script.task.dialect
        columns = Columns(self._title("key"), "customer", MOMENT, "occurrence")
        at = Term(column(MOMENT), TIMESTAMP, optional=False)
        seen = {("event", name): _of(term, events) for name, term in {**fields, "at": at}.items()}
        fired = firings(script, script.task.jobs[0], events, columns, seen)
        order = [column(MOMENT, events), dialect.ordered(column(columns.key, events), TEXT)]
        every = exp.Column(this=exp.Star(), table=exp.to_identifier(events))
        turn = _turn([column(one, events) for one in INSTANCE], order)
        times = exp.alias_(fired.times(), self._times())
        select = exp.select(every, exp.alias_(turn, TURN), times).from_(exp.to_identifier(events))
        return script.add("fired", fired.joined(select, events), "with which the pattern is there")


def _instances(name: str, key: str, fields: Mapping[str, Term]) -> Past:
    """The CTE of instances that come to a step, as events of it."""
    known = {**fields, "at": Term(column(MOMENT), TIMESTAMP, optional=False)}
    if key:
        known["key"] = Term(column(key), TEXT, optional=False)
    return Past(name, key, "customer", MOMENT, known, occurrence="occurrence")


def _of(term: Term, relation: str) -> Term:
    return renamed(term, term.expression.name, relation)


def _titled(expression: exp.Expr, title: str) -> exp.Expr:
    there = isinstance(expression, exp.Column) and expression.name == title
    return expression.copy() if there else exp.alias_(expression.copy(), title)


def _turn(instance: Sequence[exp.Expr], order: Sequence[exp.Expr]) -> exp.Window:
    """The number of an event among those of its instance."""
    turns = exp.Order(expressions=[exp.Ordered(this=one, nulls_first=False) for one in order])
    return exp.Window(this=exp.RowNumber(), partition_by=list(instance), order=turns)
