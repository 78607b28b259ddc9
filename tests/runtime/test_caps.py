"""Every cap of the language, from its words to the ledger: who ordered, and what came of it."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
from campaigner.runtime.decide.decisions import Decision, Identity, Line
from campaigner.runtime.delivery import FileChannel

from .houses import at
from .shops import Shop, campaign, shop

WHO = ("ann", "bob", "cat", "dan", "eve")


def play(house: Shop, table: str, end: str = "2026-02-28") -> None:
    """`key | customer | month-day clock (Shanghai) | outcome | friend | campaign`: all in one run.

    The last two may be left out. What the ledger has afterwards must be what is written, adds up,
    and is the same after a second run.
    """
    written = [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]
    told = [(*cells[:3], *cells[4:], *("",) * (6 - len(cells))) for cells in written]
    orders = {
        (key, who, at(f"2026-{when}").isoformat(), 10, friend or None)
        for key, who, when, friend, _ in told
    }
    house.order(sorted(orders))
    for _ in range(2):
        house.run("2026-01-01", end)
        with house.ledger() as ledger:
            assert ledger.verify() == ()
            got = []
            for key, who, _, _, name in told:
                row = ledger.decision(Identity(name or "gift", "main", who, key))
                assert row is not None, key
                by = "" if row.account is None else f" by {row.account.split('/', 2)[2]}"
                got.append(row.outcome + by)
        assert got == [cells[3] for cells in written]


def spent(house: Shop, name: str | None = None) -> list[str]:
    """Every balance with something in it: `total: 60.00 of 100.00`, `!` when exhausted."""
    with house.ledger() as ledger:
        return [
            f"{row.owner} {row.name} {row.period} {row.key or ''}".strip()
            + f": {row.spent} of {row.cap}"
            + (" !" if row.exhausted else "")
            for row in ledger.budgets(house.plan, name)
            if row.spent
        ]


def priced(reward: str, budget: str, name: str = "gift") -> str:
    """A campaign whose budget is these words alone."""
    return campaign(reward, name=name).replace("total 1_000_000 CNY ", budget)


def test_total(tmp_path: Path) -> None:
    house = shop(tmp_path, priced("coffee", "total 70 CNY"), customers=WHO)
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted
        o2 | bob | 01-05 10:01 | granted
        o3 | cat | 01-06 10:00 | over_budget by total
        """,
    )
    assert spent(house) == ["gift total: 60.00 of 70.00 !"]


def test_per_day_week_and_month_of_the_calendar(tmp_path: Path) -> None:
    caps = "total 9_000 CNY per day 60 CNY per week 90 CNY per month 120 CNY"
    house = shop(tmp_path, priced("coffee", caps), customers=WHO)
    play(
        house,
        """
        o1 | ann | 01-24 23:58 | granted
        o2 | bob | 01-24 23:59 | granted
        o3 | cat | 01-24 23:59 | over_budget by spend per day
        o4 | ann | 01-25 00:00 | granted
        o5 | bob | 01-25 23:59 | over_budget by spend per week
        o6 | ann | 01-26 00:00 | granted
        o7 | bob | 01-31 23:59 | over_budget by spend per month
        o8 | cat | 02-01 00:00 | granted
        """,
    )


def test_money_per_customer_with_and_without_a_month(tmp_path: Path) -> None:
    caps = "total 9_000 CNY per customer 90 CNY per customer per month 60 CNY"
    house = shop(tmp_path, priced("coffee", caps), customers=WHO)
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted
        o2 | ann | 01-06 10:00 | granted
        o3 | ann | 01-07 10:00 | over_limit by spend per customer per month
        o4 | bob | 01-07 10:00 | granted
        o5 | ann | 02-01 00:00 | granted
        o6 | ann | 02-02 10:00 | over_limit by spend per customer
        """,
    )


def test_limits_by_customer_and_by_any_key_with_and_without_periods(tmp_path: Path) -> None:
    reward = "coffee limit 2 per customer per week limit 2 per event.friend per day"
    reward += " limit 3 per event.friend"
    house = shop(tmp_path, campaign(reward), customers=WHO)
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted | d1
        o2 | bob | 01-05 10:01 | granted | d1
        o3 | cat | 01-05 10:02 | over_limit by limit per friend per day | d1
        o4 | cat | 01-06 00:00 | granted | d1
        o5 | dan | 01-07 10:00 | over_limit by limit per friend | d1
        o6 | ann | 01-07 10:00 | granted | d2
        o7 | ann | 01-08 10:00 | over_limit by limit per customer per week | d3
        o8 | ann | 01-12 00:00 | granted | d3
        """,
    )


def test_so_many_an_hour(tmp_path: Path) -> None:
    scarce = "benefit prize { kind physical value 90 CNY stock 1 per hour }"
    reward = campaign("prize").replace("total 1_000_000 CNY", "total 900 CNY per hour 90 CNY")
    points = campaign("5 points limit 1 per customer per hour first 2 per hour", name="other")
    house = shop(tmp_path, scarce, reward, points, customers=WHO)
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted                             | | gift
        o2 | bob | 01-05 10:59 | out_of_stock by stock per hour      | | gift
        o3 | cat | 01-05 11:00 | granted                             | | gift
        o1 | ann | 01-05 10:00 | granted                             | | other
        o2 | bob | 01-05 10:59 | granted                             | | other
        o4 | ann | 01-05 10:59 | over_limit by limit per customer per hour | | other
        o5 | dan | 01-05 10:59 | out_of_stock by first per hour      | | other
        o3 | cat | 01-05 11:00 | granted                             | | other
        """,
    )
    assert "gift spend per hour 2026-01-05T10+08:00: 90.00 of 90.00" in spent(house)


def test_the_stock_of_a_benefit_is_that_of_all_campaigns(tmp_path: Path) -> None:
    scarce = "benefit card { kind digital value 5 CNY stock 2 per month }"
    house = shop(tmp_path, scarce, campaign("card"), campaign("card", name="other"), customers=WHO)
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted               | | gift
        o1 | ann | 01-05 10:00 | granted               | | other
        o2 | bob | 01-06 10:00 | out_of_stock by stock per month | | gift
        o3 | bob | 02-01 00:00 | granted               | | gift
        """,
    )


def test_the_stock_of_a_campaign_and_the_first(tmp_path: Path) -> None:
    house = shop(
        tmp_path,
        priced("coffee first 2 per month", "total 900 CNY"),
        priced("10 points", "stock 3 stock 1 per day", name="other"),
        customers=WHO,
    )
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted                          | | gift
        o2 | bob | 01-05 10:01 | granted                          | | gift
        o3 | cat | 01-06 10:00 | out_of_stock by first per month  | | gift
        o4 | dan | 02-01 00:00 | granted                          | | gift
        o1 | ann | 01-05 10:00 | granted                          | | other
        o2 | bob | 01-05 10:01 | out_of_stock by stock per day    | | other
        o3 | cat | 01-06 10:00 | granted                          | | other
        o4 | dan | 02-01 00:00 | granted                          | | other
        """,
    )
    assert [row for row in spent(house, "other") if " per " not in row] == ["other stock: 3 of 3"]


def test_a_share_is_paid_from_its_part_alone(tmp_path: Path) -> None:
    vips = 'audience rich "rich" vip'
    house = shop(
        tmp_path, vips, priced("coffee", "total 100 CNY share 40% for rich"), customers=WHO
    )
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("UPDATE customers SET vip = customer_id IN ('ann', 'bob')")
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted
        o2 | bob | 01-05 10:01 | over_budget by share rich
        o3 | cat | 01-05 10:02 | granted
        o4 | dan | 01-05 10:03 | granted
        o5 | eve | 01-05 10:04 | over_budget by share of the others
        """,
    )


def test_pools_of_three_levels(tmp_path: Path) -> None:
    pools = """
    budget year    { total 150 CNY }
    budget quarter { total 120 CNY per day 60 CNY from year }
    budget month   { total 90 CNY from quarter }
    """
    house = shop(
        tmp_path,
        pools,
        priced("coffee", "from month"),
        priced("coffee", "total 60 CNY from quarter", name="other"),
        priced("coffee", "from year", name="third"),
        customers=WHO,
    )
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted                           | | gift
        o1 | ann | 01-05 10:00 | granted                           | | other
        o1 | ann | 01-05 10:00 | granted                           | | third
        o2 | bob | 01-05 10:01 | over_budget by spend per day      | | gift
        o2 | bob | 01-05 10:01 | over_budget by spend per day      | | other
        o2 | bob | 01-05 10:01 | granted                           | | third
        o3 | cat | 01-06 10:00 | granted                           | | gift
        o3 | cat | 01-06 10:00 | over_budget by total              | | other
        o3 | cat | 01-06 10:00 | over_budget by total              | | third
        """,
    )
    assert "year total: 150.00 of 150.00 !" in spent(house)
    assert "quarter total: 90.00 of 120.00" in spent(house)
    assert "month total: 60.00 of 90.00" in spent(house)


def test_the_reserve_is_for_grants_by_hand_alone(tmp_path: Path) -> None:
    house = shop(tmp_path, priced("coffee", "total 100 CNY reserve 40%"), customers=WHO)
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted
        o2 | bob | 01-05 10:01 | granted
        o3 | cat | 01-05 10:02 | over_budget by total
        """,
    )
    assert spent(house) == ["gift total: 60.00 of 60.00 !"]
    outcomes = [by_hand(house, "cat", name) for name in ("complaint 1", "complaint 1", "again")]
    assert outcomes == ["granted", "already_granted", "over_budget"]
    assert "gift reserve: 30.00 of 40.00 !" in spent(house)


def by_hand(house: Shop, customer: str, name: str) -> str:
    now = at("2026-02-01")
    line = Line("coffee", Decimal(30), "CNY", Decimal(30), "coffee", None)
    identity = Identity("gift", "main", customer, f"reserve/{name}")
    decision = Decision(identity, customer, now, False, (line,), (), now, None, {}, {})
    with house.ledger() as ledger:
        result = ledger.grant_by_hand(house.plan, decision, "plan-1", name, "it was late")
        assert ledger.verify() == ()
    return result.outcome


def test_when_exhausted_stop_wait_or_another_reward(tmp_path: Path) -> None:
    house = shop(
        tmp_path,
        priced("coffee", "total 40 CNY when exhausted stop"),
        priced("coffee", "total 40 CNY when exhausted waitlist", name="waits"),
        priced("coffee", "total 40 CNY when exhausted reward 10 points", name="consoles"),
        customers=WHO,
    )
    play(
        house,
        """
        o1 | ann | 01-05 10:00 | granted              | | gift
        o2 | bob | 01-05 10:01 | over_budget by total | | gift
        o1 | ann | 01-05 10:00 | granted              | | waits
        o2 | bob | 01-05 10:01 | waitlisted by total  | | waits
        o1 | ann | 01-05 10:00 | granted              | | consoles
        o2 | bob | 01-05 10:01 | granted              | | consoles
        """,
    )
    given = [
        f"{row.recipient}: {row.reward}" for row in house.grants() if row.campaign == "consoles"
    ]
    assert given == ["ann: coffee", "bob: points"]


def alerts(folder: Path, caps: str, *pools: str) -> list[str]:
    """The alerts of two coffees a day from the 5th to the 15th, in two runs."""
    house = shop(folder, *pools, priced("coffee", caps), customers=WHO)
    for day in range(5, 16):
        house.order([(f"o{day}", "ann", f"2026-01-{day:02}", 1, None)])
        house.order([(f"p{day}", "bob", f"2026-01-{day:02} 01:00", 1, None)])
    path = folder / "alerts.jsonl"
    for _ in range(2):
        house.run("2026-01-01", "2026-01-31", {"alerts": FileChannel("alerts", path, "alerts")})
    return [told_of(json.loads(row)["alert"]) for row in path.read_text("utf-8").splitlines()]


def test_an_alert_once_a_threshold_of_the_total(tmp_path: Path) -> None:
    told = alerts(tmp_path, "total 300 CNY per day 60 CNY alert at 50%, 80%")
    assert told == ["campaign/gift/total  0.5: 150.00", "campaign/gift/total  0.8: 240.00"]


def test_an_alert_once_a_threshold_of_each_day_where_there_is_no_total(tmp_path: Path) -> None:
    caps, year = "per day 60 CNY alert at 50%, 80% from year", "budget year { total 150 CNY }"
    day = "campaign/gift/spend per day 2026-01-0"
    assert alerts(tmp_path, caps, year) == [
        *(f"{day}5 0.5: 30.00", f"{day}5 0.8: 60.00", f"{day}6 0.5: 30.00", f"{day}6 0.8: 60.00"),
        f"{day}7 0.5: 30.00",
    ]


def told_of(alert: dict[str, str]) -> str:
    """Account, period, threshold and what was spent."""
    return f"{alert['account']} {alert['period']} {alert['threshold']}: {alert['spent']}"
