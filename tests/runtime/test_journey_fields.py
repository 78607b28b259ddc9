"""Fields of the steps before: of their events, and of the customer as of their moments."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from campaigner.runtime.delivery.channels.file import FileChannel

from ..projects import codes, compile_folder, write
from .shops import BENEFITS, CATALOG, SETTINGS, Shop, shop
from .test_journeys import JOURNEY, START, put

CHANNEL = '[channels.push]\nkind = "file"\npath = "push.jsonl"\n'
WITH_LEVEL = CATALOG.replace(
    "vip: {type: boolean}",
    "vip: {type: boolean}\n    level: {type: integer, optional: true,"
    " history: {table: levels, customer: customer_id, at: changed_at}}",
)
STEPS = """
    step begun on order
    step asked 2 days after begun
    step more after asked on order where points > asked.level and friend = customer.key
      message push "{{ asked.level or 0 }} {{ begun.points }} {{ begun.level or 0 }} {{ more.at }}"
    step ended 1 day after more if asked.level = 2
      reward 1 points"""


def found(folder: Path, steps: str) -> list[str]:
    text = JOURNEY.format(steps=steps, budget="")
    files = {"campaigner.toml": SETTINGS + CHANNEL, "catalog.yaml": WITH_LEVEL}
    files |= {"benefits.campaign": BENEFITS, "all.campaign": text}
    return codes(compile_folder(write(folder, files)))


def test_a_message_shows_fields_of_steps_that_must_have_come(tmp_path: Path) -> None:
    assert found(tmp_path / "own", STEPS) == ["E395"]
    assert found(tmp_path / "none", STEPS.replace(" {{ more.at }}", "")) == []
    unknown = STEPS.replace("more.at", "asked.levle")
    assert found(tmp_path / "unknown", unknown) == ["E606"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("asked.level", []),
        ("begun.level", []),
        ("asked.vip", []),
        ("asked.points", ["E398"]),
        ("begun.levle", ["E202"]),
        ("more.level", ["E395"]),
    ],
)
def test_a_field_is_of_the_event_else_of_the_customer(
    tmp_path: Path, asked: str, expected: list[str]
) -> None:
    steps = f"""
    step begun on order
    step asked 2 days after begun
    step more after begun on pick
    step ended 1 day after asked if {asked} is known
      reward 1 points"""
    assert [one for one in found(tmp_path, steps) if one[0] == "E"] == expected


@pytest.fixture
def house(tmp_path: Path) -> Shop:
    """Ann's level rises on the fourth day, after she was asked."""
    text = JOURNEY.format(steps=STEPS.replace(" {{ more.at }}", ""), budget="")
    made = shop(tmp_path, text, customers=("ann",), catalog=WITH_LEVEL, settings=SETTINGS + CHANNEL)
    made.change("CREATE TABLE levels (customer_id VARCHAR, changed_at TIMESTAMP, level INTEGER)")
    made.change("INSERT INTO levels VALUES ('ann', '2025-12-01', 2), ('ann', '2026-01-04', 9)")
    events = [("order", "ann", START + timedelta(days=day), day + 1) for day in (0, 1, 3, 5)]
    put(made, events, range(4))
    return made


def test_a_run_reads_fields_as_of_the_moment_of_a_step(house: Shop) -> None:
    channel = FileChannel("push", house.folder / "push.jsonl", "push.jsonl")
    house.change("UPDATE orders SET friend = 'bob' WHERE order_id = 'e02'")
    house.change("UPDATE orders SET friend = 'ann' WHERE order_id = 'e03'")
    house.run(channels={"push": channel})
    text = (house.folder / "push.jsonl").read_text("utf-8")
    assert [json.loads(line)["text"] for line in text.splitlines()] == ["2 1 2"]
    assert [(one.step, one.at.day) for one in house.grants()] == [("ended", 7)]
