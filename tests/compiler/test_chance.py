"""Hashed texts: no two lists of parts share one, and keys without a slash give the plain text."""

from __future__ import annotations

import sqlite3

import duckdb
from campaigner.compiler.dialects.common.terms import text
from campaigner.compiler.dialects.registry import dialect_of
from campaigner.compiler.operators.sqlite_functions import register
from campaigner.compiler.plan.chance import digest, joined
from campaigner.compiler.sql.decisions import hashed_text
from hypothesis import assume, example, given
from hypothesis import strategies as st

PARTS = st.lists(st.text("/%2F5ab", max_size=4), min_size=3, max_size=3)


@given(PARTS, PARTS)
@example(["draw", "a/b", "c"], ["draw", "a", "b/c"])
@example(["draw", "a%2Fb", "c"], ["draw", "a/b", "c"])
def test_no_part_imitates_another(some, others):
    assume(some != others)
    assert joined(*some) != joined(*others)


@given(st.lists(st.text("ab:-+0", max_size=4), min_size=1, max_size=4))
def test_plain_keys_stay_as_they_are(parts):
    assert joined(*parts) == "/".join(parts)


@given(PARTS)
def test_engines_hash_what_the_reference_hashes(parts):
    seed, *of = parts
    expected = digest("draw", seed, *of)
    with duckdb.connect() as connection:
        assert asked(connection, "duckdb", seed, of) == expected
    connection = sqlite3.connect(":memory:")
    register(connection)
    assert asked(connection, "sqlite", seed, of) == expected
    connection.close()


def asked(connection, name, seed, of):
    dialect = dialect_of(name)
    hashed = hashed_text(dialect, text(joined("draw", seed, "")), *map(text, of))
    return connection.execute(f"SELECT {hashed.sql(dialect.sqlglot)}").fetchone()[0]
