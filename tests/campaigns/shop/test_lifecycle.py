"""The lifecycle of the shop over its months, and its orders, against plain Python."""

from __future__ import annotations

import json
import shutil
import statistics
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ..ran import campaigner, script
from .conftest import SOURCE, ZONE, Shop
from .purchases import FIRST, LAST, Order, stages, upto

PERIOD = ("--from", str(FIRST), "--to", str(LAST), "--every", "month", "--format", "json")


def shown(folder: Path) -> dict[str, Any]:
    return json.loads(campaigner("lifecycle", str(folder), "shop", *PERIOD))


@pytest.fixture(scope="module")
def told(shop: Shop) -> dict[str, Any]:
    return shown(shop.folder)


def test_stages_and_moves_are_those_of_plain_python(shop: Shop, told: dict[str, Any]) -> None:
    (found,) = told["lifecycles"]
    clocks = [clock(one["at"]) for one in found["customers"]]
    states = {who: [state(orders, at) for at in clocks] for who, orders in shop.orders.items()}
    for place, one in enumerate(found["customers"]):
        counted = Counter(each[place] for each in states.values())
        assert {name: n for name, n in one["stages"].items() if n} == {
            name: n for name, n in counted.items() if name
        }
        assert one["outside"] == 0
        assert one["not_yet"] == counted[None]
    moved = Counter(
        (one, other) for each in states.values() for one, other in pairwise(each) if one != other
    )
    edges = {(edge["from"]["stage"], edge["to"]["stage"]): edge for edge in found["edges"]}
    assert {pair: edge["moves"] for pair, edge in edges.items()} == moved
    assert told["with_ledger"]
    assert any(edge["campaigns"] for edge in edges.values())


def clock(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZONE).replace(tzinfo=None)


def state(orders: list[Order], at: datetime) -> str | None:
    """The stage at an instant; `None` before the first order."""
    known = upto(orders, at)
    return stages(known, at.date())[0] if known else None


def test_orders_are_those_of_plain_python(shop: Shop, told: dict[str, Any]) -> None:
    found = told["orders"]
    assert found["cohorts_by"] == "since"
    cohorts = Counter(month(orders[0].day) for orders in shop.orders.values())
    assert {one["month"]: one["customers"] for one in found["cohorts"] if one["customers"]} == {
        f"{one:%Y-%m}": count for one, count in cohorts.items()
    }
    for one in found["cohorts"]:
        began = date.fromisoformat(f"{one['month']}-01")
        own = [orders for orders in shop.orders.values() if month(orders[0].day) == began]
        for place, count in enumerate(one["active"]):
            then = after(began, place)
            assert count == sum(any(month(o.day) == then for o in each) for each in own)
    for one in found["repurchase"]:
        turn = one["after"]
        known = [orders for orders in shop.orders.values() if len(orders) >= turn]
        gaps = [(o[turn].day - o[turn - 1].day).days for o in known if len(o) > turn]
        assert (one["customers"], one["again"]) == (len(known), len(gaps))
        assert one["median_days"] == (statistics.median(gaps) if len(gaps) >= 10 else None)
    scores = found["rfm"]
    assert scores["customers"] == sum(cell["customers"] for cell in scores["cells"])
    money = sum(order.amount for orders in shop.orders.values() for order in orders)
    assert sum(map(float, (cell["money"] for cell in scores["cells"]))) == pytest.approx(
        float(money)
    )
    days = sorted((LAST - orders[-1].day).days for orders in shop.orders.values())
    fifths = [days[-(-len(days) * part // 5) - 1] for part in range(1, 5)]
    assert scores["cuts"]["recency"] == fifths
    best = sum((LAST - orders[-1].day).days <= fifths[0] for orders in shop.orders.values())
    assert best == sum(c["customers"] for c in scores["cells"] if c["recency"] == 5)


def month(day: date) -> date:
    return day.replace(day=1)


def after(first: date, months: int) -> date:
    for _ in range(months):
        first = month(first + timedelta(days=31))
    return first


@pytest.mark.purchases
def test_the_published_cohorts_of_all_customers(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    module = script(SOURCE / "load.py")
    module.load(module.purchases(), folder / "data" / "shop.duckdb")
    found = shown(folder)["orders"]
    cohorts = {one["month"]: one for one in found["cohorts"] if one["customers"]}
    assert {name: one["customers"] for name, one in cohorts.items()} == {
        "1997-01": 7_846,
        "1997-02": 8_476,
        "1997-03": 7_248,
    }
    first = found["repurchase"][0]
    assert (first["customers"], first["customers"] - first["again"]) == (23_570, 11_908)
