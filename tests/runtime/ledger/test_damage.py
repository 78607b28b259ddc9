"""A ledger's file with damage in it: never a traceback, and no change of a value is missed."""

import random
import sqlite3

import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun

from .ledgers import DIGEST, account, ask, dump, gift, opened

PROJECT = gift(
    account("campaign/gift/total", "1000"),
    account("campaign/gift/limit per customer", "2", key="customer"),
    messages=(("push", "hello"),),
)


def _read(path):
    """Every row of every table, or that they cannot be read."""
    try:
        return dump(path)
    except (sqlite3.Error, UnicodeError):
        return None


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


def _bit(chance, data):
    position = chance.randrange(len(data) * 8)
    data[position // 8] ^= 1 << position % 8


def _header_bit(chance, data):
    data[chance.randrange(100)] ^= 1 << chance.randrange(8)


def _byte(chance, data):
    # Most of a file is room that nothing has been written to yet.
    written = [place for place, byte in enumerate(data) if byte]
    data[chance.choice(written)] = chance.randrange(256)


def _run(chance, data):
    start = chance.randrange(len(data) - 64)
    data[start : start + 64] = chance.randbytes(64)


def _page(chance, data):
    one, other = (4096 * chance.randrange(len(data) // 4096) for _ in range(2))
    data[one : one + 4096] = data[other : other + 4096]


def _cut(chance, data):
    del data[chance.randrange(1, len(data)) :]


@pytest.mark.parametrize("damage", [_bit, _header_bit, _byte, _run, _page, _cut])
@pytest.mark.parametrize("seed", range(3))
def test_a_file_that_was_damaged(tmp_path, kept, seed, damage):
    data, before = kept
    chance = random.Random(f"{seed} {damage.__name__}")
    path = tmp_path / "var/ledger.db"
    path.parent.mkdir()
    for _ in range(20):
        damaged = bytearray(data)
        damage(chance, damaged)
        path.write_bytes(damaged)
        assert _found(tmp_path) or _read(path) == before


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
