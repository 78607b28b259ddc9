"""Reversals: the events that take back what a campaign granted."""

from __future__ import annotations

from decimal import Decimal

from ....dsl import tree
from ....dsl.diagnostics.nearest import suggestions
from ... import plan
from ...check.context import Context, find_column, folded, origin
from ...check.literals import type_words
from ...check.scope import Scope
from ...codes import names
from ...codes import reversals as words
from ...plan import Column, EventTable
from ...plan.expressions import of_the_event_alone
from ...plan.types import DecimalType, IntegerType, MoneyType, TextType
from ..declarations import rule


def reversal(
    c: Context,
    node: tree.Campaign,
    granted: EventTable | None,
    fires: plan.Trigger | None,
    *,
    gives: bool,
) -> plan.Reversal | None:
    """The reversals of a campaign; `None` without the clause, or after a mistake.

    `granted` is the event of its first step, and `fires` the trigger. `gives`: it has a reward.
    """
    clause = next((one for one in node.clauses if isinstance(one, tree.ReversedOn)), None)
    if clause is None:
        return None
    if not gives:
        c.report(words.NOTHING_TO_REVERSE, clause, campaign=node.name.text)
    if fires is not None and fires.event is None:
        c.report(words.REVERSED_WITHOUT_EVENT, clause, trigger=fires.origin.text)
    return _reversal(c, clause, granted)


def _reversal(
    c: Context, clause: tree.ReversedOn, granted: EventTable | None
) -> plan.Reversal | None:
    event = c.events.get(clause.event.text)
    if event is None:
        known = suggestions(clause.event.text, c.events)
        kind, name = names.EVENT, clause.event.text
        c.report(names.UNKNOWN_DECLARATION, clause.event, kind=kind, name=name, **known)
        return None
    where = rule(c, clause.where, Scope(event=event, bare=True)) if clause.where else None
    if clause.where and where is not None and not of_the_event_alone(where):
        text = folded(clause.where.span)
        c.report(words.REVERSED_BY_OTHERS, clause.where, text=text, owner=event.name)
        where = None
    field = _key_field(c, clause.order, event)
    proportion = _proportion(c, clause, event, granted)
    whole = proportion is not None or clause.part is None
    if field is None or not whole or (clause.where and where is None):
        return None
    return plan.Reversal(event.name, where, field.name, proportion, origin(clause.span))


def _field_of_event(c: Context, node: tree.Member, event: EventTable) -> Column | None:
    """The field of the reversing event that `event.FIELD` names."""
    name = node.field.text
    if node.owner.text != "event":
        text = folded(node.span)
        c.report(words.REVERSED_BY_OTHERS, node, text=text, event=event.name, field=name)
        return None
    return _field(c, node.field, event)


def _field(c: Context, node: tree.Name, event: EventTable) -> Column | None:
    found = find_column(event.fields, node.text)
    if found is None:
        known = suggestions(node.text, (one.name for one in event.fields))
        c.report(names.UNKNOWN_FIELD, node, owner=event.name, name=node.text, **known)
    return found


def _key_field(c: Context, node: tree.Member, event: EventTable) -> Column | None:
    found = _field_of_event(c, node, event)
    if found is not None and not isinstance(found.type, TextType):
        c.report(words.NO_KEY_FIELD, node, name=found.name, type=type_words(found.type))
        return None
    return found


def _proportion(
    c: Context, clause: tree.ReversedOn, event: EventTable, granted: EventTable | None
) -> plan.Proportion | None:
    if clause.part is None or clause.whole is None:
        return None
    part = _field_of_event(c, clause.part, event)
    whole = None if granted is None else _field(c, clause.whole, granted)
    if part is None or whole is None:
        return None
    if not _are_alike(part, whole):
        types = {"part_type": type_words(part.type), "whole_type": type_words(whole.type)}
        c.report(words.NOT_IN_PROPORTION, clause.part, part=part.name, whole=whole.name, **types)
        return None
    if whole.maximum is not None and Decimal(whole.maximum) <= 0:
        c.report(words.PROPORTION_TO_NOTHING, clause.whole, name=whole.name, most=whole.maximum)
        return None
    return plan.Proportion(part.name, whole.name, origin(clause.part.span.to(clause.whole.span)))


def _are_alike(part: Column, whole: Column) -> bool:
    """Whether both are money of one currency, or both numbers."""
    match part.type, whole.type:
        case MoneyType(one), MoneyType(other):
            return one == other
        case ((IntegerType() | DecimalType()), (IntegerType() | DecimalType())):
            return True
        case _:
            return False
