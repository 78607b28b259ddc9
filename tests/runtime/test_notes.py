"""Notes of journeys that another version wrote, or that were damaged: absent, and named once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from campaigner.compiler.plan.plan_json import plain
from campaigner.runtime.due.notes import (
    fixed_instances,
    journey_before,
    keep_journeys,
    unreadable_notes,
)
from campaigner.runtime.ledger import ledger_in_memory
from campaigner.runtime.ledger.instants import instant_text
from hypothesis import given
from hypothesis import strategies as st

from .shops import Shop, shop
from .test_edited_journeys import BEFORE, edited
from .test_journeys import CUSTOMERS, JOURNEY, START, put, run_until

RENAMED = BEFORE.replace("hello", "welcome")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("notes")
    return shop(folder, JOURNEY.format(steps=BEFORE, budget=""), customers=CUSTOMERS)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """A note that was cut, lacks an entry, has one of another type, or is something else."""
    head, _, document = text.partition(" ")
    match draw(st.sampled_from(["cut", "lacking", "other", "text", "undated", "deep"])):
        case "cut":
            return text[: draw(st.integers(0, len(text) - 1))]
        case "lacking":
            content = json.loads(document)
            del content[draw(st.sampled_from(["name", "steps", "origin"]))]
            return f"{head} {json.dumps(content)}"
        case "other":
            content = json.loads(document)
            content[draw(st.sampled_from(["steps", "eligibility", "journey"]))] = draw(
                st.sampled_from([1, "x", [None], {"a": {}}])
            )
            return f"{head} {json.dumps(content)}"
        case "undated":
            return f"{draw(st.text(max_size=8))} {document}"
        case "deep":
            return f"{head} {'[' * 100_000}"
        case _:
            return draw(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))


@given(data=st.data())
def test_a_damaged_note_of_a_journey_is_absent_and_named_once(
    house: Shop, note_of: str, data: st.DataObject
):
    (campaign,) = house.plan.campaigns
    with ledger_in_memory("test", "CNY", frozenset()) as ledger:
        note = data.draw(damaged(note_of))
        ledger.mark_seen("gift journey", [note])
        assert journey_before(ledger, campaign) is None
        found = unreadable_notes(house.plan, ledger)
        (warning,) = found
        assert (warning.code.id, dict(warning.values)["name"]) == ("W963", "gift")
        keep_journeys(house.plan, ledger, START)
        assert not list(unreadable_notes(house.plan, ledger))


@pytest.fixture(scope="module")
def note_of(house: Shop) -> str:
    """The note of the journey under other steps."""
    document = plain(edited(house, RENAMED))["campaigns"][0]
    return f"{instant_text(START)} {json.dumps(document)}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_a_damaged_note_of_an_instance_is_absent_and_named_once(house: Shop, notes: list[str]):
    wrong = [one for one in notes if not one.startswith("[")]
    wrong += ["[1, 2]", '["ann"]', '{"a": 1}', "[" * 100_000]
    with ledger_in_memory("test", "CNY", frozenset()) as ledger:
        ledger.mark_seen("gift fixed", [*wrong, '["ann", "o1"]'])
        assert list(fixed_instances(ledger, "gift")) == [("ann", "o1")]
        found = unreadable_notes(house.plan, ledger)
        (warning,) = found
        assert dict(warning.values)["count"] == str(len({*wrong}))


def test_a_field_that_another_version_has_is_left_out(house: Shop, note_of: str) -> None:
    """The part that both versions know counts."""
    (campaign,) = edited(house, RENAMED).campaigns
    with ledger_in_memory("test", "CNY", frozenset()) as ledger:
        head, _, document = note_of.partition(" ")
        content = {**json.loads(document), "from_the_future": 1}
        ledger.mark_seen("gift journey", [f"{head} {json.dumps(content)}"])
        before = journey_before(ledger, house.plan.campaigns[0])
    assert before is not None
    assert [one.name for one in before.steps] == [one.name for one in campaign.steps]


def test_a_run_goes_on_without_the_note_and_says_so_once(tmp_path: Path) -> None:
    house = shop(tmp_path, JOURNEY.format(steps=BEFORE, budget=""), customers=CUSTOMERS)
    put(house, [("order", "ann", START, 1)], [0])
    run_until(house, START + timedelta(days=1))
    with house.ledger() as ledger:
        ledger.mark_seen("gift journey", [f"{instant_text(START + timedelta(days=2))} {{}}"])
    warned = [
        [
            one.code.id
            for one in run_until(house, START + timedelta(days=day)).warnings
            if one.code.id == "W963"
        ]
        for day in (3, 5)
    ]
    assert warned == [["W963"], []]
    with house.ledger() as ledger:
        assert [one.step for one in ledger.grants()] == ["hello", "later"]
