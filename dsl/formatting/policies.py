"""Format policies: demands and prohibitions of compliance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ..tree import (
    Applies,
    ApprovalBy,
    ApprovedBy,
    AtMostMessages,
    AtMostMoney,
    BudgetOver,
    Disclose,
    EventHas,
    Follows,
    ForbidField,
    ForbidPhrase,
    GoalIs,
    HoldoutAtLeast,
    Policy,
    PolicyStatement,
    QuietHours,
    Require,
    Text,
)
from .expressions import condition
from .layout import (
    NOTHING,
    Align,
    Doc,
    Group,
    Indent,
    Line,
    block,
    join,
    listed,
    phrase,
    says,
    size,
)
from .literals import literal, name, paragraph, titled

TAIL_LIMIT = 60


def policy(node: Policy) -> Doc:
    """`policy cn_retail "…" { … }`."""
    head = Indent(titled("policy", node.name, node.label))
    return phrase(head, block(_statements(node.statements)))


def compliance(statements: tuple[Follows | PolicyStatement, ...]) -> Doc:
    """A campaign's `compliance { … }`."""
    return phrase("compliance", block(_statements(statements)))


def _statements(nodes: Sequence[Follows | PolicyStatement]) -> list[Doc]:
    """One statement a line; their tails (`when …`, `because …`) are aligned in a column."""
    pairs = [(_demand(each), _tail(each)) for each in nodes]
    flats = [size(head).flat for head, tail in pairs if says(tail)]
    column = max((flat for flat in flats if flat <= TAIL_LIMIT), default=0)
    return [Indent(_with_tail(head, tail, column)) for head, tail in pairs]


def _with_tail(head: Doc, tail: Doc, column: int) -> Doc:
    if not says(tail):
        return head
    gap = max(0, column - size(head).flat) + 2
    return join(head, Group(join(Line(gap), tail)))


def _demand(node: Follows | PolicyStatement) -> Doc:
    match node:
        case Follows(policies):
            return phrase("follows", listed([name(each) for each in policies]))
        case Require(demanded, _, _):
            return phrase("require", Align(condition(demanded)))
        case ForbidPhrase() | ForbidField() | Disclose() | ApprovalBy() | ApprovedBy():
            return _on_words(node)
        case _:
            return _on_amounts(node)


def _on_words(node: ForbidPhrase | ForbidField | Disclose | ApprovalBy | ApprovedBy) -> Doc:
    match node:
        case ForbidPhrase(phrases):
            return phrase("forbid phrase", listed([literal(each) for each in phrases]))
        case ForbidField(sensitivity):
            return phrase("forbid field from", name(sensitivity), "in messages")
        case Disclose(text, _):
            return phrase("disclose", paragraph(text))
        case ApprovalBy(who, _):
            return phrase("approval by", literal(who))
        case ApprovedBy(who, day):
            return phrase("approved by", literal(who), "on", literal(day))
    assert_never(node)


def _on_amounts(node: QuietHours | AtMostMessages | AtMostMoney | HoldoutAtLeast) -> Doc:
    match node:
        case QuietHours(start, end):
            return phrase("quiet hours", literal(start), "to", literal(end))
        case AtMostMessages(count, duration):
            return phrase("at most", literal(count), "messages per", literal(duration))
        case AtMostMoney(amount, period):
            per = NOTHING if period is None else phrase("per", period)
            return phrase("at most", literal(amount), "per customer", per)
        case HoldoutAtLeast(percent):
            return phrase("holdout at least", literal(percent))
    assert_never(node)


def _tail(node: Follows | PolicyStatement) -> Doc:
    match node:
        case Require(_, applies, because):
            return phrase(_when(applies), _because(because))
        case Disclose(_, applies) | ApprovalBy(_, applies):
            return _when(applies)
        case _:
            return NOTHING


def _because(text: Text | None) -> Doc:
    return NOTHING if text is None else phrase("because", literal(text))


def _when(node: Applies | None) -> Doc:
    match node:
        case None:
            return NOTHING
        case EventHas(field):
            return phrase("when event has", name(field))
        case GoalIs(goal):
            return phrase("when goal is", name(goal))
        case BudgetOver(amount):
            return phrase("when budget over", literal(amount))
    assert_never(node)
