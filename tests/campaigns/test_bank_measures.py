"""The measures of the bank against plain Python over its ledger and its warehouse."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from .happened import Events, Happened, Kept
from .ran import campaigner

AT = "2026-07-01"
KEPT = {"granted": "reached", "reached": "reached", "held_out": "held_out"}

Worth = Callable[[Happened], Decimal]
"""The value of one event; a conversion has one of any."""


def share(part: str) -> Worth:
    return lambda one: Decimal(part) * Decimal(str(one.row["amount"]))


MEASURED: dict[str, list[tuple[str, str, int, Worth | None]]] = {
    "welcome_gift": [
        ("conversion on invest within 30 days", "investments", 30, None),
        ("revenue 0.8% of sum(invest.amount) within 60 days", "investments", 60, share("0.008")),
    ],
    "activation_reminder": [("conversion on account_opened within 14 days", "accounts", 14, None)],
    "wake_up": [
        ("conversion on login within 14 days", "logins", 14, None),
        ("revenue 0.8% of sum(invest.amount) within 30 days", "investments", 30, share("0.008")),
    ],
    "birthday": [
        ("conversion on order within 30 days", "orders", 30, None),
        ("revenue 5% of sum(order.amount) within 30 days", "orders", 30, share("0.05")),
    ],
}


@pytest.fixture(scope="module")
def measured(bank: Path) -> dict[str, dict[str, Any]]:
    text = campaigner("measure", str(bank), "--at", AT, "--format", "json")
    return {one["campaign"]: one for one in json.loads(text)["campaigns"]}


def exposures(kept: Kept, campaign: str) -> dict[str, tuple[str, datetime]]:
    """The variant of each customer, and the instant of the first decision."""
    found: dict[str, tuple[str, datetime]] = {}
    for outcome, variant in KEPT.items():
        for _, customer, _, at in kept[campaign].get(outcome, ()):
            if customer not in found or at < found[customer][1]:
                found[customer] = (variant, at)
    return found


@pytest.mark.parametrize("campaign", MEASURED)
def test_the_numbers_of_a_campaign_are_those_of_plain_python(
    measured: dict[str, dict[str, Any]], kept: Kept, history: Events, campaign: str
) -> None:
    result, exposed = measured[campaign], exposures(kept, campaign)
    people = {one["variant"]: one["customers"] for one in result["variants"]}
    variants = [variant for variant, _ in exposed.values()]
    assert people == {one: variants.count(one) for one in ("held_out", "reached")}
    assert people["reached"]
    lines = {one["measure"]: one for one in result["measures"]}
    assert lines or result["refused"]
    for text, table, days, worth in MEASURED[campaign] if lines else ():
        values = {"held_out": Decimal(0), "reached": Decimal(0)}
        mine: dict[str, list[Happened]] = {}
        for one in history(table):
            mine.setdefault(one.who, []).append(one)
        for customer, (variant, at) in exposed.items():
            until = at + timedelta(days=days)
            found = [one for one in mine.get(customer, ()) if at < one.at <= until]
            values[variant] += sum(map(worth, found)) if worth else bool(found)
        for one in lines[text]["variants"]:
            counted = one["total"] if worth else one["count"]
            assert Decimal(counted) == values[one["variant"]], (text, one["variant"])


def test_each_campaign_has_a_difference_or_says_why_not(
    measured: dict[str, dict[str, Any]],
) -> None:
    for one in measured.values():
        for line in one["measures"]:
            for versus in line["differences"]:
                assert (versus["difference"] is None) == (versus["refused"] is not None)
