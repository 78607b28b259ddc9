"""Temporary tables of a worker, against dictionaries and sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigner.runtime.events.concerns import Event, name_of
from campaigner.runtime.events.due.awaited import Awaited
from campaigner.runtime.events.due.examined import Examined
from campaigner.runtime.ingest.remembered import Remembered
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from([UTC, ZoneInfo("Asia/Shanghai")])
INSTANTS = st.tuples(st.integers(-1, 4), ZONES).map(
    lambda one: (START + timedelta(hours=one[0], microseconds=one[0])).astimezone(one[1])
)
WHO = st.sampled_from(["ann", "陈", ""])
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "add", "take", "clear"]), INSTANTS, WHO, WHO), max_size=30
)


@given(STEPS)
def test_who_waits_comes_out_once_at_the_instant(steps):
    awaited, model = Awaited(), set()
    for step, at, campaign, customer in steps:
        match step:
            case "add":
                awaited.add(at, campaign, customer)
                model.add((at, campaign, customer))
            case "take":
                due = {one for one in model if one[0] <= at}
                assert list(awaited.take(at)) == sorted(due)
                model -= due
            case _:
                awaited.clear()
                model.clear()
        assert awaited.first == min((one[0] for one in model), default=None)


COMINGS = st.tuples(st.sampled_from(["second", "third"]), WHO, INSTANTS)
EXAMINED = st.lists(
    st.tuples(st.booleans(), st.tuples(WHO, WHO), st.lists(COMINGS, max_size=3)), max_size=20
)


@given(EXAMINED)
def test_a_coming_was_examined_until_its_step_is_taken(steps):
    examined, model = Examined(), set()
    for adds, inside, comings in steps:
        if adds:
            examined.add((inside, one) for one in comings)
            model |= {(inside, one) for one in comings}
        elif comings:
            (step, occurrence, _), *_ = comings
            examined.forget(inside, occurrence, {step: None})
            model = {one for one in model if (one[0], one[1][:2]) != (inside, (step, occurrence))}
        for one in comings:
            assert examined.has(inside, one) is ((inside, one) in model)


MESSAGES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 40), WHO), max_size=30)


@given(MESSAGES, st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_the_first_message_whose_event_is_remembered(messages, forgotten, later):
    remembered, model = Remembered(), {}
    for part, number, customer in messages:
        event = Event("order", customer, {"at": START, "key": f"{part} {number}"})
        remembered.add(part, number, event)
        model[part, number] = (customer, name_of(event))
    gone = {name for (_, number), name in model.items() if number in forgotten}
    for some in ((), later):
        gone.update(name for (_, number), name in model.items() if number in some)
        for part in (0, 1):
            left = [n for (of, n), name in model.items() if of == part and name not in gone]
            first = remembered.first(part, lambda who, name: (who, name) not in gone)
            assert first == min(left, default=None)
