"""Patterns: the events of a customer that fire. Meaning: `runtime.decide.patterns`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...dialects.common.literals import constant, literal
from ...dialects.common.terms import Term, all_true, column, number, text
from ...operators import sql_bounds
from ...operators.sql_rounding import whole_times
from ...plan import Pattern, Span
from ...plan.data import CANCELLED
from ...plan.demands import Key
from ...plan.types import DATE, INTEGER, IntegerType, ValueType
from ..columns import sized, sum_type, term
from ..ctes import Job, Script, restricted
from . import counting
from .counting import Columns, aliased, context_of, since
from .multiples import multiple_text
from .recent import with_enough
from .streaks import EPOCH, Streaks

VALUE, DAY, PERIOD, SINCE = "counted_value", "counted_day", "counted_period", "counted_since"
UNTIL = "counted_until"
TURN, REACHED, ENOUGH, BEFORE = "turn", "reached", "enough", "before"
SUM, TIMES = "summed", "times"
OCCURRENCE, LATE = "firing", "late_since"


@dataclass(frozen=True, slots=True)
class Firings:
    """The CTE of the events that fire, with the names of its columns.

    `late` is the CTE of customers with a late event that counts; `None` if no event is late.
    `several`: whether an event may cross several multiples, and a column says how many.
    """

    name: str
    columns: Columns
    late: str | None
    several: bool = False

    def times(self) -> exp.Expr:
        """How many multiples the event crossed."""
        return column(TIMES, self.name) if self.several else number(1)

    def is_of(self, events: str) -> exp.Expr:
        """That it is the event in a row of the CTE `events`, whose columns have the same names."""
        both = zip(self.columns.of(self.name), self.columns.of(events), strict=True)
        return all_true(*(exp.EQ(this=one, expression=other) for one, other in both))

    def joined(self, select: exp.Select, events: str) -> exp.Select:
        """The rows of the CTE `events` that fire, with the first late event of their customer."""
        select = select.join(exp.to_identifier(self.name), on=self.is_of(events))
        if self.late is None:
            return select
        same = exp.EQ(
            this=column(self.columns.customer, self.late),
            expression=column(self.columns.customer, self.name),
        )
        return select.join(exp.to_identifier(self.late), on=same, join_type="left")

    def among(self, script: Script, columns: Columns) -> Firings:
        """The same with the names of columns that other events have."""
        both = zip(self.columns.of(), columns.of(), strict=True)
        shown = [exp.alias_(one, other.name) for one, other in both]
        select = exp.select(*shown, column(OCCURRENCE)).from_(exp.to_identifier(self.name))
        name = script.add("firings", select, "under their names")
        return Firings(name, columns, self.late)

    def is_again(self) -> exp.Expr:
        """The condition that it is not before a late event of its customer."""
        first = column(LATE, self.late)
        return exp.LTE(this=first, expression=column(self.columns.moment, self.name))


def firings(
    script: Script,
    job: Job,
    events: str,
    columns: Columns,
    fields: Mapping[Key, Term],
    also: Sequence[exp.Expr] = (),
) -> Firings:
    """The events that fire, of those in the CTE `events`. `also`: what else counts."""
    if job.pattern is None:
        raise LookupError("only a trigger that waits for a pattern has one")
    made = _Statement(script, job, job.pattern, columns, ("event", CANCELLED) in fields)
    counted = made.counted(events, fields, also)
    return Firings(
        made.fired(counted), columns, made.late(counted), several=job.pattern.crosses_several
    )


@dataclass(frozen=True, slots=True)
class _Statement:
    """The CTEs of a pattern, and the names of the columns that its events came with.

    `cancellable`: events may be cancelled, so that a measure can fall.
    """

    script: Script
    job: Job
    pattern: Pattern
    columns: Columns
    cancellable: bool

    # --- events that count ----------------------------------------------------------------------

    def counted(self, events: str, fields: Mapping[Key, Term], also: Sequence[exp.Expr]) -> str:
        """The CTE of the events that count, each with what the pattern reads of it."""
        task, pattern = self.script.task, self.pattern
        context = context_of(task, column(self.columns.moment, events))
        shown: list[exp.Expr] = []
        known: list[exp.Expr] = [column(self.columns.customer, events)]
        if pattern.field is not None:
            value = fields["event", pattern.field].expression
            known.append(value.copy())
            shown.append(exp.alias_(value.copy(), VALUE))
        if pattern.of in ("days", "days_in_a_row"):
            shown.append(exp.alias_(context.today.copy(), DAY))
        if pattern.each is not None:
            clock = task.dialect.clock(task.plan.time_zone, context.now.copy())
            first = task.dialect.date_of(task.dialect.truncated(pattern.each, clock))
            shown.append(exp.alias_(first, PERIOD))
        if self.cancellable:
            cancelled = fields["event", CANCELLED].expression
            shown.append(exp.alias_(cancelled.copy(), UNTIL))
        if pattern.within is not None and (pattern.of != "times" or self.cancellable):
            shown.append(exp.alias_(since(context, pattern.within), SINCE))
        columns = self.columns
        return counting.counted(self.script, events, columns, fields, shown, known, also, "pattern")

    def late(self, counted: str) -> str | None:
        """The CTE of the first late event of each customer who has one."""
        table = (self.job.asked or self.job.due).late_table
        if table is None or self.job.is_later:
            return None
        keys = exp.select("occurrence").from_(exp.table_(table, quoted=True))
        first = exp.alias_(exp.Min(this=column(self.columns.moment)), LATE)
        select = exp.select(column(self.columns.customer), first).from_(exp.to_identifier(counted))
        late = exp.In(this=column(self.columns.key), query=exp.Subquery(this=keys))
        select = restricted(select, [late]).group_by(column(self.columns.customer))
        return self.script.add("late", select, "who has a late event")

    # --- events that fire -----------------------------------------------------------------------

    def fired(self, counted: str) -> str:
        """The CTE of the events that fire, each with its occurrence."""
        pattern = self.pattern
        if pattern.of == "days_in_a_row":
            in_a_row = self._standing if self.cancellable else self._in_a_row
            return self._numbered(in_a_row(counted))
        if self.cancellable and not pattern.crosses_several:
            return self._falling(counted)
        if (within := pattern.within) is not None:
            by_turn = pattern.of == "times"
            measured = self._recent(counted, within) if by_turn else self._added(counted)
            return self._numbered(self._rising(measured, highest=False))
        if pattern.crosses_several:
            return self._multiples(counted)
        if pattern.of == "sum":
            return self._named(self._rising(self._added(counted), highest=True))
        return self._counting(counted)

    def _counting(self, counted: str) -> str:
        """Where only the number of events, values or days can grow: each counts one."""
        apart = {"times": None, "different": VALUE, "days": DAY}[self.pattern.of]
        if apart is not None:
            counted = self._firsts(counted, apart)
        reached = self._window(exp.RowNumber(), self._calendar())
        select = exp.select(exp.Star(), exp.alias_(reached, REACHED))
        name = self.script.add("reached", select.from_(exp.to_identifier(counted)), "how many")
        return self._named(name, [self._is_reached()])

    def _firsts(self, counted: str, apart: str) -> str:
        """The first event of each value."""
        turn = self._window(exp.RowNumber(), [*self._calendar(), self._comparable(apart)])
        select = exp.select(exp.Star(), exp.alias_(turn, TURN)).from_(exp.to_identifier(counted))
        name = self.script.add("turns", select, "each value counts once")
        return self._only(name, "firsts", exp.EQ(this=column(TURN), expression=number(1)))

    def _falling(self, counted: str) -> str:
        """Where what is counted can be cancelled: the measure is taken anew with each event."""
        pattern = self.pattern
        if not pattern.every:
            rising = self._rising(self._added(counted), highest=pattern.within is None)
            return self._named(rising) if pattern.within is None else self._numbered(rising)
        reached = exp.alias_(self._how_many("other"), REACHED)
        name = self.script.add("reached", self._over_past(counted, reached, "other"), "how many")
        select = exp.select(exp.Star(), exp.alias_(self._highest_before(REACHED), BEFORE))
        name = self.script.add("rising", select.from_(exp.to_identifier(name)), "and before")
        return self._named(name, [self._is_reached(), self._is_new()])

    def _recent(self, counted: str, within: Span) -> str:
        """Each event, and whether so many up to it are in the window."""
        before = int(self.pattern.amount) - 1
        earlier: exp.Expr = column(self.columns.moment)
        if before:
            earlier = self._window(exp.Lag(this=earlier, offset=number(before)), self._calendar())
        return with_enough(
            self.script, counted, self.columns, self._calendar(), earlier, within, ENOUGH
        )

    def _added(self, counted: str) -> str:
        """Each event with the measure over those up to it that the window reaches."""
        pattern, dialect, other = self.pattern, self.script.task.dialect, "other"
        measure: exp.Expr
        match pattern.of:
            case "sum":
                type_ = self._field_type()
                total = dialect.ordered(dialect.total(column(VALUE, other), type_), type_)
                whole = isinstance(type_, IntegerType)
                amount = int(pattern.amount) if whole else pattern.amount
                measure = dialect.compared(exp.GTE, total, literal(dialect, amount))
            case _:
                least = number(int(pattern.amount))
                measure = exp.GTE(this=self._how_many(other), expression=least)
        enough = exp.alias_(exp.Case().when(measure, number(1)).else_(number(0)), ENOUGH)
        select = self._over_past(counted, enough, other)
        return self.script.add("measured", select, "whether there is enough with each event")

    def _how_many(self, other: str) -> exp.Expr:
        """The number of events, values or days among the events `other`."""
        if self.pattern.of == "times":
            return exp.Count(this=column(self.columns.key, other))
        apart = DAY if self.pattern.of == "days" else VALUE
        return exp.Count(this=exp.Distinct(expressions=[self._comparable(apart, other)]))

    def _is_new(self) -> exp.Expr:
        """The condition that so many were never reached before."""
        before = exp.Coalesce(this=column(BEFORE), expressions=[number(0)])
        return exp.GT(this=column(REACHED), expression=before)

    def _over_past(self, counted: str, measure: exp.Expr, other: str) -> exp.Select:
        """Each event with a measure over those up to it, which are called `other`."""
        one, names = "one", list(self.columns.names)
        names += [PERIOD] if self.pattern.each is not None else []
        shown = [column(name, one) for name in names]
        return (
            exp.select(*(each.copy() for each in shown), measure)
            .from_(aliased(counted, one))
            .join(aliased(counted, other), on=self._up_to(one, other))
            .group_by(*shown)
        )

    def _up_to(self, one: str, other: str) -> exp.Expr:
        """The condition that an event `other` of the customer counts with `one`."""
        pattern, dialect = self.pattern, self.script.task.dialect
        columns = self.columns
        parts: list[exp.Expr] = [
            *(exp.EQ(this=column(o, other), expression=column(o, one)) for o in columns.whose),
            columns.not_after(dialect, one, other),
        ]
        if pattern.each is not None:
            parts.append(exp.EQ(this=column(PERIOD, other), expression=column(PERIOD, one)))
        if pattern.within is not None:
            at = column(columns.moment, other)
            parts.append(exp.GT(this=at, expression=column(SINCE, one)))
        if self.cancellable:
            parts.append(counting.is_counted(UNTIL, other, column(columns.moment, one)))
        return all_true(*parts)

    def _rising(self, measured: str, *, highest: bool) -> str:
        """The events at which there is enough, and was not: before, or (`highest`) ever before."""
        last = self._window(exp.Lag(this=column(ENOUGH)), self._calendar())
        if highest:
            last = self._highest_before(ENOUGH)
        select = exp.select(exp.Star(), exp.alias_(last, BEFORE))
        select = select.from_(exp.to_identifier(measured))
        name = self.script.add("rising", select, "and whether there was before")
        was = exp.Coalesce(this=column(BEFORE), expressions=[number(0)])
        return self._only(
            name,
            "reaching",
            exp.EQ(this=column(ENOUGH), expression=number(1)),
            exp.EQ(this=was, expression=number(0)),
        )

    def _highest_before(self, name: str) -> exp.Window:
        dialect = self.script.task.dialect
        return self.columns.highest_before(dialect, name, self._calendar())

    def _multiples(self, counted: str) -> str:
        """The events at which a sum comes to a new multiple, with how many they cross."""
        dialect, type_ = self.script.task.dialect, self._field_type()
        context = context_of(self.script.task, column(self.columns.moment))
        exact = sized(dialect.total(column(VALUE, "other"), type_), type_, optional=False)
        bounded = sql_bounds.total(dialect, exact, sum_type(dialect, type_))
        total = exp.alias_(bounded.expression, SUM)
        select = self._over_past(counted, total, "other")
        name = self.script.add("sums", select, "the sum up to each event")

        is_whole = isinstance(type_, IntegerType)
        unit = constant(dialect, int(self.pattern.amount) if is_whole else self.pattern.amount)
        multiple = whole_times(context, term(SUM, type_, optional=False), unit)
        select = exp.select(exp.Star(), exp.alias_(multiple.expression, REACHED))
        select = select.from_(exp.to_identifier(name))
        name = self.script.add("multiples", select, "how many multiples it holds")

        select = exp.select(exp.Star(), exp.alias_(self._highest_before(REACHED), BEFORE))
        name = self.script.add("rising", select.from_(exp.to_identifier(name)), "and held before")
        above = exp.GT(this=column(BEFORE), expression=number(0))
        before = exp.Case().when(above, column(BEFORE)).else_(number(0))
        crossed = exp.Sub(this=column(REACHED), expression=before.copy())
        select = exp.select(exp.Star(), exp.alias_(crossed, TIMES))
        select = select.from_(exp.to_identifier(name))
        rises = exp.GT(this=column(REACHED), expression=before)
        name = self.script.add("crossing", restricted(select, [rises]), "how many are new")
        return self._named(name)

    def _in_a_row(self, counted: str) -> str:
        """The first events of the days on which a streak is long enough."""
        dialect = self.script.task.dialect
        firsts = self._firsts(counted, DAY)
        place_ = self._window(exp.RowNumber(), [])
        epoch = dialect.date(EPOCH)
        day = dialect.days_between(epoch, column(DAY))
        streak = exp.Sub(this=exp.Paren(this=day), expression=place_)
        select = exp.select(exp.Star(), exp.alias_(streak, "streak"))
        name = self.script.add(
            "streaks", select.from_(exp.to_identifier(firsts)), "days in a row have the same number"
        )
        length = self._window(exp.RowNumber(), [column("streak")])
        select = exp.select(exp.Star(), exp.alias_(length, REACHED)).from_(exp.to_identifier(name))
        name = self.script.add("lengths", select, "how long the streak is")
        return self._only(name, "reaching", self._is_reached())

    def _standing(self, counted: str) -> str:
        """The same where a day counts with an event that is not cancelled by then."""
        firsts, up_to = self._firsts(counted, DAY), self._up_to("one", "other")
        streaks = Streaks(self.script, self.pattern, self.columns, DAY)
        return streaks.long_enough(firsts, counted, up_to)

    # --- occurrences ----------------------------------------------------------------------------

    def _numbered(self, reaching: str) -> str:
        """The firings of a customer are numbered."""
        turn = self._window(exp.RowNumber(), [])
        shown = self.script.task.dialect.value_text(turn, INTEGER)
        select = exp.select(*self.columns.of(), exp.alias_(shown, OCCURRENCE))
        select = select.from_(exp.to_identifier(reaching))
        return self.script.add("firings", select, "the events that fire, by number")

    def _named(self, reached: str, conditions: Sequence[exp.Expr] = ()) -> str:
        """The firings are named by their period, and by the multiple."""
        pattern, dialect = self.pattern, self.script.task.dialect
        parts: list[exp.Expr] = []
        if pattern.each is not None:
            parts.append(dialect.value_text(column(PERIOD), DATE))
        if pattern.every:
            parts += [text(" ")] if parts else []
            parts += multiple_text(dialect, pattern, column(REACHED))
        named = text("1") if not parts else parts[0] if not parts[1:] else dialect.joined(*parts)
        select = exp.select(*self.columns.of(), exp.alias_(named, OCCURRENCE))
        if pattern.crosses_several:
            select = select.select(column(TIMES))
        select = restricted(select.from_(exp.to_identifier(reached)), conditions)
        return self.script.add("firings", select, "the events that fire")

    # --- pieces ---------------------------------------------------------------------------------

    def _is_reached(self) -> exp.Expr:
        """The condition that the count is the amount, or with `every` a multiple of it."""
        amount, count = int(self.pattern.amount), column(REACHED)
        if not self.pattern.every:
            return exp.EQ(this=count, expression=number(amount))
        rest = exp.Mod(this=count, expression=number(amount))
        return exp.EQ(this=rest, expression=number(0))

    def _calendar(self) -> list[exp.Expr]:
        return [column(PERIOD)] if self.pattern.each is not None else []

    def _only(self, relation: str, wish: str, *conditions: exp.Expr) -> str:
        select = exp.select(exp.Star()).from_(exp.to_identifier(relation))
        return self.script.add(wish, restricted(select, conditions), "only these")

    def _window(self, function: exp.Expr, apart: Sequence[exp.Expr]) -> exp.Window:
        """A function over the events that count together, in their order."""
        return self.columns.window(self.script.task.dialect, function, apart)

    def _field_type(self) -> ValueType:
        """The type of what is added up, or must differ."""
        fields = self.script.task.index.events[self.job.step.trigger.event or ""].fields
        return next(one.type for one in fields if one.name == self.pattern.field)

    def _comparable(self, name: str, relation: str | None = None) -> exp.Expr:
        type_ = DATE if name == DAY else self._field_type()
        return self.script.task.dialect.ordered(column(name, relation), type_)
