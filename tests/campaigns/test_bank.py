"""The generated bank, a quarter carried out: what its campaigns promise, asked of the data."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ..on_postgresql import copied, new_schema
from .conftest import SOURCE
from .ran import campaigner, script


def test_a_bank_on_a_server_gives_the_same(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grants: list[dict[str, Any]]
) -> None:
    folder = tmp_path / "bank"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    monkeypatch.setenv("BANK", copied(bank / "data" / "bank.duckdb", new_schema()))
    settings = (folder / "campaigner.toml").read_text("utf-8")
    there = settings.replace("duckdb:///data/bank.duckdb", "${BANK}")
    (folder / "campaigner.toml").write_text(there, "utf-8")
    campaigner("run", str(folder), "--from", "2026-01-01", "--to", "2026-03-31")
    text = campaigner("ledger", str(folder), "grants", "--format", "json")
    assert json.loads(text)["grants"] == grants
    outboxes = [path.relative_to(bank) for path in sorted(bank.glob("var/outbox/*"))]
    assert outboxes
    for outbox in outboxes:
        assert (folder / outbox).read_bytes() == (bank / outbox).read_bytes()
    why = ("--campaign", "red_friday", "--at", "2026-01-31", "--customer", grants[0]["recipient"])
    why += ("--format", "json")
    assert campaigner("explain", str(folder), *why) == campaigner("explain", str(bank), *why)


def test_the_generator_makes_the_same_bank_each_time() -> None:
    module = script(SOURCE / "generate.py")
    assert module.Bank(7, 200).rows == module.Bank(7, 200).rows
    assert module.Bank(7, 200).rows != module.Bank(8, 200).rows


def test_the_bank_has_its_edge_cases(customers: dict[str, dict[str, Any]]) -> None:
    rows = list(customers.values())
    for field in ("age", "risk_level", "birth_date"):
        assert any(row[field] is None for row in rows)
    assert any(row["birth_date"] and row["birth_date"].strftime("%m-%d") == "02-29" for row in rows)
    assert any(row["employee"] for row in rows)
    assert any(row["aum"] == 0 for row in rows)


def test_nobody_without_consent_and_no_employee_gets_anything(
    grants: list[dict[str, Any]], customers: dict[str, dict[str, Any]]
) -> None:
    # Who brought a friend is asked for consent; of whom the campaign is for, the friend is.
    to_another = ("invite_three", "team_referrer", "order_invitation")
    assert grants
    for grant in grants:
        customer = customers[grant["recipient"]]
        assert customer["consent_marketing"]
        assert grant["campaign"] in to_another or not customer["employee"]


def test_the_stock_of_a_month_is_kept_by_all_campaigns_together(
    grants: list[dict[str, Any]],
) -> None:
    given = Counter(grant["at"][:7] for grant in grants if grant["reward"] == "video_month")
    assert given
    assert max(given.values()) <= 80_000
    levels = Counter(
        (grant["recipient"], grant["at"][:7])
        for grant in grants
        if grant["campaign"] == "level_video"
    )
    assert max(levels.values()) == 1


def test_products_that_do_not_suit_are_not_rewarded(
    bank: Path, grants: list[dict[str, Any]], customers: dict[str, dict[str, Any]]
) -> None:
    with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
        risks = dict(
            warehouse.execute("SELECT investment_id, product_risk FROM investments").fetchall()
        )
    rewarded = [grant for grant in grants if grant["campaign"] == "invest_back"]
    assert rewarded
    for grant in rewarded:
        assert customers[grant["recipient"]]["risk_level"] >= risks[grant["occurrence"]]


def test_a_bundle_is_two_rows_of_one_decision(grants: list[dict[str, Any]]) -> None:
    rewards: dict[tuple[str, str], set[str]] = {}
    for grant in grants:
        if grant["campaign"] == "team_of_three":
            key = (grant["recipient"], grant["occurrence"])
            rewards.setdefault(key, set()).add(grant["reward"])
    assert rewards
    assert set(map(frozenset, rewards.values())) == {frozenset({"coffee", "points"})}


def test_no_phone_number_leaves_the_house(bank: Path, customers: dict[str, dict[str, Any]]) -> None:
    phones = {row["phone"] for row in customers.values()}
    outbox = "".join(path.read_text("utf-8") for path in (bank / "var" / "outbox").iterdir())
    assert outbox
    (length,) = {len(phone) for phone in phones}
    assert phones.isdisjoint(outbox[at : at + length] for at in range(len(outbox)))


def test_no_message_is_sent_in_quiet_hours(bank: Path) -> None:
    lines = (bank / "var" / "outbox" / "push.jsonl").read_text("utf-8").splitlines()
    assert lines
    for line in lines:
        hour = (int(json.loads(line)["deliver_at"][11:13]) + 8) % 24
        assert 8 <= hour < 21
