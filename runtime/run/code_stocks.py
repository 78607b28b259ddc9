"""Stocks of codes: what a run takes in from the warehouse, and what it says of them.

Nothing here shows a code: they are of class C3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from ...compiler.plan import Benefit, CodeTable, Plan
from ...compiler.sql.columns import key_text, table
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ...dsl.diagnostics.source import Place
from ..codes import running
from ..decide.keys import LONGEST_KEY
from ..ledger.units.codes import Coded
from ..warehouse.check import Unfit
from ..warehouse.code_tables import code_problems
from ..warehouse.contract import Warehouse

_NEAR = 10
"""A stock is near its end when it has one of so many codes left."""


class CodesRead(NamedTuple):
    """The codes of a table, each once; how many rows say no code, and how many repeat one."""

    codes: tuple[str, ...]
    unusable: int
    repeated: int


def take_codes(plan: Plan, warehouse: Warehouse, ledger: Coded) -> tuple[Diagnostic, ...]:
    """Take in the codes of all benefits; return warnings of those that nobody gets.

    Raise `Unfit` if a table or its column is missing.
    """
    stocks = [(one, one.codes) for one in plan.benefits if one.codes is not None]
    if not stocks:
        return ()
    wrong = tuple(code_problems(warehouse, plan))
    if wrong:
        raise Unfit(wrong)
    warnings: list[Diagnostic] = []
    for benefit, of in stocks:
        read = _read(warehouse, of)
        taken = ledger.take_codes(benefit.name, read.codes)
        left_out = (
            (read.unusable, running.CODES_UNUSABLE),
            (read.repeated, running.CODES_REPEATED),
            (taken.of_others, running.CODES_OF_OTHERS),
            (taken.withdrawn, running.CODES_WITHDRAWN),
        )
        warnings += (_left_out(benefit, of, count, why) for count, why in left_out if count)
    return tuple(warnings)


def with_stocks_near_end(
    warnings: tuple[Diagnostic, ...], plan: Plan, ledger: Coded
) -> tuple[Diagnostic, ...]:
    """Return the warnings, with one for each benefit whose codes are nearly or all given."""
    return (*warnings, *_near_end(plan, ledger))


def _near_end(plan: Plan, ledger: Coded) -> Iterator[Diagnostic]:
    counts = {one.benefit: one for one in ledger.code_counts()}
    for benefit in plan.benefits:
        of, count = benefit.codes, counts.get(benefit.name)
        if of is None:
            continue
        left, given = (0, 0) if count is None else (count.free, count.given + count.burnt)
        if left * _NEAR <= left + given:
            yield diagnose(
                running.CODES_NEAR_END,
                _place(of),
                name=benefit.name,
                left=f"{left:,}",
                given=f"{given:,}",
            )


def _read(warehouse: Warehouse, of: CodeTable) -> CodesRead:
    column = key_text(warehouse.dialect, of.column)
    query = exp.select(column).from_(table(of.table)).order_by(exp.Literal.number(1))
    codes: dict[str, None] = {}
    rows = unusable = 0
    for (value,) in warehouse.ask(query.sql(warehouse.dialect.sqlglot)).rows():
        rows += 1
        code = "" if value is None else str(value).strip()
        if code and code.isprintable() and len(code) <= LONGEST_KEY:
            codes[code] = None
        else:
            unusable += 1
    return CodesRead(tuple(codes), unusable, rows - unusable - len(codes))


def _left_out(benefit: Benefit, of: CodeTable, count: int, why: Phrase) -> Diagnostic:
    return diagnose(
        running.CODES_LEFT_OUT,
        _place(of),
        name=benefit.name,
        count=f"{count:,}",
        table=of.table,
        reason=why,
    )


def _place(of: CodeTable) -> Place:
    at = of.origin
    return Place(at.file, at.line, at.column, at.line, at.column + len(at.text))
