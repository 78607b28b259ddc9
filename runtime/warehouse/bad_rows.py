"""Bad rows of the warehouse are left out and reported; all other rows are used.

A table with bad rows is read through a view without them. The run's plan then names the view in
place of the table, so every query leaves out the same rows. A table without bad rows is read
directly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlglot import exp

from ...compiler.dialects.common.terms import any_true
from ...compiler.plan import Column, Plan
from ...compiler.sql.columns import key_text, source, table
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, has_errors
from ..codes import running
from .check import (
    Needed,
    Question,
    There,
    Unfit,
    check,
    needed_tables,
    problem_at,
    questions,
    shape,
)
from .contract import Warehouse
from .pasts import overlapping

STANDARD_SHARE = Decimal("0.01")
"""The share of a table's rows that may be left out if the project says nothing."""

NAMED = 10
"""Rows of a table that are named, at most."""

_SHOWN = 60
_VIEW = "campaigner_rows_"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The bad rows of a table, and its number of rows."""

    table: str
    count: int
    rows: int


@dataclass(frozen=True, slots=True)
class Sound:
    """A warehouse without its bad rows.

    `plan` names `views` (name and query) in place of tables; `opened` creates them in a session.
    """

    plan: Plan
    warnings: tuple[Diagnostic, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    views: tuple[tuple[str, str], ...] = ()

    def opened(self, warehouse: Warehouse) -> Plan:
        """Create the views in a session; return the plan to read it with."""
        for name, query in self.views:
            warehouse.view(name, query)
        return self.plan


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the catalog, with the questions that find its bad rows."""

    needed: Needed
    there: There
    asked: tuple[Question, ...]

    @property
    def key(self) -> exp.Expr:
        """The key as text."""
        return key_text(self.there.warehouse.dialect, self.needed.key)

    @property
    def shown_key(self) -> exp.Expr:
        """As much of the key as is shown, and a character more."""
        first, most = exp.Literal.number(1), exp.Literal.number(_SHOWN + 1)
        return exp.func("SUBSTR", self.key, first, most)

    @property
    def has_unique_key(self) -> bool:
        """Whether the engine itself refuses duplicate keys, or none are asked for."""
        key = self.there.column(self.needed.key)
        return self.needed.past or (key is not None and key.unique)

    def bad(self, *, repeated: bool) -> exp.Expr:
        """The condition that a row is bad; with `repeated`, duplicate keys are bad too."""
        found = [_surely(question.condition) for question in self.asked]
        if repeated:
            found.append(_surely(self.key.isin(exp.Subquery(this=self.repeated_keys()))))
        return any_true(*found)

    def repeated_keys(self) -> exp.Select:
        """The keys that occur more than once."""
        return (
            exp.select(self.key.as_("key"))
            .from_(table(self.needed.table))
            .where(source(self.needed.key).is_(exp.null()).not_())
            .group_by(exp.Literal.number(1))
            .having(exp.Count(this=exp.Star()) > 1)
        )

    def answer(self, query: exp.Select) -> list[tuple[object, ...]]:
        """The rows of a query."""
        warehouse = self.there.warehouse
        return list(warehouse.ask(query.sql(warehouse.dialect.sqlglot)).rows())


def sound(
    warehouse: Warehouse,
    plan: Plan,
    events: Iterable[str],
    share: Decimal | None = STANDARD_SHARE,
    *,
    always: bool = False,
) -> Sound:
    """Return the warehouse without its bad rows.

    Raise `Unfit` if a table has more than `share` of them.

    `share` is 0 to 1; `None` stops at the first bad row. With `always`, clean tables are read
    through a view too, for a caller that opens the warehouse again later. It leaves out the rows
    that have become bad by then.
    """
    wanted = set(events)
    found, problems = tables(warehouse, plan, wanted)
    if has_errors(problems):
        raise Unfit(problems)
    if share is None:
        strict = (*check(warehouse, plan, wanted), *overlaps_of(found, plan.time_zone))
        if has_errors(strict):
            raise Unfit(strict)
        later = _views(found) if always else {}
        return Sound(_reading(plan, found, later), strict, (), tuple(later.values()))
    left_out: list[LeftOut] = []
    views: dict[str, tuple[str, str]] = {}
    for number, (owner, each) in enumerate(found.items()):
        seen = survey_table(each, share)
        problems += seen.diagnostics
        if seen.rows.count:
            left_out.append(seen.rows)
        if seen.rows.count or always:
            views[owner] = (f"{_VIEW}{number}", view_of(each, repeated=seen.repeated))
    if has_errors(problems):
        raise Unfit(problems)
    return Sound(
        _reading(plan, found, views), tuple(problems), tuple(left_out), tuple(views.values())
    )


def _views(found: Mapping[str, Table]) -> dict[str, tuple[str, str]]:
    """Return a view of each clean table, by event."""
    return {
        owner: (f"{_VIEW}{number}", view_of(each, repeated=False))
        for number, (owner, each) in enumerate(found.items())
    }


@dataclass(frozen=True, slots=True)
class TableSurvey:
    """A table's bad rows; `diagnostics` has an error if they are more than the share.

    `repeated`: keys come more than once.
    """

    rows: LeftOut
    repeated: bool
    diagnostics: tuple[Diagnostic, ...]


def survey_table(each: Table, share: Decimal) -> TableSurvey:
    """Count a table's bad rows, and name the first of them."""
    rows, repeated, problems = _counted(each)
    if rows.count:
        problems += _named(each, repeated=repeated)
        too_many = rows.count > share * rows.rows
        problems.append(_too_many(each, rows, share) if too_many else _summed(each, rows))
    return TableSurvey(rows, repeated, tuple(problems))


def tables(
    warehouse: Warehouse, plan: Plan, events: set[str]
) -> tuple[dict[str, Table], list[Diagnostic]]:
    """The tables that can be asked, by event (empty for customers), and what is wrong with any."""
    found: dict[str, Table] = {}
    problems: list[Diagnostic] = []
    known = warehouse.tables()
    for needed in needed_tables(plan, events):
        there, wrong = shape(warehouse, needed, known, plan.time_zone)
        problems += wrong
        if there is not None:
            asked = (
                one for one in questions(needed, there) if one.problem.code.severity == "error"
            )
            found[needed.event] = Table(needed, there, tuple(asked))
    customers = found.get("")
    if customers is not None:
        spoiled = (one for one in found.values() if one.needed.past)
        more = (each for one in spoiled for each in _of_past(customers, one, plan.time_zone))
        found[""] = replace(customers, asked=(*customers.asked, *more))
    return found, problems


def overlaps_of(found: Mapping[str, Table], zone: str) -> Iterator[Diagnostic]:
    """The pasts of which rows overlap, for a project that stops at the first bad row."""
    for each in found.values():
        if not each.needed.past:
            continue
        bad = each.bad(repeated=False)
        whose = overlapping(each.needed, each.there, zone, bad).subquery("overlapping")
        counted = exp.Count(this=exp.Distinct(expressions=[exp.column("owner")]))
        query = exp.select(counted, exp.Min(this=exp.column("owner"))).from_(whose)
        ((count, example),) = each.answer(query)
        if count:
            values = {"table": each.needed.table, "count": str(count), "example": str(example)}
            yield problem_at(running.PAST_OVERLAPS, each.needed.origin, values)


def _of_past(customers: Table, past: Table, zone: str) -> Iterator[Question]:
    """The questions that a past asks of the customers: are its rows sure."""
    needed = past.needed
    bad = past.bad(repeated=False)
    values: dict[str, str | Phrase] = {"table": needed.table}
    alike = overlapping(needed, past.there, zone, bad)
    of_bad = exp.select(past.key.as_("owner")).from_(table(needed.table)).where(bad)
    for code, query in ((running.PAST_OVERLAPS, alike), (running.ROW_LEFT_OUT, of_bad)):
        condition = customers.key.isin(exp.Subquery(this=query))
        yield Question(condition, problem_at(code, needed.origin, values))


def _counted(each: Table) -> tuple[LeftOut, bool, list[Diagnostic]]:
    """How many rows are bad, whether keys come more than once, and events of nobody."""
    needed, all_ = each.needed, exp.Count(this=exp.Star())
    nobodys = [
        one for one in questions(needed, each.there) if one.problem.code.severity == "warning"
    ]
    counts = [count_if(each.bad(repeated=False)), *(count_if(one.condition) for one in nobodys)]
    ((rows, bad, *of_nobody),) = each.answer(exp.select(all_, *counts).from_(table(needed.table)))
    repeated = not each.has_unique_key and bool(each.answer(each.repeated_keys().limit(1)))
    if repeated:
        query = exp.select(count_if(each.bad(repeated=True))).from_(table(needed.table))
        ((bad,),) = each.answer(query)
    warnings = [
        replace(one.problem, values=(*one.problem.values, ("count", str(count))))
        for one, count in zip(nobodys, of_nobody, strict=True)
        if count
    ]
    return LeftOut(needed.table, int(str(bad)), int(str(rows))), repeated, warnings


def _named(each: Table, *, repeated: bool) -> list[Diagnostic]:
    """Return the first bad keys, each with the reason."""
    cases = exp.Case()
    for number, question in enumerate(each.asked):
        cases = cases.when(_surely(question.condition), exp.Literal.number(number))
    cases = cases.else_(exp.Literal.number(len(each.asked)))
    query = (
        exp.select(exp.alias_(each.shown_key, "shown"), exp.alias_(cases, "why"))
        .distinct()
        .from_(table(each.needed.table))
        .where(each.bad(repeated=repeated))
        .order_by(ascending("shown"), ascending("why"))
        .limit(NAMED)
    )
    return [_problem(each, key, int(str(why))) for key, why in each.answer(query)]


_WHY: Mapping[str, Phrase] = {
    running.KEY_MISSING.id: running.NO_KEY,
    running.KEY_LONG.id: running.LONG_KEY,
    running.VALUE_MISSING.id: running.EMPTY,
    running.VALUE_UNREADABLE.id: running.OTHER_TYPE,
    running.VALUE_OUTSIDE.id: running.OUTSIDE,
    running.PAST_OVERLAPS.id: running.OVERLAPPING,
    running.ROW_LEFT_OUT.id: running.OF_BAD_PAST,
}


def shown_key(key: object) -> str:
    """Return a key on one short line, without characters that terminals do not show."""
    shown = "NULL" if key is None else "".join(c if c.isprintable() else "�" for c in str(key))
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def _problem(each: Table, key: object, why: int) -> Diagnostic:
    needed = each.needed
    values = {"table": needed.table, "key": shown_key(key)}
    if why == len(each.asked):
        return problem_at(
            running.ROW_LEFT_OUT, needed.origin, {**values, "reason": running.SAME_KEY}
        )
    problem = each.asked[why].problem
    known = dict(problem.values)
    reason = _WHY[problem.code.id].filled(**known)
    row = problem_at(running.ROW_LEFT_OUT, needed.origin, {**values, "reason": reason})
    return replace(row, place=problem.place)


def _summed(each: Table, rows: LeftOut) -> Diagnostic:
    values = {"table": rows.table, "count": f"{rows.count:,}", "rows": f"{rows.rows:,}"}
    return problem_at(running.ROWS_LEFT_OUT, each.needed.origin, values)


def _too_many(each: Table, rows: LeftOut, share: Decimal) -> Diagnostic:
    values = {"table": rows.table, "count": f"{rows.count:,}", "rows": f"{rows.rows:,}"}
    values["share"] = f"{(share * 100).normalize():f}%"
    return problem_at(running.TOO_MANY_LEFT_OUT, each.needed.origin, values)


def view_of(each: Table, *, repeated: bool) -> str:
    """Return the table without its bad rows; unreadable values are NULL."""
    needed, there = each.needed, each.there
    columns: dict[str, exp.Expr] = {}
    for field in needed.fields:
        place = there.tables.key(field.column)
        if there.doubt(field) is not None:
            columns[place] = exp.alias_(there.readable(field), field.column, quoted=True)
        columns.setdefault(place, source(field.column))
    for name in (needed.key, needed.customer):
        if name is not None:
            columns.setdefault(there.tables.key(name), source(name))
    good = exp.Not(this=exp.Paren(this=each.bad(repeated=repeated)))
    query = exp.select(*columns.values()).from_(table(needed.table)).where(good)
    return query.sql(there.warehouse.dialect.sqlglot)


def _reading(plan: Plan, tables: Mapping[str, Table], views: Mapping[str, tuple[str, str]]) -> Plan:
    """Return the plan with views in place of tables, and with days in the project's zone."""

    def on_clock(owner: str, field: Column) -> Column:
        is_day = owner in tables and tables[owner].there.is_day(field)
        return replace(field, zone=plan.time_zone) if is_day else field

    def name_of(owner: str, name: str) -> str:
        return views[owner][0] if owner in views else name

    customers = replace(
        plan.customers,
        table=name_of("", plan.customers.table),
        fields=tuple(on_clock("", field) for field in plan.customers.fields),
    )
    events = tuple(
        replace(
            event,
            table=name_of(event.name, event.table),
            at=on_clock(event.name, event.at),
            fields=tuple(on_clock(event.name, field) for field in event.fields),
        )
        for event in plan.events
    )
    return replace(plan, customers=customers, events=events)


def ascending(name: str) -> exp.Ordered:
    """Return an ordering in which every engine puts NULL last."""
    return exp.Ordered(this=exp.column(name), nulls_first=False)


def count_if(condition: exp.Expr) -> exp.Expr:
    """The number of rows that meet a condition."""
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=condition.copy()))


def _surely(condition: exp.Expr) -> exp.Expr:
    """Return the condition, false where it is unknown."""
    return exp.Coalesce(this=condition.copy(), expressions=[exp.false()])
