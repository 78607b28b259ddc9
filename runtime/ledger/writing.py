"""The rows of a batch, written to a SQLite ledger; inside the batch's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from .balances import Balance
from .deciding import Entries

_ACCOUNT = (
    "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " declared = excluded.declared, cap = excluded.cap, spent = excluded.spent,"
    " exhausted = excluded.exhausted, alerted = excluded.alerted"
)
_DECISION = "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_GRANT = "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_POSTING = "INSERT INTO postings VALUES (?, ?, ?)"
_OUTBOX = "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_TOUCH = "INSERT INTO touches VALUES (?, ?, ?, ?, ?)"


def write(connection: sqlite3.Connection, entries: Entries, balances: Iterable[Balance]) -> None:
    """Writes both sides of every grant, the balances, and what leaves the house."""
    connection.executemany(_DECISION, entries.decisions)
    connection.executemany(_GRANT, entries.grants)
    connection.executemany(_ACCOUNT, (_row(each) for each in balances if each.changed))
    connection.executemany(_POSTING, entries.postings)
    connection.executemany(_OUTBOX, entries.outbox)
    connection.executemany(_TOUCH, entries.touches)


def _row(balance: Balance) -> tuple[object, ...]:
    account, (id_, period, key) = balance.account, balance.slot
    benefit = account.owner if account.owner_kind == "benefit" else None
    return (
        balance.number, id_, period, key, account.measure, benefit, balance.declared,
        balance.ceiling, balance.spent, int(balance.exhausted), str(balance.alerted),
    )  # fmt: skip
