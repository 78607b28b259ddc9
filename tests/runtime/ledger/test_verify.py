"""No row of a ledger is changed, added or taken away, in whatever table, and `verify` silent."""

import random
import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest
from campaigner.compiler.plan import FailureBrake, Journey
from campaigner.compiler.plan.chance import seed_digest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.codes import ledger as codes
from campaigner.runtime.feedback.changes import Changes
from campaigner.runtime.ledger import open_ledger, refused
from campaigner.runtime.ledger.audit import amcheck
from campaigner.runtime.ledger.audit.verifying import verify
from campaigner.runtime.ledger.brakes.ended import Watched
from campaigner.runtime.ledger.drawn import Draw, Prize
from campaigner.runtime.ledger.known_events import Moved, Offset
from campaigner.runtime.ledger.outbox import Sent
from campaigner.runtime.ledger.seals import CHAINED, SEALED, SEALS, named_row
from campaigner.runtime.ledger.stores.qualified import tables

from .ledgers import DIGEST, URL, Span, account, ask, clock, gift, messages_cap, opened
from .reversing import order, refund, takes_back

CAMPAIGN = gift(
    account("campaign/gift/limit per customer", "2", key="customer"),
    account("benefit/coffee/stock", "3"),
    account("campaign/gift/total", "200", alerts=()),
    messages_cap("policy/calm/messages", 3, Span(1, "day")),
    messages=(("push", "hello"),),
    exhausted="waitlist",
)
REFUNDED = takes_back(gift(event="order"), part=True)
ONE = CAMPAIGN.campaigns[0]
WATCHES = FailureBrake(Decimal("0.5"), 100, Span(1, "hour"), ONE.origin)
INSIDE = replace(ONE, journey=Journey(False, (), ONE.origin), brakes=(WATCHES,))
PROJECT = replace(CAMPAIGN, campaigns=(INSIDE,))
"""A journey of one step, the entry, that watches its failures."""
NEVER_FILLED = ("event_customers", "steps_of_format_7")
"""Tables that a new ledger does not fill by the ways of this test."""
TABLES = (*CHAINED, *SEALED, SEALS)


def lived(ledger):
    """Something in every table that a ledger fills by itself."""
    asked = [
        ask("ann", "2026-01-10 10:00", "60 cash + 30 points until 2026-02-01"),
        ask("bob", "2026-01-10 10:01", "coffee returning until 2026-03-01"),
        ask("cat", "2026-01-10 10:02", "choose 1 of coffee, video until 2026-02-01"),
        ask("dan", "2026-01-10 10:03", "100 cash"),
        ask("eve", "2026-01-10 10:04", "90 cash"),
    ]
    prizes = (Prize("80000000", "", (("coffee", None),)),)
    ledger.take_codes("coffee", ["K1", "K2"])
    ledger.keep_plan("0" * len(DIGEST), lambda: b"{}")
    ledger.keep_plan(DIGEST, lambda: b"[]")
    labels = tuple(("stage", "retail", who, "new", "2026-01-10") for who in ("ann", "bob"))
    ledger.hand_labels("crm", clock("2026-01-10 00:00"), lambda _: Changes(labels, (), 2, 0, 0, 0))
    ledger.declare(DIGEST, [Draw("gift", "main", seed_digest("secret"), prizes)])
    ledger.decide(PROJECT, asked, DIGEST)
    ledger.reveal("gift", "secret", clock("2026-03-13 00:00"))
    ann, bob, cat, _ = list(dict.fromkeys(row.number for row in ledger.grants()))
    ledger.claim(PROJECT, DIGEST, cat, "cat", ["coffee"], clock("2026-01-11 10:00"))
    ledger.expire(clock("2026-02-02 00:00"))
    ledger.redeem(bob, clock("2026-01-12 10:00"))
    ledger.reverse([ann], "by mistake", clock("2026-02-03 10:00"))
    ledger.set_progress({"gift": clock("2026-02-03 10:00")})
    ledger.mark_seen("invest", ["e1", "e2"])
    ledger.move(Moved("orders", {}, {0: Offset(17, 12), 1: Offset(3, 3)}))
    with ledger.outbox(Watched(PROJECT, clock("2026-02-01 10:00"))) as box:
        first, second, third, *_ = box.waiting("push", clock("2026-02-01 10:00"), 9)
        box.fail(
            [(first, "no answer", clock("2026-02-01 10:00")), (second, "no such", None)],
            clock("2026-02-01 10:00"),
        )
        box.settle([third], {})
        box.count_sent(
            [Sent("policy/calm/messages", "bob", bob, "push", 0, clock("2026-02-01 10:00"))]
        )
        box.set_length("push", 120)
    # A third of the points, and what is after the rewind's instant.
    bought = order("o1", "hal", "2026-02-05 10:00", "30 points", "9.00")
    bought = bought._replace(keys={**bought.keys, "event.key": "o1"})
    back = [("r1", "2026-02-06 10:00"), ("r2", "2026-03-05 10:00")]
    refunds = [refund(key, "hal", at, "o1", "3.00") for key, at in back]
    ledger.carry_out(REFUNDED, [bought, *refunds], "1" * len(DIGEST))
    ledger.decide(
        PROJECT, [ask("fay", "2026-03-10 10:00", "coffee returning until 2026-03-12")], DIGEST
    )
    ledger.expire(clock("2026-03-13 00:00"))
    with ledger.outbox() as box:
        box.settle(box.waiting("push", clock("2026-03-13 00:00"), 9)[-1:], {})
    ledger.rewind(clock("2026-03-01 10:00"), "too far")
    ledger.decide(PROJECT, [ask("gil", "2026-02-10 10:00", "9 points until 2026-03-01")], DIGEST)
    for kind in ("paused", "resumed"):
        ledger.brake(["gift"], kind, "complaints", "me", clock("2026-03-13 00:00"))
    assert ledger.verify() == ()
    return ledger


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger(request, tmp_path_factory):
    url = URL if request.param == "sqlite" else request.getfixturevalue("schema_url")()
    with opened(tmp_path_factory.mktemp("lived"), channels=("push",), url=url) as one:
        yield lived(one)


@contextmanager
def edited(ledger):
    """A connection by which somebody edits the ledger, and what `verify` finds then."""
    store = ledger._store
    if isinstance(store.connection, sqlite3.Connection):
        with store.rehearsed() as copy:
            guards = copy.connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
            )
            for (name,) in guards.fetchall():
                copy.connection.execute(f"DROP TRIGGER {name}")
            yield copy.connection, lambda: verify(copy)
    else:
        with store.connection.transaction(force_rollback=True):
            store.connection.execute("SET LOCAL session_replication_role = replica")
            yield store.connection, lambda: verify(store)


class Table:
    """The columns and rows of a table, by whatever connection."""

    def __init__(self, connection, name):
        self.connection, self.name = connection, name
        cursor = connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2 LIMIT 50")
        self.columns = [column[0] for column in cursor.description]
        self.rows = cursor.fetchall()

    def do(self, words, values=()):
        """Whether the database let it through."""
        if not isinstance(self.connection, sqlite3.Connection):
            words = words.replace("?", "%s")
        try:
            changed = self.connection.execute(words, values).rowcount
        except (sqlite3.IntegrityError, psycopg.errors.IntegrityError):
            return False
        assert changed == 1
        return True

    def where(self, row):
        same = " AND ".join(f"{column} IS NOT DISTINCT FROM ?" for column in self.columns)
        return f"{self.name} WHERE {same}", row

    def delete(self, row):
        place, values = self.where(row)
        return self.do(f"DELETE FROM {place}", values)

    def update(self, row, column, value):
        place, values = self.where(row)
        place = place.replace(" WHERE", f" SET {column} = ? WHERE")
        return self.do(f"UPDATE {place}", (value, *values))

    def swap(self, row, other, place):
        """Exchanges what two rows have in one column."""
        changed = (*row[:place], other[place], *row[place + 1 :])
        back = (*other[:place], row[place], *other[place + 1 :])
        return {changed, back} != {row, other} and (
            self.delete(row) and self.delete(other) and self.insert(changed) and self.insert(back)
        )

    def insert(self, row):
        return self.do(f"INSERT INTO {self.name} VALUES ({', '.join('?' for _ in row)})", row)


def others(value):
    """Values that a column may be given instead."""
    match value:
        case int():
            return (value + 1, -1 - value)
        case bytes():
            return (value + b"\x01", b"")
        case None:
            return (1000, "")
        case _:
            return (value + "1", None)


def edits(table, most):
    """Every kind of edit of a table, of its first and its last row."""
    # A seal is the sum over lanes: what two lanes of one table exchange changes nothing.
    rows = sorted(table.rows) if table.name == "seals" else table.rows
    for row in list(dict.fromkeys((rows[-1], rows[0])))[:most] if rows else ():
        yield "delete", row
        yield "insert", tuple(others(value)[0] for value in row)
        for place, column in enumerate(table.columns):
            for value in others(row[place])[:most]:
                if value != row[place]:
                    yield "update", row, column, value
    if len(rows) > 1:
        for place in range(len(table.columns)):
            yield "swap", rows[0], rows[-1], place


def test_every_table_has_its_place():
    assert sorted(tables()) == sorted(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_was_changed_added_or_taken_away(ledger, name):
    with edited(ledger) as (connection, _):
        # A server is slower, and its rules are the same.
        most = 2 if isinstance(connection, sqlite3.Connection) else 1
        planned = list(edits(Table(connection, name), most))
    tried = [edit for edit in planned if found_after(ledger, name, edit)]
    assert tried or name in NEVER_FILLED


def found_after(ledger, name, edit):
    """Whether the database let it through; `verify` finds it then."""
    with edited(ledger) as (connection, found):
        table = Table(connection, name)
        try:
            done = getattr(table, edit[0])(*edit[1:])
        except (sqlite3.Error, psycopg.Error):
            return False
        if done:
            told = [one.message("zh") for one in found()]
            assert told, edit
            if edit[0] == "insert" and name in SEALED:
                values = dict(zip(table.columns, edit[1], strict=True))
                row = named_row(SEALED[name], [values[key] for key in SEALED[name]])
                assert [one for one in told if row in one or name not in one] == told, edit
        return done


def test_a_row_that_was_added_is_named(ledger):
    with edited(ledger) as (connection, found):
        Table(connection, "seen_events").insert(("invest", "of nobody"))
        assert [one.message() for one in found()] == [
            one.message().partition(": ")[0]
            + ": another program has added the row `event invest, occurrence of nobody`"
            + " to `seen_events`"
            for one in found()
        ]
        Table(connection, "progress").insert(("gone", "2026-01-01T00:00:00.000000Z"))
        assert [("`campaign gone`" in one.message()) for one in found()].count(True) == 1
    with edited(ledger) as (connection, found):
        for key in ("one", "two"):
            Table(connection, "seen_events").insert(("invest", key))
        assert "`seen_events` holds" in found()[0].message()


@pytest.fixture
def server_ledger(server, schema_url, tmp_path):
    """A ledger on the server, whose extension `amcheck` comes and goes with the test."""
    with opened(tmp_path, channels=("push",), url=schema_url()) as one:
        yield one
        one._store.connection.execute("DROP EXTENSION IF EXISTS amcheck")


def test_the_server_checks_itself_where_it_may(server_ledger):
    connection = server_ledger._store.connection
    (said,) = (server_ledger.unchecked().message(),)
    assert said.startswith("the server did not check how it keeps the ledger postgresql://")
    assert said.endswith(": its extension `amcheck` is not installed")
    connection.execute("CREATE EXTENSION amcheck SCHEMA public")
    assert server_ledger.unchecked() is None
    server_ledger.mark_seen("invest", ["e1"])
    assert server_ledger.verify() == ()
    # Rows that are older than the table says any of its rows may be.
    frozen = "UPDATE pg_class SET relfrozenxid = pg_current_xact_id()::xid WHERE oid = %s::regclass"
    with connection.transaction(force_rollback=True):
        connection.execute(frozen, ("seen_events",))
        found = server_ledger.verify()
    assert [one.code.id for one in found] == ["E729"]
    assert "(seen_events) is damaged" in found[0].message()
    assert server_ledger.verify() == ()


def test_the_server_does_not_let_this_user_check_it(server_ledger):
    connection = server_ledger._store.connection
    connection.execute("CREATE EXTENSION amcheck SCHEMA public")
    connection.execute("CREATE ROLE reader; GRANT USAGE ON SCHEMA public TO reader")
    try:
        connection.execute("SET ROLE reader")
        assert amcheck.unchecked(connection) == codes.NOT_PERMITTED
        assert list(amcheck.damaged(connection, "public")) == []
    finally:
        connection.execute("RESET ROLE; DROP OWNED BY reader; DROP ROLE reader")


def test_a_row_that_refers_to_nothing_is_found_though_it_was_sealed(tmp_path):
    with opened(tmp_path) as ledger:
        store = ledger._store
        statement = "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)"
        row = (7, "push", 1, 0, None, None, None)
        store.write((), lambda: store.change(statement, [row]))
        (found,) = ledger.verify()
        assert found.code.id == "E775"
        assert (
            "a row of `attempts` refers to one of `decisions` that is not there" in found.message()
        )
        assert "`attempts`" in found.message("zh")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP INDEX waiting", "`waiting`"),
        ("CREATE TRIGGER more AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END", "`more`"),
        ("DROP TABLE sent", "`sent`"),
    ],
)
def test_a_table_that_is_another(tmp_path, statement, told):
    with opened(tmp_path) as ledger:
        ledger._store.connection.execute(statement)
        (found,) = ledger.verify()
        assert (found.code.id, told in found.message()) == ("E775", True)


@pytest.mark.parametrize("amount", ["many", "", "99999999999999999999999", "-"])
def test_points_that_are_no_number(ledger, amount):
    with edited(ledger) as (connection, found):
        sets = f"UPDATE grants SET amount = '{amount}' WHERE benefit IS NULL AND reward = currency"
        connection.execute(sets)
        told = [one.message() for one in found()]
    # Whatever cannot be added up, the chain still says which entry it is.
    assert any(words.startswith("the entry `") for words in told)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE outbox DISABLE TRIGGER count_added",
        "DROP TRIGGER count_changed ON outbox",
        "DROP FUNCTION count_changed CASCADE",
    ],
)
def test_a_server_that_no_longer_counts(server_ledger, change):
    connection = server_ledger._store.connection
    with connection.transaction(force_rollback=True):
        connection.execute(change)
        (found,) = server_ledger.verify()
    assert found.code.id == "E775"
    assert "outbox" in found.message()
    assert server_ledger.verify() == ()


@pytest.mark.parametrize(
    "change", ["project = 'bank'", "currency = 'EUR'", "format_version = 7", "format_version = 99"]
)
def test_whose_ledger_it_is_was_changed(tmp_path, url, change):
    with opened(tmp_path, url=url) as one:
        one._store.connection.execute(f"UPDATE meta SET {change}")
    with pytest.raises(CannotRun) as stopped:
        opened(tmp_path, url=url, mode="read")
    found = refused(url, "shop", "CNY", tmp_path, stopped.value.diagnostic)
    assert found is not None
    assert (found.code.id, "`meta`" in found.message()) == ("E775", True)


def test_another_projects_ledger_is_none_of_its_faults(tmp_path, url):
    opened(tmp_path, url=url).close()
    with pytest.raises(CannotRun) as stopped:
        open_ledger(url, "bank", "CNY", root=tmp_path, mode="read")
    assert refused(url, "bank", "CNY", tmp_path, stopped.value.diagnostic) is None


def test_a_transaction_that_is_taken_back_seals_nothing(ledger):
    def stops():
        ledger._store.change("INSERT INTO seen_events VALUES (?, ?)", [("invest", "e9")])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger._store.write((), stops)
    ledger.mark_seen("invest", ["e1", "e3"])
    assert ledger.verify() == ()


ODD = (
    "'x'", "NULL", "x'ff00'", "CAST(x'ff' AS TEXT)", "1.5", "9223372036854775807",
    "-9223372036854775808", "'99999999999999999999999'", "''",
)  # fmt: skip
"""Texts, nothing, bytes, bad UTF-8 and numbers that no column of a ledger should hold."""


@contextmanager
def unruled(connection):
    """A file as a ledger's in which a column may hold anything, for as long as this lasts."""
    connection.execute("PRAGMA writable_schema = ON")
    query = "SELECT sql, name FROM sqlite_schema WHERE type = 'table'"
    was = connection.execute(query).fetchall()
    for words, name in was:
        free = words.replace("STRICT, ", "").replace("STRICT", "").replace("IS NOT NULL", "NOTNULL")
        free = free.replace("NOT NULL", "")
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (free, name))
    connection.execute("PRAGMA writable_schema = RESET")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    yield
    connection.execute("PRAGMA writable_schema = ON")
    connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE name = ?", was)
    connection.execute("PRAGMA writable_schema = RESET")
    connection.execute("PRAGMA ignore_check_constraints = OFF")


@pytest.mark.parametrize("name", TABLES)
def test_a_column_that_holds_what_it_must_not(a_file, name):
    chance = random.Random(name)
    columns = [row[1] for row in a_file._store.connection.execute(f"PRAGMA table_info({name})")]
    done = 0
    for _ in range(12):
        column, value = chance.choice(columns), chance.choice(ODD)
        with a_file._store.rehearsed() as copy:
            for (guard,) in copy.ask("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
                copy.connection.execute(f"DROP TRIGGER {guard}")
            with unruled(copy.connection):
                is_ = f"hex({column}) || typeof({column})"
                before = copy.ask(f"SELECT {is_} FROM {name} ORDER BY 1")
                try:
                    copy.connection.execute(f"UPDATE OR IGNORE {name} SET {column} = {value}")
                except sqlite3.Error:
                    continue
                after = copy.ask(f"SELECT {is_} FROM {name} ORDER BY 1")
            if before != after:
                done += 1
                assert [one.message("zh") for one in verify(copy)], (column, value)
    assert done or name in NEVER_FILLED


@pytest.fixture(scope="module")
def a_file(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("file"), channels=("push",)) as one:
        yield lived(one)
