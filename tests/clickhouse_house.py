"""ClickHouse as a warehouse that tests ask: chdb, the engine inside of this process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from chdb.session import Session
from sqlglot import exp

from .seeds import filled
from .warehouses import Rows, Told

_TYPES = {
    "text": "String",
    "enum": "String",
    "integer": "Int64",
    "decimal": "Decimal(28, 10)",
    "money": "Decimal(21, 3)",
    "double": "Float64",
    "real": "Float32",
    "boolean": "Bool",
    "date": "Date32",
    "timestamp": "DateTime64(6, 'UTC')",
    "instant": "DateTime64(6, 'UTC')",
    "time": "Time64(6)",
}


@cache
def session() -> Session:
    """The one engine that a process can have."""
    found = Session()
    # The default database takes a name it does not know for a file's.
    found.query("CREATE DATABASE tests")
    found.query("USE tests")
    found.query("SET max_query_size = 100000000")
    return found


class ClickHouse(Told):
    """Tables in memory, in the default database."""

    name = "clickhouse"

    def __init__(self) -> None:
        self._session = session()
        self._made: list[str] = []

    def clear(self) -> None:
        for name in self._made:
            self._session.query(f"DROP TABLE {_quoted(name)}")
        self._made.clear()

    def table(
        self, name: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]] = ()
    ) -> None:
        columns = ", ".join(f"{_quoted(one)} {_nullable(kind)}" for one, kind in kinds.items())
        self._session.query(f"CREATE TABLE {_quoted(name)} ({columns}) ENGINE = Memory")
        self._made.append(name)
        if rows:
            values = ", ".join(f"({', '.join(map(_cell, row))})" for row in rows)
            self._session.query(f"INSERT INTO {_quoted(name)} VALUES {values}")

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        answer = str(
            self._session.query(filled(sql, "{seed_1: String}"), "JSONCompactEachRowWithNames")
        )
        titles, *rows = (json.loads(line, parse_float=Decimal) for line in answer.splitlines())
        return tuple(titles), [tuple(row) for row in rows]


def _nullable(kind: str) -> str:
    type_ = _TYPES[kind]
    return "LowCardinality(Nullable(String))" if kind == "enum" else f"Nullable({type_})"


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("clickhouse")


def _cell(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case datetime():
            plain = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
            return f"'{plain.isoformat(sep=' ')}'"
        case date() | time():
            return f"'{value.isoformat()}'"
        case Decimal():
            return f"'{value:f}'"
        case _:
            return exp.Literal.string(str(value)).sql("clickhouse")
