"""Statements of the ledger for one schema of a server: each table by its schema's name.

A session's `search_path` is not the ledger's to rely on: behind a pooler, each transaction may run
in another session, which some other program has set up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import LiteralString, cast

from psycopg import sql

TABLES = (
    "meta",
    "plans",
    "decisions",
    "grants",
    "accounts",
    "postings",
    "touches",
    "outbox",
    "channels",
    "progress",
    "seen_events",
    "chains",
    "amendments",
    "attempts",
    "sent",
    "wallets",
    "settlements",
    "due",
)
"""Every table of the ledger, in the format of this version."""

NUMBERS = "account_numbers"
"""The sequence of the accounts' numbers."""

_TABLE = re.compile(rf"\b((?:FROM|JOIN|INTO|UPDATE)\s+)({'|'.join(TABLES)})\b")


@lru_cache(512)
def qualified(query: str, schema: str) -> sql.Composed:
    """The statement in the driver's form: tables of `schema`, and `%s` for each `?`."""
    before, *rest = _TABLE.split(query)
    parts: list[sql.Composable] = [_words(before)]
    for keyword, table, after in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        parts += [_words(keyword), sql.Identifier(schema, table), _words(after)]
    return sql.Composed(parts)


def _words(text: str) -> sql.SQL:
    # What is qualified is a constant of this program, of which the type checker cannot know here.
    return sql.SQL(cast(LiteralString, text.replace("%", "%%").replace("?", "%s")))
