"""Steps of journeys by chance: what they follow, wait for, ask, and give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from campaigner.compiler.plan import (
    Campaign,
    DayAfterStep,
    Deadline,
    EventTrigger,
    Following,
    Pattern,
    Span,
    SpanAfterStep,
    Step,
    Trigger,
    Unless,
)
from campaigner.compiler.plan.expressions import (
    Constant,
    EventValue,
    Expression,
    Operation,
    Origin,
    RowValue,
)
from campaigner.compiler.plan.steps import CUSTOMER_KEY, followed_by
from campaigner.compiler.plan.types import BOOLEAN, INTEGER, TEXT
from hypothesis import strategies as st

FIRST = datetime(2024, 10, 20, tzinfo=UTC)
"""A fortnight over the end of summer time, of a month and of a week."""

HERE = Origin("all.campaign", 1, 1, "")
_SPANS = st.sampled_from(
    [(1, "hour"), (12, "hour"), (24, "hour"), (1, "day"), (3, "day"), (1, "week"), (1, "month")]
).map(lambda one: Span(*one))
_DAYS = _SPANS.filter(lambda span: span.unit not in ("hour", "minute"))
_CLOCKS = st.sampled_from((time(0), time(1, 30), time(2, 30), time(10)))
NAMES = ("a", "b", "c", "d", "e")
WITH_EVENT = ("order", "visit")


# --- conditions ---------------------------------------------------------------------------------


def points(step: str = "", kind: type[EventValue] | type[RowValue] = EventValue) -> Expression:
    """The points of an event: its own, or that of a step before it."""
    return kind(f"{step}.points" if step else "points", INTEGER, optional=True)


def as_of(step: str, field: str) -> Expression:
    """The customer's field at the moment of a step."""
    return EventValue(f"{step}.{field}", INTEGER, optional=True)


def is_ann() -> Expression:
    who = EventValue(CUSTOMER_KEY, TEXT, optional=False)
    return Operation("equal", (who, Constant(TEXT, "ann")), BOOLEAN, optional=False)


def above(left: Expression, right: Expression) -> Expression:
    return Operation("greater", (left, right), BOOLEAN, optional=False)


@st.composite
def _wheres(draw: st.DrawFn, before: Mapping[str, bool], own: Expression) -> Expression | None:
    known = [points(name) for name, has in before.items() if has]
    known += [as_of(name, field) for name in before for field in ("level", "tier")]
    others = [Constant(INTEGER, "1"), *known]
    every = [is_ann(), *(above(own, one) for one in others)]
    return draw(st.sampled_from([None, None, *every]))


# --- steps --------------------------------------------------------------------------------------


@st.composite
def _deadlines(draw: st.DrawFn, before: tuple[str, ...]) -> Deadline | None:
    step = draw(st.sampled_from(before))
    kind = draw(st.integers(0, 6))
    if kind < 4:
        return None
    if kind == 4:
        return Deadline(step, draw(_SPANS), None, None, HERE)
    if kind == 5:
        return Deadline(step, None, draw(st.integers(0, 1)), None, HERE)
    return Deadline(None, None, None, FIRST + timedelta(hours=draw(st.integers(1, 400))), HERE)


@st.composite
def _triggers(draw: st.DrawFn, before: tuple[str, ...], has: Mapping[str, bool]) -> Trigger:
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return SpanAfterStep(draw(st.sampled_from(before)), draw(_SPANS), None, HERE)
    if kind == 1:
        return SpanAfterStep(draw(st.sampled_from(before)), draw(_DAYS), draw(_CLOCKS), HERE)
    if kind == 2:
        step, day = draw(st.sampled_from(before)), draw(st.sampled_from((1, 28, 29, 30, 31)))
        return DayAfterStep(step, day, draw(st.integers(0, 1)), draw(_CLOCKS), HERE)
    event = draw(st.sampled_from(WITH_EVENT))
    pattern = draw(st.sampled_from((None, None, None, *PATTERNS)))
    return EventTrigger(event, draw(_wheres(has, points())), None, HERE, pattern=pattern)


PATTERNS = (
    Pattern("times", Decimal(2), None, every=False, within=None, each=None),
    Pattern("times", Decimal(2), None, every=False, within=Span(1, "day"), each=None),
    Pattern("sum", Decimal(3), "points", every=False, within=None, each=None),
    Pattern("days_in_a_row", Decimal(2), None, every=False, within=None, each=None),
    Pattern("times", Decimal(2), None, every=True, within=None, each="month"),
)


@st.composite
def later_steps(draw: st.DrawFn, way: Campaign, lent: Mapping[str, Campaign]) -> Iterator[Step]:
    """The entry and some steps after it."""
    entry = replace(way.steps[0], name=NAMES[0])
    made = [entry]
    has = {entry.name: entry.trigger.event is not None}
    for name in NAMES[1 : draw(st.integers(3, len(NAMES)))]:
        earlier = [one.name for one in made if one.follows is None or not one.follows.leaves]
        follows = tuple(
            draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique=True))
        )
        whole = replace(way, steps=(*made, _plain(name, follows)))
        before = followed_by(whole, whole.steps[-1])
        fields = {one: has[one] for one in before}
        trigger = draw(_triggers(before, fields))
        leaves = draw(st.integers(0, 5)) == 5
        others = [one for one in earlier if one not in before]
        unless = draw(st.lists(st.sampled_from(others), max_size=1)) if others else []
        absent = ()
        if draw(st.integers(0, 3)) == 3:
            where = draw(_wheres(fields, points(kind=RowValue)))
            absent = (Unless(draw(st.sampled_from(WITH_EVENT)), where, HERE),)
        condition = None
        if draw(st.integers(0, 4)) == 4 and not leaves:
            condition = draw(_conditions(before, lent))
        by = draw(_deadlines(before))
        following = Following(follows, by, tuple(unless), condition, HERE, absent, leaves)
        reward = None
        if not leaves:
            wanted = ["", "way", "other", *(["lender"] if trigger.event else [])]
            wanted += ["friend"] if trigger.event == "order" else []
            lender = draw(st.sampled_from(wanted))
            reward = lent[lender].steps[0].reward if lender else None
        made.append(Step(name, trigger, reward, (), (), HERE, following))
        has[name] = trigger.event is not None
    return tuple(made)


@st.composite
def _conditions(
    draw: st.DrawFn, before: tuple[str, ...], lent: Mapping[str, Campaign]
) -> Expression:
    """A condition on the customer now, or as of a step before."""
    asked = [lent[name].eligibility[0].condition for name in ("lender", "tiered")]
    then = as_of(before[0], draw(st.sampled_from(("level", "tier"))))
    return draw(st.sampled_from([*asked, above(then, Constant(INTEGER, "1"))]))


def _plain(name: str, follows: tuple[str, ...]) -> Step:
    return Step(
        name,
        EventTrigger("order", None, None, HERE),
        None,
        (),
        (),
        HERE,
        Following(follows, None, (), None, HERE),
    )
