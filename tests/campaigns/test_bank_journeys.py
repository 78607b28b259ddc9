"""The journeys of the bank, worked out in plain Python from its tables."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from .happened import (
    DAY,
    END,
    START,
    ZONE,
    Events,
    Given,
    Happened,
    Step,
    at_ten,
    by_customer,
    capped,
    day,
    first_after,
    held_out,
    month,
    months_on,
    of,
)


def test_a_ticket_and_a_higher_level_unlock_the_bonus(
    grants: Given,
    events: Events,
    reachable: frozenset[str],
    kept: dict[str, dict[str, set[Step]]],
    sent: dict[str, list[datetime]],
) -> None:
    levels, closings = by_customer(events("level_changes")), by_customer(events("closings"))
    reached, granted, limited, left, held = set(), set(), set(), set(), set()
    stars: dict[tuple[str, str], str] = {}
    had: set[tuple[str, str]] = set()
    for ticket in events("tickets"):
        who, key = ticket.who, ticket.key
        if who not in reachable:
            continue
        if held_out("asset_lift", who):
            held.add(("ticket", who, key, ticket.at))
            continue
        if (who, month(ticket.at)) in had:
            limited.add(("ticket", who, key, ticket.at))
            continue
        had.add((who, month(ticket.at)))
        reached.add(("ticket", who, key, ticket.at))
        closed = first_after(closings[who], ticket.at)
        until = closed.at if closed else END
        if closed:
            left.add(("leave", who, key, closed.at))
        deadline = datetime.combine(months_on(ticket.at, 2), time(), tzinfo=ZONE)
        higher = [one for one in levels[who] if one.row["new_level"] > ticket.row["level"]]
        upgrade = first_after(higher, ticket.at)
        if upgrade and upgrade.at < min(deadline, until):
            reached.add(("upgrade", who, key, upgrade.at))
        else:
            upgrade = None
        nudge = at_ten(day(ticket.at) + timedelta(days=7))
        if nudge < until and not (upgrade and upgrade.at <= nudge):
            granted.add(("nudge", who, key, nudge))
        bonus = at_ten(months_on(ticket.at, 2, 5))
        if upgrade and bonus < until:
            granted.add(("bonus", who, key, bonus))
            stars[who, key] = "300" if upgrade.row["new_level"] >= 8 else "100"
    found = kept["asset_lift"]
    assert found["reached"] == reached
    nudges = {one for one in found["over_limit"] if one[0] == "nudge"}
    assert found["granted"] | nudges == granted
    assert found["over_limit"] - nudges == limited
    assert nudges == capped(nudges, sent)
    assert found["held_out"] == held
    assert found["left"] <= left
    given = {
        (row["recipient"], row["occurrence"]): row["amount"] for row in of(grants, "asset_lift")
    }
    assert given == stars
    assert {"100", "300"} == set(stars.values())


def test_a_card_leads_to_a_first_and_a_second_investment(
    events: Events,
    reachable: frozenset[str],
    customers: dict[str, dict[str, Any]],
    kept: dict[str, dict[str, set[Step]]],
    sent: dict[str, list[datetime]],
) -> None:
    invested, closings = by_customer(events("investments")), by_customer(events("closings"))
    cards = [one for one in events("accounts") if one.row["product"] == "debit_card"]
    expected: set[Step] = set()
    had: set[str] = set()

    def suits(one: Happened) -> bool:
        risk = customers[one.who]["risk_level"]
        return risk is not None and risk >= one.row["product_risk"]

    for card in cards:
        who, key = card.who, card.key
        if who not in reachable or who in had or held_out("newcomer_path", who):
            continue
        had.add(who)
        expected.add(("card", who, key, card.at))
        closed = first_after(closings[who], card.at)
        until = closed.at if closed else END
        large = [one for one in invested[who] if one.row["amount"] >= 1000]
        first = first_after(large, card.at)
        if first and (first.at > card.at + 30 * DAY or first.at >= until or not suits(first)):
            first = None
        if first:
            expected.add(("first_time", who, key, first.at))
            more = [one for one in invested[who] if one.row["amount"] >= first.row["amount"]]
            second = first_after(more, first.at)
            if second and second.at <= first.at + 60 * DAY and second.at < until and suits(second):
                expected.add(("second_time", who, key, second.at))
        call = at_ten(day(card.at) + timedelta(days=3))
        if call < until and not (first and first.at <= call):
            expected.add(("call", who, key, call))
    found = kept["newcomer_path"]
    kept_back = found["over_limit"]
    assert found["granted"] | found["reached"] | kept_back == expected
    assert {step for step, *_ in kept_back} <= {"call"}
    assert kept_back == capped(kept_back, sent)
    assert {step for step, *_ in expected} == {"card", "first_time", "call", "second_time"}


def test_who_is_reminded_had_not_moved(bank: Path, kept: dict[str, dict[str, set[Step]]]) -> None:
    """Messages come from granted steps alone, at ten o'clock; caps may keep one back."""
    lines = (bank / "var" / "outbox" / "push.jsonl").read_text("utf-8").splitlines()
    sent = [
        row for row in map(json.loads, lines) if row["campaign"] in ("asset_lift", "newcomer_path")
    ]
    assert {row["step"] for row in sent} == {"nudge", "bonus", "call"}
    for row in sent:
        at = datetime.fromisoformat(row["at"])
        one = row["step"], row["recipient"], row["occurrence"], at
        assert one in kept[row["campaign"]]["granted"]
        assert at.astimezone(ZONE).time() == time(10)
        assert START <= at < END
