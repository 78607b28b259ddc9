"""Schedules that fire but once in the time asked for: their facts stand beside the customer.

The instants are literals, and so are the ends of all windows. So what a customer did is counted
without any instants to be joined: each table of events is grouped by its customers, and each of
the instants has columns of its own. Windows of a like reach are counted together, so that the many
short ones look at recent events alone; and so are counts of different values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..expressions import Expression
from ..plan import EventAggregate, EventPick
from .asking import Asking, Counted, single
from .build import Relation, Script, Statement, Task
from .different import of_different
from .facts import complete
from .grouped import beside
from .sources import Past
from .terms import Term
from .translate import Key


def by_customer(
    statement: Statement,
    tasks: Sequence[tuple[Task, Sequence[Key]]],
    who: Relation,
    pasts: Mapping[str, Past],
) -> list[Relation]:
    """The facts of each task, which has one instant; all of them in one row for each customer."""
    asked = [
        Asking(task, feature) for task, needed in tasks for feature in _histories(task, needed)
    ]
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
    found: dict[tuple[datetime, Key], Term] = {}
    if asked:
        some = [*(one for _, one in sorted(groups.items())), *several]
        name, found = beside(statement, who.name, some, pasts)
        who = Relation(name, who.terms)
    return _completed(statement, tasks, who, found)


def _completed(
    statement: Statement,
    tasks: Sequence[tuple[Task, Sequence[Key]]],
    who: Relation,
    found: Mapping[tuple[datetime, Key], Term],
) -> list[Relation]:
    """With stages and memberships, instant by instant."""
    relations, name = [], who.name
    for task, needed in tasks:
        at = single(task).instant
        histories = {key: found[at, key] for key in needed if (at, key) in found}
        terms = {key: term for key, term in who.terms.items() if key in needed}
        relation = Relation(name, {**terms, **histories})
        relation, _ = complete(Script(task, statement), relation, needed, {}, ())
        relations.append(relation)
        name = relation.name
    return [Relation(name, relation.terms) for relation in relations]


def _histories(task: Task, needed: Sequence[Key]) -> list[Counted]:
    named = (task.index.features[name] for kind, name in needed if kind == "feature")
    return [one for one in named if isinstance(one, EventAggregate | EventPick)]
