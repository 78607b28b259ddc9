"""A warehouse on a PostgreSQL server: one read-only transaction, its rows through cursors there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from psycopg import sql as composed

from ....compiler.dialects.postgresql import PostgreSQL
from ..contract import BATCH, NO_VALUES, Answer, Tables, WarehouseColumn
from .sessions import KEPT, address, faults_named, session
from .types import ENUM, PostgreSQLTypes

_COLUMNS = """
SELECT space.nspname, class.relname, pg_table_is_visible(class.oid), attribute.attname,
  CASE type.typtype
    WHEN 'e' THEN %s
    WHEN 'd' THEN format_type(type.typbasetype, NULL)
    ELSE format_type(type.oid, NULL)
  END,
  has_schema_privilege(space.oid, 'USAGE')
    AND has_column_privilege(class.oid, attribute.attnum, 'SELECT'),
  EXISTS (
    SELECT FROM pg_index
    WHERE indrelid = class.oid AND indisunique AND indisvalid AND indpred IS NULL
      AND indnkeyatts = 1 AND indkey[0] = attribute.attnum
  )
FROM pg_attribute AS attribute
JOIN pg_class AS class ON class.oid = attribute.attrelid
JOIN pg_namespace AS space ON space.oid = class.relnamespace
JOIN pg_type AS type ON type.oid = attribute.atttypid
WHERE class.relkind IN ('r', 'v', 'm', 'p', 'f') AND attribute.attnum > 0
  AND NOT attribute.attisdropped AND space.nspname !~ '^pg_' AND space.nspname <> %s
ORDER BY space.nspname, class.relname, attribute.attnum
"""


@dataclass(frozen=True, slots=True)
class PostgreSQLWarehouse:
    """See `Warehouse`. `shown` is its address as people may see it."""

    connection: psycopg.Connection[Any]
    shown: str
    has_kept: bool
    _cursors: ExitStack
    dialect: PostgreSQL = field(default_factory=PostgreSQL)
    types: PostgreSQLTypes = field(default_factory=PostgreSQLTypes)
    _kept: dict[str, composed.Composable] = field(default_factory=dict)
    _views: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def ask(self, sql: str, batch: int = BATCH, values: Mapping[str, str] = NO_VALUES) -> Answer:
        """Run a query through a cursor of its own on the server."""
        with faults_named(self.shown, self.connection):
            name = f"campaigner_{next(self._numbers)}"
            # A raw cursor: parameters are `$1`, and `%` has no meaning.
            made = psycopg.RawServerCursor(self.connection, name)
            cursor = self._cursors.enter_context(made)
            cursor.execute(self._with_kept(sql), list(values.values()) or None)
            columns = tuple(column.name for column in cursor.description or ())
        return Answer(columns, self._batches(cursor, batch))

    def keep(self, table: str, occurrences: Iterable[str]) -> None:
        """Store texts in the session's temporary table, or in the queries if that is forbidden."""
        if not self.has_kept:
            values = composed.Literal(list(occurrences))
            self._kept[table] = composed.SQL("SELECT unnest({}::text[])").format(values)
            return
        copy = composed.SQL("COPY {} FROM STDIN").format(composed.Identifier("pg_temp", KEPT))
        with (
            faults_named(self.shown, self.connection),
            self.connection.cursor() as cursor,
            cursor.copy(copy) as rows,
        ):
            for occurrence in occurrences:
                rows.write_row((table, occurrence))
        query = composed.SQL("SELECT occurrence FROM pg_temp.{} WHERE kept = {}")
        kept = query.format(composed.Identifier(KEPT), composed.Literal(table))
        self._kept[table] = kept

    def view(self, name: str, query: str) -> None:
        """Define a view in the queries themselves, since the transaction is read-only."""
        self._views.pop(name, None)
        self._views[name] = query

    def interrupt(self) -> None:
        """Do nothing: signals interrupt a thread that waits for a server."""

    def tables(self) -> Tables:
        """Every table and view of the database, also what this user may not read."""
        known: dict[str, dict[str, WarehouseColumn]] = {}
        with faults_named(self.shown, self.connection):
            rows = self.connection.execute(_COLUMNS, (ENUM, "information_schema")).fetchall()
        for schema, name, visible, column, type_, readable, unique in rows:
            found = WarehouseColumn(type_, readable, unique)
            known.setdefault(f"{schema}.{name}", {})[column] = found
            if visible:
                known.setdefault(name, {})[column] = found
        return Tables(known, folds=False)

    def _with_kept(self, sql: str) -> bytes:
        """The query with what was kept under the names by which it, or its views, ask for it."""
        texts, views = [sql], list[tuple[str, str]]()
        for name, query in reversed(self._views.items()):
            # A view reads those that were defined before it.
            if any(name in text for text in texts):
                texts.append(query)
                views.insert(0, (name, query.replace("{", "{{").replace("}", "}}")))
        asked = [
            composed.SQL("{} (occurrence) AS ({})").format(composed.Identifier(name), kept)
            for name, kept in self._kept.items()
            if any(name in text for text in texts)
        ]
        # Not materialized, so that a condition on a key still finds its index.
        asked += [
            composed.SQL("{} AS NOT MATERIALIZED ({})").format(
                composed.Identifier(name), composed.SQL(query).format()
            )
            for name, query in views
        ]
        if not asked:
            return sql.encode()
        # An ordered query stays ordered inside of one that does nothing more.
        ctes = composed.SQL("WITH {} SELECT * FROM (").format(composed.SQL(", ").join(asked))
        return ctes.as_bytes(self.connection) + sql.encode() + b") AS asked"

    def _batches(
        self, cursor: psycopg.RawServerCursor[Any], size: int
    ) -> Iterator[list[tuple[Any, ...]]]:
        try:
            while True:
                with faults_named(self.shown, self.connection):
                    batch = cursor.fetchmany(size)
                if not batch:
                    return
                yield batch
        finally:
            cursor.close()


@contextmanager
def open_postgresql(url: str, shown: str | None = None) -> Iterator[PostgreSQLWarehouse]:
    """The warehouse at `postgresql://…` while needed; `CannotRun` where it cannot be had."""
    at = address(url, shown)
    # A cursor whose answer nobody reads to its end is closed here.
    with session(at) as (connection, has_kept), ExitStack() as cursors:
        yield PostgreSQLWarehouse(connection, at.shown, has_kept, cursors)
