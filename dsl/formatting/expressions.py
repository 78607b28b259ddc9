"""Conditions and values, with the parentheses that their meaning needs and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, assert_never

from ..tree import (
    Aggregate,
    And,
    AnniversaryToday,
    AnniversaryWithin,
    Arithmetic,
    ArmIs,
    Balance,
    Between,
    Comparison,
    DaysSince,
    DaysUntil,
    Else,
    Expression,
    Extreme,
    Has,
    History,
    IsKnown,
    Member,
    Membership,
    Money,
    NameRef,
    Negative,
    Not,
    Now,
    Number,
    Or,
    Percent,
    Pick,
    StageIs,
    StageRef,
    Today,
    Whole,
    Window,
    WindowBeforeEvent,
    WindowCalendar,
    WindowLast,
    WindowSince,
    Within,
)
from .layout import NOTHING, Align, Doc, Group, Line, Word, between, join, listed, phrase
from .literals import Literal, field_of, literal, name, owner

_Value: TypeAlias = (
    Literal
    | Arithmetic
    | Negative
    | Else
    | Extreme
    | Whole
    | Aggregate
    | Balance
    | Pick
    | NameRef
    | Member
    | Now
    | Today
    | DaysSince
    | DaysUntil
)

# Precedence levels, loosest first, as in the grammar. An expression that binds less tightly than
# its place requires gets parentheses.
(
    EITHER,
    BOTH,
    NEGATION,
    CONDITION,
    COMPARISON,
    VALUE,
    SUM,
    PRODUCT,
    FACTOR,
    OPERAND,
    PART_OF,
    MOMENT,
) = range(12)

# `a else 0 >= 3` needs no parentheses to be read as it is meant by us, but does by people.
COMPARED = SUM


def condition(node: Expression) -> Doc:
    """A condition on its own: broken, one part a line, under its first part, if it does not fit."""
    return operand(node, EITHER)


def clause_condition(node: Expression) -> Doc:
    """The condition of an audience clause: from three parts on it always has one a line."""
    if isinstance(node, And | Or) and len(node.operands) > 2:
        return Align(_joined(node))
    return condition(node)


def operand(node: Expression, asked: int) -> Doc:
    """The expression in a place that asks for something as tight as `asked`."""
    doc = _expression(node)
    return parenthesised(doc) if _tightness(node) < asked else doc


def parenthesised(doc: Doc) -> Doc:
    """`( … )`."""
    return join(Word("("), Align(doc), Word(")"))


_ANNIVERSARIES = (AnniversaryToday, AnniversaryWithin)

_TIGHTNESS: tuple[tuple[tuple[type, ...], int], ...] = (
    ((Or,), EITHER),
    ((And,), BOTH),
    ((Not,), NEGATION),
    ((Has, StageIs, ArmIs), CONDITION),
    ((Comparison, Membership, Between, IsKnown, Within, *_ANNIVERSARIES), COMPARISON),
    ((Else,), VALUE),
    ((Negative,), FACTOR),
    ((Number, Money, Aggregate, Balance, Extreme, Whole), PART_OF),
    ((NameRef, Member, Now, Today, Pick), MOMENT),
)


def _tightness(node: Expression) -> int:
    if isinstance(node, Arithmetic):
        if _is_part_of(node):
            return OPERAND
        return SUM if node.rest[0][0] in "+-" else PRODUCT
    return next((step for kinds, step in _TIGHTNESS if isinstance(node, kinds)), OPERAND)


def _expression(node: Expression) -> Doc:
    match node:
        case And() | Or():
            return Group(Align(_joined(node)))
        case Not(inner):
            return phrase("not", operand(inner, NEGATION))
        case Comparison() | Membership() | Between() | IsKnown() | Within():
            return _comparison(node)
        case AnniversaryToday(inner):
            return phrase("anniversary of", operand(inner, MOMENT), "is today")
        case AnniversaryWithin(inner, duration):
            soon = phrase("within next", literal(duration))
            return phrase("anniversary of", operand(inner, MOMENT), soon)
        case StageIs():
            return _stage_is(node)
        case ArmIs(arm):
            return phrase("arm is", name(arm))
        case Has():
            return _has(node)
        case _:
            return _value(node)


def _joined(node: And | Or) -> Doc:
    word, asked = ("and", NEGATION) if isinstance(node, And) else ("or", BOTH)
    return _run([operand(each, asked) for each in node.operands], word)


def _run(parts: Sequence[Doc], word: str) -> Doc:
    """`a WORD b WORD c`; where it is broken, a line starts with the word."""
    first, *more = parts
    return join(first, *(join(Line(), phrase(word, each)) for each in more))


_Comparing: TypeAlias = Comparison | Membership | Between | IsKnown | Within


def _comparison(node: _Comparing) -> Doc:
    match node:
        case Comparison(sign, left, right, folds):
            compared = phrase(operand(left, COMPARED), sign, operand(right, COMPARED))
            return phrase(compared, "ignoring case") if folds else compared
        case Membership(inner, choices, negated, folds):
            values = parenthesised(listed([operand(each, COMPARED) for each in choices]))
            found = phrase(operand(inner, COMPARED), "not in" if negated else "in", values)
            return phrase(found, "ignoring case") if folds else found
        case Between(inner, low, high):
            ends = phrase(operand(low, COMPARED), "and", operand(high, COMPARED))
            return phrase(operand(inner, COMPARED), "between", ends)
        case IsKnown(inner, known):
            return phrase(operand(inner, COMPARED), "is known" if known else "is unknown")
        case Within(inner, direction, duration):
            return phrase(operand(inner, COMPARED), "within", direction, literal(duration))
    assert_never(node)


def _stage_is(node: StageIs) -> Doc:
    refs = [stage_ref(each) for each in node.stages]
    if len(refs) == 1 and not node.negated:
        return phrase("stage is", refs[0])
    return phrase("stage not in" if node.negated else "stage in", parenthesised(listed(refs)))


def _has(node: Has) -> Doc:
    past = node.history
    seen = _past(past)
    if past.where is not None:
        seen = phrase(seen, "where", _single(past.where))
    if past.window is not None:
        seen = phrase(seen, _window(past.window))
    if node.negated:
        return phrase("no", seen)
    return seen if past.received and past.where is None else phrase("has", seen)


def _single(node: Expression) -> Doc:
    """One condition, as it may stand after `has … where` without parentheses."""
    if isinstance(node, Not):
        return phrase("not", operand(node.operand, COMPARISON))
    return operand(node, COMPARISON)


def _value(node: _Value) -> Doc:
    match node:
        case Arithmetic():
            return _arithmetic(node)
        case Negative(inner):
            return join(Word("-"), operand(inner, FACTOR))
        case Else(choices):
            return Group(Align(_run([operand(each, SUM) for each in choices], "else")))
        case Whole(which, inner):
            return call(which, operand(inner, VALUE))
        case Extreme(which, values):
            return call(which, listed([operand(each, VALUE) for each in values]))
        case Aggregate(function, past, distinct):
            inside = _history(past)
            return call(function, phrase("distinct", inside) if distinct else inside)
        case Balance(wallet):
            return call("balance", name(wallet))
        case Pick() | NameRef() | Member() | Now() | Today():
            return _moment(node)
        case DaysSince(inner):
            return phrase("days since", operand(inner, MOMENT))
        case DaysUntil(inner):
            return phrase("days until", operand(inner, MOMENT))
        case _:
            return literal(node)


def _is_part_of(node: Arithmetic) -> bool:
    """Whether it is what `5% of event.amount` means."""
    return isinstance(node.first, Percent) and len(node.rest) == 1 and node.rest[0][0] == "*"


def _arithmetic(node: Arithmetic) -> Doc:
    if _is_part_of(node):
        return phrase(_expression(node.first), "of", operand(node.rest[0][1], PART_OF))
    asked = PRODUCT if node.rest[0][0] in "+-" else FACTOR
    more = (join(Line(), phrase(sign, operand(each, asked))) for sign, each in node.rest)
    return Group(Align(join(operand(node.first, asked), *more)))


def _moment(node: Pick | NameRef | Member | Now | Today) -> Doc:
    match node:
        case Pick(which, past, field):
            picked = call(which, _history(past))
            return picked if field is None else join(picked, field_of(field))
        case NameRef(ref):
            return name(ref)
        case Member():
            return member(node)
        case Now():
            return Word("now")
        case Today():
            return Word("today")
    assert_never(node)


def call(function: str, inside: Doc) -> Doc:
    """`count(…)`."""
    return join(Word(function), parenthesised(inside))


def _past(node: History) -> Doc:
    """The events of a history, without its conditions and its window."""
    field = NOTHING if node.field is None else field_of(node.field)
    named = join(name(node.event), field)
    return call("received", named) if node.received else named


def _history(node: History) -> Doc:
    """A history between parentheses: there, any condition may follow its `where`."""
    parts = [_past(node)]
    if node.where is not None:
        holds = condition(node.where)
        taken = node.window is not None and _takes_a_window(node.where)
        parts += [phrase("where", parenthesised(holds) if taken else Align(holds))]
    if node.window is not None:
        parts += [_window(node.window)]
    return Group(between(Line(), parts))


def _takes_a_window(node: Expression) -> bool:
    """Whether a window that follows would be taken for that of its last condition."""
    match node:
        case And(operands) | Or(operands):
            return _takes_a_window(operands[-1])
        case Not(inner):
            return _takes_a_window(inner)
        case Has(history):
            return history.window is None
        case _:
            return False


def _window(node: Window) -> Doc:
    match node:
        case WindowLast(duration):
            return phrase("in last", literal(duration))
        case WindowCalendar(unit, previous):
            return phrase("last" if previous else "this", unit)
        case WindowBeforeEvent():
            return phrase("before event")
        case WindowSince(start):
            return phrase("since", operand(start, SUM))
    assert_never(node)


def member(node: Member) -> Doc:
    """`event.amount`."""
    return join(owner(node.owner), field_of(node.field))


def stage_ref(node: StageRef) -> Doc:
    """`retail.growing`, or `growing`."""
    if node.lifecycle is None:
        return name(node.stage)
    return join(name(node.lifecycle), field_of(node.stage))


def where(node: Expression | None) -> Doc:
    """`where …`, on a line of its own if the line before it is full; or nothing."""
    return NOTHING if node is None else Group(join(Line(), phrase("where", Align(condition(node)))))
