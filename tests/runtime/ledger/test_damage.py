"""A ledger's file with a bit turned over: never a traceback, and no change of a value is missed."""

import random
import sqlite3

import pytest
from campaigner.dsl.diagnostics import CannotRun

from .ledgers import DIGEST, account, ask, dump, gift, opened

PROJECT = gift(
    account("campaign/gift/total", "1000"),
    account("campaign/gift/limit per customer", "2", key="customer"),
    messages=(("push", "hello"),),
)
CHAINED = ("decisions", "grants", "postings", "chains")
"""Tables of which every value is in the chain."""


def _read(path):
    """Every row of the chained tables, or that they cannot be read."""
    try:
        rows = dump(path)
    except (sqlite3.Error, UnicodeError):
        return None
    return {name: rows.get(name) for name in CHAINED}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    root = tmp_path_factory.mktemp("kept")
    asked = [ask(f"c{n}", f"2026-01-10 10:{n:02}", "60 cash + 5 points") for n in range(20)]
    with opened(root, channels=("push",)) as ledger:
        ledger.decide(PROJECT, asked, DIGEST)
        ledger._store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = root / "var/ledger.db"
    return path.read_bytes(), _read(path)


def _found(root):
    try:
        with opened(root, channels=("push",), mode="read") as ledger:
            return ledger.verify()
    except CannotRun as stopped:
        return (stopped.diagnostic,)


@pytest.mark.parametrize("seed", range(8))
def test_a_bit_that_was_turned_over(tmp_path, kept, seed):
    data, before = kept
    chance = random.Random(seed)
    path = tmp_path / "var/ledger.db"
    path.parent.mkdir()
    for _ in range(25):
        position = chance.randrange(len(data) * 8)
        damaged = bytearray(data)
        damaged[position // 8] ^= 1 << position % 8
        path.write_bytes(damaged)
        found = _found(tmp_path)
        assert found or _read(path) == before, position


@pytest.mark.parametrize("table", ["decisions", "accounts", "outbox", "meta", "chains"])
def test_a_table_that_is_missing(tmp_path, kept, table):
    path = tmp_path / "var/ledger.db"
    path.parent.mkdir()
    path.write_bytes(kept[0])
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f"DROP TABLE {table}")
    assert [one.code.id for one in _found(tmp_path)] == ["E775"]


def test_a_text_that_is_none(tmp_path, kept):
    path = tmp_path / "var/ledger.db"
    path.parent.mkdir()
    path.write_bytes(kept[0].replace(b"gift", b"gi\xfft"))
    assert _found(tmp_path)
