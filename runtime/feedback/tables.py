"""Targets that are tables of the warehouse: only the rows that changed are written, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import feedback as codes
from .changes import COLUMNS, Changes, Kept
from .labels import Place

_SECONDS = 10


@dataclass(frozen=True, slots=True)
class LabelTable:
    """A table in a transaction that the `with` block of `open_table` ends."""

    name: str
    dialect: str
    execute: Callable[[str, Sequence[object]], Any]

    def read(self) -> Kept:
        """Return its labels; make it if it is not there. Raise `CannotRun` if it holds others."""
        table = self._table()
        kinds = [exp.ColumnDef(this=exp.to_identifier(one), kind=_TEXT) for one in COLUMNS]
        key = exp.PrimaryKey(expressions=[exp.to_identifier(one) for one in COLUMNS[:3]])
        made = exp.Schema(this=table, expressions=[*kinds, key])
        self._do(exp.Create(this=made, kind="TABLE", exists=True))
        asked = exp.select("*").from_(self._table())
        answer = self.execute(asked.sql(self.dialect), ())
        if tuple(one[0] for one in answer.description) != COLUMNS:
            raise CannotRun(diagnose(codes.NOT_LABELS, None, target=self.name))
        rows = answer.fetchall()
        return {Place(*map(str, row[:3])): (str(row[3]), str(row[4])) for row in rows}

    def write(self, changed: Changes) -> None:
        """Delete what left and what moved, and insert what entered and what moved."""
        for place in (*changed.gone, *(row[:3] for row in changed.written)):
            same = [exp.column(one).eq(exp.Placeholder()) for one in COLUMNS[:3]]
            self._do(exp.delete(self._table()).where(exp.and_(*same)), place)
        for row in changed.written:
            marks = exp.Tuple(expressions=[exp.Placeholder() for _ in row])
            self._do(exp.insert(exp.Values(expressions=[marks]), self._table()), row)

    def _table(self) -> exp.Table:
        return exp.to_table(self.name, dialect=self.dialect)

    def _do(self, statement: exp.Expr, values: Sequence[object] = ()) -> None:
        self.execute(statement.sql(self.dialect), values)


_TEXT = exp.DataType.build("text")


@contextmanager
def in_duckdb(path: Path, name: str) -> Iterator[LabelTable]:
    """Open a table of a DuckDB file for writing. Raise `CannotRun` if that cannot be done."""
    import duckdb  # noqa: PLC0415

    try:
        with duckdb.connect(str(path)) as connection:
            connection.execute("BEGIN")
            yield LabelTable(name, "duckdb", connection.execute)
            connection.execute("COMMIT")
    except duckdb.Error as fault:
        raise CannotRun(diagnose(codes.NOT_WRITTEN, None, target=name)) from fault


@contextmanager
def in_postgresql(driver: str, schema: str | None, name: str) -> Iterator[LabelTable]:
    """Open a table of a server for writing. Raise `CannotRun` if that cannot be done."""
    import psycopg  # noqa: PLC0415

    try:
        with psycopg.connect(
            driver, connect_timeout=_SECONDS, client_encoding="utf8"
        ) as connection:
            if schema is not None:
                connection.execute("SELECT set_config('search_path', %s, true)", (schema,))
            # One export at a time: two that read the same rows would write them twice.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (name,))

            def execute(sql: str, values: Sequence[object]) -> Any:  # noqa: ANN401
                return connection.execute(sql.replace("?", "%s").encode(), values or None)

            yield LabelTable(name, "postgres", execute)
    except psycopg.Error as fault:
        raise CannotRun(diagnose(codes.NOT_WRITTEN, None, target=name)) from fault
