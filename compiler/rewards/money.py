"""Amounts of money: rounded half-even to the smallest unit, at most a cap; in Python and in SQL."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.literals import constant
from ..dialects.common.terms import Term, is_null
from ..plan.arithmetic import rounded
from ..plan.types import DECIMAL, minor_unit
from ..plan.values import Value


def positive(value: Value | None, scale: int, cap: Decimal | None = None) -> Decimal | None:
    """A value with `scale` digits after the point; `None` if it is unknown or not above 0."""
    if not isinstance(value, int | Decimal):
        return None
    amount = rounded(Decimal(value), scale)
    if amount is not None and cap is not None:
        amount = min(amount, cap)
    return amount if amount is not None and amount > 0 else None


def money_term(dialect: Dialect, term: Term, currency: str, cap: Decimal | None) -> Term:
    """A term as money of the currency, at most `cap`."""
    found = _rounded(dialect, term, minor_unit(currency))
    return found if cap is None else _capped(dialect, found, in_full(cap, currency))


def fixed_term(dialect: Dialect, amount: Decimal, currency: str) -> Term:
    """An amount that is the same for everybody."""
    return constant(dialect, in_full(amount, currency))


def in_full(money: Decimal, currency: str) -> Decimal:
    """Money with all digits of the currency: `5` and `5.00` are one amount, and one text of SQL."""
    return money.quantize(Decimal(1).scaleb(-minor_unit(currency)))


def _rounded(dialect: Dialect, term: Term, scale: int) -> Term:
    if term.scale <= scale:
        return term
    written = dialect.round_even(term.expression, scale)
    return Term(written, term.type, term.optional, term.whole, scale)


def _capped(dialect: Dialect, term: Term, cap: Decimal) -> Term:
    most = constant(dialect, cap)
    amount, top = dialect.alike([term, most])
    least = dialect.least([dialect.ordered(amount, DECIMAL), top])
    if term.optional:
        # LEAST would give the cap where the amount is unknown.
        unknown = is_null(term.expression.copy())
        least = exp.Case().when(unknown, exp.Null()).else_(least)
    scale = max(term.scale, most.scale)
    return Term(least, term.type, term.optional, term.whole, scale)
