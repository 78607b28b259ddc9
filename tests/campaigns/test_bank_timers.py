"""The bank's timers, worked out from its tables: each fires on its day, for whom it should."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import duckdb

from .happened import DAY, END, START, ZONE, Given, Sent, held_out, of


def explained(sent: Sent, customer: str, at: datetime) -> bool:
    """Whether caps on messages keep the customer from another: two within 7 days."""
    return sum(at - 7 * DAY < one <= at for one in sent[customer]) >= 2


def birthdays(born: date) -> Iterator[date]:
    day = START.date()
    while day < END.date():
        last = day.month == 2 and day.day == 28 and born.month == 2 and born.day == 29
        if (day.month, day.day) == (born.month, born.day) or last:
            yield day
        day += timedelta(days=1)


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), tzinfo=ZONE)


def test_everybody_has_a_gift_on_the_birthday(
    grants: Given, customers: dict[str, dict[str, Any]], reachable: frozenset[str], sent: Sent
) -> None:
    given = {(row["recipient"], row["occurrence"]) for row in of(grants, "birthday")}
    expected = {
        (name, str(day)): at_nine(day)
        for name in reachable
        if customers[name]["birth_date"] and not held_out("birthday", name)
        for day in birthdays(customers[name]["birth_date"])
    }
    assert given
    assert given <= set(expected)
    for row in of(grants, "birthday"):
        assert datetime.fromisoformat(row["at"]) == expected[row["recipient"], row["occurrence"]]
    for name, occurrence in set(expected) - given:
        assert explained(sent, name, expected[name, occurrence]), (name, occurrence)


def test_a_coupon_comes_a_week_before_a_product_matures(
    grants: Given,
    bank: Path,
    customers: dict[str, dict[str, Any]],
    reachable: frozenset[str],
    sent: Sent,
) -> None:
    given = {row["occurrence"]: row for row in of(grants, "before_maturity")}
    expected = {}
    kept_in = 0
    with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
        columns = (
            "investment_id, customer_id, product_risk, amount, matures_on, invested_at, renews"
        )
        rows = warehouse.execute(f"SELECT {columns} FROM investments").fetchall()
    renewals = defaultdict(list)
    for *_, invested, renewed in rows:
        renewals[renewed].append(invested.replace(tzinfo=UTC))
    for key, name, product_risk, amount, matures, invested, _ in rows:
        if matures is None or name not in reachable or held_out("before_maturity", name):
            continue
        at = datetime.combine(matures - timedelta(days=7), time(10), tzinfo=ZONE)
        risk = customers[name]["risk_level"]
        suits = risk is not None and risk >= product_risk
        after = at > invested.replace(tzinfo=UTC)
        renewed = any(invested.replace(tzinfo=UTC) < one <= at for one in renewals[key])
        kept_in += renewed
        if START <= at < END and suits and amount >= 10_000 and after and not renewed:
            coupon = (amount / 1000).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
            expected[key] = (name, at, min(coupon, Decimal(100)))
    assert given
    assert kept_in
    assert set(given) <= set(expected)
    for key, row in given.items():
        name, at, coupon = expected[key]
        assert (row["recipient"], datetime.fromisoformat(row["at"])) == (name, at)
        assert Decimal(row["amount"]) == coupon
    left: dict[tuple[str, str], Decimal] = defaultdict(lambda: Decimal(200))
    for key, (name, at, coupon) in sorted(expected.items(), key=lambda one: (one[1][1], one[0])):
        month = f"{at:%Y-%m}"
        if key in given:
            left[name, month] -= coupon
        else:
            is_full = coupon > left[name, month]
            assert is_full or explained(sent, name, at), key


def test_who_opens_no_account_is_reminded_after_24_hours(
    bank: Path, customers: dict[str, dict[str, Any]], reachable: frozenset[str]
) -> None:
    lines = (bank / "var" / "outbox" / "sms.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["campaign"] == "activation_reminder"]
    with duckdb.connect(str(bank / "data" / "bank.duckdb"), read_only=True) as warehouse:
        opened = defaultdict(list)
        for name, at in warehouse.execute("SELECT customer_id, opened_at FROM accounts").fetchall():
            opened[name].append(at)
    assert rows
    for row in rows:
        name = row["recipient"]
        due = customers[name]["registered_at"] + DAY
        assert name in reachable
        assert datetime.fromisoformat(row["at"]).replace(tzinfo=None) == due
        assert all(at > due for at in opened[name])
        registered = customers[name]["registered_at"].replace(tzinfo=UTC)
        assert row["occurrence"] == str(registered.astimezone(ZONE).date())
