"""Asking DuckDB for a campaign's decisions, and the reference interpreter for the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigner.compiler.plan import Plan
from campaigner.compiler.sql.due import Due
from campaigner.compiler.sql.query import candidates, decisions
from campaigner.runtime.candidates import Candidates
from campaigner.runtime.decisions import Decision
from campaigner.runtime.reference import Rows, decide
from campaigner.runtime.schedule import due as due_of

from .shop import Shop, utc


def january(plan: Plan) -> Due:
    """All that is due of the campaign in January 2026, Shanghai's clocks."""
    return period(plan, "2026-01-01T00:00+08:00", "2026-01-31T23:59+08:00")


def period(plan: Plan, start: str, end: str) -> Due:
    return due_of(plan, plan.campaigns[0].name, utc(start), utc(end))


def asked(plan: Plan, shop: Shop, due: Due, late: Sequence[str] = ()) -> list[Decision]:
    """The decisions that DuckDB finds."""
    connection = shop.connect()
    name = plan.campaigns[0].name
    if due.late_table:
        connection.execute(f"CREATE TABLE {due.late_table} (occurrence VARCHAR)")
        for key in late:
            connection.execute(f"INSERT INTO {due.late_table} VALUES (?)", [key])
    cursor = connection.execute(candidates(plan, name, due))
    reader = Candidates(plan, name, tuple(one[0] for one in cursor.description))
    return [reader.read(row).decision for row in cursor.fetchall()]


def agreed(plan: Plan, shop: Shop, due: Due, late: Sequence[str] = ()) -> list[Decision]:
    """The decisions, which DuckDB and the reference interpreter must find in the same order."""
    rows = replace(shop.rows(), late=frozenset(late))
    found = [_plain(one) for one in asked(plan, shop, due, late)]
    expected = [_plain(one) for one in reference(plan, rows, due)]
    assert found == expected
    return found


def reference(plan: Plan, rows: Rows, due: Due) -> list[Decision]:
    return decide(plan, plan.campaigns[0].name, rows, due)


def _plain(decision: Decision) -> Decision:
    """With numbers in messages as short as can be: 1.50 is 1.5."""
    values = {name: _short(text) for name, text in decision.values.items()}
    return replace(decision, values=values)


def _short(text: str) -> str:
    try:
        return str(Decimal(text).normalize())
    except ArithmeticError:
        return text


def shown(plan: Plan, shop: Shop, due: Due, grants: Sequence[Sequence[Any]] = ()) -> list[Any]:
    """The rows of the readable SQL: (recipient, occurrence, at, reward, amount, currency)."""
    connection = shop.connect()
    connection.execute(
        "CREATE TABLE campaigner_grants"
        ' (campaign TEXT, recipient TEXT, reward TEXT, "at" TIMESTAMP)'
    )
    for grant in grants:
        plain = [one.replace(tzinfo=None) if isinstance(one, datetime) else one for one in grant]
        connection.execute("INSERT INTO campaigner_grants VALUES (?, ?, ?, ?)", plain)
    cursor = connection.execute(decisions(plan, plan.campaigns[0].name, due))
    titles = [one[0] for one in cursor.description]
    assert titles == [
        *("campaign", "step", "recipient", "occurrence"),
        *("at", "reward", "amount", "currency"),
    ]
    return [row[2:] for row in cursor.fetchall()]


def keys(found: Sequence[Decision]) -> list[str]:
    return [one.identity.occurrence for one in found]


def people(found: Sequence[Decision]) -> list[str]:
    return [one.identity.recipient for one in found]
