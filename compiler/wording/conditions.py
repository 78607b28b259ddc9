"""Conditions and values in words, each with the field first: `age is at least 18`."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import (
    BeforeEventWindow,
    CalendarWindow,
    CustomerField,
    EventAggregate,
    EventPick,
    Feature,
    GrantCount,
    LastWindow,
    SinceWindow,
    Span,
    WalletBalance,
    Window,
)
from ..plan.data import CANCELLED
from ..plan.expressions import (
    AudienceValue,
    Clock,
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
    RowValue,
    StageValue,
    conjuncts,
    walk,
)
from ..plan.types import BooleanType, DecimalType
from .names import Names, spaced
from .operators import ARITHMETIC, AS_IT_IS, LOGIC, PREDICATES, VALUES
from .values import Words, constant, listed, percent, quoted, span

HIDDEN = Phrase("wording.hidden")
"""A condition on data of class C2 or C3, in a sentence for everybody."""


def parts_of(names: Names, condition: Expression) -> tuple[Words, ...]:
    """The conditions that a top-level `and` joins, each in words."""
    return tuple(said(names, part) for part in conjuncts(condition))


def said(names: Names, condition: Expression, *, denied: bool = False) -> Words:
    """A condition in words, or its denial."""
    match condition:
        case Operation(operator="not", arguments=(inner,)):
            return said(names, inner, denied=not denied)
        case Operation(operator="holds", arguments=(inner,)):
            return said(names, inner, denied=denied)
        case Operation(operator="and" | "or" as word, arguments=parts):
            both = (word == "and") != denied
            return _joined(names, parts, both=both, denied=denied)
    if _is_hidden(names, condition):
        return HIDDEN
    match condition:
        case Operation(operator=key) if key in PREDICATES:
            return _predicate(names, condition, denied=denied)
        case AudienceValue(audience=name):
            audience = names.audience(name)
            if denied:
                return Phrase("wording.not_in_audience", audience=audience)
            return Phrase("wording.in_audience", audience=audience)
        case Constant(value=text):
            holds = (text == "yes") != denied
            return Phrase("wording.always") if holds else Phrase("wording.never")
        case _:
            subject = value(names, condition)
            if denied:
                return Phrase("wording.is_no", subject=subject)
            return Phrase("wording.is_yes", subject=subject)


def _joined(names: Names, parts: tuple[Expression, ...], *, both: bool, denied: bool) -> Words:
    told = []
    for part in parts:
        text = said(names, part, denied=denied)
        nested = _joint(part, denied=denied)
        told.append(Phrase("wording.bracket", inner=text) if nested not in (None, both) else text)
    return listed(told, "and" if both else "or")


def _joint(part: Expression, *, denied: bool) -> bool | None:
    """Whether a condition joins its parts by `and` (True) or `or`; `None` if it joins none."""
    match part:
        case Operation(operator="not", arguments=(inner,)):
            return _joint(inner, denied=not denied)
        case Operation(operator="holds", arguments=(inner,)):
            return _joint(inner, denied=denied)
        case Operation(operator="and" | "or" as word):
            return (word == "and") != denied
        case _:
            return None


def _predicate(names: Names, condition: Operation, *, denied: bool) -> Words:
    key, (left, *rest) = condition.operator, condition.arguments
    if isinstance(left, EventValue | RowValue) and left.field == CANCELLED:
        return Phrase("wording.not_cancelled") if denied else Phrase("wording.cancelled")
    is_equality = key in ("equal", "not_equal")
    if isinstance(left, Operation) and left.operator == "arm" and is_equality:
        _, experiment, *_ = left.arguments
        is_other = denied != (key == "not_equal")
        template = Phrase("wording.not_in_arm") if is_other else Phrase("wording.in_arm")
        return template.filled(arm=_literal(rest[0]), experiment=_literal(experiment))
    if isinstance(left, StageValue) and key in ("in", "equal", "not_equal"):
        return _in_stage(names, left, rest, denied=denied != (key == "not_equal"))
    if isinstance(left.type, BooleanType) and key in ("equal", "not_equal"):
        match rest:
            case [Constant(value=text)]:
                flips = (text == "no") != (key == "not_equal")
                return said(names, left, denied=denied != flips)
    some = _some(names, condition, denied=denied)
    if some is not None:
        return some
    template = PREDICATES[key][1 if denied else 0]
    if not rest:
        return template.filled(left=value(names, left))
    told = [names.answer(left, one) or value(names, one) for one in rest]
    return template.filled(left=value(names, left), right=listed(told, "or"))


def _literal(expression: Expression) -> str:
    """The text of a literal."""
    return expression.value if isinstance(expression, Constant) else ""


def _some(names: Names, condition: Operation, *, denied: bool) -> Words | None:
    """`at least one login`: a count that is compared with nothing; `None` for anything else."""
    match condition:
        case Operation(
            operator="equal" | "greater" | "not_equal" as key,
            arguments=(FeatureValue(feature=name), Constant(value="0")),
        ):
            feature = names.index.features[name]
            none = (key == "equal") != denied
        case _:
            return None
    match feature:
        case EventAggregate(function="count"):
            events = _events(names, feature)
            if none:
                return Phrase("wording.no_event", events=events)
            return Phrase("wording.some_event", events=events)
        case GrantCount(window=None):
            of = _granted_name(names, feature)
            if none:
                return Phrase("wording.never_received", of=of)
            return Phrase("wording.once_received", of=of)
        case _:
            return None


def _in_stage(names: Names, left: StageValue, rest: list[Expression], *, denied: bool) -> Words:
    stages = listed(
        [
            names.stage(left.lifecycle, one.value)
            if isinstance(one, Constant)
            else value(names, one)
            for one in rest
        ],
        "or",
    )
    lifecycle = names.lifecycle(left.lifecycle)
    if denied:
        return Phrase("wording.not_in_stage", lifecycle=lifecycle, stages=stages)
    return Phrase("wording.in_stage", lifecycle=lifecycle, stages=stages)


# --- values ---------------------------------------------------------------------------------------


def value(names: Names, expression: Expression) -> Words:
    """A value in words."""
    if _is_hidden(names, expression):
        return Phrase("wording.hidden_value")
    match expression:
        case Constant(type=type_, value=text):
            return constant(type_, text, names.zone)
        case FeatureValue(feature=name):
            return feature_value(names, names.index.features[name])
        case EventValue(field=name):
            return names.event_field(name)
        case RowValue(field=name):
            return names.row_field(name)
        case Clock(which="now"):
            return Phrase("wording.now")
        case Clock(which="today"):
            return Phrase("wording.today")
        case Clock():
            raise TypeError(f"{expression.which} is no clock")
        case StageValue(lifecycle=name):
            return Phrase("wording.stage_of", lifecycle=names.lifecycle(name))
        case AudienceValue():
            return said(names, expression)
        case Operation():
            return _operation(names, expression)
        case _:
            assert_never(expression)


def _operation(names: Names, operation: Operation) -> Words:
    key, arguments = operation.operator, operation.arguments
    if key in AS_IT_IS:
        return value(names, arguments[0])
    if key in LOGIC or key in PREDICATES:
        return said(names, operation)
    share = _percent_of(names, operation)
    if share is not None:
        return share
    template = VALUES[key]
    if key == "folded":
        return template.filled(left=value(names, arguments[0]))
    if key == "arm":
        return template.filled(experiment=_literal(arguments[1]))
    if key in ("least", "greatest"):
        return template.filled(left=listed([value(names, one) for one in arguments], "comma"))
    told = [_operand(names, one) for one in arguments]
    if len(told) == 1:
        return template.filled(left=told[0])
    joined = told[0]
    for one in told[1:]:
        joined = template.filled(left=joined, right=one)
    return joined


def _operand(names: Names, expression: Expression) -> Words:
    text = value(names, expression)
    if isinstance(expression, Operation) and expression.operator in ARITHMETIC:
        return Phrase("wording.bracket", inner=text)
    return text


def _percent_of(names: Names, operation: Operation) -> Words | None:
    """`0.1% of the amount`: a product with a part of one; `None` for anything else."""
    match operation:
        case Operation(
            operator="multiply" | "bounded_multiply",
            arguments=(Constant(type=DecimalType(), value=text), other),
        ) if 0 < Decimal(text) < 1:
            return Phrase(
                "wording.percent_of", percent=percent(Decimal(text)), of=_operand(names, other)
            )
        case _:
            return None


def feature_value(names: Names, feature: Feature) -> Words:
    """A fact about the customer in words."""
    match feature:
        case CustomerField(field=name):
            return names.customer_field(name)
        case EventAggregate():
            return _aggregate(names, feature)
        case EventPick(event=event, which=which, field=name):
            events = _events(names, feature)
            of = Phrase("wording.first", events=events)
            if which == "last":
                of = Phrase("wording.last", events=events)
            return Phrase("wording.field_of", field=names.field_of(event, name), of=of)
        case GrantCount():
            return _granted(names, feature)
        case WalletBalance(wallet=wallet):
            return Phrase("wording.balance", wallet=wallet)
        case _:
            assert_never(feature)


def _aggregate(names: Names, feature: EventAggregate) -> Words:
    events = _events(names, feature)
    inner = names.of_row(feature.event)
    of = "" if feature.value is None else value(inner, feature.value)
    match feature.function:
        case "count":
            return Phrase("wording.count", events=events)
        case "count_distinct":
            return Phrase("wording.count_distinct", of=of, events=events)
        case "sum":
            return Phrase("wording.sum", of=of, events=events)
        case "average":
            return Phrase("wording.average", of=of, events=events)
        case "min":
            return Phrase("wording.lowest", of=of, events=events)
        case "max":
            return Phrase("wording.highest", of=of, events=events)
        case _:
            assert_never(feature.function)


def events_of(names: Names, event: str, where: Expression | None) -> Words:
    """The events of a kind that meet a condition, which is about the event at hand."""
    name = names.event_name(event)
    if where is None:
        return Phrase("wording.events", event=name)
    return Phrase("wording.events_where", event=name, condition=said(names, where))


def _events(names: Names, feature: EventAggregate | EventPick) -> Words:
    events = events_of(names.of_row(feature.event), feature.event, feature.where)
    if feature.window is None:
        return events
    return Phrase("wording.in_window", events=events, window=window(names, feature.window))


def window(names: Names, of: Window) -> Words:
    """A window of time."""
    match of:
        case LastWindow(count=count, unit=unit):
            return Phrase("wording.window_last", span=span(Span(count, unit)))
        case CalendarWindow(unit=unit, previous=previous):
            return _calendar(unit, previous=previous)
        case BeforeEventWindow():
            return Phrase("wording.window_before")
        case SinceWindow(start=start):
            return Phrase("wording.window_since", start=value(names, start))
        case _:
            assert_never(of)


def _granted(names: Names, feature: GrantCount) -> Words:
    of = _granted_name(names, feature)
    if feature.window is None:
        return Phrase("wording.received", of=of)
    return Phrase("wording.received_in", of=of, window=window(names, feature.window))


def _granted_name(names: Names, feature: GrantCount) -> Words:
    match feature.of:
        case "campaign":
            campaign, dot, step = feature.name.partition(".")
            label = names.campaign_label(campaign)
            if not dot:
                return label
            return Phrase("wording.step_of", step=quoted(spaced(step)), campaign=label)
        case "benefit":
            return names.benefit(feature.name)
        case _:
            assert_never(feature.of)


def _calendar(
    unit: Literal["day", "week", "month", "quarter", "year"], *, previous: bool
) -> Phrase:
    match unit:
        case "day":
            return Phrase("wording.yesterday") if previous else Phrase("wording.this_day")
        case "week":
            return Phrase("wording.last_week") if previous else Phrase("wording.this_week")
        case "month":
            return Phrase("wording.last_month") if previous else Phrase("wording.this_month")
        case "quarter":
            return Phrase("wording.last_quarter") if previous else Phrase("wording.this_quarter")
        case "year":
            return Phrase("wording.last_year") if previous else Phrase("wording.this_year")
        case _:
            assert_never(unit)


def _is_hidden(names: Names, expression: Expression) -> bool:
    """Whether a public sentence must not say the expression, for a field that it reads."""
    return names.public and any(_reads_hidden(names, node) for node in walk(expression))


def _reads_hidden(names: Names, node: Expression) -> bool:
    match node:
        case FeatureValue(feature=name):
            return _feature_hidden(names, names.index.features[name])
        case EventValue(field=name):
            return names.is_hidden(names.event_column(names.event, name))
        case RowValue(field=name):
            return names.is_hidden(names.event_column(names.row, name))
        case _:
            return False


def _feature_hidden(names: Names, feature: Feature) -> bool:
    match feature:
        case CustomerField(field=name):
            return names.is_hidden(names.customer_column(name))
        case EventAggregate(event=event, where=where, value=of):
            parts = [part for part in (where, of) if part is not None]
            return any(_is_hidden(names.of_row(event), part) for part in parts)
        case EventPick(event=event, field=name, where=where):
            inner = names.of_row(event)
            if where is not None and _is_hidden(inner, where):
                return True
            return names.is_hidden(names.event_column(event, name))
        case GrantCount() | WalletBalance():
            return False
        case _:
            assert_never(feature)
