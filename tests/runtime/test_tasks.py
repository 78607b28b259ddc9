"""Tasks: what does them, what follows, what is paid, and what comes late."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from pathlib import Path

import pytest
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from ..projects import compile_folder, write
from .houses import at
from .shops import CATALOG, SETTINGS, Shop, shop

Order = tuple[str, str, str, int, str | None]


def campaign(tasks: str, audience: str = "yes", more: str = "") -> str:
    """A campaign of these tasks."""
    return f"""
campaign deeds "Deeds" {{
  audience {audience}
  tasks {{
{tasks}
  }}
  budget {{ total 1_000_000 CNY {more} }}
  compliance {{ forbid phrase "sure" }}
}}
"""


def orders(*lines: str) -> list[Order]:
    """`o1 ann 05 10:00 3`: key, customer, day and clock (UTC) of January, points."""
    found: list[Order] = []
    for line in lines:
        key, who, day, clock, points = line.split()
        found.append((key, who, f"2026-01-{day} {clock}", int(points), None))
    return found


def grants(house: Shop) -> list[str]:
    return sorted(
        f"{row.step} {row.recipient} {row.occurrence} {row.at:%d}" for row in house.grants()
    )


MONTH = orders(
    "o1 ann 05 10:00 3",
    "o2 ann 05 11:00 4",
    "o3 ann 06 10:00 1",
    "o4 bob 06 10:00 9",
    "o5 ann 13 10:00 5",
)
LADDER = """
    task visit daily on order reward 1 points
    task large weekly on order where points >= 4 after visit reward 5 points
    task start monthly on order reward 10 points
    all done per month reward 50 points
"""


def test_each_task_is_done_once_a_period(tmp_path: Path) -> None:
    house = shop(
        tmp_path,
        campaign(LADDER),
        customers=["ann", "bob"],
    )
    house.order(MONTH)
    house.run()
    assert grants(house) == [
        "all_done ann 2026-01-01 05",
        "large ann 2026-01-05 05",
        "start ann 2026-01-01 05",
        "start bob 2026-01-01 06",
        "visit ann 2026-01-05 05",
        "visit ann 2026-01-06 06",
        "visit ann 2026-01-13 13",
        "visit bob 2026-01-06 06",
    ]


def test_a_task_of_multiples_needs_no_period(tmp_path: Path) -> None:
    text = campaign("    task card on order every 2 times reward 1 points")
    house = shop(tmp_path, text, customers=["ann", "bob"])
    house.order(MONTH)
    house.run()
    assert grants(house) == ["card ann 2 05", "card ann 4 13"]


def test_whoever_may_not_take_part_yet_is_paid_for_what_was_done_before(tmp_path: Path) -> None:
    """The customer's own fields have no past: the task of the week is decided with today's."""
    text = campaign("    task start once on order reward 1 points", "vip")
    house = shop(tmp_path, text, customers=["ann"])
    house.order(orders("o1 ann 05 10:00 1"))
    house.run_at("2026-01-04")
    house.run_at("2026-01-06")
    assert grants(house) == []
    house.change("UPDATE customers SET vip = true")
    house.order(orders("o2 ann 07 10:00 1"))
    house.run_at("2026-01-08")
    assert grants(house) == ["start ann once 05"]


def test_a_late_event_pays_nobody_twice(tmp_path: Path) -> None:
    house = shop(
        tmp_path,
        campaign(LADDER),
        customers=["ann"],
    )
    house.order(orders("o2 ann 05 11:00 4", "o3 ann 06 10:00 1"))
    house.run_at("2026-01-04")
    house.run_at("2026-01-07")
    before = grants(house)
    assert "large ann 2026-01-05 05" not in before
    house.order(orders("o1 ann 05 10:00 3"))
    house.run_at("2026-01-08")
    # The visit was at o2 and is at o1 now, so that o2 comes after it and does the other task.
    assert grants(house) == sorted(
        [*before, "large ann 2026-01-05 05", "all_done ann 2026-01-01 05"]
    )


def test_a_late_line_pays_nobody_twice(tmp_path: Path) -> None:
    text = campaign(LADDER)
    house = shop(tmp_path, text, customers=["ann"])
    with house.ledger() as ledger:
        opens = partial(open_warehouse, house.warehouse, house.folder)
        worker = EventWorker(house.plan, "plan-1", opens, ledger)
        for key, when, points in (("o2", "05 11:00", 4), ("o3", "06 10:00", 1)):
            worker.decide([_event(key, when, points)])
        (late,) = worker.decide([_event("o1", "05 10:00", 3)])
        found = sorted((one.identity.step, result.outcome) for one, result in late.results)
    assert found == [
        ("all_done", "granted"),
        ("large", "granted"),
        ("start", "already_granted"),
        ("visit", "already_granted"),
    ]


def _event(key: str, when: str, points: int) -> Event:
    moment = at(f"2026-01-{when}").astimezone(UTC)
    row = {"at": moment, "key": key, "points": points, "friend": None}
    return Event("order", "ann", row)


def test_the_gate_decides_the_pay_and_not_the_deed(tmp_path: Path) -> None:
    """A grant before does not keep a task from being done, and `all done` counts it."""
    text = campaign(
        "    task visit daily on order reward 1 points\n    all done reward 9 points",
        "not received(deeds)",
    )
    house = shop(tmp_path, text, customers=["ann"])
    house.order(orders("o1 ann 05 10:00 1", "o2 ann 06 10:00 1"))
    house.run()
    assert grants(house) == ["visit ann 2026-01-05 05"]


def test_a_refused_task_is_done_all_the_same(tmp_path: Path) -> None:
    text = campaign(
        "    task visit daily on order reward coffee limit 1 per customer\n"
        "    all done per month reward 9 points"
    )
    house = shop(tmp_path, text, customers=["ann"])
    house.order(orders("o1 ann 05 10:00 1", "o2 ann 05 11:00 1", "o3 ann 06 10:00 1"))
    house.run()
    assert grants(house) == ["all_done ann 2026-01-01 05", "visit ann 2026-01-05 05"]


@pytest.mark.parametrize("cuts", [["2026-01-05 18:30", "2026-01-06", "2026-01-12"]])
def test_a_run_in_pieces_gives_the_same(tmp_path: Path, cuts: list[str]) -> None:
    text = campaign(LADDER)
    whole = shop(tmp_path / "whole", text, customers=["ann", "bob"])
    whole.order(MONTH)
    whole.run()
    pieces = shop(tmp_path / "pieces", text, customers=["ann", "bob"])
    pieces.order(MONTH)
    pieces.run_at("2026-01-04")
    for cut in [*cuts, "2026-01-31"]:
        pieces.run_at(cut)
    assert grants(pieces) == grants(whole)


@pytest.mark.parametrize(
    ("step", "outcome", "occurrence", "lost"),
    [
        ("visit", "granted", "2026-01-13", None),
        ("large", "not_eligible", None, "each week after visit"),
        ("start", "granted", "2026-01-01", None),
    ],
)
def test_a_task_is_explained(
    tmp_path: Path, step: str, outcome: str, occurrence: str | None, lost: str | None
) -> None:
    house = shop(tmp_path, campaign(LADDER), customers=["ann", "bob"])
    house.order(MONTH)
    house.run()
    with house.ledger() as ledger, open_warehouse(house.warehouse, house.folder) as warehouse:
        rows = WarehouseRows(warehouse, house.plan)
        found = explain(house.plan, "deeds", "ann", at("2026-01-31 00:00"), rows, ledger, step=step)
    assert (found.outcome, found.occurrence) == (outcome, occurrence)
    assert (found.lost and found.lost.text) == lost


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("friend", ["E201 to follow `visit`, put the condition before it in brackets: "]),
        ("(friend is known)", []),
        ("points > 1", []),
    ],
)
def test_an_after_that_compares_times_names_the_way_out(
    tmp_path: Path, where: str, told: list[str]
) -> None:
    tasks = f"""
    task visit daily on order reward 1 points
    task large daily on order where {where} after visit reward 5 points"""
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "a.campaign": campaign(tasks)}
    found = compile_folder(write(tmp_path, files)).diagnostics
    shown = [f"{one.code.id} {one.help() or ''}" for one in found if one.code.id[0] == "E"]
    assert [one.partition("`where")[0] for one in shown] == told
