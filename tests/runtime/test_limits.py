"""Limits by any field, or two, of the event and of the customer; what the ledger keeps of them."""

import sqlite3
from pathlib import Path

import duckdb
import pytest
from campaigner.runtime.decide.decisions import Identity
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from ..projects import compile_folder, write
from .houses import at
from .shops import SETTINGS, Shop, campaign

CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    email: {type: text, optional: true, sensitivity: C2}
    city:  {type: text, optional: true}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      bargain: {type: text, optional: true}
      phone:   {type: text, optional: true, sensitivity: C2}
      friend:  {type: text, optional: true}
"""
BENEFITS = "benefit coffee { kind coupon value 30 CNY }"
CUSTOMERS = (("ann", "one@x.org", "Jinan"), ("bob", "one@x.org", None), ("cat", None, "Jinan"))


def house(folder: Path, reward: str, *orders: tuple[str, ...], source: str | None = None) -> Shop:
    """Orders: key, customer, `month-day clock`, bargain, phone, friend; `-` is unknown."""
    source = BENEFITS + (source or campaign(reward))
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": source}
    compiled = compile_folder(write(folder, files))
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    rows = [
        (key, who, f"2026-{when}:00+08", *(None if one == "-" else one for one in more))
        for key, who, when, *more in orders
    ]
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE customers (customer_id TEXT, email TEXT, city TEXT)")
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?)", CUSTOMERS)
        connection.execute(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMPTZ,"
            " bargain TEXT, phone TEXT, friend TEXT)"
        )
        for row in rows:
            connection.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", row)
    return Shop(folder, compiled.plan)


def granted(shop: Shop) -> list[str]:
    """The orders that were paid, in their order."""
    for _ in range(2):
        shop.run("2026-01-01", "2027-02-28")
    return [row.occurrence for row in shop.grants()]


def orders(*lines: str) -> list[tuple[str, ...]]:
    """`key customer month-day clock bargain phone friend`."""
    found = (one.split() for one in lines)
    return [(key, who, f"{day} {time}", *more) for key, who, day, time, *more in found]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("hour", ["1", "2", "3", "4", "5"]),
        ("month", ["1", "2", "3", "5"]),
        ("quarter", ["1", "3", "5"]),
        ("year", ["1", "5"]),
    ],
)
def test_periods_of_the_calendar(tmp_path: Path, period: str, expected: list[str]) -> None:
    written = orders(
        "1 ann 02-28 10:00 - - -",
        "2 ann 03-31 23:59 - - -",
        "3 ann 04-01 00:00 - - -",
        "4 ann 04-30 10:00 - - -",
    )
    later = ("5", "ann", "12-31 23:59", "-", "-", "-")
    shop = house(tmp_path, f"coffee limit 1 per customer per {period}", *written, later)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(
            "UPDATE orders SET ordered_at = '2027-01-01 00:00+08' WHERE order_id = '5'"
        )
    assert granted(shop) == expected


def test_a_field_of_the_customer_is_shared_by_those_who_have_the_same(tmp_path: Path) -> None:
    written = orders(
        "1 ann 01-05 10:00 - - -", "2 bob 01-05 10:01 - - -", "3 ann 01-05 10:02 - - -"
    )
    assert granted(house(tmp_path, "coffee limit 1 per customer.email", *written)) == ["1"]


def test_two_fields_count_together(tmp_path: Path) -> None:
    written = orders(
        "1 ann 01-05 10:00 b1 - -",
        "2 ann 01-05 10:01 b1 - -",
        "3 ann 01-05 10:02 b2 - -",
        "4 bob 01-05 10:03 b1 - -",
        "5 bob 01-05 10:04 b1 - -",
    )
    shop = house(tmp_path, "coffee limit 1 per customer.key and event.bargain", *written)
    assert granted(shop) == ["1", "3", "4"]


def test_the_customer_is_of_whom_the_rules_looked_at(tmp_path: Path) -> None:
    written = orders(
        "1 ann 01-05 10:00 - - cat", "2 ann 01-05 10:01 - - bob", "3 bob 01-05 10:02 - - cat"
    )
    own = house(tmp_path / "own", "coffee to event.friend limit 1 per customer.key", *written)
    assert granted(own) == ["1", "3"]
    theirs = house(tmp_path / "theirs", "coffee to event.friend limit 1 per customer", *written)
    assert granted(theirs) == ["1", "2"]
    both = "coffee to event.friend limit 1 per customer and event.key"
    assert granted(house(tmp_path / "both", both, *written)) == ["1", "2", "3"]


def test_what_is_unknown_is_counted_by_the_customer(tmp_path: Path) -> None:
    written = orders(
        "1 ann 01-05 10:00 - - -",
        "2 bob 01-05 10:01 - - -",
        "3 ann 01-05 10:02 - - -",
        "4 cat 01-05 10:03 unknown/ann - -",
        "5 cat 01-05 10:04 - - -",
    )
    assert granted(house(tmp_path, "coffee limit 1 per event.bargain", *written)) == [
        "1",
        "2",
        "4",
        "5",
    ]


def test_no_private_value_is_kept(tmp_path: Path) -> None:
    """Neither of the customer nor of the event; the waiting list counts by the same hash."""
    reward = "coffee limit 1 per customer.email and event.phone limit 2 per event.phone"
    written = orders(
        "1 ann 01-05 10:00 - 13800001111 -",
        "2 bob 01-05 10:01 - 13800001111 -",
        "3 cat 01-05 10:02 - 13800001111 -",
        "4 cat 01-05 10:03 - 13800001111 -",
    )
    shop = house(tmp_path, reward, *written)
    assert granted(shop) == ["1", "3"]
    with shop.ledger() as ledger:
        row = ledger.decision(Identity("gift", "main", "bob", "2"))
        assert row is not None
        assert row.account == "campaign/gift/limit per customer.email and phone"
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        kept = "\n".join(connection.iterdump())
    assert "13800001111" not in kept
    assert "one@x.org" not in kept


def test_what_waited_counts_by_the_same_hash_when_it_is_served(tmp_path: Path) -> None:
    reward = "coffee limit 1 per customer.email"
    waits = campaign(reward).replace("total 1_000_000 CNY", "total 45 CNY when exhausted waitlist")
    written = orders("1 cat 01-05 10:00 - - -", "2 ann 01-05 10:01 - - -")
    shop = house(tmp_path, reward, *written, source=waits)
    assert granted(shop) == ["1"]
    with shop.ledger() as ledger:
        ledger.reverse([next(row.number for row in ledger.grants())], "no", at("2026-01-06 10:00"))
        served = ledger.serve(shop.plan, "plan-1", at("2026-01-07 10:00"))
        assert [one.identity.recipient for one in served] == ["ann"]
        limits = [row for row in ledger.budgets(shop.plan) if row.name.startswith("limit")]
        counted = [(len(row.key or ""), row.spent) for row in limits if row.spent]
        assert counted == [(64, 1)]
        assert ledger.verify() == ()


def test_of_one_event_only_one_pays(tmp_path: Path) -> None:
    """Pairs exclude each other: `b` is refused where `a` paid, and `c` where `b` did."""
    terms = {
        "a": "10 points limit 1 per customer",
        "b": "20 points\n  exclusive with a per event",
        "c": "30 points\n  exclusive with b per event",
    }
    source = "".join(campaign(reward, name=name) for name, reward in terms.items())
    written = orders(
        "1 ann 01-05 10:00 - - -", "2 ann 01-05 10:01 - - -", "3 bob 01-05 10:01 - - -"
    )
    shop = house(tmp_path, "", *written, source=source)
    granted(shop)
    paid = sorted(f"{row.occurrence} {row.campaign}" for row in shop.grants())
    assert paid == ["1 a", "1 c", "2 b", "3 a", "3 c"]
    with shop.ledger() as ledger:
        refused = ledger.decision(Identity("c", "main", "ann", "2"))
        assert refused is not None
        assert refused.account == "campaign/b/exclusive with c per event"


def test_of_one_instant_only_one_pays_whoever_is_decided_first(tmp_path: Path) -> None:
    """The second campaign is decided long before the one that comes first in the order of names."""
    daily = [
        campaign("10 points", name=name).replace("on order", "every day at 10:00") for name in "ab"
    ]
    daily[0] = daily[0].replace("budget", "exclusive with b per event budget", 1)
    nobody = daily[0].replace("audience yes", 'audience city = "nowhere"')
    later = house(tmp_path, "", source=nobody + daily[1])
    later.run("2026-01-05", "2026-01-07")
    (tmp_path / "all.campaign").write_text(BENEFITS + "".join(daily))
    compiled = compile_folder(tmp_path)
    assert compiled.plan is not None, compiled.diagnostics
    both = Shop(tmp_path, compiled.plan)
    both.run("2026-01-05", "2026-01-08")
    paid = [
        f"{row.campaign} {row.occurrence[:10]}" for row in both.grants() if row.recipient == "ann"
    ]
    assert sorted(paid) == ["a 2026-01-07", "b 2026-01-05", "b 2026-01-06"]


def test_an_explanation_knows_what_was_counted_by_a_private_value(tmp_path: Path) -> None:
    written = orders("1 ann 01-05 10:00 - - -", "2 bob 01-06 10:00 - - -")
    shop = house(tmp_path, "coffee limit 1 per customer.email", *written)
    granted(shop)
    with shop.ledger() as ledger, open_warehouse(shop.warehouse, shop.folder) as warehouse:
        rows = WarehouseRows(warehouse, shop.plan)
        found = explain(shop.plan, "gift", "bob", at("2026-01-31"), rows, ledger)
    (cap,) = (dict(one.values) for one in found.clauses if one.text.startswith("limit 1"))
    assert (found.outcome, cap) == ("over_limit", {"used": "1", "cap": "1", "left": "0"})
