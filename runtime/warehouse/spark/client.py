"""A warehouse on Spark: the folder of tables of one machine, or the catalog of a cluster.

Queries run where Spark's executors are; what comes back comes a partition at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

from ....compiler.dialects.spark import Spark
from ..contract import BATCH, NO_VALUES, Answer, Tables, WarehouseColumn
from .sessions import address, faults_named, quoted, session
from .types import SparkTypes

_NOT_FOUND = "_NOT_FOUND"
_KEPT = "SELECT EXPLODE(FROM_JSON(:listed, 'array<string>')) AS occurrence"


@dataclass(frozen=True, slots=True)
class SparkWarehouse:
    """See `Warehouse`. `shown` is its address as people may see it."""

    session: SparkSession
    shown: str
    dialect: Spark = field(default_factory=Spark)
    types: SparkTypes = field(default_factory=SparkTypes)

    def ask(self, sql: str, batch: int = BATCH, values: Mapping[str, str] = NO_VALUES) -> Answer:
        """Run a query; of its rows a partition at a time comes to this machine."""
        with faults_named(self.shown):
            frame = self.session.sql(sql, args={**values}) if values else self.session.sql(sql)
            columns = tuple(frame.columns)
        return Answer(columns, self._batches(frame, batch))

    def keep(self, table: str, occurrences: Iterable[str]) -> None:
        """A view for this session alone, with the one text column `occurrence`."""
        keys = iter(occurrences)
        with faults_named(self.shown):
            kept = self._listed([])
            while chunk := list(islice(keys, BATCH)):
                kept = kept.unionAll(self._listed(chunk))
            kept.createOrReplaceTempView(quoted(table))

    def view(self, name: str, query: str) -> None:
        """A view for this session alone."""
        with faults_named(self.shown):
            self.session.sql(query).createOrReplaceTempView(name)

    def _listed(self, texts: list[str]) -> DataFrame:
        """Texts as rows; as JSON they need no Python where Spark's executors are."""
        listed = json.dumps(texts, ensure_ascii=False)
        return self.session.sql(_KEPT, args={"listed": listed})

    def interrupt(self) -> None:
        """Do nothing: signals interrupt a thread that waits for a server."""

    def tables(self) -> Tables:
        """Every table of the current database by its name, and any other by its full name."""
        return Tables(_LazyTables(self.session, self.shown))

    def _batches(self, frame: DataFrame, size: int) -> Iterator[list[tuple[Any, ...]]]:
        with faults_named(self.shown):
            rows = frame.toLocalIterator()
        while True:
            with faults_named(self.shown):
                batch = [tuple(row) for row in islice(rows, size)]
            if not batch:
                return
            yield batch


@dataclass(frozen=True, slots=True)
class _LazyTables(Mapping[str, Mapping[str, WarehouseColumn]]):
    """The tables with their columns, each asked for when it is needed: a catalog may have many."""

    session: SparkSession
    shown: str

    def __getitem__(self, name: str) -> Mapping[str, WarehouseColumn]:
        with faults_named(self.shown):
            try:
                fields = self.session.table(quoted(*name.split("."))).schema.fields
            except AnalysisException as fault:
                if (fault.getCondition() or "").endswith(_NOT_FOUND):
                    raise KeyError(name) from fault
                raise
        return {one.name.lower(): WarehouseColumn(one.dataType.simpleString()) for one in fields}

    def __iter__(self) -> Iterator[str]:
        with faults_named(self.shown):
            found = [one.name for one in self.session.catalog.listTables()]
        return iter(found)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@contextmanager
def open_spark(url: str, root: Path, shown: str | None = None) -> Iterator[SparkWarehouse]:
    """The warehouse at `spark:///FOLDER` or `spark://HOST:PORT/DATABASE` while needed.

    `CannotRun` where Spark does not start, where nobody answers, or where there is no such folder.
    """
    at = address(url, root, shown)
    with session(at) as found:
        yield SparkWarehouse(found, at.shown)
