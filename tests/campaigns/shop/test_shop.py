"""The shop's data, and what holds for all of its campaigns."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ..ran import campaigner, script
from .conftest import SOURCE, Shop
from .purchases import FIRST, LAST, days, stages, upto
from .purchases import at as instant

STAGES = ("trial", "growing", "stable", "mature", "declining", "lost")


def test_everybody_is_in_just_one_stage_each_day(shop: Shop) -> None:
    seen = set()
    for orders in shop.orders.values():
        for day in list(days(orders[0].day))[::10]:
            (stage,) = stages(upto(orders, instant(day)), day)
            seen.add(stage)
    assert seen == set(STAGES)


def test_the_labels_are_those_of_the_lifecycle(shop: Shop, tmp_path: Path) -> None:
    """A campaign for each stage finds at one instant whom plain Python puts there."""
    folder = shutil.copytree(shop.folder, tmp_path / "labels", ignore=shutil.ignore_patterns("var"))
    for path in folder.glob("*.campaign"):
        if path.name not in ("lifecycle.campaign", "policies.campaign"):
            path.unlink()
    early, late = date(1997, 5, 20), date(1997, 11, 20)
    probes = [
        f"campaign probe_{name}_{day.month} {{ stage shop.{name} audience count(order) >= 1 "
        f"trigger at {day} 09:00 reward 1 {name} budget {{ total 0 USD }} "
        "compliance { follows fair_play } }"
        for name in STAGES
        for day in (early, late)
    ]
    (folder / "probes.campaign").write_text("\n".join(probes), "utf-8")
    campaigner("run", str(folder), "--from", str(early), "--to", str(late))
    probed = replace(shop, folder=folder)
    found = {
        (who, day): name
        for name in STAGES
        for day in (early, late)
        for _, who, *_ in probed.kept(f"probe_{name}_{day.month}")
    }
    assert found == {
        (who, day): stages(upto(orders, instant(day, 9)), day)[0]
        for who, orders in shop.orders.items()
        for day in (early, late)
        if orders[0].day <= day
    }
    assert set(found.values()) == set(STAGES)


def test_the_warehouse_has_every_purchase(shop: Shop) -> None:
    with duckdb.connect(str(shop.folder / "data" / "shop.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "SELECT customer_id, order_id, bought_on, discs, amount FROM orders"
        ).fetchall()
        since = dict(warehouse.execute("SELECT * FROM customers").fetchall())
    orders = [one for some in shop.orders.values() for one in some]
    assert sorted(rows) == sorted(
        (one.who, one.key, one.day, one.discs, one.amount) for one in orders
    )
    assert since == {who: some[0].day for who, some in shop.orders.items()}
    assert any(one.amount == 0 for one in orders)


@pytest.mark.purchases
def test_the_file_has_what_its_source_says(tmp_path: Path) -> None:
    module = script(SOURCE / "load.py")
    counts = module.load(module.purchases(), tmp_path / "shop.duckdb")
    assert counts == {"orders": 69_659, "customers": 23_570}
    with duckdb.connect(str(tmp_path / "shop.duckdb"), read_only=True) as warehouse:
        ends = warehouse.execute("SELECT min(bought_on), max(bought_on) FROM orders").fetchone()
    assert ends == (FIRST, LAST)


def test_all_of_it_adds_up(shop: Shop) -> None:
    campaigner("ledger", str(shop.folder), "verify")
