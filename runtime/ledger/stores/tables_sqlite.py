"""The tables of a SQLite ledger: create them, and check that they were not altered."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from importlib.resources import files

from ..contract import FORMAT_VERSION

_MADE = "SELECT name, type, sql FROM main.sqlite_schema WHERE sql IS NOT NULL"
_COMMENT = re.compile(r"--[^\n]*")


def statements(after: int) -> Iterator[str]:
    """Yield the statements that migrate a ledger of that format (0: an empty file) to ours.

    `sqlite_N.sql` adds format N to the one before; a new ledger runs all of them.
    """
    for number in range(after + 1, FORMAT_VERSION + 1):
        script = files(__package__).joinpath("schema", f"sqlite_{number}.sql").read_text("utf-8")
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""


def altered(connection: sqlite3.Connection) -> list[str]:
    """Return missing tables and indexes, and those that differ from a new ledger's.

    A guard may be missing. Other programs may add indexes, but no triggers.
    """
    made, there = _new(), _objects(connection)
    gone = [name for name, (kind, _) in made.items() if kind != "trigger" and name not in there]
    others = [
        name
        for name, (kind, words) in there.items()
        if (made[name] != (kind, words) if name in made else kind == "trigger")
    ]
    return sorted((*gone, *others))


@cache
def _new() -> dict[str, tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        # As `sqlite.opened` has it: what a rename does to others may depend on it.
        fresh.execute("PRAGMA foreign_keys = OFF")
        for statement in statements(0):
            fresh.execute(statement)
        return _objects(fresh)


def _objects(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Return the kind and the normalised statement of each object, by name."""
    return {
        name: (kind, " ".join(_COMMENT.sub("", words).replace('"', "").split()))
        for name, kind, words in connection.execute(_MADE)
    }
