"""The production store: a PostgreSQL schema that many workers write to at once.

A batch is one transaction. Before it reads anything it takes what it will touch (its campaigns and
their accounts), so that batches of one campaign stand in a line, each deciding thousands of claims
before it gives up its place, and batches of others pass by. `docs/ledger.md` says what that keeps.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import count
from typing import Any
from zlib import crc32

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from ...dsl.codes import ledger as codes
from ...dsl.diagnostics import CannotRun, diagnose
from .chain import Chain
from .copying import array, copied
from .faults_postgresql import AGAIN, faults_named
from .store import DONE, PUT_IN, TAKE_OUT, Question, Row, Store, T, Table

LANES = 64
"""Chains side by side; the last one is for rehearsals, which keep nothing."""

LOCKS = 0x43414D50
"""The class of our advisory locks: "CAMP"."""
STRIPES = 256
"""Names are claimed by a number below this; two of one number only wait for each other."""
DELIVERY = -1
OPENING = -2

AT_ONCE = 1_000
"""Rows that are sent together: while the server takes them in, the next are put down."""

ATTEMPTS = 12
"""How often a transaction is begun again that the server gave up for the sake of others."""
_PAUSE = 0.005  # seconds; doubled each time

_AMONG: Mapping[Question, str] = {
    "decisions": (
        "SELECT campaign, step, recipient, occurrence, id, outcome, refused_by, content"
        " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
        " AS asked (campaign, step, recipient, occurrence)"
        " JOIN decisions USING (campaign, step, recipient, occurrence)"
    ),
    "accounts": (
        "SELECT account, period, key, id, declared, cap, spent, exhausted, alerted"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) AS asked (account, period, key)"
        " JOIN accounts USING (account, period, key)"
    ),
    "touches": (
        "SELECT account, recipient, at FROM unnest(%s::text[], %s::text[])"
        " AS asked (account, recipient) JOIN touches USING (account, recipient)"
        " WHERE at BETWEEN %s AND %s ORDER BY account, recipient, at"
    ),
    "wallets": (
        "SELECT wallet, owner, sum(balance) FROM unnest(%s::text[], %s::text[])"
        " AS asked (wallet, owner) JOIN wallets USING (wallet, owner) GROUP BY wallet, owner"
    ),
}
_UPDATE_ACCOUNTS = (
    "UPDATE accounts SET declared = new.declared, cap = new.cap, spent = new.spent,"
    " exhausted = new.exhausted, alerted = new.alerted"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::smallint[],"
    " %s::text[]) AS new (id, declared, cap, spent, exhausted, alerted)"
    " WHERE accounts.id = new.id"
)
# The few rows that are asked for lead to the many that are there, never the other way, however the
# server guesses; and what is sent is on disk before anybody is told.
_AS_WE_READ = (
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;"
    " SET LOCAL enable_seqscan = off"
)
_CLAIM = f"SELECT pg_advisory_xact_lock({LOCKS}, stripe) FROM unnest(%s::int[]) AS stripe"  # noqa: S608
_FREE_LANE = (
    "SELECT lane, last, hash FROM chains WHERE lane < %s ORDER BY lane LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)
_SOME_LANE = "SELECT lane, last, hash FROM chains WHERE lane = %s FOR UPDATE"


class PostgresStore:
    """`Store` on an open connection in autocommit; `reconnect` makes another like it.

    `rehearsing`: the tables are views over temporary ones, and nobody else is concerned.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Row],
        shown: str,
        schema: str,
        reconnect: Callable[[], psycopg.Connection[Row]],
        *,
        rehearsing: bool = False,
    ) -> None:
        self.connection = connection
        self._shown = shown
        self._schema = schema
        self._reconnect = reconnect
        self._rehearsing = rehearsing
        self._names = count()

    @property
    def shown(self) -> str:
        """See `Store.shown`."""
        return self._shown

    @property
    def lanes(self) -> int:
        """See `Store.lanes`."""
        return LANES

    def ask(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """See `Store.ask`."""
        with faults_named(self._shown, self.connection):
            return self.connection.execute(_placed(query), values).fetchall()

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """See `Store.stream`. Inside a transaction it sees what that sees, else it has its own."""
        if self.connection.info.transaction_status == TransactionStatus.INTRANS:
            yield from self._streamed(self.connection, query, values)
        elif self._rehearsing:
            yield from self.ask(query, values)
        else:
            with self._reconnect() as other, other.transaction():
                yield from self._streamed(other, query, values)

    def _streamed(
        self, connection: psycopg.Connection[Row], query: str, values: Sequence[object]
    ) -> Iterator[Row]:
        name = f"rows_{next(self._names)}"
        with faults_named(self._shown, connection), connection.cursor(name=name) as cursor:
            cursor.itersize = 5_000
            yield from cursor.execute(_placed(query), values)

    def among(
        self, question: Question, keys: Sequence[Row], between: tuple[str, str] | None = None
    ) -> Iterable[Row]:
        """See `Store.among`."""
        if not keys:
            return ()
        columns = [array(column) for column in zip(*keys, strict=True)]
        with faults_named(self._shown, self.connection):
            values = (*columns, *(between or ()))
            return self.connection.execute(_AMONG[question], values).fetchall()

    def change(self, statement: str, rows: Iterable[Row]) -> None:
        """See `Store.change`."""
        with faults_named(self._shown, self.connection), self.connection.cursor() as cursor:
            cursor.executemany(_placed(statement), rows)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Store.add`. The server takes some in while the others are still being put down."""
        with self.adding(table) as add:
            for start in range(0, len(rows), AT_ONCE):
                add(rows[start : start + AT_ONCE])

    @contextmanager
    def adding(self, table: Table) -> Iterator[Callable[[Sequence[Row]], None]]:
        """See `Store.adding`."""
        statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with faults_named(self._shown, self.connection), ExitStack() as opened:
            copies: list[psycopg.Copy] = []

            def add(rows: Sequence[Row]) -> None:
                if rows and not copies:
                    cursor = opened.enter_context(self.connection.cursor())
                    copies.append(opened.enter_context(cursor.copy(statement)))
                if rows:
                    copies[0].write(copied(rows))

            yield add

    def update_accounts(self, rows: Sequence[Row]) -> None:
        """See `Store.update_accounts`."""
        if not rows:
            return
        id_, _, _, _, _, _, *written = zip(*rows, strict=True)
        with faults_named(self._shown, self.connection):
            self.connection.execute(_UPDATE_ACCOUNTS, [array(each) for each in (id_, *written)])

    def move_wallets(self, rows: Sequence[Row]) -> None:
        """See `Store.move_wallets`. In one order, so that two who do wait for each other."""
        if self._rehearsing:
            self.change("INSERT INTO wallets VALUES (?, ?, ?)", rows)
            return
        in_order = sorted(rows)
        self.change(PUT_IN, [row for row in in_order if row[2] > 0])
        self.change(TAKE_OUT, [(-row[2], *row[:2]) for row in in_order if row[2] < 0])

    def done(self, rows: Sequence[Row]) -> None:
        """See `Store.done`. A rehearsal leaves the real ones as they are."""
        if not self._rehearsing:
            self.change(DONE, rows)

    def account_numbers(self, count: int) -> Iterable[int]:
        """See `Store.account_numbers`."""
        query = "SELECT nextval('account_numbers') FROM generate_series(1, ?)"
        return [number for (number,) in self.ask(query, (count,))] if count else []

    def chain(self) -> Chain:
        """See `Store.chain`. A lane that nobody else is on, where there is one."""
        with faults_named(self._shown, self.connection):
            if self._rehearsing:
                query, value = _SOME_LANE, LANES - 1
            else:
                query, value = _FREE_LANE, LANES - 1
            rows = self.connection.execute(query, (value,)).fetchall()
            if not rows:
                lane = self.connection.info.backend_pid % (LANES - 1)
                rows = self.connection.execute(_SOME_LANE, (lane,)).fetchall()
        lane, last, hash_ = rows[0]
        return Chain(lane, LANES, last, bytes(hash_))

    def keep_chain(self, chain: Chain) -> None:
        """See `Store.keep_chain`."""
        statement = "UPDATE chains SET last = ?, hash = ? WHERE lane = ?"
        self.change(statement, [(chain.last, chain.hash, chain.lane)])

    def write(self, claims: Collection[str], work: Callable[[], T]) -> T:
        """See `Store.write`."""
        stripes = sorted({crc32(name.encode()) % STRIPES for name in claims})
        for attempt in range(ATTEMPTS):
            try:
                with faults_named(self._shown, self.connection), self.connection.transaction():
                    self._begin(stripes)
                    return work()
            except AGAIN:
                time.sleep(random.uniform(0.5, 1) * _PAUSE * 2**attempt)  # noqa: S311  (no secret)
        raise CannotRun(diagnose(codes.LEDGER_BUSY, None, path=self._shown))

    def _begin(self, stripes: list[int]) -> None:
        if stripes and not self._rehearsing:
            self.connection.execute(_CLAIM, (stripes,))
        self.connection.execute(_AS_WE_READ)

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """See `Store.delivering`. Who decides meanwhile is not kept waiting."""
        try:
            with faults_named(self._shown, self.connection), self.connection.transaction():
                self.connection.execute(_CLAIM, ([DELIVERY],))
                self.connection.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
                yield
        except AGAIN as fault:
            raise CannotRun(diagnose(codes.LEDGER_BUSY, None, path=self._shown)) from fault

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See `Store.reading`."""
        with faults_named(self._shown, self.connection), self.connection.transaction():
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

    @contextmanager
    def rehearsed(self) -> Iterator[Store]:
        """See `Store.rehearsed`. Temporary tables over the real ones: nobody waits for it."""
        with self._reconnect() as other:
            with faults_named(self._shown, other):
                other.execute("SET default_transaction_read_only = off")
                for statement in rehearsal(self._schema):
                    other.execute(statement)
            yield PostgresStore(other, self._shown, self._schema, self._reconnect, rehearsing=True)

    def close(self) -> None:
        """See `Store.close`."""
        self.connection.close()


@lru_cache(256)
def _placed(query: str) -> Any:  # noqa: ANN401  (our constants are its LiteralString)
    """A statement of ours with the driver's mark for values."""
    return query.replace("%", "%%").replace("?", "%s")


_LAID_OVER = {
    "decisions": True,
    "grants": False,
    "postings": False,
    "accounts": True,
    "touches": False,
    "outbox": False,
    "amendments": False,
    "wallets": False,
    "settlements": False,
    "due": False,
}
"""Tables of a rehearsal that add to the real ones; those that also replace rows, by their id."""

_COPIED = ("plans", "chains", "progress", "seen_events")


def rehearsal(schema: str) -> Iterator[sql.Composed]:
    """What makes a connection rehearse: names that lead to temporary tables laid over the real."""
    for name in _COPIED:
        real = sql.Identifier(schema, name)
        names: dict[str, sql.Composable] = {"name": sql.Identifier(name), "real": real}
        yield sql.SQL("CREATE TEMP TABLE {name} (LIKE {real} INCLUDING ALL)").format(**names)
        yield sql.SQL("INSERT INTO {name} SELECT * FROM {real}").format(**names)
    yield sql.SQL("CREATE TEMP SEQUENCE account_numbers START 4611686018427387904").format()
    for name, replaces in _LAID_OVER.items():
        names = {
            "name": sql.Identifier(name),
            "real": sql.Identifier(schema, name),
            "over": sql.Identifier(f"rehearsed_{name}"),
            "does": sql.Identifier("pg_temp", f"rehearse_{name}"),
            "hidden": sql.SQL(""),
            "forget": sql.SQL(""),
        }
        if replaces:
            hidden = "WHERE NOT EXISTS (SELECT 1 FROM {over} AS new WHERE new.id = kept.id)"
            forget = "IF TG_OP = 'UPDATE' THEN DELETE FROM {over} WHERE id = OLD.id; END IF;"
            names["hidden"] = sql.SQL(hidden).format(over=names["over"])
            names["forget"] = sql.SQL(forget).format(over=names["over"])
        # Beside a real balance stands what the rehearsal puts in or takes out, in several rows.
        like = "LIKE {real}" if name == "wallets" else "LIKE {real} INCLUDING ALL"
        yield sql.SQL(f"CREATE TEMP TABLE {{over}} ({like})").format(**names)
        yield sql.SQL(
            "CREATE TEMP VIEW {name} AS SELECT * FROM {over}"
            " UNION ALL SELECT * FROM {real} AS kept {hidden}"
        ).format(**names)
        yield sql.SQL(
            "CREATE FUNCTION {does}() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN {forget} INSERT INTO {over} SELECT NEW.*; RETURN NEW; END$$"
        ).format(**names)
        yield sql.SQL(
            "CREATE TRIGGER rehearse INSTEAD OF INSERT OR UPDATE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION {does}()"
        ).format(**names)
