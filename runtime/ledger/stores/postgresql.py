"""The production store: a PostgreSQL schema that many workers write to at once.

A batch is one transaction. It first locks its campaigns and their accounts. So batches of one
campaign are serialized, each deciding thousands of claims, while batches of others proceed.
`docs/ledger.md` lists the guarantees.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from zlib import crc32

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, diagnose
from ...codes import ledger as codes
from ..audit.amcheck import damaged, unchecked
from ..chain import Chain
from ..seals import Unsealed
from ..since import Since
from ..store import DONE, NewRows, Question, Row, Store, T, Table
from .asked_postgresql import AMONG
from .copying import array, copied
from .faults_postgresql import AGAIN, faults_named
from .qualified import NUMBERS, TEMPORARY, qualified
from .rehearsing import REHEARSED, rehearsal
from .sealing_postgresql import keep, seal_again, uncounted, unsealed
from .sessions import Sessions

LANES = 64
"""Chains side by side; the last one is for rehearsals, which keep nothing."""

STRIPES = 256
"""Names are claimed by a number below this; two of one number only wait for each other."""
DELIVERY = -1

AT_ONCE = 1_000
"""Rows that are sent together: while the server takes them in, the next are put down."""

ATTEMPTS = 12
"""How often a transaction is begun again that the server gave up for the sake of others."""
_PAUSE = 0.005  # seconds; doubled each time

_ADD_NEW: Mapping[NewRows, str] = {
    "seen_events": (
        "INSERT INTO seen_events SELECT * FROM unnest(?::text[], ?::text[]) ON CONFLICT DO NOTHING"
    ),
}
_UPDATE_ACCOUNTS = (
    "UPDATE accounts SET declared = new.declared, cap = new.cap, spent = new.spent,"
    " exhausted = new.exhausted, alerted = new.alerted"
    " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::smallint[],"
    " ?::text[]) AS new (id, declared, cap, spent, exhausted, alerted)"
    " WHERE accounts.id = new.id"
)
_PUT_IN = (
    "INSERT INTO wallets SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[])"
    " ON CONFLICT (owner, wallet) DO UPDATE SET balance = wallets.balance + excluded.balance"
)
_TAKE_OUT = (
    "UPDATE wallets SET balance = balance - amount"
    " FROM unnest(?::text[], ?::text[], ?::bigint[]) AS moved (name, whose, amount)"
    " WHERE wallet = name AND owner = whose"
)
_ENTER = (
    "INSERT INTO event_customers SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])"
    " ON CONFLICT DO NOTHING"
)
_FREE_LANE = (
    "SELECT lane, last, hash FROM chains WHERE lane < ? ORDER BY lane LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)
_SOME_LANE = "SELECT lane, last, hash FROM chains WHERE lane = ? FOR UPDATE"


class PostgresStore:
    """`Store` on connections in autocommit, which `sessions` makes.

    `rehearsing`: the tables are views over temporary ones, in one transaction, and nobody else is
    affected.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Row],
        sessions: Sessions,
        *,
        rehearsing: bool = False,
    ) -> None:
        self.connection = connection
        self._sessions = sessions
        self._shown = sessions.at.shown
        self.since = Since(self._shown)
        self._schema = sessions.at.schema
        self._temporary = REHEARSED if rehearsing else frozenset[str]()
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
        with self._within():
            return self._execute(query, values).fetchall()

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """See `Store.stream`. Inside a transaction it sees what that sees, else it has its own."""
        if self._in_transaction:
            yield from self._streamed(self.connection, query, values)
        else:
            with self._sessions.connected() as other, self._sessions.begun(other):
                yield from self._streamed(other, query, values)

    def _streamed(
        self, connection: psycopg.Connection[Row], query: str, values: Sequence[object]
    ) -> Iterator[Row]:
        name = f"rows_{next(self._names)}"
        with self._named(connection), connection.cursor(name=name) as cursor:
            cursor.itersize = 5_000
            yield from cursor.execute(self._placed(query), values)

    def among(
        self, question: Question, keys: Sequence[Row], between: tuple[str, str] | None = None
    ) -> Iterable[Row]:
        """See `Store.among`."""
        if not keys:
            return ()
        columns = [array(column) for column in zip(*keys, strict=True)]
        return self.ask(AMONG[question], (*columns, *(between or ())))

    def change(self, statement: str, rows: Iterable[Row]) -> None:
        """See `Store.change`."""
        with self._writing(), self.connection.cursor() as cursor:
            cursor.executemany(self._placed(statement), rows)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Store.add`. The server takes some in while the others are still being put down."""
        with self.adding(table) as add:
            for start in range(0, len(rows), AT_ONCE):
                add(rows[start : start + AT_ONCE])

    def add_new(self, table: NewRows, rows: Sequence[Row]) -> None:
        """See `Store.add_new`. Some in each statement, since each is counted by itself."""
        with self._writing():
            for start in range(0, len(rows), AT_ONCE):
                some = zip(*rows[start : start + AT_ONCE], strict=True)
                self._execute(_ADD_NEW[table], [array(column) for column in some])

    @contextmanager
    def adding(self, table: Table) -> Iterator[Callable[[Sequence[Row]], None]]:
        """See `Store.adding`."""
        statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(self._place(table), table))
        with self._writing(), ExitStack() as opened:
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
        with self._writing():
            self._execute(_UPDATE_ACCOUNTS, [array(each) for each in (id_, *written)])

    def move_wallets(self, rows: Sequence[Row]) -> None:
        """See `Store.move_wallets`. In one order, so that two who do wait for each other."""
        if self._rehearsing:
            self.change("INSERT INTO wallets VALUES (?, ?, ?)", rows)
            return
        in_order = sorted(rows)
        for statement, moved in (
            (_PUT_IN, [row for row in in_order if row[2] > 0]),
            (_TAKE_OUT, [(*row[:2], -row[2]) for row in in_order if row[2] < 0]),
        ):
            if moved:
                with self._writing():
                    columns = zip(*moved, strict=True)
                    self._execute(statement, [array(column) for column in columns])

    def enter_keys(self, rows: Sequence[Row]) -> bool:
        """See `Store.enter_keys`. A rehearsal's views know no conflict, and it is alone."""
        if self._rehearsing:
            known = {row[:2] for row in self.among("event_customers", [row[:2] for row in rows])}
            new = [row for row in rows if row[:2] not in known]
            self.add("event_customers", new)
            return len(new) == len(rows)
        columns = [array(column) for column in zip(*rows, strict=True)]
        with self._writing():
            return self._execute(_ENTER, columns).rowcount == len(rows)

    def delete_due(self, rows: Sequence[Row]) -> None:
        """See `Store.delete_due`. A rehearsal leaves the real ones as they are."""
        if not self._rehearsing:
            self.change(DONE, rows)

    def account_numbers(self, count: int) -> Iterable[int]:
        """See `Store.account_numbers`."""
        if not count:
            return []
        place = TEMPORARY if self._rehearsing else self._schema
        sequence = sql.Identifier(place, NUMBERS).as_string(self.connection)
        query = "SELECT nextval(CAST(? AS regclass)) FROM generate_series(1, ?)"
        return [number for (number,) in self.ask(query, (sequence, count))]

    def chain(self) -> Chain:
        """See `Store.chain`. A lane that nobody else is on, where there is one."""
        self.since.check(self.ask)
        query = _SOME_LANE if self._rehearsing else _FREE_LANE
        rows = self.ask(query, (LANES - 1,))
        if not rows:
            rows = self.ask(_SOME_LANE, (self.connection.info.backend_pid % (LANES - 1),))
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
                with self._transaction(stripes, again=True):
                    return work()
            except AGAIN:
                time.sleep(random.uniform(0.5, 1) * _PAUSE * 2**attempt)  # noqa: S311  (no secret)
        raise CannotRun(diagnose(codes.LEDGER_BUSY, None, path=self._shown))

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """See `Store.delivering`. Who decides meanwhile is not kept waiting."""
        with self._transaction([DELIVERY]):
            self.connection.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See `Store.reading`. A rehearsal is one transaction already."""
        if self._in_transaction:
            yield
            return
        with self._sessions.begun(self.connection, picture=True):
            yield

    def damage(self) -> Iterator[Diagnostic]:
        """See `Store.damage`."""
        if not self._rehearsing:
            with self._named(self.connection):
                for name in damaged(self.connection, self._schema):
                    path = f"{self._shown} ({name})"
                    yield diagnose(codes.LEDGER_DAMAGED, None, path=path)

    def unchecked(self) -> Phrase | None:
        """See `Store.unchecked`."""
        with self._within():
            return unchecked(self.connection)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """See `Store.apart`."""
        with self._named(self.connection), self.connection.transaction():
            yield

    def dangling(self) -> Iterator[tuple[str, str]]:
        """See `Store.dangling`. No table is bound to another here: `verify` asks of what counts."""
        return iter(())

    def uncounted(self) -> list[str]:
        """See `Store.uncounted`. A rehearsal counts nothing."""
        return [] if self._rehearsing else uncounted(self.connection, self._schema)

    def unsealed(self) -> Iterator[Unsealed]:
        """See `Store.unsealed`. A rehearsal keeps nothing, and seals nothing."""
        if not self._rehearsing:
            yield from unsealed(self._execute)

    def exclude_others(self) -> None:
        """See `Store.exclude_others`. Whoever adds an entry asks for the end of a chain first."""
        if not self._rehearsing:
            chains = sql.Identifier(self._schema, "chains")
            self.connection.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(chains))

    def seal_again(self, table: str, *, whole: bool) -> None:
        """See `Store.seal_again`."""
        if not self._rehearsing:
            seal_again(self._execute, table, whole=whole)

    @contextmanager
    def rehearsed(self) -> Iterator[Store]:
        """See `Store.rehearsed`. Temporary tables over the real ones: nobody waits for it.

        They live in one transaction, which is taken back, so that no pooled session keeps them.
        """
        with (
            self._sessions.connected() as other,
            self._sessions.begun(other, rehearses=True),
            self._named(other),
        ):
            for statement in rehearsal(self._schema):
                other.execute(statement)
            yield PostgresStore(other, self._sessions, rehearsing=True)
            raise psycopg.Rollback

    def close(self) -> None:
        """See `Store.close`."""
        self.connection.close()

    @property
    def _in_transaction(self) -> bool:
        return self.connection.info.transaction_status != TransactionStatus.IDLE

    def _placed(self, query: str) -> sql.Composed:
        return qualified(query, self._schema, self._temporary)

    def _place(self, table: Table) -> str:
        return TEMPORARY if table in self._temporary else self._schema

    def _execute(self, query: str, values: Sequence[object]) -> psycopg.Cursor[Row]:
        return self.connection.execute(self._placed(query), values)

    @contextmanager
    def _within(self) -> Iterator[None]:
        """The current transaction, or a new one for this statement."""
        if self._in_transaction:
            with self._named(self.connection):
                yield
        else:
            with self._sessions.begun(self.connection):
                yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The current transaction, or a new writing one for this statement."""
        alone = not self._in_transaction
        with self._within():
            yield
            if alone:
                keep(self._execute)

    @contextmanager
    def _transaction(self, stripes: list[int], *, again: bool = False) -> Iterator[None]:
        """A transaction that holds these locks; a rehearsal needs none."""
        if self._rehearsing:
            with self._named(self.connection), self.connection.transaction():
                yield
        else:
            with self._sessions.begun(self.connection, stripes=stripes, again=again):
                yield
                keep(self._execute)

    def _named(self, connection: psycopg.Connection[Row]) -> AbstractContextManager[None]:
        """Within a transaction, whose own `with` knows what a conflict with others means."""
        return faults_named(self._shown, connection, reads=self._sessions.reads, again=True)
