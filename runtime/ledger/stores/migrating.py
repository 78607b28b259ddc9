"""Migrate a SQLite ledger from one format to the next, with its data."""

from __future__ import annotations

import sqlite3

from ..audit.auditing import chain_up
from .sqlite import SqliteStore
from .tables_sqlite import statements

CHAINED = 2
"""The first format whose entries are chained."""

_DECISIONS_STAND = """
CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions
  WHEN NOT (OLD.previous = NEW.previous AND (
    (OLD.outcome = 'waitlisted' AND NEW.outcome = 'granted') OR
    (OLD.outcome = 'granted' AND NEW.outcome = 'waitlisted' AND EXISTS (
      SELECT 1 FROM rewound_amendments AS gone WHERE gone.decision = OLD.id AND kind = 'served'))))
  BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END
"""


def bring_up(connection: sqlite3.Connection, shown: str, version: int) -> None:
    """Migrate a ledger of that format (0: an empty file) to ours; inside a transaction."""
    for statement in statements(version):
        connection.execute(statement)
    if version < CHAINED:
        store = SqliteStore(connection, shown)
        connection.execute("DROP TRIGGER IF EXISTS decisions_stand")
        chain_up(store, store.chain())
        connection.execute(_DECISIONS_STAND)
