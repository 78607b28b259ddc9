"""The amounts of reward lines: whole units of a wallet, and money of the project's currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from ...dsl import tree
from .. import plan
from ..check.context import Context, folded
from ..check.expressions import check
from ..check.literals import type_words
from ..check.operations import expect, operation
from ..check.scope import Scope
from ..codes import money as money_words
from ..codes import types as words
from ..operators.build import of
from ..operators.rounding import rounded
from ..plan.expressions import Constant, Expression
from ..plan.types import DECIMAL, INTEGER, MoneyType, minor_unit
from ..plan.values import encode

_OPERATORS: Mapping[tree.Rounding, str] = MappingProxyType(
    {"down": "floor", "up": "ceil", "half up": "round"}
)
"""The operator of each way to round."""


def points(
    c: Context,
    node: tree.Expression,
    wallet: tree.Name,
    rounding: tree.Rounding | None,
    scope: Scope,
    *,
    given: bool,
) -> Expression | None:
    """Units of a wallet, a whole number; `None` after a mistake, which is reported.

    `given`: they are given, and neither paid nor taken.
    """
    value = check(c, node, scope)
    if wallet.text == plan.CASH:
        _report_cash(c, node, wallet, value, given=given)
        return None
    if value is None:
        return None
    if rounding is not None and value.type == DECIMAL:
        value = _whole(value, _OPERATORS[rounding])
    if value.type != INTEGER:
        _report_fraction(c, node, wallet, value)
        return None
    if isinstance(value, Constant) and int(value.value) < 1:
        c.report(words.NOT_WHOLE, node, text=folded(node.span), fix="1")
        return None
    return value


def points_per(c: Context, node: tree.PerReward, scope: Scope) -> Expression | None:
    """The units of a wallet for every whole unit of the measure."""
    each = points(c, node.amount, node.wallet, None, scope, given=True)
    measure, unit = check(c, node.measure, scope), check(c, node.unit, scope)
    if isinstance(unit, Constant) and Decimal(unit.value) <= 0:
        c.report(money_words.PER_NOTHING, node.unit, text=folded(node.unit.span))
        return None
    if each is None or measure is None or unit is None:
        return None
    times = operation(c, node, "whole_times", "per", (measure, unit))
    return None if times is None else of("multiply", each, times, at=times.origin)


def money(
    c: Context, node: tree.Expression, rounding: tree.Rounding | None, scope: Scope
) -> Expression | None:
    """Money of the project's currency; `None` after a mistake, which is reported."""
    value = check(c, node, scope)
    if value is None:
        return None
    if not isinstance(value.type, MoneyType):
        expect(c, node, value, MoneyType(c.currency))
        return None
    if value.type.currency != c.currency:
        found = value.type.currency
        c.report(money_words.OTHER_CURRENCY, node, found=found, expected=c.currency)
        return None
    return value if rounding is None else _in_units(value, value.type, _OPERATORS[rounding])


def _whole(value: Expression, key: str) -> Expression:
    if isinstance(value, Constant):
        return Constant(INTEGER, encode(rounded(key, Decimal(value.value))), value.origin)
    return of(key, value, at=value.origin)


def _in_units(value: Expression, type_: MoneyType, key: str) -> Expression:
    """Money rounded to the smallest unit of its currency: so many times that unit."""
    unit = Constant(type_, encode(Decimal(1).scaleb(-minor_unit(type_.currency))))
    times = of(key, of("divide", value, unit, at=value.origin), at=value.origin)
    return of("multiply", times, unit, at=value.origin)


def _report_cash(
    c: Context,
    node: tree.Expression,
    wallet: tree.Name,
    value: Expression | None,
    *,
    given: bool,
) -> None:
    """Report `cash` in the place of a wallet's name."""
    text = folded(node.span)
    written = {"text": f"{text} cash"}
    if given and value is not None:
        is_number = isinstance(value, Constant) and not isinstance(value.type, MoneyType)
        written["amount"] = f"{text} {c.currency}" if is_number else text
    c.report(money_words.CASH_IS_NO_WALLET, wallet, **written)


def _report_fraction(
    c: Context, node: tree.Expression, wallet: tree.Name, value: Expression
) -> None:
    """Report an amount that may have a fraction, with how to say what becomes of it."""
    text, name = folded(node.span), wallet.text
    told = {"text": text, "wallet": name}
    if value.type == DECIMAL and not isinstance(value, Constant):
        told["rounded"] = f"{text} {name} rounded down"
    if isinstance(value.type, MoneyType):
        told["per"] = f"1 {name} per 100 {value.type.currency} of {text}"
    c.report(words.WHOLE_POINTS, node, type=type_words(value.type), **told)
