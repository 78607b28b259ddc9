"""Qualify statements of the ledger with the schema's name.

The ledger cannot rely on a session's `search_path`. Behind a pooler, each transaction may run in
another session, which some other program has configured.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from psycopg import sql

from ..contract import FORMAT_VERSION

FIRST_FORMAT = 2
"""The first format that there was on PostgreSQL; later ones are steps from it."""

_MADE = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)

NUMBERS = "account_numbers"
"""The sequence of the accounts' numbers."""

TEMPORARY = "pg_temp"
"""The schema of a session's temporary tables, by the name that every session has for its own."""


@cache
def tables() -> tuple[str, ...]:
    """Return every table of the ledger, from the scripts of its formats."""
    scripts = (f"postgresql_{number}.sql" for number in range(FIRST_FORMAT, FORMAT_VERSION + 1))
    texts = (files(__package__).joinpath("schema", name).read_text("utf-8") for name in scripts)
    return tuple(name for text in texts for name in _MADE.findall(text))


@cache
def _named() -> re.Pattern[str]:
    return re.compile(rf"\b((?:FROM|JOIN|INTO|UPDATE)\s+)({'|'.join(tables())})\b")


@lru_cache(512)
def qualified(query: str, schema: str, temporary: frozenset[str] = frozenset()) -> sql.Composed:
    """Return the statement in the driver's form: tables of `schema`, and `%s` for each `?`.

    `temporary` are tables that a rehearsal has laid over those of the schema.
    """
    before, *rest = _named().split(query)
    parts: list[sql.Composable] = [_words(before)]
    for keyword, table, after in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        place = TEMPORARY if table in temporary else schema
        parts += [_words(keyword), sql.Identifier(place, table), _words(after)]
    return sql.Composed(parts)


def _words(text: str) -> sql.SQL:
    # What is qualified is a constant of this program, of which the type checker cannot know here.
    return sql.SQL(text.replace("%", "%%").replace("?", "%s"))
