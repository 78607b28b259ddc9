"""The grants of the bank's campaigns in a quarter, worked out again in plain Python."""

from __future__ import annotations

import csv
import hmac
import io
import json
import shutil
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from .happened import (
    DAY,
    START,
    ZONE,
    Events,
    Given,
    completed,
    day,
    digits,
    held_out,
    month,
    of,
    who,
)
from .ran import SEED, campaigner

# --- scenarios 2 and 3 --------------------------------------------------------------------------


def test_teams_of_three_within_three_days(
    grants: Given, events: Events, reachable: frozenset[str]
) -> None:
    tasks = [one for one in events("tasks") if one.row["product"] == "trial_fund"]
    expected, had = [], set()
    for last, inside in completed(tasks, "team_id", 3, 72):
        for member in sorted({one.who for one in inside}):
            fine = member in reachable and not held_out("team_of_three", member)
            if fine and member not in had:
                had.add(member)
                expected.append((member, last.key))
    assert len(expected) > 100
    assert sorted(who(of(grants, "team_of_three"))) == sorted(expected)


def test_who_brings_two_new_customers_collects_a_gift(
    grants: Given,
    events: Events,
    reachable: frozenset[str],
    customers: dict[str, dict[str, Any]],
) -> None:
    tasks = [one for one in events("tasks") if one.row["new_customer"]]
    expected = [
        (last.row["referrer_id"], last.key)
        for last, _ in completed(tasks, "referrer_id", 2, 30 * 24)
        if last.who in reachable and not held_out("team_referrer", last.who)
        if customers[last.row["referrer_id"]]["consent_marketing"]
    ]
    assert 5 < len(expected) < 60
    assert who(of(grants, "team_referrer")) == expected


def test_three_friends_bring_a_coupon_and_each_friend_a_gift(
    grants: Given,
    events: Events,
    reachable: frozenset[str],
    customers: dict[str, dict[str, Any]],
) -> None:
    opened = events("mobiles")
    expected = [
        (last.row["referrer_id"], last.key)
        for last, _ in completed(opened, "referrer_id", 3, 30 * 24)
        if last.who in reachable and not held_out("invite_three", last.who)
        if customers[last.row["referrer_id"]]["consent_marketing"]
    ]
    assert expected
    assert who(of(grants, "invite_three")) == expected
    friends = {
        one.who
        for one in opened
        if one.row["referrer_id"] and one.who in reachable
        if not held_out("invited_friend", one.who)
    }
    assert {recipient for recipient, _ in who(of(grants, "invited_friend"))} == friends


# --- scenario 6 ---------------------------------------------------------------------------------


def test_the_monthly_cards_go_to_who_comes_first(
    grants: Given,
    events: Events,
    reachable: frozenset[str],
    customers: dict[str, dict[str, Any]],
) -> None:
    by_customer: Counter[tuple[str, str]] = Counter()
    by_device: Counter[tuple[str, str]] = Counter()
    gone: set[str] = set()
    left = Counter({"2026-01": 700, "2026-02": 700, "2026-03": 700})
    expected = []
    for claim in events("claims"):
        # A customer without a device counts alone.
        period, device = month(claim.at), claim.row["device_id"] or claim.who
        opens = datetime.fromisoformat(f"{period}-10T10:00").replace(tzinfo=ZONE)
        eligible = claim.who in reachable and customers[claim.who]["level"] >= 4
        if claim.at < opens or not eligible or held_out("level_video", claim.who):
            continue
        if by_customer[claim.who, period] >= 1 or by_device[device, period] >= 2:
            continue
        if not left[period]:
            gone.add(period)
            continue
        left[period] -= 1
        by_customer[claim.who, period] += 1
        by_device[device, period] += 1
        expected.append((claim.who, claim.key))
    assert gone == {"2026-01", "2026-02", "2026-03"}
    assert len(expected) == 3 * 700
    assert who(of(grants, "level_video")) == expected


def test_a_reward_credit_a_month_is_spent_on_the_lounge(
    grants: Given,
    events: Events,
    reachable: frozenset[str],
    customers: dict[str, dict[str, Any]],
) -> None:
    credit: Counter[str] = Counter()
    asked = [one for one in events("exchanges") if one.row["gift"] == "lounge"]
    first = [datetime(2026, number, 1, 9, tzinfo=ZONE) for number in (1, 2, 3)]
    expected = []
    for _, exchange in sorted(
        [*((at, None) for at in first), *((one.at, one) for one in asked)],
        key=lambda turn: (turn[0], turn[1].key if turn[1] else ""),
    ):
        if exchange is None:
            for name in reachable:
                if customers[name]["level"] >= 12 and not held_out("level_credit", name):
                    credit[name] += 1
            continue
        fine = exchange.who in reachable and not held_out("level_lounge", exchange.who)
        if fine and credit[exchange.who]:
            credit[exchange.who] -= 1
            expected.append((exchange.who, exchange.key))
    got = of(grants, "level_lounge")
    assert who(got) == expected
    assert {(row["reward"], row["amount"]) for row in got} == {
        ("lounge_pass", "180.00"),
        ("credit", "-1"),
    }


# --- scenario 9 ---------------------------------------------------------------------------------


def test_the_flash_sale_ends_when_the_pots_are_gone(
    grants: Given, events: Events, reachable: frozenset[str]
) -> None:
    opens = datetime(2026, 3, 8, 10, tzinfo=ZONE)
    had: set[str] = set()
    expected = []
    for order in events("orders"):
        if order.row["item"] != "flash_pot" or not opens <= order.at < opens + DAY:
            continue
        if order.who not in reachable or held_out("flash_sale", order.who):
            continue
        device = f"device {order.row['device_id'] or order.who}"
        if not had & {order.who, device} and len(expected) < 120:
            had |= {order.who, device}
            expected.append((order.who, order.key))
    assert len(expected) == 120
    assert who(of(grants, "flash_sale")) == expected


# --- scenario 10 --------------------------------------------------------------------------------


def test_pets_grow_starve_and_buy_hats(
    bank: Path, grants: Given, events: Events, reachable: frozenset[str]
) -> None:
    feedings, hats = events("feedings"), events("exchanges")
    fed: dict[str, list[datetime]] = defaultdict(list)
    for one in feedings:
        fed[one.who].append(one.at)
    turns: list[tuple[datetime, str, str, str]] = []
    turns += [(one.at, "pet_feeding", one.who, one.key) for one in feedings]
    turns += [
        (one.at, "pet_dress", one.who, one.key) for one in hats if one.row["gift"] == "pet_hat"
    ]
    nights = [START.replace(hour=23) + DAY * number for number in range(90)]
    turns += [
        (night, "pet_hunger", name, night.isoformat())
        for night in nights
        for name, times in fed.items()
        if times[0] <= night and not any(night - DAY < at <= night for at in times)
    ]
    growth: Counter[str] = Counter()
    meals: set[tuple[str, date]] = set()
    worn: Counter[tuple[str, str]] = Counter()
    grown: dict[str, datetime] = {}
    expected: Counter[tuple[str, int]] = Counter()
    for at, campaign, name, _ in sorted(turns):
        if name not in reachable or held_out(campaign, name):
            continue
        moved = 0
        match campaign:
            case "pet_feeding" if (name, day(at)) not in meals:
                meals.add((name, day(at)))
                moved = 8
            case "pet_hunger":
                moved = -min(5, growth[name])
            case "pet_dress" if worn[name, month(at)] < 3 and growth[name] >= 60:
                worn[name, month(at)] += 1
                moved = -60
            case _:
                continue
        if growth[name] < 50 <= growth[name] + moved and not held_out("pet_grown", name):
            grown.setdefault(name, at)
        growth[name] += moved
        expected[campaign, moved] += 1
    got: Counter[tuple[str, int]] = Counter(
        (row["campaign"], int(row["amount"])) for row in grants if row["reward"] == "growth"
    )
    assert got == expected
    assert got["pet_dress", -60] > 10
    first = {row["recipient"]: row["at"] for row in of(grants, "pet_grown")}
    assert {name: datetime.fromisoformat(at) for name, at in first.items()} == grown
    text = campaigner("ledger", str(bank), "balances", "--format", "json")
    balances = {
        row["customer"]: int(row["balance"])
        for row in json.loads(text)["balances"]
        if row["wallet"] == "growth"
    }
    assert {name: left for name, left in balances.items() if left} == +growth


# --- scenarios 12 and 13 ------------------------------------------------------------------------


def test_blind_boxes_are_paid_and_anybody_can_draw_again(grants: Given) -> None:
    boxes: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in of(grants, "blind_box"):
        prize = "price" if row["amount"] == "-10" else row["reward"]
        boxes[row["recipient"], row["occurrence"]][prize] = row["amount"]
    assert len(boxes) > 100
    odds = (("tablet", 0.005), ("coffee", 0.1), ("ride", 0.3), ("points", 1.0))
    seed = hmac.new(SEED.encode(), b"blind_box", sha256).hexdigest()
    for (customer, occurrence), prizes in boxes.items():
        ticket = digits(f"draw/{seed}/blind_box/main/{customer}/{occurrence}")
        prize = next(name for name, upto in odds if int(ticket, 16) < upto * 2**32)
        assert set(prizes) == {"price", prize}


def test_points_are_double_for_a_week(grants: Given, events: Events) -> None:
    logins = {one.key: one.at for one in events("logins")}
    doubled = (date(2026, 3, 1), date(2026, 3, 7))
    earned = of(grants, "login_points")
    for row in earned:
        twice = doubled[0] <= day(logins[row["occurrence"]]) <= doubled[1]
        assert row["amount"] == ("20" if twice else "10")
    days = Counter((row["recipient"], day(logins[row["occurrence"]])) for row in earned)
    assert max(days.values()) == 1
    assert {row["amount"] for row in earned} == {"10", "20"}


def test_wallets_hold_what_came_in_less_what_went_out(bank: Path, grants: Given) -> None:
    held: Counter[tuple[str, str]] = Counter()
    for row in grants:
        # Cuts last a day: see test_bank_gains.
        if row["reward"] == row["currency"] != "cut" and row["reversed"] is None:
            held[row["recipient"], row["reward"]] += int(row["amount"])
    text = campaigner("ledger", str(bank), "balances", "--format", "csv")
    balances = {
        (row["customer"], row["wallet"]): int(row["balance"])
        for row in csv.DictReader(io.StringIO(text))
        if row["wallet"] != "cut"
    }
    assert min(balances.values()) == 0
    assert {of_: left for of_, left in balances.items() if left} == +held


# --- scenario 20 --------------------------------------------------------------------------------


def test_one_budget_is_cut_by_segment_and_told_of(
    bank: Path,
    grants: Given,
    events: Events,
    reachable: frozenset[str],
    customers: dict[str, dict[str, Any]],
) -> None:
    at = datetime(2026, 3, 20, 10, tzinfo=ZONE)
    known = {one.who for one in events("logins") if at - 60 * DAY < one.at <= at}
    asked = {name for name in known & reachable if not held_out("spring_rain", name)}

    def segment(name: str) -> str:
        row = customers[name]
        if row["aum"] >= 500_000 and row["segment"] in ("affluent", "private"):
            return "high_value"
        return "young" if row["age"] is not None and row["age"] < 35 else "others"

    got = Counter((segment(row["recipient"]), row["reward"]) for row in of(grants, "spring_rain"))
    sizes = Counter(map(segment, asked))
    room = {"high_value": 1_800 // 18, "young": 3_600 // 9, "others": 3_600 // 9}
    for name, reward in (("high_value", "coffee"), ("young", "ride"), ("others", "ride")):
        assert got[name, reward] == min(room[name], sizes[name])
    assert got["others", "ride"] == 400
    alerts = (bank / "var" / "outbox" / "alerts.jsonl").read_text("utf-8").splitlines()
    told = [json.loads(line)["alert"] for line in alerts]
    mine = [one["threshold"] for one in told if one["account"] == "campaign/spring_rain/total"]
    spent = sum(
        count * (18 if reward == "coffee" else 9)
        for (_, reward), count in got.items()
        if reward != "points"
    )
    assert mine == [text for text in ("0.5", "0.8", "0.95") if spent >= float(text) * 9_000]


def test_each_channel_pays_from_its_own_pool(bank: Path, grants: Given) -> None:
    rows = json.loads(campaigner("ledger", str(bank), "budgets", "--format", "json"))["budgets"]
    for channel in ("app", "web"):
        given = of(grants, f"{channel}_ride")
        assert given
        (total,) = [
            row for row in rows if row["pool"] == f"channel_{channel}" and row["name"] == "total"
        ]
        cost = {"ride": 9, "voucher_20": 12}
        assert float(total["spent"]) == sum(cost[row["reward"]] for row in given)


# --- scenarios 1 and 4 --------------------------------------------------------------------------


def test_at_the_counter_one_chooses_and_the_reserve_pays_a_complaint(
    bank: Path, grants: Given, tmp_path: Path
) -> None:
    copy = shutil.copytree(bank, tmp_path / "bank")
    offers = [row for row in of(grants, "counter_card") if row["at"] >= "2026-03-25T16"]
    assert offers
    offer = offers[-1]
    claim = ("ledger", str(copy), "claim", offer["grant"], "--by", offer["recipient"])
    at = datetime.fromisoformat(offer["at"]) + timedelta(minutes=5)
    chosen = ("--choose", "fuel_100", "--choose", "coffee", "--at", at.isoformat())
    assert campaigner(*claim, *chosen).strip() == "claimed"
    assert campaigner(*claim, *chosen).strip() == "already_claimed"
    by_hand = ("ledger", str(copy), "grant", "--from-reserve", "--campaign", "counter_card")
    why = ("--customer", "c00001", "--reward", "coffee", "--name", "c-17", "--reason", "late")
    assert campaigner(*by_hand, *why).strip() == "granted"
    assert campaigner(*by_hand, *why).strip() == "already_granted"
    campaigner("ledger", str(copy), "verify")


def test_all_of_it_adds_up(bank: Path) -> None:
    campaigner("ledger", str(bank), "verify")
