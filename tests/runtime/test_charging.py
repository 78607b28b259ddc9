"""Plan and decision in, charges out: amounts, periods, keys, shares, stocks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from campaigner.compiler.plan import Charge
from campaigner.runtime.decide.charges import (
    Charging,
    charged_accounts,
    cost_of,
    period_label,
    to_units,
)
from hypothesis import given
from hypothesis import strategies as st

from .ledger.ledgers import account, ask, campaign, gift, plan


def charges(project, decision):
    charging = Charging(project)
    cost = cost_of(decision.lines, "CNY")
    return charging.charges(decision, decision.lines, cost)


def test_money_in_minor_units_and_grants_by_number():
    project = gift(
        account("campaign/gift/first", "10"),
        account("benefit/coffee/stock", "10"),
        account("campaign/gift/total", "100"),
    )
    decision = ask("ann", "2026-01-10 10:00", "coffee + coffee + video")
    assert charges(project, decision) == {
        ("campaign/gift/first", "", ""): 1,
        ("benefit/coffee/stock", "", ""): 2,
        ("campaign/gift/total", "", ""): 3490,
    }


def test_points_cost_a_budget_nothing_and_concern_it_all_the_same():
    project = gift(account("campaign/gift/total", "100"), account("benefit/coffee/stock", "1"))
    assert charges(project, ask("ann", "2026-01-10 10:00", "50 points")) == {
        ("campaign/gift/total", "", ""): 0
    }


def test_a_share_pays_for_its_own_and_the_rest_for_everybody_else():
    ids = [f"campaign/gift/share {name}" for name in ("vip", "new", "of the others")]
    made = [Charge(id_, share) for share, id_ in enumerate(ids)]
    project = plan(
        [campaign("gift", made, shares=["vip", "new"])], [account(id_, "9") for id_ in ids]
    )
    for share, id_ in ((0, ids[0]), (1, ids[1]), (None, ids[2])):
        found = charges(project, ask("ann", "2026-01-10 10:00", "coffee", share=share))
        assert list(found) == [(id_, "", "")]


def test_keys_and_periods_make_balances_of_their_own():
    project = gift(
        account("campaign/gift/limit per customer", "1", key="customer", period="month"),
        account("campaign/gift/limit per device", "1", key="device"),
    )
    decision = ask("ann", "2026-01-31 23:59", "coffee", keys={"device": "d1"})
    assert list(charges(project, decision)) == [
        ("campaign/gift/limit per customer", "2026-01", "ann"),
        ("campaign/gift/limit per device", "", "d1"),
    ]
    for keys in ({}, {"device": None}):
        unknown = charges(project, ask("ann", "2026-01-31 23:59", "coffee", keys=keys))
        assert ("campaign/gift/limit per device", "", "unknown/ann") in unknown


@pytest.mark.parametrize(
    ("day", "labels"),
    [
        ("2026-01-10", ["2026-01-10", "2026-W02", "2026-01"]),
        ("2025-12-29", ["2025-12-29", "2026-W01", "2025-12"]),
        ("2027-01-03", ["2027-01-03", "2026-W53", "2027-01"]),
    ],
)
def test_periods_as_people_write_them(day, labels):
    clock = datetime.fromisoformat(f"{day}T23:59+08:00")
    assert [period_label(period, clock) for period in ("day", "week", "month")] == labels
    assert period_label("hour", clock) == f"{day}T23+08:00"


def test_an_hour_that_comes_twice_is_two_hours():
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    labels = [period_label("hour", (first + timedelta(hours=n)).astimezone(zone)) for n in range(3)]
    assert labels == ["2026-10-25T02+02:00", "2026-10-25T02+01:00", "2026-10-25T03+01:00"]


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["day", "week", "month"]),
)
def test_a_period_begins_on_the_zones_own_midnight(at, period):
    charging = Charging(gift())
    local = at.astimezone(charging.zone)
    label = period_label(period, local)
    first = {"day": 0, "week": local.weekday(), "month": local.day - 1}[period]
    assert period_label(period, local - timedelta(days=first)) == label
    assert period_label(period, local - timedelta(days=first + 1)) != label


def test_caps_are_whole_units_that_a_store_can_hold():
    assert to_units(account("campaign/gift/total", "19.90"), "CNY") == 1990
    assert to_units(account("campaign/gift/total", "1e30"), "CNY") == 2**63 - 1
    assert to_units(account("campaign/gift/first", "7"), "CNY") == 7
    assert to_units(account("campaign/gift/total", "100"), "JPY") == 100


def test_the_accounts_of_a_campaign():
    project = gift(account("campaign/gift/total", "1"), account("pool/q1/total", Decimal(2)))
    assert charged_accounts(project, "gift") == {
        "campaign/gift/total",
        "campaign/gift/reserve",
        "pool/q1/total",
    }
    assert charged_accounts(project, "other") == {"campaign/other/reserve"}
