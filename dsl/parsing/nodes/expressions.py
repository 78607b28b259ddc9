"""Conditions, values and histories (see `builder`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args
from unicodedata import normalize

from ...diagnostics.source import Span
from ...tree import (
    Aggregate,
    And,
    AnniversaryToday,
    AnniversaryWithin,
    Arithmetic,
    ArmIs,
    Balance,
    Between,
    CalendarUnit,
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
    Name,
    NameRef,
    Negative,
    Not,
    Now,
    Or,
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
from ..tokens import Token, covering

_UNITS: dict[str, CalendarUnit] = {unit: unit for unit in get_args(CalendarUnit)}


def field_name(token: Token) -> Name:
    """The name in `.amount`, which is one token so that any keyword may stand there."""
    span = Span(token.source, token.start + 1, token.end)
    return Name(normalize("NFKC", token.text[1:].strip("`")), span=span)


class ExpressionBuilder:
    """Conditions, values and histories."""

    @staticmethod
    def either(children: list[Any]) -> Or:
        """`a or b or c`."""
        return Or(tuple(children[::2]), span=covering(children))

    @staticmethod
    def both(children: list[Any]) -> And:
        """`a and b and c`."""
        return And(tuple(children[::2]), span=covering(children))

    @staticmethod
    def not_(children: list[Any]) -> Not:
        """`not a`."""
        return Not(children[1], span=covering(children))

    @staticmethod
    def has(children: list[Any]) -> Has:
        """`has invest where … in last 30 days`, `no login …`."""
        word, past, _, condition, *windows = children
        window = next(iter(windows), None)
        span = covering([past, condition, window])
        history = History(past.event, past.field, past.received, condition, window, span=span)
        return Has(history, word.type == "NO", span=covering(children))

    @staticmethod
    def received_condition(children: list[Any]) -> Has:
        """`received(coffee) this month`."""
        received, *windows = children
        span = covering(children)
        window = next(iter(windows), None)
        return Has(replace(received, window=window, span=span), False, span=span)

    @staticmethod
    def stage_is(children: list[Any]) -> StageIs:
        """`stage is retail.growing`."""
        return StageIs((children[1],), False, span=covering(children))

    @staticmethod
    def stage_in(children: list[Any]) -> StageIs:
        """`stage in (…)`, `stage not in (…)`."""
        negated = children[0].type == "STAGE_NOT_IN"
        return StageIs(tuple(children[2:-1:2]), negated, span=covering(children))

    @staticmethod
    def arm_is(children: list[Any]) -> ArmIs:
        """`arm is a`."""
        return ArmIs(children[1], span=covering(children))

    @staticmethod
    def compare(children: list[Any]) -> Comparison:
        """`a >= b`."""
        left, sign, right, folds = children
        return Comparison(sign.text, left, right, folds is not None, span=covering(children))

    @staticmethod
    def membership(children: list[Any]) -> Membership:
        """`a in (b, c)`, `a not in (b, c)`."""
        operand, word, _, *choices, _, folds = children
        negated, span = word.type == "NOT_IN", covering(children)
        return Membership(operand, tuple(choices[::2]), negated, folds is not None, span=span)

    @staticmethod
    def between(children: list[Any]) -> Between:
        """`a between b and c`."""
        operand, _, low, _, high = children
        return Between(operand, low, high, span=covering(children))

    @staticmethod
    def is_known(children: list[Any]) -> IsKnown:
        """`a is known`, `a is unknown`."""
        operand, word = children
        return IsKnown(operand, word.type == "IS_KNOWN", span=covering(children))

    @staticmethod
    def within(children: list[Any]) -> Within:
        """`a within last 30 days`, `a within next 7 days`."""
        operand, word, duration = children
        direction: Literal["last", "next"] = "last" if word.type == "WITHIN_LAST" else "next"
        return Within(operand, direction, duration, span=covering(children))

    @staticmethod
    def anniversary_today(children: list[Any]) -> AnniversaryToday:
        """`anniversary of a is today`."""
        return AnniversaryToday(children[1], span=covering(children))

    @staticmethod
    def anniversary_within(children: list[Any]) -> AnniversaryWithin:
        """`anniversary of a within next 7 days`."""
        _, operand, _, duration = children
        return AnniversaryWithin(operand, duration, span=covering(children))

    @staticmethod
    def else_(children: list[Any]) -> Else:
        """`a else b`."""
        return Else(tuple(children[::2]), span=covering(children))

    @staticmethod
    def arithmetic(children: list[Any]) -> Arithmetic:
        """`a + b - c`, `a * b / c`."""
        first, *rest = children
        signs = (sign.text for sign in rest[::2])
        pairs = tuple(zip(signs, rest[1::2], strict=True))
        return Arithmetic(first, pairs, span=covering(children))

    @staticmethod
    def percent_of(children: list[Any]) -> Arithmetic:
        """`5% of a` is `5% * a`."""
        percent, _, whole = children
        return Arithmetic(percent, (("*", whole),), span=covering(children))

    @staticmethod
    def negative(children: list[Any]) -> Negative:
        """`-a`."""
        return Negative(children[1], span=covering(children))

    @staticmethod
    def days_since(children: list[Any]) -> DaysSince:
        """`days since a`."""
        return DaysSince(children[1], span=covering(children))

    @staticmethod
    def days_until(children: list[Any]) -> DaysUntil:
        """`days until a`."""
        return DaysUntil(children[1], span=covering(children))

    @staticmethod
    def whole_of(children: list[Any]) -> Whole:
        """`floor(a)`, `ceil(a)`, `round(a)`."""
        word, _, operand, _ = children
        return Whole(word.text, operand, span=covering(children))

    @staticmethod
    def name_ref(children: list[Any]) -> NameRef:
        """A bare name."""
        return NameRef(children[0], span=covering(children))

    @staticmethod
    def member(children: list[Any]) -> Member:
        """`order.amount`."""
        owner, field = children
        return Member(owner, field_name(field), span=covering(children))

    @staticmethod
    def now(children: list[Any]) -> Now:
        """`now`."""
        return Now(span=covering(children))

    @staticmethod
    def today(children: list[Any]) -> Today:
        """`today`."""
        return Today(span=covering(children))

    @staticmethod
    def in_brackets(children: list[Any]) -> Expression:
        """The expression in parentheses, with a span that includes them."""
        inner: Expression = children[1]
        return replace(inner, span=covering(children))

    @staticmethod
    def count_distinct(children: list[Any]) -> Aggregate:
        """`count(distinct order.product)`."""
        return Aggregate("count", children[3], True, span=covering(children))

    @staticmethod
    def aggregate(children: list[Any]) -> Aggregate:
        """`count(order)`, `sum(order.amount where … in last 30 days)`."""
        word, _, history, _ = children
        return Aggregate(word.text, history, span=covering(children))

    @staticmethod
    def extreme(children: list[Any]) -> Extreme:
        """`min(a, b)`, `max(a, b)`."""
        word, _, *values, _ = children
        return Extreme(word.text, tuple(values[::2]), span=covering(children))

    @staticmethod
    def balance(children: list[Any]) -> Balance:
        """`balance(points)`."""
        return Balance(children[2], span=covering(children))

    @staticmethod
    def pick(children: list[Any]) -> Pick:
        """`first(order).at`, `last(order)`."""
        word, _, history, _, field = children
        name = None if field is None else field_name(field)
        return Pick(word.text, history, name, span=covering(children))

    @staticmethod
    def stage_ref(children: list[Any]) -> StageRef:
        """`retail.growing`, `growing`."""
        name, field = children
        span = covering(children)
        if field is None:
            return StageRef(None, name, span=span)
        return StageRef(name, field_name(field), span=span)

    @staticmethod
    def past_event(children: list[Any]) -> History:
        """`order`, whose conditions come after."""
        return History(children[0], span=covering(children))

    @staticmethod
    def received(children: list[Any]) -> History:
        """`received(coffee)`, `received(lift.bonus)`, whose window comes after."""
        _, _, event, field, _ = children
        step = None if field is None else field_name(field)
        return History(event, step, received=True, span=covering(children))

    @staticmethod
    def past_field(children: list[Any]) -> History:
        """`order.amount`, whose conditions come after."""
        event, field = children
        return History(event, field_name(field), span=covering(children))

    @staticmethod
    def past_where(children: list[Any]) -> History:
        """The history between brackets, with its condition and its window."""
        past: History = children[0]
        rest = children[1:]
        where = rest[1] if len(rest) > 1 else None
        window = rest[-1] if len(rest) != 2 else None
        return replace(past, where=where, window=window, span=covering(children))

    @staticmethod
    def window_last(children: list[Any]) -> Window:
        """`in last 30 days`."""
        return WindowLast(children[1], span=covering(children))

    @staticmethod
    def window_calendar(children: list[Any]) -> Window:
        """`this month`, `last month`."""
        (word,) = children
        previous = word.type == "LAST_PERIOD"
        return WindowCalendar(_UNITS[word.text.split()[1]], previous, span=word.span)

    @staticmethod
    def window_before_event(children: list[Any]) -> Window:
        """`before event`."""
        return WindowBeforeEvent(span=covering(children))

    @staticmethod
    def window_since(children: list[Any]) -> Window:
        """`since registered_at`."""
        return WindowSince(children[1], span=covering(children))
