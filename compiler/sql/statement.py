"""How a statement is begun and written out, whatever it asks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlglot import exp

from ..collector import collector_paused
from ..dialects.common.dialect import Dialect
from ..dialects.common.names import Names
from ..plan import Plan, Step
from ..plan.steps import is_task
from .seeds import numbered

_OWN = ("customer", "occurrence", "moment", "today", "recipient", "held_out", "share", "branch")
_SHOWN = ("campaign", "step", "at", "reward", "amount", "currency", "line")
_DEPTH = 60_000


def names_of(plan: Plan, dialect: Dialect, steps: Iterable[Step]) -> Names:
    """The names of a statement, without those that stand for something else already.

    The query of a task, or of a later step of a journey, reads the customers several times.
    """
    tables = [plan.customers.table, *(event.table for event in plan.events)]
    once = all(step.follows is None and not is_task(step) for step in steps)
    hidden = tables[1:] if dialect.reads_what_it_hides and once else tables
    own = [table.split(".")[-1] for table in hidden]
    shown = _SHOWN if dialect.takes_tables_for_rows else ()
    return Names((*_OWN, *shown, *own), dialect.longest_name)


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as text, and the campaigns whose seeds it takes, by the parameters' names."""

    sql: str
    seeds: Mapping[str, str]


def rendered(query: exp.Select, dialect: Dialect, plan: Plan) -> Written:
    """The statement as text; its tree is used up."""
    seeds = numbered(query, dialect) if plan.seeded else {}
    finished = dialect.finished(query)
    return Written(finished.sql(dialect.sqlglot, pretty=True, copy=False), seeds)


@contextmanager
def deep() -> Iterator[None]:
    """Raise the recursion limit for the deepest condition of the language, and pause the GC.

    A level of the author's nesting is a dozen levels of SQL, and several calls of Python each.
    Nothing becomes garbage before the statement is rendered. Collections would nearly double the
    time.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        with collector_paused():
            yield
    finally:
        sys.setrecursionlimit(before)
