"""The engines that a plan can be rendered for, each loaded when it is asked for.

Loading all of them takes as long as the rest of `campaigner sql` (`bench/startup.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from .common.dialect import Dialect

_ENGINES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "duckdb": ("duckdb", "DuckDB"),
        "postgresql": ("postgresql", "PostgreSQL"),
        "sqlite": ("sqlite", "SQLite"),
        "clickhouse": ("clickhouse", "ClickHouse"),
        "mysql": ("mysql", "MySQL"),
        "bigquery": ("bigquery", "BigQuery"),
        "snowflake": ("snowflake", "Snowflake"),
        "trino": ("trino", "Trino"),
        "redshift": ("redshift", "Redshift"),
        "spark": ("spark", "Spark"),
        "databricks": ("spark", "Databricks"),
    }
)
"""Module and class by the name of the engine."""

DIALECTS = tuple(_ENGINES)
"""Their names."""


@cache
def dialect_of(name: str) -> Dialect:
    """The engine of that name; `LookupError` if there is none."""
    if name not in _ENGINES:
        raise LookupError(f"no SQL is written for {name}")
    module, kind = _ENGINES[name]
    dialect: Dialect = getattr(import_module(f".{module}", __package__), kind)()
    return dialect
