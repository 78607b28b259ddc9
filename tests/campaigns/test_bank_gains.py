"""Bargains, check-ins, vouchers and levels of the bank, worked out in plain Python."""

from __future__ import annotations

import hmac
import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from .happened import (
    DAY,
    END,
    MARCH,
    START,
    Events,
    Given,
    Happened,
    Kept,
    Sent,
    Step,
    at_ten,
    by_customer,
    capped,
    day,
    digits,
    held_out,
    month,
    of,
)
from .ran import SEED


def cut(helped: Happened) -> int:
    """The draw of docs/language.md."""
    seed = hmac.new(SEED.encode(), b"bargain_help", sha256).hexdigest()
    ticket = int(digits(f"draw/{seed}/bargain_help/main/{helped.who}/{helped.key}"), 16)
    return 20 if ticket < 2**32 // 100 else 8 if ticket < 2**32 * 30 // 100 else 3


def test_friends_cut_the_price_until_the_kettle_is_won(
    events: Events,
    customers: dict[str, dict[str, Any]],
    reachable: frozenset[str],
    kept: Kept,
    sent: Sent,
) -> None:
    expected: dict[str, set[Step]] = defaultdict(set)
    won: dict[str, set[Step]] = defaultdict(set)
    refused = capped(kept["bargain_won"].get("over_limit", ()), sent)
    wallets: dict[str, list[list[Any]]] = defaultdict(list)
    had: set[tuple[str, str]] = set()
    helped: Counter[str] = Counter()
    winners: set[str] = set()
    for one in events("helps"):
        owner, bargain = one.row["owner_id"], one.row["bargain_id"]
        mine = one.who == owner or one.who not in reachable
        if mine or not customers[owner]["consent_marketing"] or one.at < MARCH:
            continue
        step = ("main", owner, one.key, one.at)
        if held_out("bargain_help", one.who):
            expected["held_out"].add(step)
            continue
        if (one.who, bargain) in had or helped[bargain] >= 30:
            expected["over_limit"].add(step)
            continue
        had.add((one.who, bargain))
        helped[bargain] += 1
        expected["granted"].add(step)
        lots = wallets[owner] = [lot for lot in wallets[owner] if lot[0] > one.at]
        before = sum(lot[1] for lot in lots)
        lots.append([one.at + DAY, cut(one)])
        if not before < 100 <= before + lots[-1][1] or owner not in reachable:
            continue
        prize = ("main", owner, f"bargain_help/main/{one.key}", one.at)
        if held_out("bargain_won", owner):
            won["held_out"].add(prize)
        elif owner in winners or prize in refused:
            won["over_limit"].add(prize)
        else:
            winners.add(owner)
            won["granted"].add(prize)
            price = 100
            for lot in lots:
                taken = min(price, lot[1])
                lot[1], price = lot[1] - taken, price - taken
    assert kept["bargain_help"] == expected
    assert kept["bargain_won"] == {outcome: some for outcome, some in won.items() if some}
    assert len(won["granted"]) > 3
    assert expected["over_limit"]


def test_more_off_for_more_amount_and_a_longer_term(
    grants: Given,
    history: Events,
    events: Events,
    customers: dict[str, dict[str, Any]],
    reachable: frozenset[str],
    kept: Kept,
) -> None:
    invested = by_customer(history("investments"))
    count: Counter[tuple[str, str]] = Counter()
    expected: dict[str, str] = {}
    limited: set[str] = set()
    for one in events("investments"):
        amount, matures = one.row["amount"], one.row["matures_on"]
        risk = customers[one.who]["risk_level"]
        suits = risk is not None and risk >= one.row["product_risk"]
        if matures is None or amount < 1_000 or one.who not in reachable or not suits:
            continue
        experienced = sum((e.at, e.key) < (one.at, one.key) for e in invested[one.who]) >= 3
        if not experienced or held_out("step_voucher", one.who):
            continue
        if count[one.who, month(one.at)] >= 2:
            limited.add(one.key)
            continue
        count[one.who, month(one.at)] += 1
        long = (matures - day(one.at)).days >= 90
        expected[one.key] = (
            "voucher_120"
            if amount >= 50_000 and long
            else "voucher_50"
            if amount >= 10_000 or long
            else "voucher_20"
        )
    given = {row["occurrence"]: row["reward"] for row in of(grants, "step_voucher")}
    assert given == expected
    assert {key for _, _, key, _ in kept["step_voucher"]["over_limit"]} == limited
    assert set(given.values()) == {"voucher_120", "voucher_50", "voucher_20"}


def test_check_ins_pay_by_day_by_streak_and_by_week(
    events: Events,
    customers: dict[str, dict[str, Any]],
    reachable: frozenset[str],
    kept: Kept,
) -> None:
    checkins, invested = by_customer(events("checkins")), by_customer(events("investments"))
    expected: set[Step] = set()
    for who in reachable:
        if held_out("checkin_week", who):
            continue
        done: dict[date, dict[str, datetime]] = defaultdict(dict)
        days: dict[date, datetime] = {}
        for one in checkins[who]:
            days.setdefault(day(one.at), one.at)
        run = 0
        for on, at in days.items():
            week = on - timedelta(days=on.weekday())
            run = run + 1 if on - DAY in days else 1
            expected.add(("checkin", who, str(on), at))
            done[week].setdefault("checkin", at)
            if run % 7 == 0:
                done[week]["streak"] = at
            if on.weekday() == 6 and all(on - number * DAY in days for number in range(7)):
                done[week]["seven"] = at
        risk = customers[who]["risk_level"]
        for one in invested[who]:
            on = day(one.at)
            suits = risk is not None and risk >= one.row["product_risk"]
            if one.row["amount"] >= 100 and suits:
                done[on - timedelta(days=on.weekday())].setdefault("deal", one.at)
        for week, tasks in done.items():
            expected |= {
                (name, who, str(week), at) for name, at in tasks.items() if name != "checkin"
            }
            if len(tasks) == 4:
                expected.add(("all_done", who, str(week), max(tasks.values())))
    assert kept["checkin_week"]["granted"] == expected
    assert {step for step, *_ in expected} >= {"checkin", "streak", "seven", "deal"}


def test_who_comes_to_the_threshold_is_congratulated_once(
    grants: Given,
    history: Events,
    reachable: frozenset[str],
    kept: Kept,
    sent: Sent,
) -> None:
    assets = by_customer(history("asset_days"))
    entered: dict[str, list[Step]] = {}
    for who in reachable & set(assets):
        if held_out("vip_congratulation", who):
            continue
        instants = [at_ten(START.date() + number * DAY) for number in range(-1, (END - START).days)]
        wealthy = []
        for at in instants:
            known = [one.row["assets"] for one in assets[who] if one.at <= at]
            wealthy.append(bool(known) and known[-1] >= 500_000)
        moves = zip(instants[1:], wealthy, wealthy[1:], strict=False)
        comes = [at for at, before, now in moves if now and not before]
        entered[who] = [("main", who, at.isoformat(), at) for at in comes]
    found = kept["vip_congratulation"]
    expected = {one for some in entered.values() for one in some}
    gone = found["out_of_stock"]
    assert found["granted"] | found["over_limit"] | gone == expected
    given = Counter(month(one[3]) for one in found["granted"])
    assert given
    lounges = Counter(row["at"][:7] for row in grants if row["reward"] == "lounge_pass")
    assert not gone or max(lounges.values()) == 200
    refused = found["over_limit"] - capped(found["over_limit"], sent)
    for one in refused:
        assert any(other[3] < one[3] for other in entered[one[1]] if other in found["granted"])
    recipients = [row["recipient"] for row in of(grants, "vip_congratulation")]
    assert len(set(recipients)) == len(recipients)


def test_each_level_says_what_the_next_would_bring(
    bank: Path, events: Events, reachable: frozenset[str], kept: Kept, sent: Sent
) -> None:
    expected = {
        ("main", one.who, one.key, one.at): one.row["new_level"]
        for one in events("level_changes")
        if one.who in reachable and not held_out("level_news", one.who)
    }
    found = kept["level_news"]
    assert found["granted"] | found["over_limit"] == set(expected)
    assert found["over_limit"] == capped(found["over_limit"], sent)
    levels = {one[2]: level for one, level in expected.items()}
    next_ones = ((4, "视频月卡"), (8, "咖啡"), (12, "奖励金"), (17, "全部礼遇"))
    seen = set()
    for line in (bank / "var" / "outbox" / "push.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["campaign"] != "level_news":
            continue
        level = levels[row["occurrence"]]
        text = next(text for above, text in next_ones if level < above)
        assert f"V{level}" in row["text"]
        assert text in row["text"]
        seen.add(text)
    assert len(seen) == 4


def test_a_coupon_of_a_voucher_costs_what_it_says(grants: Given) -> None:
    worth = {"voucher_20": 20, "voucher_50": 50, "voucher_120": 120}
    rows = [row for row in grants if row["reward"] in worth]
    assert {(row["reward"], Decimal(row["amount"])) for row in rows} == {
        (name, Decimal(amount)) for name, amount in worth.items()
    }
