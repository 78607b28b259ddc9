"""`choose k of … claimed on …`: what may be chosen together, what it can come to, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import assert_never

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, find_column, folded, origin
from ..check.literals import type_words, whole
from ..check.scope import Scope
from ..codes import logic, names
from ..codes import money as money_words
from ..codes import types as words
from ..plan import EventTable
from ..plan.expressions import Expression, of_the_event_alone
from ..plan.types import EnumType, TextType
from .declarations import in_currency, is_computed, known_benefit, rule

MOST_OPTIONS = 16
"""The limit of benefits in one offer: every combination that can be chosen is checked."""

OPEN_FOR = plan.Span(30, "day")
"""The time that an offer is open unless the reward states one."""


def choice(c: Context, node: tree.Choice) -> plan.ChoiceLine | None:
    """The offer; `None` after a mistake, which is reported."""
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
        if not known_benefit(c, name) or is_computed(c, name):
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
        return None  # the mistake of the benefit is reported at its declaration
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


def claims(c: Context, node: tree.ClaimedOn) -> plan.Claims | None:
    """The events that claim the offers; `None` after a mistake, which is reported."""
    event = c.events.get(node.event.text)
    if event is None:
        known = suggestions(node.event.text, c.events)
        kind, name = names.EVENT, node.event.text
        c.report(names.UNKNOWN_DECLARATION, node.event, kind=kind, name=name, **known)
        return None
    condition = rule(c, node.where, Scope(event=event, bare=True)) if node.where else None
    field = _choice_field(c, node.choice, event)
    if (node.where and not _asks_itself(c, node.where, condition, event)) or field is None:
        return None
    return plan.Claims(event.name, condition, field, origin(node.span))


def _choice_field(c: Context, node: tree.Member, event: EventTable) -> str | None:
    name = node.field.text
    if node.owner.text != "event":
        c.report(logic.CLAIM_BY_OTHERS, node, text=folded(node.span), event=event.name, field=name)
        return None
    field = find_column(event.fields, name)
    if field is None:
        known = suggestions(name, (one.name for one in event.fields))
        c.report(names.UNKNOWN_FIELD, node.field, owner=event.name, name=name, **known)
        return None
    if not isinstance(field.type, TextType | EnumType):
        c.report(words.NO_CHOICE_FIELD, node, name=name, type=type_words(field.type))
        return None
    return name


def _asks_itself(
    c: Context, node: tree.Expression, where: Expression | None, event: EventTable
) -> bool:
    """Whether the event answers for itself; if not, that is reported."""
    if where is not None and not of_the_event_alone(where):
        c.report(logic.CLAIM_BY_OTHERS, node, text=folded(node.span), owner=event.name)
        return False
    return where is not None


def report_no_offer(c: Context, node: tree.Reward) -> None:
    """Report `claimed on` where nothing is offered that could be claimed."""
    found = next((one for one in node.modifiers if isinstance(one, tree.ClaimedOn)), None)
    lines = (line for one in _bundles(node.form) for line in one.lines)
    if found is not None and not any(isinstance(line, tree.Choice) for line in lines):
        c.report(logic.CLAIM_OF_NOTHING, found)


def _bundles(
    form: tree.Bundle | tree.RewardBy | tree.RewardDraw | tree.Take,
) -> tuple[tree.Bundle, ...]:
    match form:
        case tree.Bundle():
            return (form,)
        case tree.RewardBy(branches):
            return tuple(one.bundle for one in branches)
        case tree.RewardDraw(prizes):
            return tuple(one.bundle for one in prizes)
        case tree.Take():
            return ()
        case _:
            assert_never(form)
