"""Every count, mean and share of `contrast` is that of a plain account, on every engine."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import datetime, timedelta
from math import isclose
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.data import CANCELLED
from campaigner.runtime.paths.contrast import Contrasted, Difference, contrast
from campaigner.runtime.preview.groups import groups_of
from hypothesis import given, note
from hypothesis import strategies as st

from ..on_postgresql import new_schema
from . import at_most
from .behaviour import Behaved, behaved
from .cases import Case, compile_case, to_json
from .runs import house

KINDS = ("login", "visit", "order", "refund")
Facts = dict[str, Any]


def counted(case: Case, plan: Plan, key: str) -> dict[str, list[dict[str, Any]]]:
    """The events of a customer that have happened and are not cancelled."""
    histories = case.rows(plan).histories
    return {
        kind: [
            one
            for one in histories[kind].get(key, ())
            if one["at"] <= case.end and (one.get(CANCELLED) is None or one[CANCELLED] > case.end)
        ]
        for kind in KINDS
    }


def facts_of(case: Case, plan: Plan, key: str, fields: Facts, days: int) -> Facts | None:
    """All features of a customer; `None` if the first days are not over."""
    events = counted(case, plan, key)
    moments = [one["at"] for rows in events.values() for one in rows]
    began: datetime | None = fields["since"] if plan.customers.since else min(moments, default=None)
    if began is None or began + timedelta(days=days) > case.end:
        return None
    first = {
        kind: [one for one in rows if began <= one["at"] < began + timedelta(days=days)]
        for kind, rows in events.items()
    }
    found: Facts = {name: fields[name] for name in ("age", "assets", "channel", "vip")}
    if plan.customers.since:
        zone = ZoneInfo(plan.time_zone)
        days_since = [at.astimezone(zone).date() for at in (case.end, fields["since"])]
        found["since"] = (days_since[0] - days_since[1]).days
    for kind, rows in first.items():
        found[f"{kind} any"] = bool(rows)
        found[f"{kind} count"] = len(rows)
    found["order sum"] = sum(one["amount"] or 0 for one in first["order"])
    return found


def name_of(one: Difference) -> str:
    feature = one.feature
    return feature.name if feature.event is None else f"{feature.event} {feature.kind}"


ASKED = (behaved(), st.integers(1, 90))


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
@at_most(8)
@given(*ASKED)
def test_every_number_is_that_of_a_plain_account(engine, made: Behaved, days: int):
    hold(engine, made, days)


@pytest.mark.spark
@at_most(3)
@given(*ASKED)
def test_on_spark_every_number_is_that_of_a_plain_account(made: Behaved, days: int):
    hold("spark", made, days)


def hold(engine: str, made: Behaved, days: int):
    case = made.case
    note(to_json(case))
    plan = compile_case(case)
    grown, young = (one for one in groups_of(plan) if one.kind == "audience")
    schema = new_schema() if engine == "postgresql" else None
    any_size = patch("campaigner.runtime.paths.contrast.FEWEST", 1)
    any_word = patch("campaigner.compiler.behaviour.contrast.WORDS_OF", 1)
    lives = house(case, plan, schema, engine)
    with any_size, any_word, lives as lived, lived.opened() as (warehouse, _):
        found = contrast(warehouse, plan, (grown, young), days, case.end, None)
    sides: tuple[list[Facts], list[Facts]] = ([], [])
    early = [0, 0]
    for key, fields in case.rows(plan).customers.items():
        age = fields["age"]
        if age is None or (plan.customers.since and fields["since"] > case.end):
            continue
        facts = facts_of(case, plan, key, fields, days)
        if facts is None:
            early[age < 30] += 1
        else:
            sides[age < 30].append(facts)
    assert found.sizes == (len(sides[0]), len(sides[1]))
    assert list(found.early) == early
    assert found.both == 0
    agrees(found, sides)


def agrees(found: Contrasted, sides: tuple[list[Facts], list[Facts]]) -> None:
    assert not [one for one in found.differences if one.feature.name == "phone"]
    words: Counter[str] = Counter()
    for one in found.differences:
        name = name_of(one)
        values = [[facts[name] for facts in side] for side in sides]
        if one.means is not None:
            for side, mean, count in zip(values, one.means, one.counts, strict=True):
                known = [float(value) for value in side if value is not None]
                assert count == len(known)
                assert isclose(mean, statistics.fmean(known), rel_tol=1e-9, abs_tol=1e-9)
            if one.effect is not None:
                spread = [
                    statistics.variance([float(v) for v in side if v is not None])
                    for side in values
                ]
                size = (one.means[0] - one.means[1]) / (sum(spread) / 2) ** 0.5
                assert isclose(one.effect.size, size, rel_tol=1e-6, abs_tol=1e-9)
            continue
        wanted = {
            "unknown": lambda value: value is None,
            "word": lambda value, word=one.word: (
                {True: "yes", False: "no"}.get(value, value) == word
            ),
        }[one.class_ or "word"]
        assert one.counts == tuple(sum(map(wanted, side)) for side in values)
        if one.class_ == "word":
            words[name] += sum(one.counts)
    if found.differences:
        everybody = [*sides[0], *sides[1]]
        assert words["channel"] == sum(facts["channel"] is not None for facts in everybody)
        assert words["vip"] == len(everybody)
