"""The sequences of events between two of them, customer by customer, counted by path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from ..dialects.common.terms import all_true, any_true, column, is_null, number
from ..plan import Plan
from ..plan.types import TEXT
from ..sql.statement import Written
from .begun import Begun
from .sides import BOTH, NEITHER, sides

BROKE_OFF, LONGER, REACHED = 0, 1, 2
"""How a path ends: no more events, more than are asked for, or at the event it leads to."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Paths of at most `steps` events from the first `start` of a customer to the next `end`.

    `kinds` are the events that count, `start` and `end` among them. `first` and `last` are the
    period (aware, UTC; `None`: from the beginning), both ends in it.
    """

    start: str
    end: str
    steps: int
    kinds: tuple[str, ...]
    first: datetime | None
    last: datetime


def paths_query(plan: Plan, walk: Walk, groups: Sequence[str], dialect: str) -> Written:
    """A statement with a row a path and side.

    - `side`, `outcome`, `customers`;
    - `low_own`, `middle_own`, `high_own`: quartiles of the seconds between both ends;
    - `low_all`, `middle_all`, `high_all`: parts of those of all paths of the side that end alike;
    - `step_1` and on: the place of the event in `kinds`, -1 for none.
    """
    b = Begun.of(plan, walk.last, dialect)
    who = sides(b, b.customers(), groups)
    kept = _kept(b, walk, _happened(b, walk, who))
    numbered = _numbered(b, walk, kept)
    ways = _ways(b, walk, numbered)
    return b.written(_counted(b, walk, ways), f"paths from {walk.start} to {walk.end}")


def _steps(walk: Walk) -> list[str]:
    return [f"step_{place}" for place in range(1, walk.steps + 1)]


def _over(function: exp.Expr, by: Sequence[str], order: Sequence[exp.Expr] = ()) -> exp.Window:
    ordered = exp.Order(expressions=[exp.Ordered(this=one) for one in order]) if order else None
    return exp.Window(this=function, partition_by=[column(one) for one in by], order=ordered)


def _first(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    """The least value of the rows that meet a condition."""
    return exp.Min(this=exp.Case().when(condition, value))


def _happened(b: Begun, walk: Walk, who: str) -> str:
    """Every event of the period, of customers who are on one side."""
    parts: list[exp.Query] = []
    for place, kind in enumerate(walk.kinds):
        events = b.events(kind)
        same = exp.EQ(this=column("customer", who), expression=column(events.customer, events.name))
        alone = exp.In(this=column("side", who), expressions=[number(NEITHER), number(BOTH)]).not_()
        kept = all_true(b.counts(events), alone)
        moment = column(events.moment, events.name)
        if walk.first is not None:
            since = exp.GTE(this=moment.copy(), expression=b.dialect.timestamp(walk.first))
            kept = all_true(kept, since)
        select = exp.select(
            column("side", who),
            column("customer", who),
            exp.alias_(moment, "moment"),
            exp.alias_(column(events.key, events.name), "event_key"),
            exp.alias_(number(place), "kind"),
        ).from_(exp.to_identifier(events.name))
        parts.append(select.join(exp.to_identifier(who), on=same).where(kept))
    every = parts[0]
    for other in parts[1:]:
        every = exp.union(every, other, distinct=False, copy=False)
    return b.add("happened", every, "every event")


def _kept(b: Begun, walk: Walk, happened: str) -> str:
    """The events from the first `start` on; of several alike in a row the first."""
    start, end = (walk.kinds.index(one) for one in (walk.start, walk.end))
    order = [column("moment"), b.dialect.ordered(column("event_key"), TEXT), column("kind")]
    place = _over(exp.RowNumber(), ("customer",), order)
    before = _over(exp.Lag(this=column("kind")), ("customer",), [one.copy() for one in order])
    select = exp.select(exp.Star(), exp.alias_(place, "place"), exp.alias_(before, "kind_before"))
    placed = b.add("placed", select.from_(exp.to_identifier(happened)), "in the order of time")
    is_start = exp.EQ(this=column("kind"), expression=number(start))
    began = _over(_first(is_start, column("place")), ("customer",))
    select = exp.select(exp.Star(), exp.alias_(began, "began")).from_(exp.to_identifier(placed))
    begun = b.add("begun", select, "and where the path begins")
    anew = any_true(
        exp.EQ(this=column("place"), expression=column("began")),
        exp.EQ(this=column("kind"), expression=number(end)),
        exp.NEQ(this=column("kind"), expression=column("kind_before")),
    )
    later = exp.GTE(this=column("place"), expression=column("began"))
    kept = exp.select(exp.Star()).from_(exp.to_identifier(begun)).where(all_true(later, anew))
    return b.add("kept", kept, "each event that is another than the one before")


def _numbered(b: Begun, walk: Walk, kept: str) -> str:
    """The steps of each customer, with the step at which the path ends, and how many there are."""
    end = number(walk.kinds.index(walk.end))
    step = _over(exp.RowNumber(), ("customer",), [column("place")])
    select = exp.select(exp.Star(), exp.alias_(step, "step")).from_(exp.to_identifier(kept))
    made = b.add("steps", select, "the steps")
    is_end = all_true(
        exp.EQ(this=column("kind"), expression=end),
        exp.GT(this=column("step"), expression=number(1)),
    )
    ended = _over(_first(is_end, column("step")), ("customer",))
    whole = _over(exp.Max(this=column("step")), ("customer",))
    shown = (exp.Star(), exp.alias_(ended, "ended"), exp.alias_(whole, "whole"))
    return b.add(
        "numbered", exp.select(*shown).from_(exp.to_identifier(made)), "and where they end"
    )


def _ways(b: Begun, walk: Walk, numbered: str) -> str:
    """A row a customer: the steps, how they end, and the seconds that they took."""
    by = ("side", "customer", "ended", "whole")
    within = any_true(
        is_null(column("ended")), exp.LTE(this=column("step"), expression=column("ended"))
    )
    shown: list[exp.Expr] = [column(one) for one in by]
    for place, name in enumerate(_steps(walk), 1):
        here = exp.EQ(this=column("step"), expression=number(place))
        kind = exp.Max(this=exp.Case().when(all_true(here, within.copy()), column("kind")))
        none = exp.Neg(this=number(1))
        shown.append(exp.alias_(exp.Coalesce(this=kind, expressions=[none]), name))
    is_first = exp.EQ(this=column("step"), expression=number(1))
    is_last = exp.EQ(this=column("step"), expression=column("ended"))
    shown.append(exp.alias_(_first(is_first, column("moment")), "began_at"))
    shown.append(exp.alias_(_first(is_last, column("moment")), "ended_at"))
    select = exp.select(*shown).from_(exp.to_identifier(numbered))
    made = b.add("customers_ways", select.group_by(*map(column, by)), "a row a customer")
    most = number(walk.steps)
    reached = exp.LTE(this=column("ended"), expression=most)
    longer = any_true(
        exp.GT(this=column("ended"), expression=most.copy()),
        exp.GT(this=column("whole"), expression=most.copy()),
    )
    outcome = exp.Case().when(reached, number(REACHED)).when(longer, number(LONGER))
    taken = exp.Case().when(reached.copy(), b.seconds(column("began_at"), column("ended_at")))
    some = [
        column("side"),
        *map(column, _steps(walk)),
        exp.alias_(outcome.else_(number(BROKE_OFF)), "outcome"),
        exp.alias_(exp.Coalesce(this=taken, expressions=[number(0)]), "seconds"),
    ]
    return b.add("ways", exp.select(*some).from_(exp.to_identifier(made)), "how they end")


def _counted(b: Begun, walk: Walk, ways: str) -> exp.Select:
    own = ("side", "outcome", *_steps(walk))
    shown: list[exp.Expr] = [exp.Star()]
    for name, by in (("own", own), ("all", own[:2])):
        rank = _over(exp.RowNumber(), by, [column("seconds")])
        size = _over(exp.Count(this=exp.Star()), by)
        shown += [exp.alias_(rank, f"rank_{name}"), exp.alias_(size, f"size_{name}")]
    ranked = b.add("ranked", exp.select(*shown).from_(exp.to_identifier(ways)), "by their time")
    quartiles = [
        exp.alias_(_quartile(part, name), f"{title}_{name}")
        for name in ("own", "all")
        for part, title in ((1, "low"), (2, "middle"), (3, "high"))
    ]
    customers = exp.alias_(exp.Count(this=exp.Star()), "customers")
    steps = map(column, _steps(walk))
    last = exp.select(column("side"), column("outcome"), customers, *quartiles, *steps)
    return last.from_(exp.to_identifier(ranked)).group_by(*map(column, own))


def _quartile(part: int, name: str) -> exp.Expr:
    """The least time that so many quarters of the customers did not exceed."""
    rank = exp.Mul(this=column(f"rank_{name}"), expression=number(4))
    size = exp.Mul(this=column(f"size_{name}"), expression=number(part))
    return _first(exp.GTE(this=rank, expression=size), column("seconds"))
