"""`campaigner ledger verify`: every damage is a finding with exit code 4, in text and as JSON."""

import json
import random
import shutil
import sqlite3
from contextlib import closing

import pytest
from campaigner.cli.main import invoke


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify") / "shop"
    assert invoke(["init", str(folder)]) == 0
    assert invoke(["run", str(folder), "--from", "2026-01-01", "--to", "2026-01-31"]) == 0
    return folder


@pytest.fixture
def ledger(tmp_path, ran):
    return shutil.copytree(ran, tmp_path / "shop") / "var/ledger.db"


def edited(ledger, statement):
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_ledger_as_it_was_written(ledger, campaigner):
    told = campaigner("ledger", "verify", "shop", "--format", "json")
    document = json.loads(told.stdout)
    assert (told.returncode, told.stderr) == (0, "")
    assert document["diagnostics"] == []
    assert document["decisions"] > 0
    assert document["format_version"] == 1


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE outbox SET body = 'another text'", "outbox"),
        ("UPDATE accounts SET exhausted = 1 - exhausted", "accounts"),
        ("UPDATE progress SET through = '2027'", "progress"),
        ("DELETE FROM progress WHERE campaign = (SELECT min(campaign) FROM progress)", "progress"),
        ("INSERT INTO seen_events VALUES ('order', 'o1')", "seen_events"),
        ("UPDATE meta SET currency = 'EUR'", "meta"),
        ("UPDATE meta SET project = 'another'", "meta"),
        ("UPDATE meta SET format_version = 7", "meta"),
        ("UPDATE meta SET language = 2", "meta"),
    ],
)
def test_a_row_that_another_program_changed(ledger, campaigner, statement, named):
    edited(ledger, statement)
    told = campaigner("ledger", "verify", "shop", "--format", "json")
    (found,) = json.loads(told.stdout)["diagnostics"]
    assert (told.returncode, found["code"], found["severity"]) == (4, "E775", "error")
    assert f"`{named}`" in found["message"]
    told = campaigner("ledger", "verify", "shop", "--lang", "zh")
    assert (told.returncode, told.stdout) == (4, "")
    assert f"`{named}`" in told.stderr
    assert "error[E775]" in told.stderr or "E775" in told.stderr


def test_another_project_is_none_of_the_ledgers_faults(ledger, campaigner):
    settings = ledger.parent.parent / "campaigner.toml"
    settings.write_text(settings.read_text().replace("shop", "other", 1))
    told = campaigner("ledger", "verify", "shop")
    assert told.returncode == 2
    assert "error[E723]" in told.stderr


@pytest.mark.parametrize("size", [0, 1, 15, 100, 4096, 10_000])
def test_a_file_that_was_cut(ledger, campaigner, size):
    ledger.write_bytes(ledger.read_bytes()[:size])
    told = campaigner("ledger", "verify", "shop")
    assert told.returncode == 4, told.stderr
    assert told.stderr.startswith("error[E72")


def test_bytes_that_are_others(ledger, campaigner):
    data = ledger.read_bytes()
    chance = random.Random(0)
    codes = set()
    for _ in range(12):
        damaged = bytearray(data)
        start = 4096 * chance.randrange(len(data) // 4096)
        damaged[start : start + 64] = chance.randbytes(64)
        ledger.write_bytes(damaged)
        told = campaigner("ledger", "verify", "shop")
        assert told.stderr
        codes.add(told.returncode)
    assert codes == {4}


def test_what_differs_from_the_entries_is_told_and_then_written(ledger, campaigner):
    rebuild = ("ledger", "rebuild", "shop")
    told = campaigner(*rebuild)
    assert (told.returncode, told.stderr) == (
        0,
        "all that follows from the entries is as it is kept\n",
    )
    edited(ledger, "UPDATE accounts SET spent = spent - 1 WHERE id = 1")
    told = campaigner(*rebuild, "--format", "json")
    document = json.loads(told.stdout)
    (row,) = document["rows"]
    assert (told.returncode, document["written"], document["mended"]) == (4, False, 0)
    assert (row["table"], row["can_be_mended"]) == ("accounts", True)
    assert row["expected"] == [row["kept"][0] + 1]
    assert [one["code"] for one in document["diagnostics"]] == ["E865"]
    in_chinese = campaigner(*rebuild, "--lang", "zh").stderr
    assert "而按记录应为" in in_chinese
    told = campaigner(*rebuild, "--write")
    assert (told.returncode, "1 of 1 rows were written" in told.stderr) == (0, True)
    assert campaigner("ledger", "verify", "shop").returncode == 0
