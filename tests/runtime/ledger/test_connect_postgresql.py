"""Ledgers on a server that cannot be had: each says which, and what to do; no secret is shown."""

import sys

import psycopg
import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.ledger import FORMAT_VERSION, open_ledger
from campaigner.runtime.ledger.stores.qualified import qualified, tables

from .ledgers import DIGEST, account, ask, gift, opened
from .test_connect_sqlite import refused

PROJECT = gift(account("campaign/gift/total", "100"))


@pytest.fixture
def url(schema_url):
    return schema_url()


@pytest.fixture
def connection(server):
    with psycopg.connect(server, autocommit=True) as one:
        yield one


def schema(url):
    return url.rpartition("=")[2]


@pytest.mark.parametrize("mode", ["read", "rehearse"])
def test_reading_and_rehearsing_make_nothing(tmp_path, url, connection, mode):
    with opened(tmp_path, url=url, mode=mode) as ledger:
        assert list(ledger.grants()) == []
    query = "SELECT count(*) FROM pg_namespace WHERE nspname = %s"
    assert connection.execute(query, (schema(url),)).fetchone() == (0,)


def test_what_is_there_can_be_read_and_rehearsed_on_and_stays(tmp_path, url):
    asked = [ask("ann", "2026-01-10 10:00", "60 cash")]
    more = [ask("bob", "2026-01-10 10:00", "60 cash")]
    with opened(tmp_path, url=url) as ledger:
        ledger.decide(PROJECT, asked, DIGEST)
    with opened(tmp_path, url=url, mode="read") as ledger:
        assert [row.recipient for row in ledger.grants()] == ["ann"]
        with ledger.rehearsal() as copy:
            assert [one.outcome for one in copy.decide(PROJECT, asked, DIGEST)] == [
                "already_granted"
            ]
            assert copy.decide(PROJECT, more, DIGEST)[0].outcome == "over_budget"
        with pytest.raises(CannotRun) as caught:
            ledger.decide(PROJECT, more, DIGEST)
        assert caught.value.diagnostic.code.id == "E736"
        assert ledger.outcomes() == {("gift", "granted"): 1}


def test_a_server_that_is_not_there(tmp_path):
    url = f"postgresql://app:hunter2@/ledger?host={tmp_path}"
    code, message = refused(tmp_path, url)
    assert code == "E732"
    assert "hunter2" not in message
    assert message.startswith(f"the ledger postgresql://{tmp_path}/ledger cannot be reached: ")


@pytest.mark.parametrize("wrong", ["hunter2", ""])
def test_a_wrong_password_or_none(tmp_path, server, wrong):
    url = server.replace("postgres:@", f"locked:{wrong}@")
    assert url != server
    code, message = refused(tmp_path, url)
    assert code == "E733"
    assert "hunter2" not in message


def test_an_address_that_is_none_shows_nothing_of_it(tmp_path):
    for url in ("postgresql://a:hunter2@[::1/db", "postgresql://a:%zzhunter2@host/db"):
        code, message = refused(tmp_path, url)
        assert code == "E738"
        assert "hunter2" not in message


def test_a_user_who_may_not_make_tables(tmp_path, server, url):
    code, _ = refused(tmp_path, url.replace("postgres:@", "locked:sesame@"))
    assert code == "E736"


def test_another_projects_another_currency_and_another_format(tmp_path, url, connection):
    opened(tmp_path, url=url).close()
    assert refused(tmp_path, url, name="bank")[0] == "E723"
    assert refused(tmp_path, url, currency="USD")[0] == "E724"
    for version, code in ((FORMAT_VERSION + 1, "E722"), (1, "E731")):
        connection.execute(f"UPDATE {schema(url)}.meta SET format_version = {version}")
        assert refused(tmp_path, url)[0] == code


def test_a_schema_that_holds_something_else_is_left_as_it_is(tmp_path, url, connection):
    connection.execute(f"CREATE SCHEMA {schema(url)} CREATE TABLE customers (id text)")
    assert refused(tmp_path, url)[0] == "E737"
    query = "SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace"
    assert connection.execute(query, (schema(url),)).fetchone() == (1,)


def test_without_the_extra(tmp_path, url, monkeypatch):
    monkeypatch.delitem(
        sys.modules, "campaigner.runtime.ledger.stores.connect_postgresql", raising=False
    )
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(CannotRun) as caught:
        open_ledger(url, "shop", "CNY", root=tmp_path)
    assert caught.value.diagnostic.code.id == "E735"


def test_a_connection_that_is_cut_in_the_middle_keeps_nothing_of_the_batch(
    tmp_path, url, connection
):
    with opened(tmp_path, url=url) as ledger:
        ledger.decide(PROJECT, [ask("ann", "2026-01-10 10:00", "60 cash")], DIGEST)
        worker = ledger._store.connection.info.backend_pid
        add = ledger._store.add

        def cut(table, rows):
            if table == "postings":
                connection.execute("SELECT pg_terminate_backend(%s)", (worker,))
            add(table, rows)

        ledger._store.add = cut
        with pytest.raises(CannotRun) as caught:
            ledger.decide(PROJECT, [ask("bob", "2026-01-10 10:00", "40 cash")], DIGEST)
        assert caught.value.diagnostic.code.id == "E734"
    with opened(tmp_path, url=url) as ledger:
        assert [row.recipient for row in ledger.grants()] == ["ann"]
        assert ledger.verify() == ()
        results = ledger.decide(PROJECT, [ask("bob", "2026-01-10 10:00", "40 cash")], DIGEST)
        assert results[0].outcome == "granted"


@pytest.mark.parametrize("times", [3, 100])
@pytest.mark.parametrize(
    "fault", [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected]
)
def test_a_transaction_that_the_server_gives_up_is_begun_again(
    tmp_path, url, fault, times, monkeypatch
):
    monkeypatch.setattr("time.sleep", lambda _: None)
    with opened(tmp_path, url=url) as ledger:
        left = [times]
        keep = ledger._store.keep_chain

        def give_up(chain):
            keep(chain)
            left[0] -= 1
            if left[0] >= 0:
                raise fault

        ledger._store.keep_chain = give_up
        asked = [ask("ann", "2026-01-10 10:00", "60 cash")]
        if times == 3:
            assert ledger.decide(PROJECT, asked, DIGEST)[0].outcome == "granted"
        else:
            with pytest.raises(CannotRun) as caught:
                ledger.decide(PROJECT, asked, DIGEST)
            assert caught.value.diagnostic.code.id == "E726"
        assert len(list(ledger.grants())) == (times == 3)
        assert ledger.verify() == ()


def test_a_server_that_allows_too_little_time(tmp_path, url, connection):
    opened(tmp_path, url=url).close()
    connection.execute("ALTER ROLE postgres SET statement_timeout = 1")
    try:
        # On a busy machine it may be the opening already that takes too long.
        with pytest.raises(CannotRun) as caught, opened(tmp_path, url=url) as ledger:
            ledger._store.ask("SELECT pg_sleep(1)")
    finally:
        connection.execute("ALTER ROLE postgres RESET statement_timeout")
    assert caught.value.diagnostic.code.id == "E772"


def test_a_user_who_may_not_read(tmp_path, url):
    opened(tmp_path, url=url).close()
    with pytest.raises(CannotRun) as caught:
        opened(tmp_path, url=url.replace("postgres:@", "locked:sesame@"), mode="read")
    assert caught.value.diagnostic.code.id == "E773"


@pytest.mark.parametrize("table", tables())
def test_a_table_that_is_missing_is_named(tmp_path, url, connection, table):
    opened(tmp_path, url=url).close()
    connection.execute(f"DROP TABLE {schema(url)}.{table}")
    code, message = refused(tmp_path, url)
    assert code == ("E737" if table == "meta" else "E774")
    assert table == "meta" or table in message


def test_a_foreign_table_of_the_name_meta(tmp_path, url, connection):
    connection.execute(f"CREATE SCHEMA {schema(url)} CREATE TABLE meta (key text, value text)")
    assert refused(tmp_path, url)[0] == "E737"


def test_a_column_that_was_renamed(tmp_path, url, connection):
    with opened(tmp_path, url=url) as ledger:
        connection.execute(f"ALTER TABLE {schema(url)}.accounts RENAME spent TO gone")
        with pytest.raises(CannotRun) as caught:
            ledger.decide(PROJECT, [ask("ann", "2026-01-10 10:00", "1 cash")], DIGEST)
        assert caught.value.diagnostic.code.id == "E775"


def test_every_statement_of_the_ledger_names_its_tables_with_their_schema(tmp_path, url):
    """Each statement that is sent, as the server would read it without any `search_path`."""
    for table in tables():
        for keyword in ("SELECT 1 FROM", "INSERT INTO", "UPDATE", "SELECT 1 FROM x JOIN"):
            made = qualified(f"{keyword} {table} WHERE 1 = ?", 'a"b').as_string(None)
            assert made == f'{keyword} "a""b"."{table}" WHERE 1 = %s'
