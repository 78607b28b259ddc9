"""The state of the warehouse, for `check --warehouse` and `status`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from sqlglot import exp

from ...compiler.codes import names
from ...compiler.dialects.common.dialect import Dialect
from ...compiler.plan import Column, Plan
from ...compiler.plan.all_expressions import Columns, Written, columns_of_plan, expressions
from ...compiler.plan.expressions import Constant, Expression, Operation, walk, where
from ...compiler.plan.types import TextType
from ...compiler.proofs.ranges import range_words
from ...compiler.sql.columns import key_text, table
from ...dsl.diagnostics.diagnostic import Diagnostic, Label, Phrase, names_listed
from ..codes import warehouses
from .bad_rows import (
    NAMED,
    LeftOut,
    Table,
    ascending,
    count_if,
    overlaps_of,
    shown_key,
    survey_table,
    tables,
)
from .check import check, problem_at, used_events
from .code_tables import code_problems
from .contract import Warehouse
from .cost_table import cost_problems

_MOST_WORDS = 1_000
"""Texts of a column that a misspelt word is compared with, the most frequent ones."""

_EQUAL = frozenset({"equal", "not_equal", "in"})
_PARTS = frozenset({"contains", "starts_with"})


@dataclass(frozen=True, slots=True)
class Survey:
    """The findings that a run would have, and the tables that it would read."""

    diagnostics: tuple[Diagnostic, ...]
    tables: tuple[LeftOut, ...]


def survey(warehouse: Warehouse, plan: Plan, share: Decimal | None) -> Survey:
    """Return all findings about the tables that a run reads; `share` is as for `bad_rows.sound`.

    A missing or unfit table hides no finding about others.
    """
    events = set(used_events(plan))
    found, problems = tables(warehouse, plan, events)
    counted: list[LeftOut] = []
    if share is None:
        problems = [*check(warehouse, plan, events), *overlaps_of(found, plan.time_zone)]
    for each in found.values():
        one = survey_table(each, share or Decimal(0))
        counted.append(one.rows)
        if share is not None:
            problems += one.diagnostics
        problems += _broken_ranges(each)
    problems += _missing_words(plan, found)
    problems += code_problems(warehouse, plan)
    problems += cost_problems(warehouse, plan)
    return Survey(tuple(problems), tuple(counted))


# --- ranges -------------------------------------------------------------------------------------


def _broken_ranges(each: Table) -> Iterator[Diagnostic]:
    """A warning for each field with values outside of its range."""
    for field in each.needed.fields:
        beyond = each.there.outside(field)
        if beyond is None:
            continue
        rows = table(each.needed.table)
        counted = exp.select(exp.Count(this=exp.Star())).from_(rows).where(beyond)
        ((count,),) = each.answer(counted)
        if not count:
            continue
        first = (
            exp.select(each.shown_key.as_("shown"))
            .from_(rows.copy())
            .where(beyond.copy())
            .order_by(ascending("shown"))
            .limit(NAMED)
        )
        keys = names_listed(shown_key(key) for (key,) in each.answer(first))
        values: dict[str, str | Phrase] = {"table": each.needed.table, "column": field.column}
        values |= {"range": range_words(field), "count": f"{int(str(count)):,}", "keys": keys}
        yield problem_at(warehouses.RANGE_BROKEN, field.origin, values)


# --- words --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Compared:
    """A text that the project compares a column with."""

    owner: str
    column: Column
    operator: str
    word: Constant

    def holds(self, dialect: Dialect, text: exp.Expr) -> exp.Expr:
        """The condition that a row's text contains the word, or starts with it."""
        word = exp.Literal.string(self.word.value)
        if self.operator == "contains":
            return dialect.contains(text.copy(), word)
        return dialect.starts_with(text.copy(), word)


def _missing_words(plan: Plan, found: dict[str, Table]) -> Iterator[Diagnostic]:
    """A warning for each text that its column never has."""
    by_column: dict[tuple[str, str], list[_Compared]] = {}
    for one in _compared(plan):
        by_column.setdefault((one.owner, one.column.column), []).append(one)
    for (owner, _), compared in by_column.items():
        if owner in found:
            yield from _missing_in(found[owner], compared)


def _compared(plan: Plan) -> Iterator[_Compared]:
    columns = columns_of_plan(plan)
    for seen in expressions(plan):
        for node in walk(seen.expression):
            if not isinstance(node, Operation) or node.operator not in _EQUAL | _PARTS:
                continue
            for argument in node.arguments:
                found, fallbacks = _columns(columns, argument, seen)
                if fallbacks and node.operator in _PARTS:
                    continue
                yield from (
                    _Compared(*at, node.operator, word)
                    for at in found
                    for word in node.arguments
                    if isinstance(word, Constant) and word.value not in fallbacks
                )


def _columns(
    columns: Columns, node: Expression, seen: Written
) -> tuple[list[tuple[str, Column]], frozenset[str]]:
    """The columns of text that a node reads, and the texts that an `else` in it falls back on."""
    is_else = isinstance(node, Operation) and node.operator == "else"
    parts = node.arguments if isinstance(node, Operation) and is_else else (node,)
    found = (columns.of(part, seen) for part in parts)
    texts = [at for at in found if at is not None and isinstance(at[1].type, TextType)]
    return texts, frozenset(part.value for part in parts if isinstance(part, Constant))


def _missing_in(each: Table, compared: list[_Compared]) -> Iterator[Diagnostic]:
    text = key_text(each.there.warehouse.dialect, compared[0].column.column)
    absent = [*_unequal(each, text, compared), *_not_part(each, text, compared)]
    known = _frequent(each, text) if absent else []
    for one in absent if known else ():
        if one.word.origin is not None:
            near = _nearest(one.word.value, known) if one.operator in _EQUAL else None
            values: dict[str, str | Phrase] = {} if near is None else {"nearest": near}
            values |= {"table": each.needed.table, "column": one.column.column}
            values |= {"word": one.word.value, "follows": _FOLLOWS[one.operator]}
            label = Label(where(one.column.origin), names.DECLARED_HERE)
            place, said = where(one.word.origin), tuple(sorted(values.items()))
            yield Diagnostic(warehouses.WORD_MISSING, place, said, (label,))


_FOLLOWS = {
    **dict.fromkeys(_EQUAL, warehouses.NONE_IS_EQUAL),
    "contains": warehouses.NONE_CONTAINS,
    "starts_with": warehouses.NONE_STARTS,
}


def _unequal(each: Table, text: exp.Expr, compared: list[_Compared]) -> list[_Compared]:
    """Those that are equal to no row's text."""
    equal = [one for one in compared if one.operator in _EQUAL]
    words = sorted({one.word.value for one in equal})
    if not words:
        return []
    there = (
        exp.select(text.as_("word"))
        .distinct()
        .from_(table(each.needed.table))
        .where(text.copy().isin(*(exp.Literal.string(word) for word in words)))
    )
    missing = set(words) - {str(word) for (word,) in each.answer(there)}
    return [one for one in equal if one.word.value in missing]


def _not_part(each: Table, text: exp.Expr, compared: list[_Compared]) -> list[_Compared]:
    """Those that are part of no row's text."""
    parts = [one for one in compared if one.operator in _PARTS]
    if not parts:
        return []
    dialect = each.there.warehouse.dialect
    counts = [count_if(one.holds(dialect, text)) for one in parts]
    (row,) = each.answer(exp.select(*counts).from_(table(each.needed.table)))
    return [one for one, count in zip(parts, row, strict=True) if not count]


def _frequent(each: Table, text: exp.Expr) -> list[str]:
    """The texts of a column, the most frequent first."""
    number = exp.Count(this=exp.Star())
    query = (
        exp.select(text.as_("word"), number.as_("number"))
        .from_(table(each.needed.table))
        .where(exp.Not(this=exp.Is(this=text.copy(), expression=exp.null())))
        .group_by(text.copy())
        .order_by(exp.column("number").desc(), ascending("word"))
        .limit(_MOST_WORDS)
    )
    return [str(word) for word, _ in each.answer(query)]


def _nearest(word: str, known: list[str]) -> str | None:
    """The known text that is most like a word, its capitals aside."""
    folded = {one.casefold().strip(): one for one in reversed(known)}
    near = get_close_matches(word.casefold().strip(), folded, n=1)
    return folded[near[0]] if near else None
