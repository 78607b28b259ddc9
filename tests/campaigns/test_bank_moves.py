"""The bank's campaign on leaving, against a plain walk through the days of the quarter."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from .happened import DAY, END, START, ZONE, Given, held_out, of, who


def at_ten(day: date) -> datetime:
    return datetime.combine(day, time(10), ZONE)


def assets(bank: Path) -> dict[str, list[tuple[datetime, str, Decimal]]]:
    """The assets of each customer, in the order of (time, key)."""
    with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "SELECT customer_id, measured_at, snapshot_id, assets FROM asset_days"
        ).fetchall()
    found = defaultdict(list)
    for customer, at, key, amount in rows:
        found[customer].append((at.replace(tzinfo=UTC), key, Decimal(str(amount))))
    return {customer: sorted(some) for customer, some in found.items()}


def is_wealthy(history: list[tuple[datetime, str, Decimal]], at: datetime) -> bool:
    known = [amount for when, _, amount in history if when <= at]
    return bool(known) and known[-1] >= 500_000


def test_whoever_is_no_longer_wealthy_for_two_days_is_kept(
    bank: Path, grants: Given, reachable: frozenset[str]
) -> None:
    expected = set()
    for customer, history in assets(bank).items():
        if customer not in reachable or held_out("keep_wealth", customer):
            continue
        day = START.date()
        while at_ten(day) < END:
            before, *during = [
                is_wealthy(history, at_ten(day - timedelta(days=ago))) for ago in (3, 2, 1, 0)
            ]
            if before and not any(during):
                expected.add((customer, at_ten(day).isoformat()))
                break  # once a quarter
            day += DAY
    assert expected
    assert set(who(of(grants, "keep_wealth"))) == expected
