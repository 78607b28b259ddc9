"""The choices of the bank's customers, worked out again in plain Python (scenario 12)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from .happened import DAY, Events, Given, month, of

PACK = {"coffee": 30, "ride": 15, "video_month": 25}


def chosen(row: dict[str, Any]) -> list[str]:
    return [name.strip() for name in re.split("[,、]", row["benefits"])]


def test_two_of_the_pack_are_chosen_by_an_event(
    grants: Given, claims: Given, events: Events
) -> None:
    open_: dict[str, list[tuple[datetime, frozenset[str] | None]]] = defaultdict(list)
    for row in of(grants, "gift_pack"):
        if row["reward"] == "choice":
            open_[row["recipient"]].append((datetime.fromisoformat(row["at"]), None))
    expected = {}
    for one in (each for each in events("choices") if each.row["offer"] == "gift_pack"):
        named = frozenset(chosen(one.row))
        offers = open_[one.who]
        there = [n for n, (at, _) in enumerate(offers) if at <= one.at]
        standing = [n for n in there if offers[n][1] is None and one.at < offers[n][0] + 14 * DAY]
        if standing and len(named) == 2 and sum(PACK[name] for name in named) <= 60:
            offers[standing[0]] = offers[standing[0]][0], named
            expected[one.key] = "claimed"
        elif standing:
            expected[one.key] = "not_offered"
        elif not there:
            expected[one.key] = "unknown"
        else:
            before = offers[there[-1]][1]
            again = "already_claimed" if before == named else "other_choice"
            expected[one.key] = "expired" if before is None else again
    got = {row["occurrence"]: row["outcome"] for row in of(claims, "gift_pack")}
    assert got == expected
    assert len(set(expected.values())) == 6
    gifts = Counter(row["reward"] for row in of(grants, "gift_pack"))
    assert sum(gifts[name] for name in PACK) == 2 * Counter(expected.values())["claimed"]


def test_one_of_the_menu_is_paid_for_when_it_is_chosen(
    grants: Given, claims: Given, events: Events
) -> None:
    points: dict[str, list[tuple[str, int]]] = defaultdict(list)
    offered = set()
    for row in grants:
        if row["campaign"] == "points_menu" and row["reward"] == "choice":
            offered.add((row["recipient"], row["at"][:7]))
        elif row["campaign"] != "points_menu" and row["reward"] == "points":
            points[row["recipient"]].append((row["at"], int(row["amount"])))
    paid: Counter[str] = Counter()
    done = set()
    expected = {}
    for one in (each for each in events("choices") if each.row["offer"] == "points_menu"):
        offer, now = (one.who, month(one.at)), one.at.isoformat()
        had = sum(number for at, number in points[one.who] if at <= now) - paid[one.who]
        if offer not in offered:
            expected[one.key] = None
        elif one.row["benefits"] == "tablet":
            expected[one.key] = "not_offered"
        elif had < 20:
            expected[one.key] = "insufficient_balance"
        else:
            paid[one.who] += 20
            done.add(offer)
            expected[one.key] = "claimed"
    got = {row["occurrence"]: row["outcome"] for row in of(claims, "points_menu")}
    for key, outcome in expected.items():
        assert got[key] in ({"unknown", "expired"} if outcome is None else {outcome})
    counts = Counter(expected.values())
    assert all(counts[outcome] > 5 for outcome in ("claimed", "insufficient_balance"))
    bought = [row for row in of(grants, "points_menu") if row["reward"] == "points"]
    assert {row["amount"] for row in bought} == {"-20"}
    assert len(bought) == counts["claimed"]
