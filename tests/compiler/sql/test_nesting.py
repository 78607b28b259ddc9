"""How deep SQLite reads: what the dialect lets pass is read, and little of what could be is not."""

import sqlite3

import pytest
import sqlglot
from campaigner.compiler.dialects.sqlite import SQLite

WRAPPED = (
    "f({})",
    "f(1, {})",
    "(1 AND {})",
    "NOT {}",
    "(1 > {})",
    "1 + ({})",
    "CASE WHEN {} THEN 1 END",
    "CASE WHEN 1 THEN {} END",
    "CASE WHEN 1 THEN 2 ELSE {} END",
    "3 IN (1, {})",
    "CAST({} AS TEXT)",
    "(SELECT f(a) FROM (SELECT {} AS a) AS q)",
)
AROUND = (
    "WITH a AS (SELECT 1), b AS (SELECT c, CASE WHEN c THEN {} END AS d FROM t) SELECT * FROM b",
    "WITH a AS (SELECT COUNT(d) FILTER(WHERE {}) AS e FROM t JOIN u ON c = d) SELECT * FROM a",
)


def is_read(expression):
    connection = sqlite3.connect(":memory:")
    for around in AROUND:
        with pytest.raises(sqlite3.OperationalError) as raised:
            connection.execute(around.format(expression))
        if "parser stack overflow" in str(raised.value):
            return False
    return True


def levels(wrap):
    """The expression nested once, twice, …, as text and as a tree."""
    outer = sqlglot.parse_one(f"SELECT {wrap.format('hole')}", read="sqlite").expressions[0]
    written, tree = "a", sqlglot.exp.column("a")
    for _ in range(120):
        written, inner = wrap.format(written), tree
        tree = outer.copy()
        next(one for one in tree.find_all(sqlglot.exp.Column) if one.name == "hole").replace(inner)
        yield written, tree


@pytest.mark.parametrize("wrap", WRAPPED)
def test_what_passes_is_read_and_little_of_what_is_read_does_not_pass(wrap):
    passing = [written for written, tree in levels(wrap) if not SQLite().is_too_deep(tree)]
    every = [written for written, _ in levels(wrap)]
    assert is_read(passing[-1])
    assert not is_read(every[int(1.5 * len(passing)) + 1])
