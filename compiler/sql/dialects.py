"""The engines that a plan can be rendered for."""

from __future__ import annotations

from .bigquery import BigQuery
from .clickhouse import ClickHouse
from .dialect import Dialect
from .duckdb import DuckDB
from .mysql import MySQL
from .postgresql import PostgreSQL
from .redshift import Redshift
from .snowflake import Snowflake
from .spark import Databricks, Spark
from .sqlite import SQLite
from .trino import Trino

_KNOWN: tuple[Dialect, ...] = (
    DuckDB(),
    PostgreSQL(),
    SQLite(),
    ClickHouse(),
    MySQL(),
    BigQuery(),
    Snowflake(),
    Trino(),
    Redshift(),
    Spark(),
    Databricks(),
)

DIALECTS = tuple(dialect.name for dialect in _KNOWN)
"""Their names."""


def dialect_of(name: str) -> Dialect:
    """The engine of that name; `LookupError` where there is none."""
    found = next((dialect for dialect in _KNOWN if dialect.name == name), None)
    if found is None:
        raise LookupError(f"no SQL is written for {name}")
    return found
