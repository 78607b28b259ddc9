"""The campaigns in `lifecycle/`, run for half a year: each step worked out in plain Python."""

from __future__ import annotations

import hmac
import shutil
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_source

from ..projects import compile_folder
from .conftest import LIFECYCLE as SOURCE
from .conftest import House
from .happened import digits
from .lives import DAY, FIRST, LAST, Event, Lives
from .ran import SEED, Kept, campaigner


def at_clock(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))


def month_after(at: datetime, months: int) -> tuple[int, int]:
    count = at.year * 12 + at.month - 1 + months
    return count // 12, count % 12 + 1


def during(start: date, found: list[Event]) -> Iterator[Event]:
    """The events since that day, in the half-year."""
    return (one for one in found if datetime.combine(start, time()) <= one.at < LAST)


def first(found: Iterator[Event]) -> Event | None:
    return next(found, None)


# --- the files ----------------------------------------------------------------------------------


def test_the_files_check_and_have_the_canonical_layout() -> None:
    compiled = compile_folder(SOURCE)
    assert [one.code.id for one in compiled.diagnostics] == ["W307"]
    for path in SOURCE.glob("*.campaign"):
        text = path.read_text("utf-8")
        assert format_source(SourceFile(path.name, text)) == text


def test_all_of_it_adds_up(house: House) -> None:
    campaigner("ledger", str(house.folder), "verify")


def test_running_again_gives_nothing_twice(house: House, tmp_path: Path) -> None:
    copy = replace(house, folder=shutil.copytree(house.folder, tmp_path / "copy"))
    campaigner("run", str(copy.folder), "--from", f"{FIRST:%Y-%m-%d}", "--to", "2026-06-30")
    for campaign in ("asset_lift", "activate_24h", "checkin_week", "bargain_won", "stay", "small"):
        assert copy.kept(campaign) == house.kept(campaign)


# --- journeys -----------------------------------------------------------------------------------


def test_a_higher_level_after_the_ticket_unlocks_the_bonus(house: House) -> None:
    made = house.lives
    expected: Kept = {}
    had: set[tuple[str, int]] = set()
    points = {}
    for ticket in during(date(2026, 1, 1), made.of("vouchers")):
        who, occurrence = ticket.who, ticket.key
        if not made.reachable(who) or made.customers[who]["employee"]:
            continue
        if (who, ticket.at.month) in had:
            expected["ticket", who, occurrence, "over_limit"] = ticket.at
            continue
        had.add((who, ticket.at.month))
        expected["ticket", who, occurrence, "granted"] = ticket.at
        closed = first(one for one in made.of("closings", who) if ticket.at < one.at < LAST)
        until = closed.at if closed else LAST
        if closed:
            expected["leave", who, occurrence, "left"] = closed.at
        year, month = month_after(ticket.at, 1)
        deadline = datetime(year, month, monthrange(year, month)[1]) + DAY
        upgrade = first(
            one
            for one in made.of("tiers", who)
            if ticket.at < one.at < min(deadline, until)
            and one.row["new_tier"] > ticket.row["level"]
        )
        if upgrade:
            expected["upgrade", who, occurrence, "reached"] = upgrade.at
        nudge = at_clock(ticket.at.date() + 7 * DAY, 10)
        if nudge < until and not (upgrade and upgrade.at <= nudge):
            expected["nudge", who, occurrence, "granted"] = nudge
        bonus = at_clock(date(*month_after(ticket.at, 2), 5), 10)
        if upgrade and bonus < until:
            expected["bonus", who, occurrence, "granted"] = bonus
            points["bonus", who, occurrence] = 3000 if upgrade.row["new_tier"] >= 12 else 500
    assert house.kept("asset_lift") == expected
    assert {outcome for *_, outcome in expected} == {"granted", "reached", "over_limit", "left"}
    grants = house.lines("asset_lift")
    assert {one: lines for one, lines in grants.items() if one[0] == "bonus"} == {
        one: [("points", Decimal(amount))] for one, amount in points.items()
    }
    assert {500, 3000} == set(points.values())
    assert house.messages("push", "asset_lift") == sorted(
        (step, who, at)
        for (step, who, _, outcome), at in expected.items()
        if step in ("nudge", "bonus") and outcome == "granted"
    )


def test_newcomers_are_called_until_they_invest(house: House) -> None:
    made = house.lives
    expected: Kept = {}
    for joined in during(date(2026, 1, 1), made.of("registrations")):
        who, occurrence = joined.who, joined.key
        if not made.reachable(who):
            continue
        invested = first(one for one in made.of("investments", who) if joined.at < one.at < LAST)
        until = invested.at if invested else LAST
        calls = {
            "first_call": joined.at + timedelta(hours=24),
            "second_call": at_clock(joined.at.date() + 3 * DAY, 10),
        }
        expected["joined", who, occurrence, "reached"] = joined.at
        for step, at in calls.items():
            if at < until:
                expected[step, who, occurrence, "granted"] = at
        if invested and any(at >= invested.at for at in calls.values()):
            expected["leave", who, occurrence, "left"] = invested.at
    kept = house.kept("activate_24h")
    of_calls = {one: at for one, at in kept.items() if one[0] != "leave"}
    assert of_calls == {one: at for one, at in expected.items() if one[0] != "leave"}
    left = {one: at for one, at in kept.items() if one[0] == "leave"}
    assert left.items() >= {one: at for one, at in expected.items() if one[0] == "leave"}.items()
    steps = Counter(step for step, *_ in kept)
    assert steps["joined"] > steps["first_call"] > steps["second_call"] > 0
    for channel, step in (("push", "first_call"), ("sms", "second_call")):
        assert house.messages(channel, "activate_24h") == sorted(
            (one[0], one[1], at) for one, at in expected.items() if one[0] == step
        )


def test_who_comes_back_and_buys_again_gets_more_each_time(house: House) -> None:
    made = house.lives
    expected: Kept = {}
    for who in made.customers:
        orders = made.of("orders", who)
        for before, back in pairwise(orders):
            away = (back.at.date() - before.at.date()).days
            if not made.reachable(who) or away < 60 or not FIRST <= back.at < LAST:
                continue
            angry = first(
                one
                for one in made.of("complaints", who)
                if one.row["severity"] >= 3 and back.at < one.at < LAST
            )
            end = min(back.at + 30 * DAY, angry.at - timedelta(seconds=1) if angry else LAST)
            expected["back", who, back.key, "granted"] = back.at
            later = [one.at for one in orders if back.at < one.at <= end]
            for step, count in (("half", 2), ("five", 4)):
                if len(later) >= count:
                    expected[step, who, back.key, "granted"] = later[count - 1]
    kept = house.kept("stay")
    assert {one: at for one, at in kept.items() if one[0] != "leave"} == expected
    assert {"back", "half", "five", "leave"} == {step for step, *_ in kept}


def is_slipping(made: Lives, who: str, at: datetime) -> bool:
    bought = [one.at for one in made.of("orders", who) if one.at <= at]
    if not bought or not 7 <= (at.date() - bought[-1].date()).days <= 14:
        return False
    return any(at - 7 * DAY < one.at <= at for one in made.of("logins", who))


def test_who_slips_away_is_caught_by_value_and_called(house: House) -> None:
    made = house.lives
    expected: Kept = {}
    given: dict[str, int] = Counter()
    for who in filter(made.reachable, made.customers):
        orders, inside, months = made.of("orders", who), FIRST - DAY, set[int]()
        for number in range((LAST - FIRST).days):
            at = at_clock(FIRST.date() + number * DAY, 6)
            if not is_slipping(made, who, at) or is_slipping(made, who, at - DAY):
                continue
            occurrence = f"{at.isoformat()}+08:00"
            if at <= inside or at.month in months:
                why = "already_inside" if at <= inside else "over_limit"
                expected["seen", who, occurrence, why] = at
                continue
            months.add(at.month)
            expected["seen", who, occurrence, "granted"] = at
            before = [one for one in orders if one.at <= at]
            valuable = sum(one.row["amount"] for one in before) >= 2_000
            given["coupon_50" if valuable else "coupon_20" if len(before) >= 5 else "coupon_5"] += 1
            until = next((one.at for one in orders if one.at > at), LAST)
            again, call = (at_clock(at.date() + count * DAY, 10) for count in (3, 7))
            inside = min(call, until)
            if again < until:
                expected["again", who, occurrence, "granted"] = again
            if call < until and valuable:
                expected["call", who, occurrence, "granted"] = call
    kept = house.kept("churn_intercept")
    assert {one: at for one, at in kept.items() if one[0] != "leave"} == expected
    assert Counter(reward for ((reward, _),) in house.lines("churn_intercept").values()) == given
    assert len(given) == 3
    assert {step for step, *_ in expected} == {"seen", "again", "call"}
    assert house.messages("desk", "churn_intercept") == sorted(
        (step, who, at) for (step, who, *_), at in expected.items() if step == "call"
    )


# --- tasks --------------------------------------------------------------------------------------


def monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


def test_check_ins_pay_by_day_by_streak_and_by_week(house: House) -> None:
    made = house.lives
    expected: Kept = {}
    for who in filter(made.reachable, made.customers):
        done: dict[date, dict[str, datetime]] = defaultdict(dict)
        days: dict[date, datetime] = {}
        for one in during(date(2026, 1, 1), made.of("checkins", who)):
            days.setdefault(one.at.date(), one.at)
        run = 0
        for day, at in days.items():
            run = run + 1 if day - DAY in days else 1
            expected["checkin", who, str(day), "granted"] = at
            done[monday(at)].setdefault("checkin", at)
            if run % 7 == 0:
                done[monday(at)]["streak"] = at
            if day.weekday() == 6 and all(day - number * DAY in days for number in range(7)):
                done[monday(at)]["seven"] = at
        for one in during(date(2026, 1, 1), made.of("investments", who)):
            if one.row["amount"] >= 100:
                done[monday(one.at)].setdefault("try_it", one.at)
        for week, tasks in done.items():
            for name, at in tasks.items():
                if name != "checkin":
                    expected[name, who, str(week), "granted"] = at
            if len(tasks) == 4:
                expected["all_done", who, str(week), "granted"] = max(tasks.values())
    assert house.kept("checkin_week") == expected
    assert len({step for step, *_ in expected}) == 5
    paid = {step: lines for (step, *_), lines in house.lines("checkin_week").items()}
    assert paid["streak"] == [("points", Decimal(50))]
    assert paid["all_done"] == [("coupon_10", Decimal(10))]


# --- timers -------------------------------------------------------------------------------------


def test_a_coupon_comes_before_a_product_matures_unless_it_was_renewed(house: House) -> None:
    made = house.lives
    due = []
    for fund in made.of("investments"):
        matures = fund.row["matures_on"]
        if matures is None or not made.reachable(fund.who):
            continue
        at = at_clock(matures - 7 * DAY, 10)
        renewed = any(
            one.row["renews"] == fund.key and fund.at < one.at <= at
            for one in made.of("investments", fund.who)
        )
        coupon = (fund.row["amount"] / 1000).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        if datetime(2026, 3, 1) <= at < LAST and fund.at < at and not renewed and coupon:
            due.append((at, fund.key, fund.who, min(coupon, Decimal(500))))
    expected, left = {}, defaultdict[str, Decimal](lambda: Decimal(1000))
    for at, key, who, coupon in sorted(due):
        fits = coupon <= left[who]
        left[who] -= coupon if fits else 0
        expected["main", who, key, "granted" if fits else "over_limit"] = at
    assert house.kept("before_maturity") == expected
    given = {one[2]: lines for one, lines in house.lines("before_maturity").items()}
    coupons = {key: [("maturity_coupon", coupon)] for _, key, _, coupon in due}
    assert given == {key: lines for key, lines in coupons.items() if key in given}
    assert Decimal(500) in {lines[0][1] for lines in given.values()}


def test_birthdays_are_wished_three_days_before(house: House) -> None:
    expected: Kept = {}
    for who, row in house.lives.customers.items():
        if row["birth_date"] is None or not house.lives.reachable(who):
            continue
        for number in range((LAST - FIRST).days + 4):
            day = FIRST.date() + number * DAY
            at = at_clock(day - 3 * DAY, 9)
            born = row["birth_date"]
            leap = (born.month, born.day, day.month, day.day) == (2, 29, 2, 28)
            if FIRST <= at < LAST and ((born.month, born.day) == (day.month, day.day) or leap):
                expected["main", who, str(day), "granted"] = at
    assert house.kept("birthday") == expected
    assert ("main", "c007", "2026-02-28", "granted") in expected or not house.lives.reachable(
        "c007"
    )


def test_the_first_monday_of_a_month_gives_points_to_everybody(house: House) -> None:
    made = house.lives
    days = [FIRST + number * DAY for number in range((LAST - FIRST).days)]
    mondays = [at_clock(day.date(), 9) for day in days if not day.weekday() and day.day <= 7]
    assert len(mondays) == 6
    assert house.kept("arms") == {
        ("main", who, f"{at.isoformat()}+08:00", "granted"): at
        for who in filter(made.reachable, made.customers)
        for at in mondays
    }


# --- wallets ------------------------------------------------------------------------------------


def cut(helped: Event) -> int:
    """The draw of docs/language.md."""
    seed = hmac.new(SEED.encode(), b"bargain_help", sha256).hexdigest()
    ticket = digits(f"draw/{seed}/bargain_help/main/{helped.who}/{helped.key}")
    return 20 if ticket < digits_of(1) else 8 if ticket < digits_of(30) else 3


def digits_of(percent: int) -> str:
    return format(2**32 * percent // 100, "08x")


def test_friends_cut_the_price_until_the_kettle_is_won(house: House) -> None:
    made = house.lives
    expected: Kept = {}
    won: Kept = {}
    wallets: dict[str, list[list[Any]]] = defaultdict(list)
    had: set[tuple[str, str]] = set()
    helped: Counter[str] = Counter()
    for help_ in during(date(2026, 3, 1), made.of("helps")):
        owner, bargain = help_.row["owner_id"], help_.row["bargain_id"]
        may = made.reachable(help_.who) and not made.customers[help_.who]["employee"]
        mine = help_.who == owner
        if not may or mine or owner not in made.customers or not made.reachable(owner):
            continue
        if help_.at >= datetime(2026, 4, 1):
            continue
        if (help_.who, bargain) in had or helped[bargain] >= 30:
            expected["main", owner, help_.key, "over_limit"] = help_.at
            continue
        had.add((help_.who, bargain))
        helped[bargain] += 1
        expected["main", owner, help_.key, "granted"] = help_.at
        lots = wallets[owner] = [lot for lot in wallets[owner] if lot[0] > help_.at]
        before = sum(lot[1] for lot in lots)
        lots.append([help_.at + timedelta(hours=24), cut(help_)])
        if before < 100 <= before + lots[-1][1]:
            occurrence = f"bargain_help/main/{help_.key}"
            once = ("main", owner) not in {one[:2] for one in won}
            won["main", owner, occurrence, "granted" if once else "over_limit"] = help_.at
            price = 100 if once else 0
            for lot in lots:
                taken = min(price, lot[1])
                lot[1], price = lot[1] - taken, price - taken
    assert house.kept("bargain_help") == expected
    assert house.kept("bargain_won") == won
    assert len(won) >= 3
    assert {outcome for *_, outcome in won} == {"granted", "over_limit"}


# --- stamps, limits by a field, reversals -------------------------------------------------------


def test_the_fifth_order_of_a_family_pays_three_times_a_month(house: House) -> None:
    """The first grant was taken back, and made room; 80 CNY have no full hundred."""
    made = house.lives
    fifth = {who: made.of("orders", who)[-1] for who in ("f0", "f1", "f2", "f3", "f4", "f5")}
    refund = made.of("refunds", "f0")[0]
    expected: Kept = {
        ("main", who, "5", "over_limit" if who == "f5" else "granted"): fifth[who].at
        for who in ("f0", "f2", "f3", "f4", "f5")
    }
    expected["main/reversal", "f0", refund.key, "reversed"] = refund.at
    assert house.kept("small") == expected
    assert house.lines("small") == {
        ("main", who, "5"): [("points", fifth[who].row["amount"] // 100 * 5)]
        for who in ("f0", "f2", "f3", "f4")
    }
