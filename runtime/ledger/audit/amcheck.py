"""PostgreSQL's own check of tables and indexes: its extension `amcheck`, if permitted."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import errors, sql

from ....dsl.diagnostics.diagnostic import Phrase
from ...codes import ledger as codes
from ..store import Row

_CHECKS = """
SELECT proname, nspname,
       has_function_privilege(pg_proc.oid, 'EXECUTE') AND has_schema_privilege(space.oid, 'USAGE')
FROM pg_catalog.pg_extension JOIN pg_catalog.pg_namespace AS space ON space.oid = extnamespace
JOIN pg_catalog.pg_proc ON pronamespace = space.oid
     AND proname IN ('bt_index_check', 'verify_heapam')
WHERE extname = 'amcheck'
"""
_KEPT = """
SELECT relation.oid, relname, relkind = 'r'
FROM pg_catalog.pg_class AS relation
JOIN pg_catalog.pg_namespace AS space ON space.oid = relnamespace
LEFT JOIN pg_catalog.pg_index ON indexrelid = relation.oid
LEFT JOIN pg_catalog.pg_am AS method ON method.oid = relam
WHERE nspname = %s AND (relkind = 'r' OR (relkind = 'i' AND amname = 'btree' AND indisvalid))
ORDER BY relname
"""
_TABLE = "SELECT msg FROM {}(relation => %s::oid::regclass) LIMIT 1"
_INDEX = "SELECT {}(%s::oid::regclass)"


def unchecked(connection: psycopg.Connection[Row]) -> Phrase | None:
    """Return why the server cannot check itself; `None` if it can."""
    checks = connection.execute(_CHECKS).fetchall()
    if not checks:
        return codes.NOT_INSTALLED
    return None if all(permitted for _, _, permitted in checks) else codes.NOT_PERMITTED


def damaged(connection: psycopg.Connection[Row], schema: str) -> Iterator[str]:
    """Yield damaged tables and indexes of the schema; none if it cannot be checked."""
    if unchecked(connection) is not None:
        return
    places = {name: sql.Identifier(space, name) for name, space, _ in connection.execute(_CHECKS)}
    for number, name, is_table in connection.execute(_KEPT, (schema,)).fetchall():
        place = places.get("verify_heapam" if is_table else "bt_index_check")
        if place is None:
            continue
        query = sql.SQL(_TABLE if is_table else _INDEX).format(place)
        try:
            with connection.transaction():
                rows = connection.execute(query, (number,)).fetchall()
        except (errors.IndexCorrupted, errors.DataCorrupted):
            yield name
        else:
            if is_table and rows:
                yield name
