"""The column `sql` of `table.py`, by the class of the line.

It is apart, as the library that writes SQL takes long to load, and decisions in Python need none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.literals import constant
from ..dialects.common.terms import WHOLE, Term, decimal_type, is_null
from ..plan import BenefitLine, CashLine, ChoiceLine, RewardLine, WalletLine
from ..plan.types import DECIMAL, minor_unit
from .benefit import most
from .payouts import Goods


def sql_of(dialect: Dialect, line: RewardLine, term: Term | None, goods: Goods) -> Term:
    """The amount of a line in SQL, of the term that its expression is; without one, its value."""
    return MEANINGS[type(line)](dialect, line, term, goods)


def _benefit(dialect: Dialect, line: BenefitLine, term: Term | None, goods: Goods) -> Term:
    if line.amount is not None:
        return money_term(dialect, term, goods.currency, most(line, goods))
    return fixed_term(dialect, goods.benefits[line.benefit].value, goods.currency)


def _wallet(dialect: Dialect, _: WalletLine, term: Term | None, __: Goods) -> Term:
    if term is None:
        raise LookupError("units of a wallet have an expression")
    if term.value is None or term.whole > WHOLE:
        whole = dialect.decimal_or_unknown(term.expression, decimal_type(WHOLE, 0))
        return Term(whole, DECIMAL, True, WHOLE)
    return term


def _cash(dialect: Dialect, line: CashLine, term: Term | None, _: Goods) -> Term:
    return money_term(dialect, term, line.currency, line.cap)


def _choice(dialect: Dialect, line: ChoiceLine, _: Term | None, goods: Goods) -> Term:
    return fixed_term(dialect, line.value, goods.currency)


MEANINGS: Mapping[type, Callable[[Dialect, Any, Term | None, Goods], Term]] = MappingProxyType(
    {
        BenefitLine: _benefit,
        WalletLine: _wallet,
        CashLine: _cash,
        ChoiceLine: _choice,
    }
)

# --- money --------------------------------------------------------------------------------------


def money_term(dialect: Dialect, term: Term | None, currency: str, cap: Decimal | None) -> Term:
    """A term as money of the currency, at most `cap`."""
    if term is None:
        raise LookupError("money that is computed has an expression")
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
