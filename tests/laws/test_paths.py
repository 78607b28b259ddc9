"""Every path of `paths` is that of a plain walk over the same rows, on every engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from campaigner.compiler.behaviour.paths import Walk
from campaigner.compiler.plan.data import CANCELLED
from campaigner.runtime.paths.paths import paths
from campaigner.runtime.preview.groups import groups_of
from hypothesis import given, note
from hypothesis import strategies as st

from ..on_postgresql import new_schema
from . import at_most
from .behaviour import EVENTS, Behaved, behaved
from .cases import compile_case, to_json
from .runs import house

Row = dict[str, Any]


def walked(rows: list[tuple[str, Row]], walk: Walk) -> tuple[tuple[str, ...], str, int] | None:
    """The events of a customer's path, how it ends, and the seconds that it took."""
    order = sorted(rows, key=lambda one: (one[1]["at"], one[1]["key"], walk.kinds.index(one[0])))
    starts = [place for place, (kind, _) in enumerate(order) if kind == walk.start]
    if not starts:
        return None
    way = [order[starts[0]]]
    before = walk.start
    for kind, row in order[starts[0] + 1 :]:
        if kind in (walk.end,) or kind != before:
            way.append((kind, row))
        before = kind
        if kind == walk.end:
            break
    names = tuple(kind for kind, _ in way)
    if len(way) > 1 and names[-1] == walk.end and len(way) <= walk.steps:
        whole = [row["at"].replace(microsecond=0) for _, row in (way[0], way[-1])]
        return names, "reached", int((whole[1] - whole[0]).total_seconds())
    ending = "longer" if len(way) > walk.steps else "broke_off"
    return names[: walk.steps], ending, 0


def quartiles(times: list[int]) -> tuple[int, int, int] | None:
    """The least time that a quarter, half and three quarters did not exceed."""
    if not times:
        return None
    ranked = list(enumerate(sorted(times), 1))
    low, middle, high = (
        min(one for rank, one in ranked if 4 * rank >= part * len(times)) for part in (1, 2, 3)
    )
    return low, middle, high


ASKED = (
    behaved(),
    st.tuples(st.sampled_from(EVENTS), st.sampled_from(EVENTS)),
    st.integers(2, 5),
    st.sampled_from((0, 1, 2)),
    st.one_of(st.none(), st.integers(0, 100)),
)


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
@at_most(8)
@given(*ASKED)
def test_every_path_is_that_of_a_plain_walk(engine, made: Behaved, ends, steps, sides, first):
    hold(engine, made, ends, steps, sides, first)


@pytest.mark.spark
@at_most(3)
@given(*ASKED)
def test_on_spark_every_path_is_that_of_a_plain_walk(made: Behaved, ends, steps, sides, first):
    hold("spark", made, ends, steps, sides, first)


def hold(engine: str, made: Behaved, ends, steps, sides, first):
    case = made.case
    note(to_json(case))
    plan = compile_case(case)
    since: datetime | None = None if first is None else case.start + timedelta(days=first)
    walk = Walk(*ends, steps, EVENTS, since, case.end)
    groups = [one for one in groups_of(plan) if one.kind == "audience"][:sides]
    schema = new_schema() if engine == "postgresql" else None
    with house(case, plan, schema, engine) as lived, lived.opened() as (warehouse, _):
        found = paths(warehouse, plan, walk, groups, 1, None)
    rows = case.rows(plan)
    expected: dict[tuple[tuple[str, ...], str], Counter[int]] = defaultdict(Counter)
    times: dict[object, list[int]] = defaultdict(list)
    sizes: Counter[int] = Counter()
    for key, fields in rows.customers.items():
        if plan.customers.since and groups and fields["since"] > case.end:
            continue
        age = fields["age"]
        inside = [age is not None and age >= 30, age is not None and age < 30][:sides]
        if sides and sum(inside) != 1:
            continue
        side = inside.index(True) if sides else 0
        sizes[side] += 1
        own = [
            (kind, one)
            for kind in EVENTS
            for one in rows.histories[kind].get(key, ())
            if one["at"] <= case.end
            and (since is None or one["at"] >= since)
            and (one.get(CANCELLED) is None or one[CANCELLED] > case.end)
        ]
        way = walked(own, walk)
        if way is not None:
            expected[way[0], way[1]][side] += 1
            if way[1] == "reached":
                times[side].append(way[2])
                times[way[0], side].append(way[2])
    number = max(1, sides)
    assert {(one.events, one.ending) for one in found.paths} == set(expected)
    for one in found.paths:
        counts = expected[one.events, one.ending]
        assert [each.customers for each in one.counts] == [counts[n] for n in range(number)]
        for side, each in enumerate(one.counts):
            taken = times[one.events, side] if one.ending == "reached" else []
            assert each.times == quartiles(taken)
    for side, one in enumerate(found.sides):
        assert one.customers == sizes[side]
        assert one.times == quartiles(times[side])
        assert one.began == sum(each[side] for each in expected.values())
    broken: Counter[str] = Counter()
    for (events, ending), each in expected.items():
        if ending == "broke_off":
            broken[events[-1]] += sum(each.values())
    assert {event: sum(each) for event, each in found.breaks} == dict(broken)
