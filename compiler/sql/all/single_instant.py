"""Schedules that fire once in the period: their facts are columns of the customer.

The instants and the ends of all windows are literals, so no join with instants is needed. Each
event table is grouped by customer, and each instant has columns of its own. Windows of similar
reach are aggregated together, so that short ones read only recent events. Distinct counts of one
value are aggregated together too. Where an engine gains by it, conditions on these histories become
bits before the join: see `flags.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ...dialects.common.terms import Term
from ...plan import EventAggregate, EventPick
from ...plan.demands import Key
from ...plan.expressions import Expression
from ..ctes import Relation, Script, Statement, Task
from ..facts import Needs, complete, needed
from ..histories.at_instant import Asking, Counted, single
from ..histories.distinct import of_different
from ..histories.grouped import Grouped, beside, grouped
from ..sources import Past
from .flags import Bits, answers_at, as_bits, conditions_of


def by_customer(
    statement: Statement,
    tasks: Sequence[tuple[Task, Sequence[Needs]]],
    who: Relation,
    pasts: Mapping[str, Past],
) -> tuple[list[Relation], Bits]:
    """The facts of each task, which has one instant; all of them in one row for each customer.

    Of what is asked the demands that are bits need no facts.
    """
    asked = [
        Asking(task, feature)
        for task, every in tasks
        for feature in _histories(task, needed(task.index, every))
    ]
    conditions = conditions_of(tasks) if statement.dialect.lists else {}
    made: list[Grouped] = []
    bits: Bits = {}
    for one in grouped(statement, _alike(asked), pasts):
        history, more = as_bits(statement, one, conditions)
        made.append(history)
        bits |= more
    left = [(task, needed(task.index, each, answers_at(task, bits))) for task, each in tasks]
    wanted = {(single(task).instant, key) for task, keys in left for key in keys}
    found: dict[tuple[datetime, Key], Term] = {}
    if made:
        name, found = beside(statement, who.name, made, wanted)
        who = Relation(name, who.terms)
    return _completed(statement, left, who, found), bits


def _alike(asked: Sequence[Asking]) -> list[list[Asking]]:
    """Group the histories that one aggregation computes."""
    groups: dict[tuple[str, int], list[Asking]] = {}
    values: dict[tuple[str, Expression], list[Asking]] = {}
    for one in asked:
        counted = of_different(one)
        if counted is not None:
            values.setdefault((one.feature.event, counted), []).append(one)
    several = [some for some in values.values() if len(some) > 1]
    for one in asked:
        if not any(one in some for some in several):
            groups.setdefault((one.feature.event, one.reach), []).append(one)
    return [*(some for _, some in sorted(groups.items())), *several]


def _completed(
    statement: Statement,
    tasks: Sequence[tuple[Task, Sequence[Key]]],
    who: Relation,
    found: Mapping[tuple[datetime, Key], Term],
) -> list[Relation]:
    """With stages and memberships, instant by instant."""
    relations, name = [], who.name
    for task, keys in tasks:
        at = single(task).instant
        histories = {key: found[at, key] for key in keys if (at, key) in found}
        terms = {key: term for key, term in who.terms.items() if key in keys}
        relation = Relation(name, {**terms, **histories})
        relation, _ = complete(Script(task, statement), relation, keys, {}, ())
        relations.append(relation)
        name = relation.name
    return [Relation(name, relation.terms) for relation in relations]


def _histories(task: Task, keys: Sequence[Key]) -> list[Counted]:
    named = (task.index.features[name] for kind, name in keys if kind == "feature")
    return [one for one in named if isinstance(one, EventAggregate | EventPick)]
