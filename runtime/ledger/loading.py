"""What a batch needs to know of a SQLite ledger, fetched in a few set queries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ...compiler.meaning import shift
from ...compiler.plan import Account
from ...compiler.values import Length
from ..charging import Slot
from .balances import Balance
from .books import Books
from .deciding import Asked, Earlier, Key, Known
from .frequency import Frequency
from .instants import instant, instant_text

_ASKED_TABLES = (
    "CREATE TEMP TABLE IF NOT EXISTS asked"
    " (campaign TEXT, step TEXT, recipient TEXT, occurrence TEXT)",
    "CREATE TEMP TABLE IF NOT EXISTS asked_slots (account TEXT, period TEXT, key TEXT)",
    "CREATE TEMP TABLE IF NOT EXISTS asked_touches (account TEXT, recipient TEXT)",
    "DELETE FROM temp.asked",
    "DELETE FROM temp.asked_slots",
    "DELETE FROM temp.asked_touches",
)


def load(connection: sqlite3.Connection, books: Books, asked: Sequence[Asked]) -> Known:
    """All that `Deciding` may look at for these; inside the batch's transaction."""
    for statement in _ASKED_TABLES:
        connection.execute(statement)
    return Known(
        _earlier(connection, asked),
        _balances(connection, books, asked),
        Frequency(books.zone, _touches(connection, books, asked)),
        _next_number(connection, "SELECT max(id) FROM decisions"),
        _plan_number(connection, books.digest),
    )


def _next_number(connection: sqlite3.Connection, query: str) -> int:
    (highest,) = connection.execute(query).fetchone()
    return (highest or 0) + 1


def _plan_number(connection: sqlite3.Connection, digest: str) -> int:
    connection.execute("INSERT INTO plans (digest) VALUES (?) ON CONFLICT DO NOTHING", (digest,))
    (number,) = connection.execute("SELECT id FROM plans WHERE digest = ?", (digest,)).fetchone()
    return int(number)


def _earlier(connection: sqlite3.Connection, asked: Sequence[Asked]) -> dict[Key, Earlier]:
    connection.executemany(
        "INSERT INTO temp.asked VALUES (?, ?, ?, ?)", (each.key for each in asked)
    )
    rows = connection.execute(
        "SELECT campaign, step, recipient, occurrence, outcome, refused_by, content"
        " FROM temp.asked CROSS JOIN decisions USING (campaign, step, occurrence, recipient)"
    )
    return {(a, b, c, d): Earlier(*rest) for a, b, c, d, *rest in rows}


def _balances(
    connection: sqlite3.Connection, books: Books, asked: Iterable[Asked]
) -> dict[Slot, Balance]:
    slots: dict[Slot, int] = {}
    for each in asked:
        slots.update(each.charges)
        slots.update(each.fallback_charges)
    connection.executemany("INSERT INTO temp.asked_slots VALUES (?, ?, ?)", slots)
    rows = connection.execute(
        "SELECT account, period, key, id, declared, cap, spent, exhausted, alerted"
        " FROM temp.asked_slots CROSS JOIN accounts USING (account, period, key)"
    )
    balances: dict[Slot, Balance] = {}
    kept = {(account, period, key): rest for account, period, key, *rest in rows}
    number = _next_number(connection, "SELECT max(id) FROM accounts")
    charging = books.charging
    for slot in slots:
        id_ = slot[0]
        balance = Balance(number, charging.accounts[id_], slot, charging.caps[id_])
        row = kept.get(slot)
        if row is None:
            number += 1
        else:
            balance.restore(*row)
        balances[slot] = balance
    return balances


def _touches(
    connection: sqlite3.Connection, books: Books, asked: Iterable[Asked]
) -> dict[tuple[str, str], list[datetime]]:
    """Messages that a cap's window could still hold, whichever way it lies around a decision."""
    first: datetime | None = None
    last: datetime | None = None
    pairs: dict[tuple[str, str], None] = {}
    caps: dict[str, Account] = {}
    for each in asked:
        at = each.decision.at
        for cap in (cap for cap in each.book.caps if cap.window is not None):
            caps[cap.id] = cap
            pairs[cap.id, each.key[2]] = None
            first = at if first is None else min(first, at)
            last = at if last is None else max(last, at)
    if first is None or last is None:
        return {}
    lengths = [Length(cap.window.count, cap.window.unit) for cap in caps.values() if cap.window]
    # A day more than the longest window: months and clock changes are not equally long everywhere.
    day = timedelta(days=1)
    since = min(shift(books.zone, first, length, -1) for length in lengths) - day
    until = max(shift(books.zone, last, length, +1) for length in lengths) + day
    connection.executemany("INSERT INTO temp.asked_touches VALUES (?, ?)", pairs)
    rows = connection.execute(
        "SELECT account, recipient, at FROM temp.asked_touches"
        " CROSS JOIN touches USING (account, recipient) WHERE at BETWEEN ? AND ?"
        " ORDER BY account, recipient, at",
        (instant_text(since), instant_text(until)),
    )
    got: dict[tuple[str, str], list[datetime]] = {}
    for account, recipient, at in rows:
        got.setdefault((account, recipient), []).append(instant(at))
    return got
