"""Spark as a warehouse that tests ask: one session in local mode for the whole suite."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Mapping, Sequence
from datetime import time
from functools import cache
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
from campaigner.compiler.plan.types import ValueType
from campaigner.compiler.sql.campaign import Query
from pyspark.sql import SparkSession

from .seeds import values_of

Rows = list[tuple[Any, ...]]

_TYPES = {
    "text": pa.string(),
    "enum": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(28, 10),
    "money": pa.decimal128(21, 3),
    "double": pa.float64(),
    "real": pa.float32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
    "time": pa.string(),
}


@cache
def session() -> SparkSession:
    """The session that stops with this process; what it writes lies in a folder of its own."""
    folder = mkdtemp(prefix="spark-")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": f"{folder}/local",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.log.level": "OFF",
        "spark.sql.session.timeZone": "UTC",
        # Tables of a few rows: what costs here is to plan, to compile and to begin tasks.
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()

    def stop() -> None:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return found


class Spark:
    """Tables are temporary views of a session of its own."""

    name = "spark"

    def __init__(self) -> None:
        self._session = session().newSession()
        self._made: set[str] = set()

    def set(self, setting: str, value: str) -> None:
        """Change how this session understands SQL."""
        self._session.conf.set(setting, value)

    def clear(self) -> None:
        for name in self._made:
            self._session.catalog.dropTempView(name)
        self._made.clear()

    def table(
        self, name: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]] = ()
    ) -> None:
        schema = pa.schema([(title, _TYPES[kind]) for title, kind in kinds.items()])
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
        arrays = [
            pa.array([_cell(one) for one in cells], type_)
            for cells, type_ in zip(columns, schema.types, strict=True)
        ]
        found = self._session.createDataFrame(pa.Table.from_arrays(arrays, schema=schema))
        found.createOrReplaceTempView(_quoted(name))
        self._made.add(name)

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        values = values_of(sql)
        found = self._session.sql(sql, args={**values}) if values else self._session.sql(sql)
        return tuple(found.columns), [tuple(row) for row in found.collect()]

    def decisions(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        return self.ask(sql)

    def candidates(self, query: Query) -> Rows:
        return self.ask(query.sql)[1]

    def value(self, cell: Any, type_: ValueType) -> Any:
        return time.fromisoformat(cell) if cell and type_.kind == "time" else cell


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, time) else value
