"""The embedded store: one SQLite file, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial

from ....dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ...codes import ledger as codes
from ..chain import NOTHING, Chain
from ..columns.inserting import insert, insert_each
from ..seals import Unsealed
from ..since import Since
from ..store import DONE, KEPT_STEPS, PUT_IN, TAKE_OUT, NewRows, Question, Row, Store, T, Table
from .faults import faults_named, transaction
from .sealing_sqlite import Sealing, unsealed
from .tables_sqlite import altered

_KEYS: Mapping[Question, str] = {
    "decisions": "campaign TEXT, step TEXT, recipient TEXT, occurrence TEXT",
    "accounts": "account TEXT, period TEXT, key TEXT",
    "touches": "account TEXT, recipient TEXT",
    "wallets": "wallet TEXT, owner TEXT",
    "event_customers": "event TEXT, key TEXT",
    "firings": "campaign TEXT, step TEXT, recipient TEXT",
    "reversals": "campaign TEXT, key TEXT",
    "journeys": "campaign TEXT, customer TEXT",
}
ASKED = {
    question: (
        f"CREATE TEMP TABLE IF NOT EXISTS asked_{question} ({columns})",
        f"DELETE FROM temp.asked_{question}",  # noqa: S608  (the names stand above)
    )
    for question, columns in _KEYS.items()
}
# CROSS JOIN: from the few that are asked for to the many that are there, never the other way.
_AMONG: Mapping[Question, str] = {
    "decisions": (
        "SELECT campaign, step, recipient, occurrence, id, outcome, refused_by, content"
        " FROM temp.asked_decisions"
        " CROSS JOIN decisions USING (campaign, step, occurrence, recipient)"
    ),
    "accounts": (
        "SELECT account, period, key, id, declared, cap, spent, exhausted, alerted"
        " FROM temp.asked_accounts CROSS JOIN accounts USING (account, period, key)"
    ),
    "touches": (
        "SELECT account, recipient, at FROM temp.asked_touches"
        " CROSS JOIN touches USING (account, recipient) WHERE at BETWEEN ? AND ?"
        " ORDER BY account, recipient, at"
    ),
    "wallets": (
        "SELECT wallet, owner, balance FROM temp.asked_wallets"
        " CROSS JOIN wallets USING (wallet, owner)"
    ),
    "event_customers": (
        "SELECT event, key, customer, at FROM temp.asked_event_customers"
        " CROSS JOIN event_customers USING (event, key)"
    ),
    "firings": (
        "SELECT campaign, step, recipient, occurrence, outcome, facts FROM temp.asked_firings"
        " CROSS JOIN decisions USING (campaign, step, recipient) WHERE outcome = 'granted'"
    ),
    "reversals": (
        "SELECT campaign, key, customer, part FROM temp.asked_reversals"
        " CROSS JOIN reversals USING (campaign, key)"
    ),
    "journeys": (
        f"{KEPT_STEPS} FROM temp.asked_journeys AS asked"
        " CROSS JOIN journeys USING (campaign, customer)"
        " CROSS JOIN decisions ON decisions.id = journeys.decision"
    ),
}
FEW = 4
"""So many keys are asked for by one statement; more go through a temporary table."""


@cache
def _few(question: Question, count: int) -> str:
    """The query of a question for so many keys, which are values of the statement."""
    names = _KEYS[question].replace(" TEXT", "")
    row = f"({', '.join('?' for _ in names.split(','))})"
    asked = f"WITH asked_{question} ({names}) AS (VALUES {', '.join([row] * count)})"
    return f"{asked} {_AMONG[question].replace('temp.asked_', 'asked_')}"


_KNOWN: Mapping[NewRows | Table, str] = {
    "seen_events": (
        "SELECT event, occurrence FROM temp.asked_event_customers AS asked"
        " CROSS JOIN seen_events USING (event) WHERE occurrence = asked.key"
    ),
    "event_customers": (
        "SELECT event, key FROM temp.asked_event_customers"
        " CROSS JOIN event_customers USING (event, key)"
    ),
}
"""The keys of a table, its first two columns, that are there of those that are asked for."""
_PAGES = "PRAGMA cache_size = -16384"
"""The page cache: 16 MiB of the file.

A rush is as fast with it as with four times as much. With recipients in random order and up to five
million rows, a claim takes 5% more processor time than with that. Half of it costs another 2%.
"""
_UPDATE_ACCOUNT = (
    "UPDATE accounts SET declared = ?, cap = ?, spent = ?, exhausted = ?, alerted = ? WHERE id = ?"
)


def opened(address: str, patience: float) -> sqlite3.Connection:
    """Return a configured connection; `patience` is the seconds to wait for another writer."""
    connection = sqlite3.connect(
        address, timeout=patience, isolation_level=None, uri=True, cached_statements=512
    )
    # Rows refer to numbers that their own transaction has handed out; `verify` looks for others.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(_PAGES)
    return connection


def copied(source: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy of the ledger in memory."""
    target = opened(":memory:", 0.0)
    source.backup(target)
    return target


class SqliteStore:
    """`Store` on an open connection; `shown` is the file's path in messages.

    `plain`: it inserts row by row.
    """

    def __init__(self, connection: sqlite3.Connection, shown: str, *, plain: bool = False) -> None:
        self.connection = connection
        self._insert = insert_each if plain else insert
        self._plain = plain
        self._shown = shown
        self.since = Since(shown)
        self._sealing = Sealing(connection, plain=plain)

    @property
    def shown(self) -> str:
        """See `Store.shown`."""
        return self._shown

    @property
    def lanes(self) -> int:
        """See `Store.lanes`. One writer needs one."""
        return 1

    def ask(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """See `Store.ask`."""
        with faults_named(self._shown):
            return self.connection.execute(query, values).fetchall()

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """See `Store.stream`."""
        with faults_named(self._shown):
            # `yield from` closes the cursor of a reader who stops early, even if the file is shut.
            for row in self.connection.execute(query, values):  # noqa: UP028
                yield row

    def among(
        self, question: Question, keys: Sequence[Row], between: tuple[str, str] | None = None
    ) -> Iterable[Row]:
        """See `Store.among`."""
        if not keys:
            return ()
        with faults_named(self._shown):
            if len(keys) <= FEW:
                query, values = _few(question, len(keys)), [one for key in keys for one in key]
                return self.connection.execute(query, (*values, *(between or ())))
            self._ask(question, keys)
            return self.connection.execute(_AMONG[question], between or ())

    def _ask(self, question: Question, keys: Sequence[Row]) -> None:
        """Put keys into the temporary table of a question."""
        for statement in ASKED[question]:
            self.connection.execute(statement)
        self._insert(self.connection, f"temp.asked_{question}", keys)

    def change(self, statement: str, rows: Iterable[Row]) -> None:
        """See `Store.change`."""
        if isinstance(rows, list) and not rows:
            return
        with faults_named(self._shown):
            self.connection.executemany(statement, rows)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Store.add`."""
        if rows:
            with faults_named(self._shown):
                self._insert(self.connection, table, rows)
                self._sealing.added(table, rows)

    def add_new(self, table: NewRows, rows: Sequence[Row]) -> None:
        """See `Store.add_new`."""
        self._enter(table, list(dict.fromkeys(rows)))

    def _enter(self, table: NewRows | Table, rows: Sequence[Row]) -> bool:
        """Insert the rows whose keys are new; return whether all were."""
        if not rows:
            return True
        with faults_named(self._shown):
            if self._inserted(table, rows):
                return True
            self._ask("event_customers", [row[:2] for row in rows])
            known = set(self.connection.execute(_KNOWN[table]))
            new = [row for row in rows if row[:2] not in known]
            if new:
                self._insert(self.connection, table, new)
                self._sealing.added(table, new)
            return False

    def _inserted(self, table: NewRows | Table, rows: Sequence[Row]) -> bool:
        """Insert rows if all of their keys are new, as most often; else none of them."""
        counted = self._sealing.counted(table)
        self.connection.execute("SAVEPOINT entered")
        try:
            self._insert(self.connection, table, rows)
        except sqlite3.IntegrityError:
            self.connection.execute("ROLLBACK TO entered")
            self._sealing.go_back(table, counted)
            are_new = False
        else:
            self._sealing.added(table, rows)
            are_new = True
        self.connection.execute("RELEASE entered")
        return are_new

    @contextmanager
    def adding(self, table: Table) -> Iterator[Callable[[Sequence[Row]], None]]:
        """See `Store.adding`."""
        yield partial(self.add, table)

    def update_accounts(self, rows: Sequence[Row]) -> None:
        """See `Store.update_accounts`."""
        self.change(_UPDATE_ACCOUNT, [(*row[6:], row[0]) for row in rows])

    def move_wallets(self, rows: Sequence[Row]) -> None:
        """See `Store.move_wallets`."""
        # The guard of a balance looks at what is to be inserted, so what is taken is an update.
        self.change(PUT_IN, [row for row in rows if row[2] > 0])
        self.change(TAKE_OUT, [(-row[2], *row[:2]) for row in rows if row[2] < 0])

    def enter_keys(self, rows: Sequence[Row]) -> bool:
        """See `Store.enter_keys`."""
        return self._enter("event_customers", rows)

    def delete_due(self, rows: Sequence[Row]) -> None:
        """See `Store.delete_due`."""
        self.change(DONE, rows)

    def account_numbers(self, count: int) -> Iterable[int]:
        """See `Store.account_numbers`."""
        ((highest,),) = self.ask("SELECT max(id) FROM accounts")
        return range((highest or 0) + 1, (highest or 0) + count + 1)

    def chain(self) -> Chain:
        """See `Store.chain`."""
        self.since.check(self.ask)
        rows = self.ask("SELECT last, hash FROM chains WHERE lane = 0")
        last, hash_ = rows[0] if rows else (0, NOTHING)
        return Chain(0, self.lanes, last, hash_)

    def keep_chain(self, chain: Chain) -> None:
        """See `Store.keep_chain`."""
        statement = "INSERT OR REPLACE INTO chains VALUES (?, ?, ?)"
        self.change(statement, [(chain.lane, chain.last, chain.hash)])

    def write(self, claims: Collection[str], work: Callable[[], T]) -> T:  # noqa: ARG002  (one writer)
        """See `Store.write`. A file has one writer at a time, so there is nothing to claim."""
        with self._transaction():
            return work()

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """See `Store.delivering`."""
        with self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with (
            faults_named(self._shown),
            self._sealing.counting(),
            transaction(self.connection),
        ):
            yield
            self._sealing.keep()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See `Store.reading`."""
        with faults_named(self._shown):
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self.connection.execute("ROLLBACK")

    def damage(self) -> Iterator[Diagnostic]:
        """See `Store.damage`."""
        if self.ask("PRAGMA integrity_check(1)") != [("ok",)]:
            yield diagnose(codes.LEDGER_DAMAGED, None, path=self._shown)
            return
        with faults_named(self._shown):
            names = altered(self.connection)
        if names:
            reason = codes.not_as_made(", ".join(names))
            yield diagnose(codes.LEDGER_CHANGED, None, path=self._shown, reason=reason)

    def unchecked(self) -> None:
        """See `Store.unchecked`. SQLite always can."""

    @contextmanager
    def apart(self) -> Iterator[None]:
        """See `Store.apart`. A question that fails ends nothing but itself."""
        with faults_named(self._shown):
            yield

    def dangling(self) -> Iterator[tuple[str, str]]:
        """See `Store.dangling`."""
        rows = self.ask("PRAGMA foreign_key_check")
        yield from sorted({(table, of) for table, _, of, _ in rows})

    def uncounted(self) -> list[str]:
        """See `Store.uncounted`. Every connection counts by itself."""
        return []

    def unsealed(self) -> Iterator[Unsealed]:
        """See `Store.unsealed`."""
        with faults_named(self._shown):
            yield from unsealed(self.connection)

    def exclude_others(self) -> None:
        """See `Store.exclude_others`. A file has one writer at a time."""

    def seal_again(self, table: str, *, whole: bool) -> None:
        """See `Store.seal_again`."""
        with faults_named(self._shown):
            self._sealing.again(table, whole=whole)

    @contextmanager
    def rehearsed(self) -> Iterator[Store]:
        """See `Store.rehearsed`."""
        with faults_named(self._shown):
            copy = copied(self.connection)
        try:
            yield SqliteStore(copy, self._shown, plain=self._plain)
        finally:
            copy.close()

    def close(self) -> None:
        """See `Store.close`."""
        self.connection.close()
