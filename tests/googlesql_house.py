"""GoogleSQL as a warehouse that tests ask: the reference implementation of what BigQuery speaks.

Google publishes it to say what its SQL means; here it is compiled to WebAssembly and runs in this
process. Tables are handed to it with each query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from typing import Any

import wasmtime
import zetasql.core.wasm_client
from campaigner.compiler.plan.types import ValueType
from campaigner.compiler.sql.campaign import Query
from google.protobuf.timestamp_pb2 import Timestamp
from zetasql.api import CatalogBuilder, PreparedQuery, TableBuilder
from zetasql.types import (
    AnalyzerOptions,
    LanguageOptions,
    TableContent,
    TableData,
    TypeKind,
    Value,
    ZetaSQLBuiltinFunctionOptions,
)

from .seeds import filled

Rows = list[tuple[Any, ...]]

_KINDS = {
    "text": TypeKind.TYPE_STRING,
    "enum": TypeKind.TYPE_STRING,
    "integer": TypeKind.TYPE_INT64,
    "decimal": TypeKind.TYPE_BIGNUMERIC,
    "money": TypeKind.TYPE_NUMERIC,
    "double": TypeKind.TYPE_DOUBLE,
    "real": TypeKind.TYPE_DOUBLE,
    "boolean": TypeKind.TYPE_BOOL,
    "date": TypeKind.TYPE_DATE,
    "timestamp": TypeKind.TYPE_DATETIME,
    "instant": TypeKind.TYPE_TIMESTAMP,
    "time": TypeKind.TYPE_TIME,
}
_EPOCH = date(1970, 1, 1)
_EXACT = Context(prec=80)
_DIGITS = {"numeric_value": 9, "bignumeric_value": 38}


def _kept_config() -> wasmtime.Config:
    """To compile it takes half a minute, so what comes of that is kept for the next process."""
    config = _Config()
    config.cache = True
    return config


_Config = wasmtime.Config
zetasql.core.wasm_client.Config = _kept_config

_LANGUAGE = LanguageOptions.maximum_features()
_OPTIONS = AnalyzerOptions(language_options=_LANGUAGE, default_timezone="UTC")


class GoogleSQL:
    """See `tests/warehouses.py`."""

    name = "bigquery"

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._tables: dict[str, Mapping[str, str]] = {}
        self._rows: dict[str, TableContent] = {}

    def table(
        self, name: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]] = ()
    ) -> None:
        self._tables[name] = kinds
        written = [
            TableData.Row(
                cell=[
                    _written(value, kind) for value, kind in zip(row, kinds.values(), strict=True)
                ]
            )
            for row in rows
        ]
        self._rows[name] = TableContent(table_data=TableData(row=written))

    def ask(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        functions = ZetaSQLBuiltinFunctionOptions(language_options=_LANGUAGE)
        catalog = CatalogBuilder("warehouse").with_builtin_functions(functions)
        for name, kinds in self._tables.items():
            table = TableBuilder(name)
            for title, kind in kinds.items():
                table.add_column(title, _KINDS[kind])
            catalog.add_table(table.build())
        query = (
            PreparedQuery.builder().set_sql(filled(sql, "@seed_1")).set_analyzer_options(_OPTIONS)
        )
        query.set_catalog(catalog.build()).set_table_content(self._rows)
        with query.prepare() as prepared:
            titles = tuple(column.name for column in prepared.columns)
            answer = prepared.execute().content
        found = answer.table_data.row if answer is not None and answer.table_data else []
        return titles, [tuple(_read(cell) for cell in row.cell) for row in found]

    def decisions(self, sql: str) -> tuple[tuple[str, ...], Rows]:
        return self.ask(sql)

    def candidates(self, query: Query) -> Rows:
        return self.ask(query.sql)[1]

    def value(self, cell: Any, type_: ValueType) -> Any:
        return cell


def _written(value: Any, kind: str) -> Value:
    """A value as GoogleSQL's own messages have it."""
    if value is None:
        return Value()
    match kind:
        case "text" | "enum":
            return Value(string_value=value)
        case "integer":
            return Value(int64_value=value)
        case "boolean":
            return Value(bool_value=value)
        case "double" | "real":
            return Value(double_value=value)
        case "decimal":
            return Value(bignumeric_value=_units(value, 38))
        case "money":
            return Value(numeric_value=_units(value, 9))
        case "date":
            return Value(date_value=(value - _EPOCH).days)
        case "time":
            return Value(time_value=_seconds(value) << 30 | value.microsecond * 1000)
        case "timestamp":
            day = (value.year << 26) | (value.month << 22) | (value.day << 17)
            packed = Value.Datetime(
                bit_field_datetime_seconds=day | _seconds(value), nanos=value.microsecond * 1000
            )
            return Value(datetime_value=packed)
        case _:
            moment = Timestamp()
            moment.FromDatetime(value.astimezone(UTC).replace(tzinfo=None))
            return Value(timestamp_value=moment)


def _units(value: Decimal | int, scale: int) -> bytes:
    """A number of the last digit as bytes, two's complement, the lowest first."""
    units = int(Decimal(value).scaleb(scale, _EXACT))
    return units.to_bytes(units.bit_length() // 8 + 1, "little", signed=True)


def _seconds(clock: datetime | time) -> int:
    return (clock.hour << 12) | (clock.minute << 6) | clock.second


def _read(cell: Value) -> Any:
    for name, scale in _DIGITS.items():
        units = getattr(cell, name)
        if units is not None:
            whole = int.from_bytes(units, "little", signed=True)
            return Decimal(whole).scaleb(-scale, _EXACT)
    if cell.date_value is not None:
        return date.fromordinal(_EPOCH.toordinal() + cell.date_value)
    if cell.time_value is not None:
        return _clock(cell.time_value >> 30, (cell.time_value & ((1 << 30) - 1)) // 1000)
    if cell.datetime_value is not None:
        packed = cell.datetime_value.bit_field_datetime_seconds
        day = date(packed >> 26, (packed >> 22) & 15, (packed >> 17) & 31)
        return datetime.combine(day, _clock(packed, (cell.datetime_value.nanos or 0) // 1000))
    plain = (cell.string_value, cell.int64_value, cell.bool_value, cell.double_value)
    return next((one for one in plain if one is not None), None)


def _clock(packed: int, microseconds: int) -> time:
    return time((packed >> 12) & 31, (packed >> 6) & 63, packed & 63, microseconds)
