"""`codes from TABLE`, from the warehouse to a channel: what is taken in, sent, and never shown."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from campaigner.cli.main import invoke
from campaigner.runtime.delivery import FileChannel
from campaigner.runtime.ledger.units.codes import CodeCount
from campaigner.runtime.warehouse.check import Unfit

from ..projects import compile_folder, write
from .shops import SETTINGS, Shop

CATALOG = """customer:
  table: customers
  key: customer_id
  fields: {}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
codes:
  coffee_codes: {table: coupon_codes, column: code}
"""
CAMPAIGNS = """
benefit coffee "coffee" { kind coupon value 30 CNY codes from coffee_codes }
campaign gift "gift" {
  audience yes
  trigger  on order
  reward   coffee
  budget   { total 1_000 CNY }
  message  push "{{ reward.label }}: {{ reward.code }}"
  compliance { forbid phrase "sure" }
}
"""
CHANNELS = """[channels.push]
kind = "file"
path = "push.jsonl"
[channels.rewards]
kind = "file"
path = "rewards.jsonl"
"""
SECRETS = ("K1-SECRET", "K2-SECRET", "K3-SECRET")


@pytest.fixture
def house(tmp_path: Path) -> Shop:
    files = {
        "campaigner.toml": SETTINGS + CHANNELS,
        "catalog.yaml": CATALOG,
        "all.campaign": CAMPAIGNS,
    }
    compiled = compile_folder(write(tmp_path, files))
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    made = Shop(tmp_path, compiled.plan)
    made.change("CREATE TABLE customers AS SELECT 'ann' AS customer_id")
    made.change(
        "CREATE TABLE orders AS SELECT * FROM (VALUES"
        " ('o1', 'ann', TIMESTAMP '2026-01-05 10:00'), ('o2', 'ann', TIMESTAMP '2026-01-06 10:00'),"
        " ('o3', 'ann', TIMESTAMP '2026-01-07 10:00'), ('o4', 'ann', TIMESTAMP '2026-01-08 10:00'))"
        " AS t (order_id, customer_id, ordered_at)"
    )
    made.change("CREATE TABLE coupon_codes (code TEXT)")
    return made


def codes(house: Shop, *values: str | None) -> None:
    with duckdb.connect(str(house.folder / "shop.duckdb")) as connection:
        connection.executemany("INSERT INTO coupon_codes VALUES (?)", [[one] for one in values])


def run(house: Shop) -> list[str]:
    """The warnings of a run that delivers."""
    channels = {
        name: FileChannel(name, house.folder / f"{name}.jsonl", name)
        for name in ("push", "rewards")
    }
    report = house.run(channels=channels)
    return [one.message() for one in report.warnings]


def test_a_run_takes_codes_in_and_sends_them(house: Shop) -> None:
    codes(house, *SECRETS[:2], None, " ", SECRETS[0], "x" * 256)
    told = run(house)
    assert any(one.startswith("3 codes of `coffee`") for one in told)
    assert any(one.startswith("1 codes of `coffee`") and "same code" in one for one in told)
    assert any("come to their end: 0 are left, 2 were given" in one for one in told)
    assert house.outcomes() == {"granted": 2, "out_of_stock": 2}
    texts = [json.loads(one) for one in (house.folder / "push.jsonl").read_text().splitlines()]
    assert [one["text"] for one in texts] == [f"coffee: {one}" for one in SECRETS[:2]]
    rows = [json.loads(one) for one in (house.folder / "rewards.jsonl").read_text().splitlines()]
    assert [one["rewards"][0]["code"] for one in rows] == list(SECRETS[:2])
    with house.ledger() as ledger:
        assert ledger.code_counts() == [CodeCount("coffee", 0, 2, 0, 0)]


def test_a_dry_run_keeps_no_code(house: Shop) -> None:
    codes(house, *SECRETS)
    house.run(dry_run=True)
    with house.ledger() as ledger:
        assert ledger.code_counts() == []


def test_a_table_that_is_not_there_stops_the_run_before_anything(house: Shop) -> None:
    house.change("ALTER TABLE coupon_codes RENAME COLUMN code TO token")
    with pytest.raises(Unfit, match="code"):
        run(house)
    assert house.outcomes() == {}


def test_no_output_shows_a_code(house: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    codes(house, *SECRETS)
    folder = str(house.folder)
    for words in (
        ["run", folder, "--from", "2026-01-01", "--to", "2026-01-31"],
        ["run", folder, "--from", "2026-01-01", "--to", "2026-01-31", "--format", "json"],
        ["status", folder],
        ["status", folder, "--format", "json"],
        ["check", folder, "--warehouse"],
        ["plan", folder],
        ["explain", folder, "--campaign", "gift", "--customer", "ann", "--at", "2026-01-31"],
        ["ledger", "codes", folder],
        ["ledger", "codes", folder, "--format", "json"],
        ["ledger", "grants", folder, "--format", "json"],
        ["ledger", "verify", folder],
        ["outbox", "list", folder],
        ["outbox", "list", folder, "--format", "json"],
    ):
        invoke(words)
    said = "".join(capfd.readouterr())
    assert "coffee" in said
    assert not any(one in said for one in SECRETS)
    assert SECRETS[0] in (house.folder / "push.jsonl").read_text()
