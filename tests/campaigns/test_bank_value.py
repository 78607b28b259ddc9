"""The worth of the bank's customers, their ways, and differences between stages."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ..projects import ROOT
from .ran import campaigner, script

SOURCE = ROOT / "campaigns" / "bank"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The bank with 2,000 customers, and nothing granted."""
    folder = tmp_path_factory.mktemp("bank") / "bank"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    made = script(SOURCE / "generate.py")
    made.write(made.Bank(made.SEED, 2_000), folder / "data" / "bank.duckdb")
    return folder


def asked(bank: Any, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()


def test_channels_have_the_value_and_the_cost_of_a_plain_account(bank: Any) -> None:
    line = ("--event", "order", "--by", "channel", "--months", "3", "--at", "2026-09-01")
    found = json.loads(campaigner("value", str(bank), *line, "--format", "json"))
    source = dict(asked(bank, "SELECT customer_id, source FROM customers"))
    orders = asked(
        bank,
        "SELECT customer_id, CAST(ordered_at + INTERVAL 8 HOUR AS DATE), amount FROM orders"
        " ORDER BY ordered_at",
    )
    first: dict[str, date] = {}
    revenue: dict[str | None, Decimal] = defaultdict(Decimal)
    for who, day, amount in orders:
        began = first.setdefault(who, day)
        if (day.year - began.year) * 12 + day.month - began.month < 3:
            revenue[source[who]] += amount
    months = {f"{day:%Y-%m}" for day in first.values()}
    costs: dict[str, Decimal] = defaultdict(Decimal)
    for name, day, cost in asked(bank, "SELECT * FROM acquisition_costs"):
        if f"{day:%Y-%m}" in months:
            costs[name] += cost
    lines = {one["channel"]: one for one in found["lines"]}
    assert set(lines) == {"app_store", "search", "branch", "friend", "leaflet", None}
    for name, one in lines.items():
        assert one["customers"] == sum(source[who] == name for who in first)
        if one["why"] is None:
            assert Decimal(one["revenue"]) == revenue[name]
        assert (None if one["costs"] is None else Decimal(one["costs"])) == costs.get(str(name))
    assert lines["friend"]["why_no_cac"] == "no_costs"
    assert lines["leaflet"]["why"] == "no_customers"
    search = lines["search"]
    cac = Decimal(search["costs"]) / search["customers"]
    assert search["cac"] == f"{cac:.4f}"


def test_open_cohorts_have_a_sentence_in_place_of_a_value(bank: Any) -> None:
    line = ("value", str(bank), "--event", "order", "--at", "2026-09-01", "--lang", "en")
    told = campaigner(*line)
    assert "its first 12 months are not over" in told
    rows = list(csv.DictReader(io.StringIO(campaigner(*line, "--format", "csv"))))
    assert {row["why"] for row in rows} == {"open"}
    assert {row["ltv"] for row in rows} == {""}


def test_paths_from_login_to_an_order_are_those_of_a_plain_account(bank: Any) -> None:
    line = ("--from", "login", "--to", "order", "--steps", "2", "--through", "login")
    found = json.loads(
        campaigner("paths", str(bank), *line, "--to-day", "2026-11-29", "--format", "json")
    )
    ((logins, ordered),) = asked(
        bank,
        """SELECT count(*), count(o.customer_id)
        FROM (SELECT customer_id, min(logged_in_at) AS first FROM logins
              WHERE logged_in_at < '2026-11-29 16:00' GROUP BY 1) AS l
        LEFT JOIN (SELECT customer_id, max(ordered_at) AS last FROM orders GROUP BY 1) AS o
          ON o.customer_id = l.customer_id AND o.last > l.first""",
    )
    (side,) = found["sides"]
    assert (side["began"], side["reached"]) == (logins, ordered)
    assert side["broke_off"] == logins - ordered


def test_a_stage_is_set_apart_by_what_defines_it(bank: Any) -> None:
    line = ("--audience", "retail.growing", "--against", "retail.dormant", "--at", "2026-11-29")
    found = json.loads(campaigner("contrast", str(bank), *line, "--format", "json", "--lang", "en"))
    separating = [one["feature"] for one in found["differences"] if one["separates"]]
    assert separating[0] == "registered_at"
    assert "phone" not in {one["feature"] for one in found["differences"]}
    assert any("this is correlation" in note for note in found["notes"])
