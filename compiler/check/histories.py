"""Histories: what happened before, as features that the plan holds once for all campaigns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from typing import assert_never

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from ..codes import journeys, names
from ..codes import types as words
from ..operators.build import of
from ..plan import (
    BeforeEventWindow,
    CalendarWindow,
    EventAggregate,
    EventPick,
    EventTable,
    GrantCount,
    LastWindow,
    LedgerFeature,
    SinceWindow,
    WalletBalance,
    Window,
)
from ..plan.expressions import Constant, Expression, FeatureValue, RowValue, without_origins
from ..plan.types import DECIMAL, INTEGER, TIMESTAMP, DateType, TimestampType, ValueType
from .context import Context, find_column, folded, origin
from .denials import denials
from .divisors import never_zero
from .literals import type_words
from .operations import condition
from .scope import Scope
from .symbols import steps_of

Asked = tree.Has | tree.Aggregate | tree.Pick | tree.Balance

Check = Callable[[Context, tree.Expression, Scope], Expression | None]
"""How the expressions inside a history are checked: `check.check`, which asks this module."""


def check_history(c: Context, node: Asked, scope: Scope, check: Check) -> Expression | None:
    """`has …`, `count(…)`, `last(…).x` as a value; in a history's own `where` none may stand."""
    if scope.row is not None:
        c.report(words.NESTED_HISTORY, node)
        return None
    match node:
        case tree.Has(history, negated):
            count = _count(c, node, history, scope, check)
            if count is None:
                return None
            none = Constant(INTEGER, "0")
            return of("equal" if negated else "greater", count, none, at=origin(node.span))
        case tree.Aggregate():
            return _aggregate(c, node, scope, check)
        case tree.Pick():
            return _pick(c, node, scope, check)
        case tree.Balance(wallet):
            return _balance(c, node, wallet, scope)
        case _:
            assert_never(node)


def _count(
    c: Context, node: tree.Node, history: tree.History, scope: Scope, check: Check
) -> FeatureValue | None:
    if history.received:
        return _received(c, node, history, scope, check)
    looked = _look(c, history, scope, check)
    if looked is None:
        return None
    if history.field is not None:
        event, field = history.event.text, history.field.text
        c.report(words.COUNT_FIELD, history, event=event, field=field)
        return None
    table, where, window = looked
    return _enter(
        c, node, EventAggregate("", table.name, "count", None, where, window, INTEGER, False)
    )


def _aggregate(c: Context, node: tree.Aggregate, scope: Scope, check: Check) -> Expression | None:
    history = node.history
    if history.received and node.function != "count":
        c.report(words.ONLY_COUNT, node, name=history.event.text)
        return None
    if node.function == "count" and not node.distinct:
        return _count(c, node, history, scope, check)
    looked = _look(c, history, scope, check)
    if looked is None:
        return None
    event, where, window = looked
    value = _value(c, node, history, event)
    if value is None:
        return None
    if node.function == "count":
        counted = EventAggregate(
            "", event.name, "count_distinct", value, where, window, INTEGER, False
        )
        return _enter(c, node, counted)
    result = _result(node.function, value.type)
    if result is None:
        c.report(words.CANNOT_AGGREGATE, node, function=node.function, type=type_words(value.type))
        return None
    optional = node.function != "sum"
    return _enter(
        c,
        node,
        EventAggregate("", event.name, node.function, value, where, window, result, optional),
    )


def _result(function: tree.AggregateFunction, type_: ValueType) -> ValueType | None:
    """The type of an aggregate over values of a type, where it can be taken."""
    number = type_.kind in ("integer", "decimal", "money")
    match function:
        case "count":
            return INTEGER
        case "sum":
            return type_ if number else None
        case "average":
            return DECIMAL if type_ == INTEGER else type_ if number else None
        case "min" | "max":
            return type_ if number or type_.kind in ("date", "timestamp") else None
        case _:
            assert_never(function)


def _value(
    c: Context, node: tree.Aggregate, history: tree.History, event: EventTable
) -> RowValue | None:
    if history.field is None:
        first = next((column.name for column in event.fields), "…")
        function = "count distinct" if node.function == "count" else node.function
        c.report(words.FIELD_NEEDED, node, function=function, event=event.name, field=first)
        return None
    return _row_field(c, history.field, event)


def _row_field(c: Context, name: tree.Name, event: EventTable) -> RowValue | None:
    if name.text == "at":
        return RowValue("at", TIMESTAMP, optional=False, origin=origin(name.span))
    column = find_column(event.fields, name.text)
    if column is None:
        known = suggestions(name.text, (column.name for column in event.fields))
        c.report(names.UNKNOWN_FIELD, name, owner=event.name, name=name.text, **known)
        return None
    return RowValue(name.text, column.type, column.optional, origin(name.span))


def _pick(c: Context, node: tree.Pick, scope: Scope, check: Check) -> Expression | None:
    looked = _look(c, node.history, scope, check)
    if looked is None:
        return None
    event, where, window = looked
    if node.field is None:
        return _enter(
            c, node, EventPick("", event.name, node.which, "at", where, window, TIMESTAMP)
        )
    value = _row_field(c, node.field, event)
    if value is None:
        return None
    pick = EventPick("", event.name, node.which, node.field.text, where, window, value.type)
    return _enter(c, node, pick)


# --- which events -------------------------------------------------------------------------------


def _look(
    c: Context, history: tree.History, scope: Scope, check: Check
) -> tuple[EventTable, Expression | None, Window | None] | None:
    """The event's table, the condition on its rows and the window; reports what is wrong."""
    event = c.events.get(history.event.text)
    if event is None:
        name = history.event.text
        known = suggestions(name, c.events)
        c.report(names.UNKNOWN_DECLARATION, history.event, kind=names.EVENT, name=name, **known)
        return None
    where = None
    if history.where is not None:
        inside = replace(scope, row=event, bare=False)
        found = check(c, history.where, inside)
        where = condition(c, history.where, found) if found else None
        if where is None:
            return None
        c.diagnostics.extend(denials(where, never_zero(c, inside)))
    if history.window is None:
        return event, where, None
    window = _window(c, history.window, scope, check)
    return None if window is None else (event, where, window)


def _window(c: Context, node: tree.Window, scope: Scope, check: Check) -> Window | None:
    match node:
        case tree.WindowLast(duration):
            return LastWindow(duration.count, duration.unit)
        case tree.WindowCalendar(unit, previous):
            return CalendarWindow(unit, previous)
        case tree.WindowBeforeEvent():
            if scope.event is None:
                c.report(words.BEFORE_EVENT_WITHOUT_EVENT, node)
                return None
            return BeforeEventWindow()
        case tree.WindowSince(start):
            value = check(c, start, scope)
            if value is None:
                return None
            if not isinstance(value.type, DateType | TimestampType):
                text, found = folded(start.span), type_words(value.type)
                c.report(words.WRONG_TYPE, start, expected=words.DATE, text=text, type=found)
                return None
            return SinceWindow(value)
        case _:
            assert_never(node)


def _received(
    c: Context, node: tree.Node, history: tree.History, scope: Scope, check: Check
) -> FeatureValue | None:
    if not scope.asks_ledger:
        c.report(words.RECEIVED_ELSEWHERE, node)
        return None
    name = history.event.text
    window = _window(c, history.window, scope, check) if history.window else None
    if history.window and window is None:
        return None
    if name in c.symbols.campaigns or history.field is not None:
        asked = _campaign_or_step(c, history)
        if not asked:
            return None
        return _enter(c, node, GrantCount("", "campaign", asked, window, INTEGER))
    if name in c.symbols.benefits:
        return _enter(c, node, GrantCount("", "benefit", name, window, INTEGER))
    known = suggestions(name, chain(c.symbols.campaigns, c.symbols.benefits))
    c.report(names.UNKNOWN_DECLARATION, history.event, kind=names.CAMPAIGN, name=name, **known)
    return None


def _campaign_or_step(c: Context, history: tree.History) -> str | None:
    """The name by which the ledger knows a campaign, or a step of one: `lift.bonus`.

    `None` of a step that there is not, or that gives nothing, which is reported.
    """
    name, step = history.event.text, history.field
    node = c.symbols.campaigns.get(name)
    if step is None:
        return c.symbols.identity(name)
    steps = {} if node is None else steps_of(node)
    if node is None and name not in c.symbols.benefits:
        known = suggestions(name, c.symbols.campaigns)
        c.report(names.UNKNOWN_DECLARATION, history.event, kind=names.CAMPAIGN, name=name, **known)
    elif step.text not in steps:
        known = suggestions(step.text, steps)
        c.report(journeys.NO_SUCH_STEP, step, name=name, step=step.text, **known)
    elif not steps[step.text].gives:
        c.report(journeys.STEP_GIVES_NOTHING, step, name=name, step=step.text)
    else:
        return f"{c.symbols.identity(name)}.{steps[step.text].known_as}"
    return None


def _balance(c: Context, node: tree.Node, wallet: tree.Name, scope: Scope) -> FeatureValue | None:
    if not scope.asks_ledger:
        c.report(words.RECEIVED_ELSEWHERE, node)
        return None
    if not is_wallet(c, wallet):
        return None
    return _enter(c, node, WalletBalance("", wallet.text, INTEGER))


def is_wallet(c: Context, name: tree.Name) -> bool:
    """Whether some campaign fills or uses a wallet of that name; reports a name of none."""
    if name.text in c.symbols.wallets:
        return True
    known = suggestions(name.text, c.symbols.wallets)
    c.report(names.UNKNOWN_WALLET, name, name=name.text, **known)
    return False


# --- the plan's features ------------------------------------------------------------------------


def _enter(
    c: Context, node: tree.Node, feature: EventAggregate | EventPick | LedgerFeature
) -> FeatureValue:
    named = replace(feature, id=_id(feature), origin=origin(node.span))
    kept = c.feature(named)
    return FeatureValue(kept.id, kept.type, kept.optional, origin(node.span))


def _id(feature: EventAggregate | EventPick | LedgerFeature) -> str:
    """A name that tells what it is, the same for the same fact wherever it is asked."""
    match feature:
        case EventAggregate():
            field = feature.value.field if isinstance(feature.value, RowValue) else ""
            stem = [feature.function, feature.event, field]
        case EventPick():
            stem = [feature.which, feature.event, feature.field]
        case GrantCount():
            stem = ["received", *feature.name.split(".")]
        case WalletBalance():
            stem = ["balance", feature.wallet]
        case _:
            assert_never(feature)
    match feature.window:
        case LastWindow(count, unit):
            stem.append(f"last_{count}_{unit}")
        case CalendarWindow(unit, previous):
            stem.append(f"{'previous' if previous else 'this'}_{unit}")
        case BeforeEventWindow():
            stem.append("before_event")
        case _:
            pass
    where = None if isinstance(feature, LedgerFeature) else feature.where
    since = feature.window if isinstance(feature.window, SinceWindow) else None
    if where is not None or since is not None:
        asked = (where, since.start if since else None)
        told = repr(tuple(one and without_origins(one) for one in asked))
        stem.append(sha256(told.encode()).hexdigest()[:8])
    return "_".join(part for part in stem if part)
