"""Compare the warehouse with the catalog, before anything is decided.

One pass over each table reads only the columns whose type leaves doubt. Another finds duplicate
keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from sqlglot import exp

from ...compiler.dialects.common.literals import literal
from ...compiler.dialects.common.terms import any_true
from ...compiler.plan import Column, EventAggregate, EventBrake, EventPick, Plan, TimerTrigger
from ...compiler.plan.expressions import Origin
from ...compiler.plan.types import TEXT, TIMESTAMP, ValueType
from ...compiler.proofs.ranges import ends, has_range, range_words
from ...compiler.sql.columns import source, table
from ...dsl.diagnostics.diagnostic import CannotRun, Code, Diagnostic, Phrase
from ...dsl.diagnostics.source import Place
from ..codes import running, warehouses
from ..decide.keys import LONGEST_KEY, counted_fields
from .contract import Tables, Warehouse, WarehouseColumn
from .types import column_type_words

_THE_KEY = Phrase("check.the_key")
_THE_CUSTOMER = Phrase("check.the_customer")


class Unfit(CannotRun):
    """The warehouse does not match the catalog; `diagnostics` has all findings."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        errors = [problem for problem in diagnostics if problem.code.severity == "error"]
        super().__init__(errors[0])
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True, slots=True)
class Needed:
    """A table of the catalog, and the columns that it must have.

    `past`: its rows are the past of a field, and have the key of their customer.
    """

    table: str
    owner: Phrase
    key: str
    customer: str | None
    fields: tuple[Column, ...]
    origin: Origin
    counted: frozenset[str] = frozenset()
    event: str = ""
    past: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A condition for rows that should not exist, and the diagnostic if any do."""

    condition: exp.Expr
    problem: Diagnostic
    example_of: exp.Expr | None = None


_Values = dict[str, str | Phrase]


@dataclass(frozen=True, slots=True)
class There:
    """A table of the warehouse, with its columns."""

    warehouse: Warehouse
    tables: Tables
    columns: Mapping[str, WarehouseColumn]

    def column(self, name: str) -> WarehouseColumn | None:
        """The column that the catalog names so."""
        return self.columns.get(self.tables.key(name))

    def is_day(self, field: Column) -> bool:
        """Whether days are to be read as instants: the first moments of the project's days."""
        found = self.column(field.column)
        days = found is not None and self.warehouse.types.is_day(found.type)
        return days and field.type == TIMESTAMP and field.zone is None

    def doubt(self, field: Column) -> exp.Expr | None:
        """The condition for unreadable values of a column; `None` if all are readable."""
        return self.doubt_of(field.column, field.type)

    def doubt_of(self, name: str, type_: ValueType) -> exp.Expr | None:
        """The same of any column of that name."""
        found, column = self.column(name), source(name)
        doubt = "none" if found is None else self.warehouse.types.doubt(type_, found.type, column)
        return doubt if isinstance(doubt, exp.Expr) else None

    def readable(self, field: Column) -> exp.Expr:
        """The field's column, NULL if its value cannot be read in the catalog's type.

        An engine may cast a value before it filters its row.
        """
        column, doubt = source(field.column), self.doubt(field)
        if doubt is None:
            return column
        sure = exp.Coalesce(this=doubt, expressions=[exp.false()])
        return exp.Case().when(exp.Not(this=exp.Paren(this=sure)), column)

    def outside(self, field: Column) -> exp.Expr | None:
        """The condition for values outside the field's range; `None` without a range."""
        if not has_range(field):
            return None
        dialect = self.warehouse.dialect
        value = dialect.read(self.readable(field), field.type)
        low, high = ends(field)
        parts: list[exp.Expr] = []
        if low is not None:
            parts.append(exp.LT(this=value.copy(), expression=literal(dialect, low)))
        if high is not None:
            parts.append(exp.GT(this=value.copy(), expression=literal(dialect, high)))
        return any_true(*parts)


def used_events(plan: Plan, campaigns: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return the events that these campaigns (default: all) read.

    They wait for them, aggregate them, claim, take back or pause by them, or these cancel others.
    """
    wanted = None if campaigns is None else set(campaigns)
    steps = [
        step
        for campaign in plan.campaigns
        if wanted is None or campaign.name in wanted
        for step in campaign.steps
    ]
    rewards = (step.reward for step in steps if step.reward is not None)
    claiming = {reward.claims.event for reward in rewards if reward.claims is not None}
    waited = {step.trigger.event for step in steps if step.trigger.event is not None}
    timers = (step.trigger for step in steps if isinstance(step.trigger, TimerTrigger))
    unless = {event for trigger in timers for event in trigger.events}
    following = (step.follows for step in steps if step.follows is not None)
    unless |= {one.event for follows in following for one in follows.unless_event}
    histories = (
        feature.event
        for feature in plan.features
        if isinstance(feature, EventAggregate | EventPick)
    )
    own = [one for one in plan.campaigns if wanted is None or one.name in wanted]
    reversing = {one.reversal.event for one in own if one.reversal is not None}
    brakes = (brake for one in own for brake in one.brakes)
    braking = {brake.event for brake in brakes if isinstance(brake, EventBrake)}
    read = waited | unless | claiming | reversing | braking | set(histories)
    return with_cancelling(plan, read)


def with_cancelling(plan: Plan, events: Iterable[str]) -> tuple[str, ...]:
    """Return these events and those that cancel any of them."""
    read = set(events)
    cancelling = (one.cancelled_by for one in plan.events if one.name in read)
    return tuple(sorted(read | {one.event for one in cancelling if one is not None}))


def check(warehouse: Warehouse, plan: Plan, events: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return all mismatches of the customers' table and of these events' tables."""
    known = warehouse.tables()
    wanted = set(events)
    return tuple(
        problem
        for needed in needed_tables(plan, wanted)
        for problem in _check_table(warehouse, needed, known, plan.time_zone)
    )


def needed_tables(plan: Plan, events: set[str]) -> Iterator[Needed]:
    """Return the customers' table, and those of these events."""
    customers = plan.customers
    owner = Phrase("check.the_customers")
    key, fields = customers.key, customers.fields
    yield Needed(customers.table, owner, key, None, fields, customers.origin)
    for event in plan.events:
        if event.name in events and event.past_of is not None:
            owner = Phrase("check.past", name=event.past_of)
            fields, of = (event.at, *event.fields), event.origin
            yield Needed(
                event.table, owner, event.key, None, fields, of, event=event.name, past=True
            )
        elif event.name in events:
            owner = Phrase("check.event", name=event.name)
            fields = (event.at, *event.fields)
            of, counted = event.origin, counted_fields(plan)
            yield Needed(
                event.table, owner, event.key, event.customer, fields, of, counted, event.name
            )


def _check_table(
    warehouse: Warehouse, needed: Needed, tables: Tables, zone: str
) -> Iterator[Diagnostic]:
    there, problems = shape(warehouse, needed, tables, zone)
    yield from problems
    if there is None:
        return
    yield from _ask(warehouse, needed.table, list(questions(needed, there)))
    key = there.column(needed.key)
    if not needed.past and (key is None or not key.unique):
        yield from _repeated_keys(warehouse, needed)


def shape(
    warehouse: Warehouse, needed: Needed, tables: Tables, zone: str
) -> tuple[There | None, list[Diagnostic]]:
    """Return the table and its mismatches; no table if it cannot be queried."""
    columns = tables.known.get(tables.key(needed.table))
    if columns is None:
        return None, [_missing_table(needed, tables)]
    there = There(warehouse, tables, columns)
    problems = [*_missing_columns(needed, there), *_wrong_types(needed, there)]
    return (None, problems) if problems else (there, list(_zones(needed, there, zone)))


def _missing_table(needed: Needed, tables: Tables) -> Diagnostic:
    values: _Values = {"table": needed.table, "owner": needed.owner}
    values |= _nearest(needed.table, tables.known)
    return problem_at(running.TABLE_MISSING, needed.origin, values)


def _missing_columns(needed: Needed, there: There) -> Iterator[Diagnostic]:
    for column, owner, origin in _columns_read(needed):
        values: _Values = {"table": needed.table, "column": column, "owner": owner}
        found = there.column(column)
        if found is None:
            values |= _nearest(column, there.columns)
            yield problem_at(running.COLUMN_MISSING, origin, values)
        elif not found.readable:
            yield problem_at(warehouses.WAREHOUSE_FORBIDDEN, origin, values)


def _columns_read(needed: Needed) -> list[tuple[str, Phrase, Origin]]:
    """Return every column that is read, its owner, and its place in the catalog."""
    asked: list[tuple[str, Phrase, Origin]] = [(needed.key, _THE_KEY, needed.origin)]
    if needed.customer is not None:
        asked.append((needed.customer, _THE_CUSTOMER, needed.origin))
    for field in needed.fields:
        owner = Phrase("check.field", name=field.name)
        asked.append((field.column, owner, field.origin))
    return asked


def _wrong_types(needed: Needed, there: There) -> Iterator[Diagnostic]:
    """Yield columns whose type can never be read as the catalog's."""
    types = there.warehouse.types
    keys = [name for name in (needed.key, needed.customer) if name is not None]
    asked = [(name, TEXT, needed.origin) for name in keys]
    fields = [(field.column, field.type, field.origin) for field in needed.fields]
    for column, type_, origin in (*asked, *fields):
        found = there.column(column)
        if found is not None and types.doubt(type_, found.type, source(column)) == "never":
            values: _Values = {"table": needed.table, "column": column, "found": found.type}
            values["type"] = column_type_words(type_)
            yield problem_at(running.COLUMN_TYPE, origin, values)


def _zones(needed: Needed, there: There, zone: str) -> Iterator[Diagnostic]:
    """Yield times without any zone, and times with a zone on both sides."""
    for field in needed.fields:
        found = there.column(field.column)
        zoned = found is not None and there.warehouse.types.says_zone(found.type)
        if there.is_day(field):
            continue
        if field.type == TIMESTAMP and zoned == (field.zone is not None):
            values: _Values = {"table": needed.table, "column": field.column, "zone": zone}
            code = running.ZONE_TWICE if zoned else running.ZONE_UNSAID
            yield problem_at(code, field.origin, values)


def questions(needed: Needed, there: There) -> Iterator[Question]:
    """Return the conditions that no row may meet."""
    values: _Values = {"table": needed.table, "column": needed.key}
    no_key = problem_at(running.KEY_MISSING, needed.origin, values)
    yield Question(_no_key(needed.key), no_key)
    keys = [needed.key] if needed.customer is None else [needed.key, needed.customer]
    yield from (question for key in keys for question in _key_questions(needed, there, key))
    if needed.customer is not None:
        values = {"table": needed.table, "column": needed.customer}
        nobodys = problem_at(running.NOBODYS_EVENTS, needed.origin, values)
        yield Question(_no_key(needed.customer), nobodys)
    for field in needed.fields:
        values = {"table": needed.table, "column": field.column}
        if not field.optional:
            missing = problem_at(running.VALUE_MISSING, field.origin, values)
            yield Question(_is_null(field.column), missing)
        condition = there.doubt(field)
        if field.name in needed.counted:
            yield _too_long(needed, field.column)
        if condition is not None:
            values = {**values, "type": column_type_words(field.type)}
            unreadable = problem_at(running.VALUE_UNREADABLE, field.origin, values)
            yield Question(condition, unreadable, source(field.column))
        beyond = there.outside(field)
        if beyond is not None:
            values = {"table": needed.table, "column": field.column, "range": range_words(field)}
            outside = problem_at(running.VALUE_OUTSIDE, field.origin, values)
            yield Question(beyond, outside, source(field.column))


def _key_questions(needed: Needed, there: There, name: str) -> Iterator[Question]:
    """Yield what no key may be, so that every ledger can store it."""
    yield _too_long(needed, name)
    condition = there.doubt_of(name, TEXT)
    if condition is not None:
        values: _Values = {"table": needed.table, "column": name}
        values |= {"type": column_type_words(TEXT)}
        unreadable = problem_at(running.VALUE_UNREADABLE, needed.origin, values)
        yield Question(condition, unreadable, source(name))


def _no_key(name: str) -> exp.Expr:
    """Return the condition that the key is missing: NULL, or empty text as in files."""
    empty = exp.EQ(this=_length(name), expression=exp.Literal.number(0))
    return any_true(_is_null(name), empty)


def _length(name: str) -> exp.Expr:
    return exp.Length(this=exp.cast(source(name), "text"))


def _too_long(needed: Needed, name: str) -> Question:
    longer = exp.GT(this=_length(name), expression=exp.Literal.number(LONGEST_KEY))
    values: _Values = {"table": needed.table, "column": name, "most": str(LONGEST_KEY)}
    return Question(longer, problem_at(running.KEY_LONG, needed.origin, values))


def _ask(warehouse: Warehouse, name: str, questions: Sequence[Question]) -> Iterator[Diagnostic]:
    """Query all questions at once; fetch an example only for those that occur."""
    counts = [
        exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=question.condition))
        for question in questions
    ]
    query = exp.select(*counts).from_(table(name))
    (found,) = warehouse.ask(query.sql(warehouse.dialect.sqlglot)).rows()
    for question, count in zip(questions, found, strict=True):
        if count:
            more = {"count": str(count)} | _example(warehouse, name, question)
            known = dict(question.problem.values)
            yield replace(question.problem, values=_sorted({**known, **more}))


def _example(warehouse: Warehouse, name: str, question: Question) -> dict[str, str]:
    if question.example_of is None:
        return {}
    shown = exp.cast(question.example_of.copy(), "text")
    query = exp.select(exp.Min(this=shown)).from_(table(name)).where(question.condition.copy())
    ((example,),) = warehouse.ask(query.sql(warehouse.dialect.sqlglot)).rows()
    return {"example": example}


def _repeated_keys(warehouse: Warehouse, needed: Needed) -> Iterator[Diagnostic]:
    key = exp.cast(source(needed.key), "text")
    repeated = (
        exp.select(key.as_("key"))
        .from_(table(needed.table))
        .where(source(needed.key).is_(exp.null()).not_())
        .group_by(exp.Literal.number(1))
        .having(exp.Count(this=exp.Star()) > 1)
    )
    query = exp.select(exp.Count(this=exp.Star()), exp.Min(this=exp.column("key")))
    ((count, example),) = warehouse.ask(
        query.from_(repeated.subquery("repeated")).sql(warehouse.dialect.sqlglot)
    ).rows()
    if count:
        values: _Values = {"table": needed.table, "column": needed.key}
        values |= {"count": str(count), "example": example}
        yield problem_at(running.KEY_TWICE, needed.origin, values)


def problem_at(code: Code, origin: Origin, values: Mapping[str, str | Phrase]) -> Diagnostic:
    """Return a diagnostic at the column's declaration in the catalog."""
    end = origin.column + max(1, len(origin.text))
    place = Place(origin.file, origin.line, origin.column, origin.line, end)
    return Diagnostic(code, place, _sorted(values))


def _sorted(values: Mapping[str, str | Phrase]) -> tuple[tuple[str, str | Phrase], ...]:
    return tuple(sorted(values.items(), key=lambda value: value[0]))


def _nearest(name: str, known: Iterable[str]) -> dict[str, str]:
    near = get_close_matches(name.lower(), sorted(known), n=1, cutoff=0.6)
    return {"nearest": near[0]} if near else {}


def _is_null(column: str) -> exp.Expr:
    return exp.Is(this=source(column), expression=exp.null())
