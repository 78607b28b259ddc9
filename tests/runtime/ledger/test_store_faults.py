"""Faults of a store at any row of a batch: one sentence, nothing half written, and on it goes."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

import psycopg
import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.delivery import FileChannel, deliver
from campaigner.runtime.ledger import GrantRow, Ledger
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from psycopg import sql

from ...laws import at_most
from .ledgers import DIGEST, account, ask, clock, gift, opened

PROJECT = gift(
    account("campaign/gift/total", "1000"),
    account("campaign/gift/limit 0", "2", key="customer"),
    messages=[("push", "a coffee")],
)
GIVES = ("coffee", "60 cash", "100 points", "choose 1 of coffee, video", "coffee for 50 points")
BATCHES = [
    [ask(f"c{n % 4}", f"2026-01-{day} 10:{n:02}", GIVES[(n + day) % len(GIVES)]) for n in range(8)]
    for day in (10, 11, 12)
]
EXAMPLES = at_most(5, suppress_health_check=list(HealthCheck))

REFUSED = {
    "55P03": "E726",
    "53100": "E791",
    "53200": "E792",
    "53300": "E792",
    "53400": "E792",
    "57014": "E772",
    "25006": "E736",
    "42501": "E736",
    "42P01": "E775",
    "58030": "E730",
    "XX001": "E729",
    "25P03": "E734",
    "57P01": "E734",
}
"""A server's name of a fault (SQLSTATE), and its code."""
TRANSIENT = ("40001", "40P01")
TABLES = ("decisions", "grants", "postings", "outbox", "accounts", "wallets", "chains", "due")


def state(ledger: Ledger) -> list[object]:
    """All that is to be seen of a ledger, which adds up."""
    assert ledger.verify() == ()
    return [
        [(row.recipient, row.occurrence, row.reward, row.amount) for row in ledger.grants()],
        [(row.identity, row.channel, row.state) for row in ledger.letters()],
        list(ledger.balances()),
    ]


def outcomes(ledger: Ledger, batch: int) -> list[str]:
    return [result.outcome for result in ledger.decide(PROJECT, BATCHES[batch], DIGEST)]


@pytest.fixture(scope="module")
def undisturbed() -> list[object]:
    with TemporaryDirectory() as folder, opened(Path(folder), ["push"]) as ledger:
        said = [outcomes(ledger, batch) for batch in range(3)]
        assert {"granted"} < {one for each in said for one in each}
        return [said, state(ledger)]


def goes_on(ledger: Ledger, batch: int, said: list[list[str]]) -> list[list[str]]:
    """The outcomes of the batch and of those after it."""
    return [*said, *(outcomes(ledger, each) for each in range(batch, 3))]


# --- a server -------------------------------------------------------------------------------------

_FAULT = """
CREATE SEQUENCE hits;
CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('{schema}.hits') BETWEEN {first} AND {last} THEN {does} END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fault BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION fault();
"""
_RAISES = "RAISE EXCEPTION 'a fault' USING ERRCODE = '{state}';"
_KILLS = "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5);"


def install(connection: psycopg.Connection, table: str, first: int, last: int, does: str) -> None:
    """Makes the rows of a table between these two, counted from 1, fail."""
    ((schema,),) = connection.execute("SHOW search_path").fetchall()
    script = _FAULT.format(schema=schema, table=table, first=first, last=last, does=does)
    connection.execute(script)


def remove(connection: psycopg.Connection, table: str) -> None:
    connection.execute(f"DROP TRIGGER fault ON {table}; DROP FUNCTION fault; DROP SEQUENCE hits")


@EXAMPLES
@given(
    batch=st.integers(0, 2),
    table=st.sampled_from(TABLES),
    row=st.integers(1, 4),
    fault=st.sampled_from((*REFUSED, "killed")),
)
def test_a_server_that_refuses_a_row(
    schema_url: Callable[[], str],
    undisturbed: list[object],
    batch: int,
    table: str,
    row: int,
    fault: str,
) -> None:
    url = schema_url()
    does = _KILLS if fault == "killed" else _RAISES.format(state=fault)
    with TemporaryDirectory() as folder:
        with opened(Path(folder), ["push"], url=url) as ledger:
            said = [outcomes(ledger, each) for each in range(batch)]
            before = state(ledger)
            install(ledger._store.connection, table, row, row, does)
            code = None
            try:
                said.append(outcomes(ledger, batch))
            except CannotRun as stopped:
                code = stopped.diagnostic.code.id
        with opened(Path(folder), ["push"], url=url) as ledger:
            remove(ledger._store.connection, table)
            if code is not None:
                assert code == REFUSED.get(fault, "E734")
                assert state(ledger) == before
            assert [goes_on(ledger, len(said), said), state(ledger)] == undisturbed


@EXAMPLES
@given(
    batch=st.integers(0, 2),
    table=st.sampled_from(TABLES),
    row=st.integers(1, 4),
    times=st.integers(1, 8),
    fault=st.sampled_from(TRANSIENT),
)
def test_a_server_that_gives_a_transaction_up_a_few_times(
    schema_url: Callable[[], str],
    undisturbed: list[object],
    batch: int,
    table: str,
    row: int,
    times: int,
    fault: str,
) -> None:
    """It is begun again, and nobody can tell afterwards."""
    with (
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patched,
        opened(Path(folder), ["push"], url=schema_url()) as ledger,
    ):
        patched.setattr(time, "sleep", lambda _: None)
        said = [outcomes(ledger, each) for each in range(batch)]
        does = _RAISES.format(state=fault)
        install(ledger._store.connection, table, row, row + times - 1, does)
        assert [goes_on(ledger, batch, said), state(ledger)] == undisturbed


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_conflict_outside_of_a_batch_has_a_sentence(
    tmp_path: Path, schema_url: Callable[[], str], fault: str
) -> None:
    with opened(tmp_path, ["push"], url=schema_url()) as ledger:
        raises = (
            f"RETURNS integer LANGUAGE plpgsql AS $$ BEGIN {_RAISES.format(state=fault)} END $$"
        )
        ledger._store.connection.execute(f"CREATE FUNCTION gives_up() {raises}")
        for asks in (ledger._store.ask, lambda query: list(ledger._store.stream(query))):
            with pytest.raises(CannotRun) as stopped:
                asks("SELECT gives_up()")
            assert stopped.value.diagnostic.code.id == "E726"


@pytest.mark.parametrize("after", [0.5, None])
def test_a_server_without_a_connection_left(
    tmp_path: Path,
    server: str,
    schema_url: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    after: float | None,
) -> None:
    """It is asked again for a while; in that while somebody may leave."""
    url = schema_url()
    opened(tmp_path, url=url).close()
    user = "crowded" if after is None else "busy"
    with psycopg.connect(server, autocommit=True) as connection:
        role = sql.Identifier(user)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT 1").format(role))
        connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(role))
    pauses: list[float] = []
    if after is None:
        monkeypatch.setattr(time, "sleep", pauses.append)
    with psycopg.connect(server.replace("postgres:@", f"{user}@")) as taken:
        theirs = url.replace("postgres:@", f"{user}@")
        if after is not None:
            Timer(after, taken.close).start()
            opened(tmp_path, url=theirs, mode="read").close()
            return
        with pytest.raises(CannotRun) as stopped:
            opened(tmp_path, url=theirs, mode="read")
    assert stopped.value.diagnostic.code.id == "E792"
    assert 1 < len(pauses) < 10


# --- a file ---------------------------------------------------------------------------------------


def full(connection: sqlite3.Connection, room: int) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + room}")


def read_only(connection: sqlite3.Connection, room: int) -> None:
    del room
    connection.execute("PRAGMA query_only = ON")


_FILES = {"full": ("E727", full), "read only": ("E725", read_only), "busy": ("E726", None)}


@EXAMPLES
@given(batch=st.integers(0, 2), room=st.integers(0, 3), fault=st.sampled_from(sorted(_FILES)))
def test_a_file_that_refuses_a_row(
    undisturbed: list[object], batch: int, room: int, fault: str
) -> None:
    expected, make = _FILES[fault]
    with TemporaryDirectory() as folder:
        with opened(Path(folder), ["push"], patience=0.01) as ledger:
            said = [outcomes(ledger, each) for each in range(batch)]
            before = state(ledger)
            other = sqlite3.connect(Path(folder) / "var/ledger.db", isolation_level=None)
            if make is None:
                other.execute("BEGIN IMMEDIATE")
            else:
                make(ledger._store.connection, room)
            code = None
            try:
                said.extend(outcomes(ledger, each) for each in range(batch, 3))
            except CannotRun as stopped:
                code = stopped.diagnostic.code.id
            other.close()
        with opened(Path(folder), ["push"]) as ledger:
            assert code in {expected, None}
            if len(said) == batch:
                assert state(ledger) == before
            assert [goes_on(ledger, len(said), said), state(ledger)] == undisturbed


# --- whatever else is written ---------------------------------------------------------------------

LATER = clock("2027-01-01 00:00")
AFTER = {
    "claims": lambda ledger: [
        ledger.claim(PROJECT, DIGEST, row.number, row.recipient, ["coffee"], row.at).outcome
        for row in offers(ledger)
    ],
    "redeems": lambda ledger: [
        ledger.redeem(row.number, row.at, row.recipient).outcome for row in coffees(ledger)
    ],
    "reverses": lambda ledger: [
        one.outcome for one in ledger.reverse([row.number for row in coffees(ledger)], "x", LATER)
    ],
    "expires": lambda ledger: [one.reward for one in ledger.expire(LATER)],
}
"""Later work on grants, by its name."""
WRITTEN = ("amendments", "settlements", "decisions", "grants", "accounts", "wallets", "chains")


def coffees(ledger: Ledger) -> list[GrantRow]:
    return [row for row in ledger.grants() if row.reward == "coffee"][:3]


def offers(ledger: Ledger) -> list[GrantRow]:
    return [row for row in ledger.grants() if row.reward == "choice"]


@pytest.fixture(scope="module")
def became() -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for name, act in AFTER.items():
        with TemporaryDirectory() as folder, opened(Path(folder), ["push"]) as ledger:
            for batch in range(3):
                outcomes(ledger, batch)
            found[name] = [act(ledger), state(ledger)]
    return found


@EXAMPLES
@given(
    name=st.sampled_from(sorted(AFTER)),
    table=st.sampled_from(WRITTEN),
    row=st.integers(1, 3),
    fault=st.sampled_from((*REFUSED, *TRANSIENT, "killed")),
)
def test_what_becomes_of_grants_later(
    schema_url: Callable[[], str],
    became: dict[str, list[object]],
    name: str,
    table: str,
    row: int,
    fault: str,
) -> None:
    """A fault in the middle of it; done once more, it comes to the same."""
    url, act = schema_url(), AFTER[name]
    does = _KILLS if fault == "killed" else _RAISES.format(state=fault)
    with TemporaryDirectory() as folder:
        with opened(Path(folder), ["push"], url=url) as ledger:
            for batch in range(3):
                outcomes(ledger, batch)
            install(ledger._store.connection, table, row, row, does)
            stopped = None
            try:
                act(ledger)
            except CannotRun as found:
                stopped = found.diagnostic.code.id
        with opened(Path(folder), ["push"], url=url) as ledger:
            remove(ledger._store.connection, table)
            assert stopped in {None, REFUSED.get(fault, "E734")}
            act(ledger)
            assert state(ledger) == became[name][1]


@EXAMPLES
@given(
    table=st.sampled_from(("outbox", "channels")),
    row=st.integers(1, 8),
    fault=st.sampled_from((*REFUSED, *TRANSIENT, "killed")),
)
def test_a_fault_while_a_file_is_written(
    schema_url: Callable[[], str], table: str, row: int, fault: str
) -> None:
    """The lines that are there already are found: each is in the file once."""
    url = schema_url()
    does = _KILLS if fault == "killed" else _RAISES.format(state=fault)
    with TemporaryDirectory() as folder:
        file = FileChannel("push", Path(folder) / "push.jsonl", "push.jsonl")
        with opened(Path(folder), ["push"], url=url) as ledger:
            for batch in range(3):
                outcomes(ledger, batch)
            install(ledger._store.connection, table, row, row, does)
            stopped = None
            try:
                deliver(ledger, {"push": file}, LATER)
            except CannotRun as found:
                stopped = found.diagnostic.code.id
        with opened(Path(folder), ["push"], url=url) as ledger:
            remove(ledger._store.connection, table)
            expected = {"E726"} if fault in TRANSIENT else {REFUSED.get(fault, "E734")}
            assert stopped in {None} | expected
            deliver(ledger, {"push": file}, LATER)
            found = list(ledger.letters())
            assert {(one.state, one.attempts) for one in found} == {("delivered", 0)}
            assert ledger.verify() == ()
        lines = (Path(folder) / "push.jsonl").read_text("utf-8").splitlines()
        keys = [json.loads(line)["key"] for line in lines]
        assert len(set(keys)) == len(keys) == len(found)
