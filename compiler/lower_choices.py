"""`choose k of …`: what may be chosen together, and the most that it can come to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

from ..dsl import tree
from ..dsl.codes import logic, names
from ..dsl.codes import money as money_words
from . import plan
from .context import Context, origin
from .literals import whole
from .lower_declarations import in_currency, known_benefit

MOST_OPTIONS = 16
"""So many benefits can be offered at once: what may be chosen together is looked at one by one."""

OPEN_FOR = plan.Span(30, "day")
"""How long an offer stands where the reward does not say."""


def choice(c: Context, node: tree.Choice) -> plan.ChoiceLine | None:
    """The offer; nothing where something is wrong with it, which is reported."""
    before = len(c.diagnostics)
    count = whole(c, node.count)
    worth = in_currency(c, node.worth) if node.worth else None
    options = _options(c, node)
    if len(c.diagnostics) > before:
        return None
    offered = len(options)
    if count > offered:
        c.report(logic.CHOICE_OVER, node.count, count=str(count), offered=str(offered))
    elif offered > MOST_OPTIONS:
        c.report(logic.CHOICE_AMONG_MANY, node, found=str(offered), most=str(MOST_OPTIONS))
    else:
        return _line(c, node, count, options, worth)
    return None


def _options(c: Context, node: tree.Choice) -> list[plan.Benefit]:
    found: dict[str, plan.Benefit] = {}
    for name in node.options:
        if not known_benefit(c, name):
            continue
        if name.text in found:
            c.report(names.TWICE_IN_LIST, name, name=name.text)
        elif name.text in c.benefits:
            found[name.text] = c.benefits[name.text]
    return list(found.values())


def _line(
    c: Context,
    node: tree.Choice,
    count: int,
    options: Sequence[plan.Benefit],
    worth: Decimal | None,
) -> plan.ChoiceLine | None:
    if len(options) < len(node.options):
        return None  # a benefit with a mistake of its own, which is told there
    if worth is not None and not _all_can_be_chosen(c, node, count, options, worth):
        return None
    together = (
        (sum(one.value for one in chosen), sum(one.cost for one in chosen))
        for chosen in combinations(options, count)
    )
    allowed = [(value, cost) for value, cost in together if worth is None or value <= worth]
    return plan.ChoiceLine(
        tuple(one.name for one in options),
        count,
        worth,
        Decimal(max(value for value, _ in allowed)),
        Decimal(max(cost for _, cost in allowed)),
        OPEN_FOR,
        origin(node.span),
    )


def _all_can_be_chosen(
    c: Context,
    node: tree.Choice,
    count: int,
    options: Sequence[plan.Benefit],
    worth: Decimal,
) -> bool:
    """Whether each fits under `worth up to` with the cheapest others; what does not is reported."""
    fits = True
    for name, option in zip(node.options, options, strict=True):
        others = sorted(one.value for one in options if one is not option)[: count - 1]
        least = option.value + sum(others)
        if least > worth:
            fits = False
            money = {"least": f"{least:f} {c.currency}", "worth": f"{worth:f} {c.currency}"}
            c.report(money_words.NEVER_CHOSEN, name, name=name.text, **money)
    return fits
