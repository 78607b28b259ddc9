"""Benefits, as the plan has them."""

from __future__ import annotations

from decimal import Decimal

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, folded, origin
from ..check.literals import whole
from ..codes import money as money_words
from ..codes import names
from ..codes import types as words
from .declarations import in_currency, label_of, once

BENEFIT_KINDS = ("coupon", "cash", "points", "digital", "physical", "service")


def benefits(c: Context) -> tuple[plan.Benefit, ...]:
    """Every benefit; its cost is its value where none is given."""
    _report_shared_codes(c)
    return tuple(lowered for node in c.symbols.benefits.values() if (lowered := _benefit(c, node)))


def _report_shared_codes(c: Context) -> None:
    """Report two benefits that take codes of one table."""
    owners: dict[str, str] = {}
    for node in c.symbols.benefits.values():
        for one in (one for one in node.statements if isinstance(one, tree.BenefitCodes)):
            other = owners.setdefault(one.table.text, node.name.text)
            if other != node.name.text:
                told = {"name": node.name.text, "other": other, "table": one.table.text}
                c.report(names.CODES_OF_SEVERAL, one.table, **told)


def _benefit(c: Context, node: tree.Benefit) -> plan.Benefit | None:
    once(c, node.name.text, node.statements)
    kind, value, cost = "service", None, None
    expires: plan.Span | None = None
    returns: bool | None = None
    computed = False
    codes: plan.CodeTable | None = None
    for statement in node.statements:
        match statement:
            case tree.BenefitKind(name):
                kind = _kind(c, name)
            case tree.BenefitValue(given):
                computed = isinstance(given, tree.Computed)
                value = _value(c, given)
            case tree.BenefitCost(given):
                cost = _amount(c, given)
            case tree.ExpiresAfter(duration, returns):
                expires = plan.Span(duration.count, duration.unit)
            case tree.BenefitCodes(table):
                codes = _codes(c, table)
            case tree.Stock():
                whole(c, statement.count)
    if not any(isinstance(one, tree.BenefitValue) for one in node.statements):
        c.report(
            names.MISSING_CLAUSE,
            node.name,
            kind=names.BENEFIT,
            name=node.name.text,
            clause="value",
            example=f"value 25 {c.currency}",
        )
        return None
    if value is None:
        return None
    priced = next((one for one in node.statements if isinstance(one, tree.BenefitCost)), None)
    if computed and priced is not None:
        c.report(money_words.COST_OF_COMPUTED, priced, name=node.name.text)
    charged = value if cost is None or computed else cost
    at = origin(node.name.span)
    named = node.name.text, label_of(node)
    return plan.Benefit(*named, kind, value, charged, expires, at, returns, computed, codes)


def _codes(c: Context, name: tree.Name) -> plan.CodeTable | None:
    """The table of codes of that name in the catalog; `None` if there is none, reported."""
    found = c.codes.get(name.text)
    if found is None:
        known = suggestions(name.text, c.codes)
        c.report(names.UNKNOWN_DECLARATION, name, kind=names.CODES, name=name.text, **known)
    return found


def _value(c: Context, node: tree.Expression | tree.Computed) -> Decimal | None:
    return _bound(c, node.most) if isinstance(node, tree.Computed) else _amount(c, node)


def _bound(c: Context, most: tree.Money) -> Decimal | None:
    """The most that a computed benefit can be worth; one of nothing is reported."""
    value = in_currency(c, most)
    if value is not None and value <= 0:
        c.report(money_words.BOUND_OF_NOTHING, most, text=folded(most.span))
        return None
    return value


def _kind(c: Context, name: tree.Name) -> str:
    if name.text not in BENEFIT_KINDS:
        c.report(names.UNKNOWN_KIND, name, name=name.text, **suggestions(name.text, BENEFIT_KINDS))
    return name.text


def _amount(c: Context, node: tree.Expression) -> Decimal | None:
    """An amount in the project's currency."""
    text = folded(node.span)
    match node:
        case tree.Money():
            return in_currency(c, node)
        case tree.Number():
            c.report(words.NO_CURRENCY, node, money=text, currency=c.currency, number=text)
        case _:
            c.report(words.NOT_AN_AMOUNT, node, text=text, currency=c.currency)
    return None
