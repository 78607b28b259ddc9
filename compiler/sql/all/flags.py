"""Conditions on histories, packed into integer bitmaps, so that joined rows stay narrow.

A thousand campaigns share few distinct conditions. Each is evaluated once, on a grouped history
before the join. A row then carries one integer for every 62 conditions instead of counts and sums.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import reduce

from sqlglot import exp

from ...dialects.common.terms import Term, column, number
from ...operators import table
from ...plan.demands import Key, key_of
from ...plan.expressions import Constant, Expression, FeatureValue, Operation
from ...plan.values import Value, decode
from ..ctes import Relation, Statement, Task
from ..facts import Needs
from ..histories.at_instant import single
from ..histories.grouped import Grouped, nothing
from ..translate import condition

_IN_ONE = 62
"""Conditions that a whole number of 64 bits holds, whatever its sign."""


Conditions = dict[tuple[datetime, Operation], Task]
"""By instant and condition: one of those who ask it."""

Bits = dict[tuple[datetime, Expression], exp.Expr]
"""By instant and condition: what asks for its bit."""


def as_bits(statement: Statement, history: Grouped, conditions: Conditions) -> tuple[Grouped, Bits]:
    """A history with the answers to those of the conditions that are asked of it alone."""
    known: dict[datetime, dict[Key, Term]] = {}
    for one, term in history.histories:
        known.setdefault(one.instant, {})[one.key] = term
    asked = {
        key: (task, of_nobody)
        for key, task in conditions.items()
        if (of_nobody := _of_nobody(task, known.get(key[0], {}), key[1])) is not None
    }
    bits: Bits = {}
    words: dict[str, int] = {}
    shown: list[exp.Expr] = []
    keys = list(asked)
    for first in range(0, len(keys), _IN_ONE):
        name = statement.names.give(("bits", history.name, first), f"is_{history.event}")
        parts: list[exp.Expr] = []
        words[name] = 0
        for place, key in enumerate(keys[first : first + _IN_ONE]):
            task, of_nobody = asked[key]
            holds = condition(key[1], Relation(history.name, known[key[0]]).scope(task))
            bit = exp.Case().when(holds, number(1 << place), copy=False)
            parts.append(bit.else_(number(0), copy=False))
            words[name] += of_nobody << place
            both = exp.BitwiseAnd(this=column(name), expression=number(1 << place))
            bits[key] = exp.NEQ(this=exp.Paren(this=both), expression=number(0))
        shown.append(exp.alias_(reduce(_either, parts), name, copy=False))
    if not shown:
        return history, bits
    select = exp.select("*", *shown, copy=False)
    select = select.from_(exp.to_identifier(history.name), copy=False)
    made = statement.add(f"asked_{history.event}", select, f"what is asked of {history.name}")
    return Grouped(made, history.histories, words), bits


def answers_at(task: Task, bits: Bits) -> dict[Expression, exp.Expr]:
    """The conditions that have a bit at the instant of the task, each with the test of its bit."""
    at = single(task).instant
    return {asked: bit for (instant, asked), bit in bits.items() if instant == at}


def conditions_of(tasks: Iterable[tuple[Task, Sequence[Needs]]]) -> Conditions:
    """The distinct operations among the demands and expressions, by instant; each may become a
    bit."""
    return {
        (single(task).instant, one): task
        for task, every in tasks
        for each in every
        for one in (*(demand.condition for demand in each.demanded), *each.expressions)
        if isinstance(one, Operation)
    }


def _either(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.BitwiseOr(this=one, expression=other)


def _of_nobody(task: Task, known: Collection[Key], asked: Operation) -> bool | None:
    """Whether a condition holds for a customer without any events.

    `None` if the condition depends on more than constants and the histories in `known`.
    """
    values: list[Value | None] = []
    for argument in asked.arguments:
        match argument:
            case Constant():
                values.append(decode(argument.type, argument.value))
            case FeatureValue() if key_of(argument) in known:
                values.append(nothing(task.index.features[argument.feature]))
            case _:
                return None
    row = table.find(asked.operator, tuple(one.type for one in asked.arguments))
    if row is None or row.unknown != "false":
        return None
    return None not in values and row.python(single(task).clock, *values) is True
