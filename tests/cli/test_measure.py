"""`campaigner measure`: right numbers, or a sentence in their place."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from datetime import datetime, timedelta
from hashlib import md5
from pathlib import Path

import duckdb
import pytest
from campaigner.cli.main import invoke
from campaigner.runtime.statistics.differences import difference
from campaigner.runtime.statistics.moments import Moments

from ..projects import write

SETTINGS = """
[project]
name = "m"
language = 1
time_zone = "UTC"
currency = "CNY"
catalog = "catalog.yaml"

[warehouse]
url = "duckdb:///data.duckdb"

[ledger]
url = "sqlite:///ledger.db"

[channels.push]
kind = "file"
path = "push.jsonl"

[channels.rewards]
kind = "file"
path = "rewards.jsonl"
"""
CATALOG = """
customer: {table: customers, key: id, fields: {vip: {type: boolean}, number: {type: integer}}}
events:
  order:
    {table: orders, key: id, customer: customer, at: ordered_at,
     fields: {amount: {type: money, currency: CNY}}}
"""
POLICIES = """
benefit coffee "Coffee" { kind coupon value 10 CNY }
policy fair { require vip or not vip  holdout at least 30% }
policy open_house { require vip or not vip }
"""
CAMPAIGN = """
campaign NAME "Hello" {
  audience WHO
  trigger  at 2026-01-05 10:00
  reward   coffee limit 1 per customer
  budget   { total 100_000 CNY }
  measure {
    conversion on order within 14 days
    revenue 10% of sum(order.amount) within 14 days
    guard at most 1% order where amount > 900 CNY within 14 days
  }
  compliance { follows POLICY }
}
"""
MANY = 800
EXPERIMENT = "experiment spring { holdout 30%  split a 50%, b 50% }"


def campaign(name: str, who: str = "yes", policy: str = "fair") -> str:
    return CAMPAIGN.replace("NAME", name).replace("WHO", who).replace("POLICY", policy)


RIVAL = """
campaign rival "Instead" {
  audience no
  trigger  at 2026-01-06 10:00
  reward   coffee limit 1 per customer
  budget   { total 100_000 CNY }
  compliance { follows open_house }
}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of four campaigns that ran, and the orders of those who were reached and not."""
    folder = tmp_path_factory.mktemp("measured")
    campaigns = (
        campaign("hello")
        + campaign("alone", policy="open_house")
        + campaign("tiny", "number < 3")
        + campaign("mixed", "number >= 400")
        + campaign("armed", "number < 600").replace("  audience", f"  {EXPERIMENT}\n  audience", 1)
        + RIVAL.replace("audience no", "audience number >= 400\n  exclusive with mixed")
    )
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG}
    write(folder, {**files, "a.campaign": POLICIES + campaigns})
    with duckdb.connect(str(folder / "data.duckdb")) as warehouse:
        warehouse.execute("CREATE TABLE customers (id TEXT, vip BOOLEAN, number BIGINT)")
        warehouse.execute(
            f"INSERT INTO customers SELECT 'c' || n, n % 2 = 0, n FROM range({MANY}) t(n)"
        )
        warehouse.execute(
            "CREATE TABLE orders (id TEXT, customer TEXT, ordered_at TIMESTAMP, amount DECIMAL)"
        )
    assert invoke(["run", str(folder), "--from", "2026-01-01", "--to", "2026-01-10"]) == 0
    with duckdb.connect(str(folder / "data.duckdb")) as warehouse:
        warehouse.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", orders(folder))
    return folder


def outcomes(folder: Path, name: str) -> dict[str, str]:
    with sqlite3.connect(folder / "ledger.db") as ledger:
        query = "SELECT customer, outcome FROM decisions WHERE campaign = ?"
        return dict(ledger.execute(query, (name,)).fetchall())


def orders(folder: Path) -> list[tuple[str, str, datetime, int]]:
    """Orders of two in three of those whom `hello` reached, and of one in three held out."""
    found, at = [], datetime(2026, 1, 8, 12)
    for customer, outcome in sorted(outcomes(folder, "hello").items()):
        number = int(customer[1:])
        orders = number % 3 > 0 if outcome == "granted" else number % 3 == 0
        if orders:
            found.append((f"o{number}", customer, at, 100 + number))
        if number % 2:
            found.append((f"b{number}", customer, at - timedelta(days=20), 50 + number))
        if number % 40 == 0:
            found.append((f"late{number}", customer, at + timedelta(days=40), 5_000))
    return found


def asked(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> dict:
    capsys.readouterr()
    assert invoke(["measure", str(folder), "--format", "json", "--lang", "en", *arguments]) == 0
    found = json.loads(capsys.readouterr().out)["campaigns"]
    return {one["campaign"]: one for one in found}


def test_the_numbers_are_those_of_plain_python(made, capsys) -> None:
    found = asked(capsys, made, "--campaign", "hello", "--at", "2026-03-01")["hello"]
    outcome, every = outcomes(made, "hello"), orders(made)
    start, end = datetime(2026, 1, 5, 10), datetime(2026, 1, 19, 10)
    names = {"held_out": "held_out", "reached": "granted"}
    conversion, revenue, guard = found["measures"]
    sums = {}
    for variant, wanted in names.items():
        mine = [customer for customer, one in outcome.items() if one == wanted]
        after = {c: sum(a for _, o, at, a in every if o == c and start < at <= end) for c in mine}
        before = {c for _, c, at, _ in every if at < start}
        y, x = [after[c] > 0 for c in mine], [c in before for c in mine]
        both = sum(one and other for one, other in zip(y, x, strict=True))
        sums[variant] = Moments(len(mine), sum(y), sum(y), sum(x), sum(x), both)
        counted = next(one for one in conversion["variants"] if one["variant"] == variant)
        assert (counted["customers"], counted["count"], counted["before"]) == (
            len(mine),
            sum(y),
            sum(x),
        )
        earned = next(one for one in revenue["variants"] if one["variant"] == variant)
        assert float(earned["total"]) == pytest.approx(sum(after.values()) / 10)
    (versus,) = conversion["differences"]
    wanted = difference(sums["reached"], sums["held_out"])
    assert versus["difference"]["value"] == pytest.approx(wanted.value)
    assert versus["difference"]["always"] == pytest.approx(list(wanted.always))
    assert versus["difference"]["clear"]
    assert guard["guard"] == {"reached": "unclear"} or guard["guard"] == {"reached": "kept"}
    (back,) = found["returns"]
    reached = sums["reached"].count
    assert float(back["cost"]) == 10 * reached
    assert back["more"]["value"] == pytest.approx(wanted.value * reached)
    assert back["each"]["value"] == pytest.approx(10 / wanted.value)
    assert found["refused"] == []


def refused(one: dict) -> list[str]:
    return [each["kind"] for each in one["refused"]]


def test_what_cannot_be_said_is_a_sentence(made, capsys) -> None:
    found = asked(capsys, made, "--at", "2026-03-01")
    assert refused(found["mixed"]) == ["contaminated"]
    assert "`rival` reached" in found["mixed"]["refused"][0]["says"]
    assert found["mixed"]["measures"] == []
    for name, kind in (("alone", "nobody_held_out"), ("tiny", "too_small")):
        versus = found[name]["measures"][0]["differences"]
        if name == "tiny" and versus[0]["refused"]["kind"] == "variant_empty":
            continue  # The lot held out none, or all, of three customers.
        assert versus[0]["refused"]["kind"] == kind
        assert versus[0]["difference"] is None
    assert found["alone"]["measures"][0]["variants"][0]["count"] is not None
    assert all(one["rate"] is None for one in found["tiny"]["measures"][0]["variants"])


def arm_of(customer: str) -> str:
    """The half of the hashes in which this one is."""
    hashed = md5(f"arm/spring/{customer}".encode(), usedforsecurity=False).hexdigest()[:8]
    return "a" if hashed < "80000000" else "b"


def test_each_arm_is_compared_with_those_held_out(made, capsys) -> None:
    found = asked(capsys, made, "--campaign", "armed", "--at", "2026-03-01")["armed"]
    outcome, every = outcomes(made, "armed"), orders(made)
    start, end = datetime(2026, 1, 5, 10), datetime(2026, 1, 19, 10)
    bought = {customer for _, customer, at, _ in every if start < at <= end}
    arms = {"held_out": [], "a": [], "b": []}
    for customer, one in outcome.items():
        arms["held_out" if one == "held_out" else arm_of(customer)].append(customer)
    people = {one["variant"]: one["customers"] for one in found["variants"]}
    assert people == {name: len(mine) for name, mine in arms.items()}
    line = found["measures"][0]
    counts = {one["variant"]: one["count"] for one in line["variants"]}
    assert counts == {name: len(bought.intersection(mine)) for name, mine in arms.items()}
    assert {one["variant"]: one["against"] for one in line["differences"]} == {
        "a": "held_out",
        "b": "held_out",
    }
    costs = {one["variant"]: float(one["cost"]) for one in found["returns"]}
    assert costs == {name: 10.0 * len(arms[name]) for name in ("a", "b")}


def test_a_window_that_has_not_closed_has_no_result(made, capsys) -> None:
    found = asked(capsys, made, "--at", "2026-01-15", "--campaign", "hello")["hello"]
    assert refused(found) == ["window_open"]
    assert "2026-01-19 10:00" in found["refused"][0]["says"]
    assert (found["measures"], found["returns"]) == ([], [])
    found = asked(capsys, made, "--at", "2026-01-04", "--campaign", "hello")["hello"]
    assert refused(found) == ["nobody"]


def test_an_assignment_that_is_off_has_no_result(made, capsys, tmp_path) -> None:
    policies = (made / "a.campaign").read_text("utf-8")
    edited = policies.replace("holdout at least 30%", "holdout at least 10%")
    try:
        (made / "a.campaign").write_text(edited, "utf-8")
        found = asked(capsys, made, "--at", "2026-03-01", "--campaign", "hello")["hello"]
    finally:
        (made / "a.campaign").write_text(policies, "utf-8")
    assert refused(found) == ["assignment_off"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_sentences_csv_and_pages_come_in_both_languages(made, capsys, language, tmp_path):
    options = ["--at", "2026-03-01", "--lang", language]
    capsys.readouterr()
    assert invoke(["measure", str(made), *options]) == 0
    said = capsys.readouterr()
    assert ("对照" if language == "zh" else "held out") in said.out
    assert "rival" in said.err
    assert invoke(["measure", str(made), "--format", "csv", *options]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["campaign"] for row in rows} == {"alone", "armed", "hello", "mixed", "tiny"}
    page = tmp_path / "measure.html"
    assert invoke(["measure", str(made), "--format", "html", "--out", str(page), *options]) == 0
    assert f'lang="{language}' in page.read_text("utf-8")


def test_a_command_line_that_lacks_something_says_so(made, capsys) -> None:
    for arguments, code in (
        (["--out", "x.txt"], "E186"),
        (["--campaign", "helo"], "E785"),
        (["--sql", "oracle"], "E"),
    ):
        capsys.readouterr()
        assert invoke(["measure", str(made), *arguments]) == 2
        assert f"[{code}" in capsys.readouterr().err


@pytest.mark.parametrize("dialect", ["duckdb", "snowflake", "bigquery", "sqlite", "spark"])
def test_the_query_is_printed_for_every_engine(made, capsys, dialect) -> None:
    capsys.readouterr()
    assert invoke(["measure", str(made), "--sql", dialect]) == 0
    assert "campaigner_exposures" in capsys.readouterr().out


def test_the_ledger_names_the_arm_of_each_grant(made, capsys) -> None:
    capsys.readouterr()
    assert invoke(["ledger", "grants", str(made), "--format", "json"]) == 0
    grants = json.loads(capsys.readouterr().out)["grants"]
    arms = set()
    for grant in grants:
        expected = arm_of(grant["recipient"]) if grant["campaign"] == "armed" else None
        assert grant["arm"] == expected
        arms.add(grant["arm"])
    assert arms == {"a", "b", None}
