"""The bank's experiment against plain Python: who is held out, and who is in which arm."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from .happened import Events, Given, digits, of, who

HALF = format(2**31, "08x")
TENTH = format(int(2**32 / 10), "08x")


def test_arms_and_holdout_are_those_of_the_page(
    bank: Path, grants: Given, events: Events, reachable: frozenset[str]
) -> None:
    expected: dict[str, str] = {}
    held: set[str] = set()
    for one in events("exchanges"):
        if one.row["gift"] != "ride" or one.row["channel"] != "web" or one.who not in reachable:
            continue
        if digits(f"holdout/web_ride/main/{one.who}") < TENTH:
            held.add(one.who)
        else:
            arm = "ride" if digits(f"arm/web_gift/{one.who}") < HALF else "voucher"
            expected[one.who] = arm
    assert held
    assert len({*expected.values()}) == 2
    given = of(grants, "web_ride")
    assert {customer for customer, _ in who(given)} == expected.keys()
    gifts = {"ride": "ride", "voucher": "voucher_20"}
    assert all(row["reward"] == gifts[expected[row["recipient"]]] for row in given)
    kept: dict[str, set[str | None]] = {}
    with sqlite3.connect(bank / "var" / "ledger.db") as ledger:
        for customer, outcome, facts in ledger.execute(
            "SELECT customer, outcome, facts FROM decisions WHERE campaign = 'web_ride'"
        ):
            told = "held_out" if outcome == "held_out" else json.loads(facts)["arm"]
            kept.setdefault(customer, set()).add(told)
    assert kept == {
        **{customer: {"held_out"} for customer in held},
        **{customer: {arm} for customer, arm in expected.items()},
    }
