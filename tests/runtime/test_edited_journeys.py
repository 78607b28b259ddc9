"""Journeys that are edited while customers are inside."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from campaigner.compiler.plan import Plan
from campaigner.dsl.diagnostics.diagnostic import CannotRun, in_language

from ..projects import compile_folder, write
from .shops import BENEFITS, CATALOG, SETTINGS, Shop, shop
from .test_journeys import CUSTOMERS, JOURNEY, START, put, run_until
from .test_streamed_journeys import stream, the_end, working

BEFORE = """
    step hello on order
      limit 1 per customer
      reward 1 points
    step later 4 days after hello
      reward 2 points"""


def edited(house: Shop, steps: str) -> Plan:
    """The plan with other steps, under the same ledger."""
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "benefits.campaign": BENEFITS}
    text = JOURNEY.format(steps=steps, budget="")
    compiled = compile_folder(write(house.folder / "edited", {**files, "all.campaign": text}))
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    return compiled.plan


@pytest.fixture
def house(tmp_path: Path) -> Shop:
    """Somebody has come to `hello`, and waits for `later`."""
    found = shop(tmp_path, JOURNEY.format(steps=BEFORE, budget=""), customers=CUSTOMERS)
    put(found, [("order", "ann", START, 1), ("order", "ann", START + timedelta(days=2), 1)], [0])
    run_until(found, START + timedelta(days=1))
    return found


def steps_of_ann(house: Shop) -> list[tuple[str, datetime]]:
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        return [(one.step, one.at) for one in ledger.grants() if one.recipient == "ann"]


def test_a_renamed_step_keeps_its_place_and_its_limit(house: Shop) -> None:
    steps = BEFORE.replace("step hello", "step welcome renamed from hello")
    house.plan = edited(house, steps.replace("after hello", "after welcome"))
    put(house, [("order", "ann", START, 1), ("order", "ann", START + timedelta(days=2), 1)], [1])
    run_until(house, START + timedelta(days=9))
    assert steps_of_ann(house) == [("hello", START), ("later", START + timedelta(days=4))]


def test_an_edit_that_strands_somebody_is_refused(house: Shop) -> None:
    steps = BEFORE.replace("hello", "welcome")
    house.plan = edited(house, steps)
    with pytest.raises(CannotRun) as caught:
        run_until(house, START + timedelta(days=9))
    diagnostic = caught.value.diagnostic
    assert diagnostic.code.id == "E830"
    assert [in_language(one.text, "en") for one in diagnostic.labels] == [
        "at or before `hello`: 1, who would come to nothing more"
    ]
    assert "`hello`" in diagnostic.message()
    assert "`ann`" in diagnostic.message()
    with working(house) as (worker, _), pytest.raises(CannotRun) as refused:
        worker.fit(START + timedelta(days=9))
    assert refused.value.diagnostic == diagnostic
    assert steps_of_ann(house) == [("hello", START)]


@pytest.mark.parametrize("renamed", [True, False])
def test_a_stream_goes_on_under_an_edited_plan(tmp_path: Path, renamed: bool) -> None:
    """Under another name, or with a later timer; its ledger is that of a run."""
    steps = BEFORE.replace("4 days", "6 days")
    if renamed:
        steps = BEFORE.replace("step hello", "step welcome renamed from hello")
        steps = steps.replace("after hello", "after welcome")
    found = []
    for name in ("streamed", "ran"):
        own = shop(tmp_path / name, JOURNEY.format(steps=BEFORE, budget=""), customers=CUSTOMERS)
        put(own, [("order", "ann", START, 1)], [0])
        run_until(own, START + timedelta(days=1))
        own.plan = edited(own, steps)
        if name == "ran":
            run_until(own, START + timedelta(days=9))
        else:
            stream(own, [the_end(START + timedelta(days=9))], 1)
        found.append(steps_of_ann(own))
    assert found[0] == found[1]
    assert len(found[0]) == 2


def test_who_is_at_a_removed_step_goes_on_with_what_follows(tmp_path: Path) -> None:
    three = """
    step hello on order
      reward 1 points
    step middle 1 day after hello
      reward 2 points
    step later after middle 4 days after hello
      reward 3 points"""
    house = shop(tmp_path, JOURNEY.format(steps=three, budget=""), customers=CUSTOMERS)
    put(house, [("order", "ann", START, 1)], [0])
    run_until(house, START + timedelta(days=2))
    two = """
    step hello on order
      reward 1 points
    step later 4 days after hello
      reward 3 points"""
    house.plan = edited(house, two)
    with pytest.raises(CannotRun):
        run_until(house, START + timedelta(days=9))
    house.plan = edited(house, f"{two}\n    removed middle: pass")
    run_until(house, START + timedelta(days=9))
    assert [step for step, _ in steps_of_ann(house)] == ["hello", "middle", "later"]


def test_a_new_step_gives_nothing_for_what_is_past(house: Shop) -> None:
    """Customers who wait get it at its instant; nobody gets one that had gone by."""
    house.plan = edited(
        house,
        BEFORE
        + """
    step soon 6 hours after hello
      reward 5 points
    step halfway 2 days after hello
      reward 6 points""",
    )
    run_until(house, START + timedelta(days=9))
    assert [step for step, _ in steps_of_ann(house)] == ["hello", "halfway", "later"]


THREE = """
    step hello on order where points = 1
      reward 1 points
    step middle 3 days after hello
      reward 2 points
    step later after hello 9 days after hello
      reward 3 points"""
TWO = """
    step hello on order where points = 1
      reward 1 points
    step later 9 days after hello
      reward 3 points"""


@pytest.fixture
def waiting(tmp_path: Path) -> Shop:
    """At the edit, on the fifth day, ann has come to `middle`, and bob waits for it."""
    made = shop(tmp_path, JOURNEY.format(steps=THREE, budget=""), customers=CUSTOMERS)
    days = [("ann", 0), ("bob", 3), ("cat", 6)]
    put(made, [("order", who, START + timedelta(days=day), 1) for who, day in days], range(3))
    run_until(made, START + timedelta(days=4))
    return made


def given(house: Shop) -> dict[str, list[str]]:
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        found: dict[str, list[str]] = {}
        for one in ledger.grants():
            found.setdefault(one.recipient, []).append(one.step)
        return found


def test_an_edit_tells_who_waits_for_a_step_and_where_they_would_go(waiting: Shop) -> None:
    waiting.plan = edited(waiting, TWO)
    with pytest.raises(CannotRun) as caught:
        run_until(waiting, START + timedelta(days=40))
    assert [in_language(one.text, "en") for one in caught.value.diagnostic.labels] == [
        "at or before `middle`: 2, who would go on with `later`"
    ]
    assert given(waiting) == {"ann": ["hello", "middle"], "bob": ["hello"]}


@pytest.mark.parametrize(("word", "of_bob"), [("pass", ["hello", "later"]), ("end", ["hello"])])
def test_who_waits_for_a_removed_step_goes_on_or_ends(
    waiting: Shop, word: str, of_bob: list[str]
) -> None:
    """Ann has come to it and cat enters after the edit: neither of them waits for it."""
    waiting.plan = edited(waiting, f"{TWO}\n    removed middle: {word}")
    for day in (5, 40, 41):
        run_until(waiting, START + timedelta(days=day))
    assert given(waiting) == {
        "ann": ["hello", "middle", "later"],
        "bob": of_bob,
        "cat": ["hello", "later"],
    }
    with waiting.ledger() as ledger:
        (bob,) = ledger.inside("gift", "bob")
    ends = {name: one.outcome for name, one in bob.steps.items() if one.outcome == "left"}
    assert ends == ({"middle": "left"} if word == "end" else {})


def test_a_step_that_nobody_waits_for_any_more_may_go(waiting: Shop) -> None:
    run_until(waiting, START + timedelta(days=30))
    waiting.plan = edited(waiting, TWO)
    run_until(waiting, START + timedelta(days=40))


def test_a_timer_that_moved_into_the_past_is_too_late_for_who_waits(waiting: Shop) -> None:
    """By the new timer, ann's and bob's `later` came before the edit; cat's comes in time."""
    text = THREE.replace("9 days after hello", "6 hours after hello")
    waiting.plan = edited(waiting, text)
    run_until(waiting, START + timedelta(days=40))
    assert given(waiting) == {
        "ann": ["hello", "middle"],
        "bob": ["hello", "middle"],
        "cat": ["hello", "later", "middle"],
    }
    with waiting.ledger() as ledger:
        (bob,) = ledger.inside("gift", "bob")
    assert bob.steps["later"].outcome == "too_late"
