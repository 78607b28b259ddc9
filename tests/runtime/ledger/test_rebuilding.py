"""Damage of any row that follows from the entries is found, named and mended."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.ledger.audit.rebuilding import rebuilt
from campaigner.runtime.ledger.audit.verifying import verify
from campaigner.runtime.ledger.verified import Journeyed

from .ledgers import DIGEST, URL, opened
from .test_verify import Table, lived, others

KNOWN = Journeyed(DIGEST, frozenset({"gift"}), frozenset({"gift"}))
WHOLE = ("wallets", "due", "journeys", "reversals", "pattern_events")


@pytest.fixture
def ledger(tmp_path, url):
    with opened(tmp_path, channels=("push",), url=url) as one:
        yield lived(one)


@pytest.fixture
def other(ledger, tmp_path, url):
    """The connection of a program that writes past every guard; it commits each statement."""
    if url == URL:
        connection = sqlite3.connect(tmp_path / "var/ledger.db", isolation_level=None)
        guards = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        for (name,) in connection.execute(guards).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    else:
        address, _, schema = url.rpartition("schema=")
        connection = psycopg.connect(address.rstrip("?&"), autocommit=True)
        connection.execute(f"SET search_path = {schema}")
        connection.execute("SET session_replication_role = replica")
    yield connection
    connection.close()


def test_a_ledger_that_nobody_touched_is_as_its_entries_say(ledger):
    assert ledger.rebuild(KNOWN).differences == ()
    assert ledger.rebuild(KNOWN, write=True).differences == ()
    assert ledger.rebuild().differences == ()
    assert ledger.verify() == ()


def damages(table):
    """Each row deleted, each of its columns changed, and a row added."""
    for row in table.rows:
        if table.name == "wallets" and row[-1] == 0:
            continue  # An empty wallet may have a row or not.
        yield table.delete, row
        yield table.insert, tuple(others(value)[0] for value in row)
        for column, value in zip(table.columns, row, strict=True):
            yield table.update, row, column, others(value)[0]


@pytest.mark.parametrize("name", WHOLE)
def test_any_row_that_was_damaged_is_found_and_mended(ledger, other, name):
    before, tried = Table(other, name).rows, set()
    for damage, *about in list(damages(Table(other, name)))[:12]:
        try:
            if not damage(*about):
                continue
        except (sqlite3.Error, psycopg.Error):
            continue
        tried.add(damage.__name__)
        found = ledger.rebuild(KNOWN).differences
        assert {one.table for one in found} == {name}, about
        mended = ledger.rebuild(KNOWN, write=True)
        assert mended.differences == found
        assert mended.left == ()
        assert Table(other, name).rows == before, about
        assert ledger.verify() == (), about
    assert {"delete", "insert"} <= tried


def test_what_is_spent_of_a_balance_is_mended_and_nothing_else_of_it_is_blessed(ledger, other):
    other.execute("UPDATE accounts SET spent = spent - 1 WHERE spent > 1")
    found = ledger.rebuild(KNOWN, write=True)
    assert {one.table for one in found.differences} == {"accounts"}
    assert ledger.verify() == ()
    other.execute("UPDATE accounts SET spent = spent - 1, alerted = '0.9' WHERE spent > 1")
    assert ledger.rebuild(KNOWN, write=True).left == ()
    # The last alert follows from no entry, so its change is still found.
    assert [one.code.id for one in ledger.verify()] == ["E775"]


def test_a_balance_without_its_row_is_told_by_its_number(ledger, other):
    other.execute("DELETE FROM accounts WHERE id = (SELECT min(account) FROM postings)")
    found = ledger.rebuild(KNOWN)
    assert [(one.table, one.key) for one in found.left] == [("accounts", None)]
    # The chain hashes its name, which nobody knows any more.
    with pytest.raises(CannotRun):
        ledger.rebuild(KNOWN, write=True)


def test_nothing_is_written_from_entries_that_were_changed(ledger, other):
    first = "(SELECT min(id) FROM decisions)"
    other.execute(f"UPDATE decisions SET customer = 'mallory' WHERE id = {first}")
    other.execute("UPDATE wallets SET balance = balance + 5")
    with pytest.raises(CannotRun) as stopped:
        ledger.rebuild(KNOWN, write=True)
    assert stopped.value.diagnostic.code.id == "E866"
    assert ledger.rebuild(KNOWN).differences


def test_a_rehearsal_of_a_rebuild_leaves_the_ledger_alone(ledger, other):
    other.execute("DELETE FROM due")
    with ledger._store.rehearsed() as copy:
        assert rebuilt(copy, KNOWN).differences
    assert verify(ledger._store)
