"""The warehouse in a DuckDB file, opened read-only.

The file is attached to an empty database in memory. That database holds what a run passes to its
queries, such as the keys of late events. The session's zone is UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sqlglot import exp

from ....compiler.dialects.duckdb import DuckDB
from ....compiler.files.folder import open_regular, reason, refuse_irregular
from ....compiler.files.reasons import phrase_of
from ....dsl.diagnostics.diagnostic import CannotRun, Foreign, diagnose, listed
from ...codes import running, warehouses
from ..contract import BATCH, NO_VALUES, Answer, Tables, WarehouseColumn
from .memory import MOST, Room
from .spill import spill_folder
from .types import DuckDBTypes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OPTIONS = {"memory_limit": MOST, "threads": ""}
"""The options that a URL may set, with their defaults."""
_MAGIC = (8, b"DUCK")
_OWN_NAMES = frozenset({"memory", "system", "temp"})


@dataclass(frozen=True, slots=True)
class DuckDBWarehouse:
    """See `Warehouse`. `path` is the file, `name` the name of the attached database."""

    path: Path
    name: str
    connection: DuckDBPyConnection
    room: Room
    dialect: DuckDB = field(default_factory=DuckDB)
    types: DuckDBTypes = field(default_factory=DuckDBTypes)
    cursors: list[DuckDBPyConnection] = field(default_factory=list, repr=False)

    def ask(self, sql: str, batch: int = BATCH, values: Mapping[str, str] = NO_VALUES) -> Answer:
        """Run a query; several may be read at the same time. `CannotRun` where it fails."""
        asked = _Query(sql, values)
        with self._answering():
            cursor = self._executed(asked)
            columns = tuple(column[0] for column in cursor.description or ())
        batches, arrays = self._batches(cursor, asked, batch), partial(self._arrays, cursor, asked)
        return Answer(columns, batches, arrays)

    def keep(self, table: str, occurrences: Iterable[str]) -> None:
        """A table for this session alone, with the one text column `occurrence`."""
        column = exp.ColumnDef(
            this=exp.to_identifier("occurrence"), kind=exp.DataType.build("text")
        )
        place = exp.table_(table, catalog="memory", db="main", quoted=True)
        create = exp.Create(this=exp.Schema(this=place, expressions=[column]), kind="TABLE")
        insert = exp.insert(exp.select(exp.func("unnest", exp.Parameter(this="1"))), place)
        keys = iter(occurrences)
        with self._answering():
            self.connection.execute(create.sql("duckdb"))
            while chunk := list(islice(keys, BATCH)):
                self.connection.execute(insert.sql("duckdb"), [chunk])

    def view(self, name: str, query: str) -> None:
        """A view in memory, for this session alone."""
        place = exp.table_(name, catalog="memory", db="main", quoted=True)
        meaning: exp.Expr = exp.maybe_parse(query, dialect="duckdb")
        create = exp.Create(this=place, kind="VIEW", replace=True, expression=meaning)
        with self._answering():
            cursor = self.connection.cursor()
            _use(cursor, self.name)
            cursor.execute(create.sql("duckdb"))
            cursor.close()

    def interrupt(self) -> None:
        """End the queries that are running: inside of the engine no signal is heard."""
        import duckdb  # noqa: PLC0415

        for one in [self.connection, *self.cursors]:
            with suppress(duckdb.Error):  # closed meanwhile
                one.interrupt()

    def tables(self) -> Tables:
        """Every table and view, by lower-case name and by `schema.name`, with its columns."""
        query = (
            exp.select("table_schema", "table_name", "column_name", "data_type")
            .from_(exp.table_("columns", db="information_schema"))
            .where(exp.column("table_catalog").eq(exp.Literal.string(self.name)))
            .order_by("table_schema", "table_name", "ordinal_position")
        )
        known: dict[str, dict[str, WarehouseColumn]] = {}
        for schema, name, column, type_ in self.ask(query.sql("duckdb")).rows():
            known.setdefault(f"{schema}.{name}".lower(), {})[column.lower()] = WarehouseColumn(
                type_
            )
            if schema == "main":
                known.setdefault(name.lower(), {})[column.lower()] = WarehouseColumn(type_)
        return Tables(known)

    def _executed(self, query: _Query) -> DuckDBPyConnection:
        """A cursor with the answer of a query, in as much memory as it needs."""
        import duckdb  # noqa: PLC0415  (only who asks a warehouse pays for loading it)

        while True:
            cursor = self.connection.cursor()
            self.cursors.append(cursor)
            try:
                _use(cursor, self.name)
                cursor.execute(query.sql, dict(query.values) or None)
            except duckdb.OutOfMemoryException:
                cursor.close()
                if not self.room.more():
                    raise
            else:
                return cursor

    def _batches(
        self, cursor: DuckDBPyConnection, query: _Query, size: int
    ) -> Iterator[list[tuple[Any, ...]]]:
        reading = _Reading(cursor)
        try:
            while True:
                with self._answering():
                    batch = self._batch(reading, query, size)
                if not batch:
                    return
                yield batch
        finally:
            reading.cursor.close()

    def _arrays(self, cursor: DuckDBPyConnection, query: _Query) -> Iterator[Mapping[str, Any]]:
        """Yield all rows at once, by column; a query that runs out of memory is repeated."""
        import duckdb  # noqa: PLC0415

        with self._answering():
            while True:
                try:
                    found = cursor.fetchnumpy()
                except duckdb.OutOfMemoryException:
                    cursor.close()
                    if not self.room.more():
                        raise
                    cursor = self._executed(query)
                else:
                    break
            cursor.close()
        yield found

    def _batch(self, reading: _Reading, query: _Query, size: int) -> list[tuple[Any, ...]]:
        """Return the next rows.

        A query that runs out of memory is repeated with more. Its rows come in the same order, so
        those that were returned already are skipped.
        """
        import duckdb  # noqa: PLC0415

        again: _Reading | None = None
        failure: duckdb.Error | None = None
        while True:
            try:
                if again is not None:
                    if failure and not again.comes_to(reading, size):
                        raise failure
                    reading.cursor, again = again.cursor, None
                return reading.next(size)
            except duckdb.OutOfMemoryException as error:
                failure = error
                (again or reading).cursor.close()
                if not self.room.more():
                    raise
                again = _Reading(self._executed(query))

    @contextmanager
    def _answering(self) -> Iterator[None]:
        import duckdb  # noqa: PLC0415

        try:
            yield
        except duckdb.Error as error:
            raise CannotRun(
                diagnose(running.WAREHOUSE_FAILED, None, reason=_first_line(error))
            ) from error


@dataclass(frozen=True, slots=True)
class _Query:
    """A query and the values of its parameters."""

    sql: str
    values: Mapping[str, str] = field(repr=False)


@dataclass(slots=True)
class _Reading:
    """The position in an answer: the number of rows returned, and the last of them."""

    cursor: DuckDBPyConnection
    given: int = 0
    last: tuple[Any, ...] | None = None

    def next(self, size: int) -> list[tuple[Any, ...]]:
        """The next rows."""
        batch: list[tuple[Any, ...]] = self.cursor.fetchmany(size)
        if batch:
            self.given += len(batch)
            self.last = batch[-1]
        return batch

    def comes_to(self, before: _Reading, size: int) -> bool:
        """Advance to the other reading's position; return whether the same row is there."""
        while self.given < before.given and self.next(min(size, before.given - self.given)):
            pass
        return self.last == before.last


@contextmanager
def open_duckdb(url: str, root: Path, shown: str | None = None) -> Iterator[DuckDBWarehouse]:
    """Open the warehouse at `duckdb:///PATH` (relative to `root`) for the `with` block.

    Raise `CannotRun` if it is missing, is another kind of file, or is open for writing.
    """
    path, options = path_of(url, root), _options(asked := url.partition("?")[2])
    shown = shown or _path_for_messages(path, root)
    _look(path, shown)
    name = "warehouse" if path.stem.lower() in _OWN_NAMES else path.stem
    with ExitStack() as stack:
        # What a big sort spills goes away with the run, and does not lie in the user's folder.
        spill = stack.enter_context(spill_folder())
        connection = _connect(path, shown, name, {**options, "temp_directory": spill})
        stack.callback(connection.close)
        room = Room.of(connection, grows="memory_limit" not in dict(parse_qsl(asked)))
        yield DuckDBWarehouse(path, name, connection, room)


def path_of(url: str, root: Path) -> Path:
    """Return the file at `duckdb:///PATH`, relative to `root`."""
    place, _, _ = url.partition("://")[2].partition("?")
    return root / place.removeprefix("/")


def _path_for_messages(path: Path, root: Path) -> str:
    """Return the path for messages: relative to the project's folder, if it is inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _look(path: Path, shown: str) -> None:
    """Check that the file exists, is readable, and begins like a DuckDB file."""
    if not path.exists():
        raise CannotRun(diagnose(running.WAREHOUSE_MISSING, None, path=shown))
    offset, magic = _MAGIC
    try:
        log = Path(f"{path}.wal")
        if log.exists():
            refuse_irregular(log, log.stat())
        with open_regular(path) as file:
            file.seek(offset)
            begins = file.read(len(magic))
    except OSError as error:
        problem = diagnose(
            running.WAREHOUSE_UNREADABLE, None, path=shown, reason=phrase_of(reason(error))
        )
        raise CannotRun(problem) from error
    if begins != magic:
        raise CannotRun(diagnose(running.WAREHOUSE_NOT_DUCKDB, None, path=shown))


def _options(asked: str) -> dict[str, str]:
    """Return the engine's options, as set by the URL or by default."""
    given = dict(parse_qsl(asked, keep_blank_values=True))
    for name in given.keys() - _OPTIONS.keys():
        why = warehouses.KNOWN_OPTIONS
        raise CannotRun(diagnose(warehouses.WAREHOUSE_OPTION, None, name=Foreign(name), reason=why))
    return {name: value for name, value in {**_OPTIONS, **given}.items() if value}


def _connect(path: Path, shown: str, name: str, options: dict[str, str]) -> DuckDBPyConnection:
    import duckdb  # noqa: PLC0415

    try:
        connection = duckdb.connect(":memory:", config={**options})
    except duckdb.Error as error:
        known, why = listed(sorted(_OPTIONS)), _first_line(error)
        problem = diagnose(warehouses.WAREHOUSE_OPTION, None, name=known, reason=why)
        raise CannotRun(problem) from error
    place = exp.alias_(exp.Literal.string(str(path)), name, quoted=True)
    read_only = exp.AttachOption(this=exp.Var(this="READ_ONLY"))
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute(exp.Attach(this=place, expressions=[read_only]).sql("duckdb"))
    except duckdb.Error as error:
        connection.close()
        raise _refused(error, shown) from error
    return connection


def _refused(error: Exception, shown: str) -> CannotRun:
    """Return the diagnostic for DuckDB's refusal to open a file."""
    said = str(error)
    process = re.search(r"\(PID (\d+)\)", said)
    if "lock" in said.lower() or "already attached" in said:
        if process is None:
            return CannotRun(diagnose(running.WAREHOUSE_LOCKED, None, path=shown))
        problem = diagnose(running.WAREHOUSE_LOCKED, None, path=shown, process=process[1])
        return CannotRun(problem)
    cut = "enough bytes" in said or "checksum" in said
    why = running.NOT_WHOLE if cut else _first_line(error)
    return CannotRun(diagnose(running.WAREHOUSE_UNREADABLE, None, path=shown, reason=why))


def _use(cursor: DuckDBPyConnection, name: str) -> None:
    """Resolve plain names to the warehouse's tables first, then to those in memory."""
    places = exp.Literal.string(f"{exp.to_identifier(name, quoted=True).sql('duckdb')},memory")
    setting = exp.EQ(this=exp.column("search_path"), expression=places)
    cursor.execute(exp.Set(expressions=[exp.SetItem(this=setting)]).sql("duckdb"))


def _first_line(error: Exception) -> Foreign:
    """DuckDB's first sentence, without the class of the error and without a full stop."""
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    said = re.sub(r"^[\w ]+ Error: ", "", line).rstrip(".!")
    return Foreign(said[:1].lower() + said[1:])
