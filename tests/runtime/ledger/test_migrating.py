"""An old ledger with data in it is brought to this version's form; nothing in it is lost."""

import shutil
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.ledger import FORMAT_VERSION, migrate

from .ledgers import DIGEST, URL, account, ask, balances, clock, dump, gift, opened, play, unguard

OLD = Path(__file__).with_name("format_1.sql")
"""A ledger of format 1 after a few decisions, as the sqlite3 shell dumps it."""

PROJECT = gift(
    account("campaign/gift/limit per customer", "1", key="customer"),
    account("campaign/gift/total", "100"),
    messages=[("push", "hello")],
)


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "var/ledger.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text("utf-8"))
        connection.execute("PRAGMA application_id = 0x43414D50")
    return tmp_path


def moved(root, url=URL):
    return migrate(url, "shop", "CNY", root=root)


def test_an_old_ledger_goes_on_where_it_was(old):
    with pytest.raises(CannotRun) as caught:
        opened(old)
    assert caught.value.diagnostic.code.id == "E731"
    assert moved(old) == (1, FORMAT_VERSION)
    assert moved(old) == (FORMAT_VERSION, FORMAT_VERSION)
    with opened(old) as ledger:
        assert ledger.verify() == ()
        assert [row.recipient for row in ledger.grants()] == ["ann", "bob"]
        play(
            ledger,
            PROJECT,
            """
            2026-01-10 10:00 | ann | 60 cash | already_granted
            2026-01-10 10:02 | cat | 70 cash | over_budget by total
            2026-01-10 10:03 | ann | 1 cash  | over_limit by limit per customer
            """,
        )
        assert balances(ledger, PROJECT)[-1] == "total: 90.00 of 100.00 !"


def test_a_moved_ledger_has_the_tables_of_a_new_one(old, tmp_path_factory):
    fresh = tmp_path_factory.mktemp("fresh")
    opened(fresh).close()
    moved(old)
    query = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    with (
        closing(sqlite3.connect(old / "var/ledger.db")) as one,
        closing(sqlite3.connect(fresh / "var/ledger.db")) as other,
    ):
        assert one.execute(query).fetchall() == other.execute(query).fetchall()


def test_what_was_there_before_is_in_the_chain(old):
    moved(old)
    with opened(old) as ledger:
        unguard(ledger)
        ledger._store.connection.execute("UPDATE decisions SET customer = 'eve' WHERE id = 1")
        (found,) = ledger.verify()
        assert (found.code.id, found.message()) == (
            "E763",
            "the entry `gift/main/ann/2026-01-10 10:00` is not as it was written",
        )


def test_a_move_that_fails_leaves_the_ledger_as_it_was(old, monkeypatch):
    before = dump(old / "var/ledger.db")
    shutil.copy(old / "var/ledger.db", old / "copy.db")

    def broken(*_):
        raise sqlite3.OperationalError("no more")

    monkeypatch.setattr("campaigner.runtime.ledger.stores.migrating.chain_up", broken)
    with pytest.raises(sqlite3.OperationalError):
        moved(old)
    assert dump(old / "var/ledger.db") == before


def test_no_ledger_another_projects_and_a_server(tmp_path, schema_url):
    for url in (URL, schema_url()):
        with pytest.raises(CannotRun) as caught:
            moved(tmp_path, url)
        assert caught.value.diagnostic.code.id == "E739"
        opened(tmp_path, url=url).close()
        assert moved(tmp_path, url) == (FORMAT_VERSION, FORMAT_VERSION)
        with pytest.raises(CannotRun) as caught:
            migrate(url, "bank", "CNY", root=tmp_path)
        assert caught.value.diagnostic.code.id == "E723"


# What takes format 9 off a ledger again in which nothing of it is used.
_OF_9 = (
    "reductions rewound_reductions reversals pattern_events journeys offsets codes brakes ended"
    " kept_plans handed_labels"
)
_TO_8 = "".join(
    f"DROP TABLE {name}; DELETE FROM seals WHERE name = '{name}';" for name in _OF_9.split()
)
_TO_8 += "DROP INDEX spent;"
_TO_8 += "UPDATE meta SET format_version = 8"
_LEAVE = "DROP FUNCTION reductions_leave CASCADE"
BACK_TO_8 = {"sqlite": _TO_8, "postgresql": f"{_TO_8}; {_LEAVE}"}
# And what takes off format 8.
_OF_8 = (
    "rewinds rewound_decisions rewound_amendments rewound_grants rewound_postings"
    " rewound_settlements rewound_outbox exhaustions event_customers steps_of_format_7"
    " seals draws reveals hash_keys"
)
_DROPPED = "".join(f"DROP TABLE {name};" for name in (*_OF_9.split(), *_OF_8.split()))
_DROPPED += "DROP INDEX spent; ALTER TABLE attempts DROP COLUMN first;"
BACK_TO_7 = {
    # The connection's own triggers name the columns that there were.
    "sqlite": "".join(
        f"DROP TRIGGER IF EXISTS temp.count_{word}_attempts;"
        for word in ("INSERT", "DELETE", "UPDATE")
    )
    + f"{_DROPPED} UPDATE meta SET format_version = 7",
    "postgresql": f"""{_DROPPED}
        DROP FUNCTION leaves CASCADE; DROP FUNCTION waits_again CASCADE;
        DROP FUNCTION reductions_leave CASCADE;
        DROP FUNCTION count_added CASCADE; DROP FUNCTION count_changed CASCADE;
        UPDATE meta SET format_version = 7""",
}
# And what takes off formats 6 and 7.
BACK_TO_5 = {
    "sqlite": """
        DROP TABLE settlements; DROP TABLE due; ALTER TABLE grants DROP COLUMN returns;
        CREATE TABLE old AS SELECT * FROM amendments; DROP TABLE amendments;
        CREATE TABLE amendments (
          id INTEGER PRIMARY KEY, decision INTEGER NOT NULL REFERENCES decisions (id),
          kind TEXT NOT NULL CHECK (kind IN ('reversed', 'served')), at TEXT NOT NULL,
          reason TEXT NOT NULL, plan INTEGER REFERENCES plans (id), previous BLOB NOT NULL,
          UNIQUE (decision, kind)) STRICT;
        INSERT INTO amendments
        SELECT id, decision, kind, at, reason, plan, previous FROM old;
        DROP TABLE old; UPDATE meta SET format_version = 5""",
    "postgresql": """
        DROP TABLE settlements; DROP TABLE due; ALTER TABLE grants DROP COLUMN returns;
        ALTER TABLE amendments DROP COLUMN settles, DROP COLUMN lost;
        ALTER TABLE amendments DROP CONSTRAINT amendments_kind_check;
        ALTER TABLE amendments ADD CONSTRAINT amendments_kind_check
          CHECK (kind IN ('reversed', 'served'));
        ALTER TABLE amendments ADD UNIQUE (decision, kind);
        UPDATE meta SET format_version = 5""",
}


def taken_back(ledger, *formats):
    unguard(ledger)
    connection = ledger._store.connection
    kind = "sqlite" if isinstance(connection, sqlite3.Connection) else "postgresql"
    for statement in ";".join(each[kind] for each in formats).split(";"):
        connection.execute(statement)


def test_a_ledger_of_format_7_goes_on_where_it_was(tmp_path, url):
    """Its balances stay exhausted, its waiting list waits, and it is guarded as before."""
    project = gift(account("campaign/gift/total", "100"), exhausted="waitlist")
    with opened(tmp_path, url=url) as ledger:
        play(
            ledger,
            project,
            """
            2026-01-10 10:00 | ann | 60 cash   | granted
            2026-01-10 10:01 | bob | 9 points  | granted
            2026-01-10 10:02 | cat | 70 cash   | waitlisted by total
            """,
        )
        taken_back(ledger, BACK_TO_7)
    assert moved(tmp_path, url) == (7, FORMAT_VERSION)
    with opened(tmp_path, url=url) as ledger:
        assert ledger.verify() == ()
        assert balances(ledger, project) == ["total: 60.00 of 100.00 !"]
        kept = "SELECT count(*) FROM exhaustions UNION ALL SELECT count(*) FROM steps_of_format_7"
        assert ledger._store.ask(kept) == [(1,), (1,)]
        for change in ("DELETE FROM decisions", "DELETE FROM grants"):
            with pytest.raises((sqlite3.DatabaseError, psycopg.DatabaseError)):
                ledger._store.connection.execute(change)
        first, *_ = ledger.grants()
        ledger.reverse([first.number], "a test", clock("2026-01-11 10:00"))
        served = ledger.serve(project, DIGEST, clock("2026-01-11 10:00"))
        assert [(one.identity.recipient, one.outcome) for one in served] == [("cat", "granted")]
        assert ledger.verify() == ()


def test_a_ledger_of_format_8_goes_on_where_it_was(tmp_path, url):
    project = gift(account("campaign/gift/total", "100"), exhausted="waitlist")
    with opened(tmp_path, url=url) as ledger:
        play(
            ledger,
            project,
            """
            2026-01-10 10:00 | ann | 60 cash | granted
            2026-01-10 10:01 | cat | 60 cash | waitlisted by total
            """,
        )
        taken_back(ledger, BACK_TO_8)
    assert moved(tmp_path, url) == (8, FORMAT_VERSION)
    with opened(tmp_path, url=url) as ledger:
        assert ledger.verify() == ()
        first, *_ = ledger.grants()
        ledger.reverse([first.number], "a test", clock("2026-01-11 10:00"))
        served = ledger.serve(project, DIGEST, clock("2026-01-11 10:00"))
        assert [(one.identity.recipient, one.outcome) for one in served] == [("cat", "granted")]
        assert ledger.verify() == ()


def test_what_was_given_before_there_were_ends_ends_too(tmp_path, url):
    project = gift(account("campaign/gift/total", "40"), exhausted="waitlist")
    with opened(tmp_path, url=url) as ledger:
        play(
            ledger,
            project,
            """
            2026-01-10 10:00 | ann | 30 points until 2026-02-01 | granted
            2026-01-10 10:01 | bob | coffee until 2026-02-01    | granted
            2026-01-10 10:02 | cat | 9 points until 2026-02-01  | granted
            2026-01-10 10:03 | dan | 60 cash                    | waitlisted by total
            """,
        )
        numbers = [row.number for row in ledger.grants()]
        ledger.reverse(numbers[2:3], "a test", clock("2026-01-11 10:00"))
        taken_back(ledger, BACK_TO_7, BACK_TO_5)
    assert moved(tmp_path, url) == (5, FORMAT_VERSION)
    with opened(tmp_path, url=url) as ledger:
        assert ledger.verify() == ()
        ended = ledger.expire(clock("2026-02-01 00:00"))
        assert [(one.identity.recipient, one.lost) for one in ended] == [("ann", 30)]
        offer, project = "choose 1 of coffee, video until 2026-03-01", gift()
        play(ledger, project, f"2026-02-10 10:00 | eve | {offer} | granted")
        number = list(ledger.grants())[-1].number
        at = clock("2026-02-11 10:00")
        assert ledger.claim(project, DIGEST, number, "eve", ["video"], at).outcome == "claimed"
        assert ledger.verify() == ()


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ("UPDATE decisions SET at = '2026' WHERE recipient = 'bob'", "E763", "`gift/main/bob/"),
        ("UPDATE grants SET expires_at = '2027'", "E763", "`gift/main/ann/"),
        ("UPDATE plans SET digest = 'another'", "E763", "`gift/main/ann/"),
        ("UPDATE chains SET hash = previous FROM decisions", "E763", "`gift/main/dan/"),
        ("DELETE FROM decisions WHERE recipient = 'cat'", "E764", "number"),
        ("DELETE FROM decisions WHERE recipient = 'dan'", "E764", "number"),
        ("INSERT INTO grants SELECT 999, line, reward, benefit, amount, currency, cost,"
         " deliver_at, expires_at, returns FROM grants WHERE reward = 'cash' LIMIT 1",
         "E764", "number 999"),
        ("INSERT INTO postings SELECT decision, 999, 5 FROM grants LIMIT 1", "E760", "`999`"),
    ],
)  # fmt: skip
def test_the_audit_says_where_a_change_or_a_gap_is(ledger, change, code, said):
    project = gift(account("campaign/gift/total", "100"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted
        2026-01-10 10:01 | bob | 20 cash | granted
        2026-01-10 10:02 | cat | 70 cash | over_budget by total
        2026-01-10 10:03 | dan | 1 cash  | over_budget by total
        """,
    )
    unguard(ledger)
    ledger._store.connection.execute(change)
    (found,) = ledger.verify()
    assert found.code.id == code
    assert said in found.message()


def test_a_batch_of_the_same_asks_is_one_chain(ledger):
    project = gift(account("campaign/gift/total", "100"))
    asked = [ask(f"c{n}", "2026-01-10 10:00", "1 cash") for n in range(30)]
    for start in range(0, 30, 7):
        ledger.decide(project, asked[start : start + 7], DIGEST)
    assert ledger.verify() == ()
    rows = ledger._store.connection.execute("SELECT id, previous FROM decisions ORDER BY id")
    numbers, hashes = zip(*rows.fetchall(), strict=True)
    assert len(set(hashes)) == 30
    assert {b - a for a, b in pairwise(numbers)} == {ledger._store.lanes}
