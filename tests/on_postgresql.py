"""A DuckDB file's tables in a schema of a real PostgreSQL server, so that one run reads both."""

from __future__ import annotations

import itertools
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from .warehouses import postgresql_url, quoted

_NUMBERS = itertools.count()
_TYPES = {
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "TINYINT": "smallint",
    "HUGEINT": "numeric",
}


def connected() -> psycopg.Connection:
    return psycopg.connect(postgresql_url(), autocommit=True)


def schema_url(schema: str, user: str = "") -> str:
    """The address of a warehouse whose tables are in that schema."""
    url = postgresql_url()
    if user:
        url = url.replace("postgres:@", f"{user}@")
    return f"{url}{'&' if '?' in url else '?'}schema={schema}"


def new_schema() -> str:
    """A schema in which nothing is."""
    name = f"warehouse_{next(_NUMBERS)}"
    with connected() as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return name


def copied(path: Path, schema: str) -> str:
    """The address of a warehouse with the same tables, in place of what was in the schema."""
    with closing(duckdb.connect(str(path), read_only=True)) as source, connected() as target:
        source.execute("SET TimeZone = 'UTC'")
        target.execute(f"SET TimeZone = 'UTC'; SET search_path = {schema}")
        tables = source.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        ).fetchall()
        for (name,) in tables:
            _copy(source, target, name)
    return schema_url(schema)


def _copy(source: duckdb.DuckDBPyConnection, target: psycopg.Connection, name: str) -> None:
    table = sql.Identifier(name)
    found = source.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ?"
        " ORDER BY ordinal_position",
        [name],
    ).fetchall()
    columns = sql.SQL(", ").join(
        sql.SQL("{} " + _TYPES.get(type_, type_)).format(sql.Identifier(column))
        for column, type_ in found
    )
    target.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    target.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
    # As text, which both read alike; DuckDB's driver wants a library more for instants.
    rows = source.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {quoted(name)}")
    with (
        target.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy,
    ):
        while batch := rows.fetchmany(10_000):
            for row in batch:
                copy.write_row(row)
