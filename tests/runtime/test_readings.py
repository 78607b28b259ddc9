"""A long period is read stretch by stretch: nothing is left out, nothing comes twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.steps import UNNAMED, StepKey
from campaigner.runtime.due.readings import readings

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def daily(days, hour=10):
    instants = tuple(START + DAY * day + timedelta(hours=hour) for day in range(days))
    return Due(START, START + DAY * days, instants)


def read(dues, customers=10, occasions=100, queries=1000):
    stretches = [(StepKey(name, UNNAMED), due) for name, due in dues.items()]
    found = readings(stretches, customers, occasions, queries)
    return [{key.campaign: due for key, due in one.items()} for one in found]


def test_nothing_due_is_not_read():
    assert read({}) == []


def test_a_short_period_is_read_at_once():
    dues = {"a": daily(5), "b": daily(5, 18)}
    assert [list(one) for one in read(dues)] == [["a", "b"]]


def test_as_many_instants_as_there_is_room_for():
    found = read({"a": daily(25)})
    assert [len(one["a"].instants) for one in found] == [10, 10, 5]
    assert sum((one["a"].instants for one in found), ()) == daily(25).instants


def test_one_instant_at_least():
    assert len(read({"a": daily(3)}, customers=1_000_000)) == 3


def test_events_are_cut_where_schedules_are_and_come_once():
    dues = {"a": daily(25), "e": Due(START + DAY, START + DAY * 22)}
    found = read(dues)
    parts = [one["e"] for one in found]
    assert parts[0].start == START + DAY
    assert parts[-1].end == START + DAY * 22
    for before, after in pairwise(parts):
        assert after.start - before.end == timedelta(microseconds=1)


def test_who_fires_together_with_others_too_often_is_read_again():
    dues = {"a": daily(9), "b": Due(START, START + DAY * 9, daily(9).instants[3:6])}
    found = read(dues, queries=2)
    assert [len(one.get("a").instants) for one in found] == [3, 3, 3]
    assert ["b" in one for one in found] == [False, True, False]


def test_late_events_come_with_the_first_stretch_which_reaches_as_far_as_they_may():
    late = Due(START + DAY * 12, START + DAY * 20, late_table="late")
    found = read({"a": daily(40), "e": late})
    assert [one["e"].late_table for one in found if "e" in one] == ["late", None]
    assert found[0]["a"].instants[-1] >= late.start - DAY
    assert found[0]["e"].start == late.start
