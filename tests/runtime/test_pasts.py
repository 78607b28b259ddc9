"""Fields that have a history: what was true at a decision's instant, by every way in."""

import json
import re
import sqlite3
from contextlib import closing

import duckdb
import pytest
from campaigner.cli.main import invoke

from ..on_postgresql import connected, copied, new_schema
from ..projects import write

SETTINGS = """[project]
name = "shop"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "{url}"
bad_rows = "{bad_rows}"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "file"
path = "push.jsonl"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  since: registered_on
  fields:
    aum: {type: money, currency: CNY, optional: true,
          history: {table: aum_snapshots, customer: whose, from: valid_from, to: valid_to}}
    level: {type: integer, optional: true, range: [0, 9],
            history: {table: levels, customer: whose, zone: Asia/Shanghai, at: changed_at}}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
"""
CAMPAIGN = """
campaign gift "gift" {
  audience aum >= 100 CNY or level >= 2
  trigger  on order
  reward   10% of aum else 1 CNY as cash
  budget   { total 1_000_000 CNY }
  message  push "{{ customer.aum or 'nothing' }} {{ customer.level or 'none' }}"
  compliance { holdout at least 0% }
}
"""
TABLES = """
CREATE TABLE customers (customer_id TEXT, registered_on DATE);
INSERT INTO customers VALUES ('ann', '2026-01-01'), ('bob', '2026-01-01'), ('cem', '2026-01-01'),
  ('dan', '2026-03-01');
CREATE TABLE aum_snapshots (whose TEXT, valid_from DATE, valid_to DATE, aum TEXT);
INSERT INTO aum_snapshots VALUES ('ann', '2026-01-02', '2026-01-04', '50'),
  ('ann', '2026-01-04', '2026-01-06', '200'), ('ann', '2026-01-08', NULL, '300'),
  ('bob', '2026-01-01', NULL, '40'), ('dan', '2026-01-01', NULL, '900');
CREATE TABLE levels (whose TEXT, changed_at TIMESTAMP, level BIGINT);
INSERT INTO levels VALUES ('bob', '2026-01-03 12:00', 2), ('bob', '2026-01-05 12:00', NULL),
  ('cem', '2026-01-05 00:00', 1), ('cem', '2026-01-07 00:00', 3);
CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMPTZ);
"""
ORDERS = [
    (f"{who}{day}", who, f"2026-01-{day:02}T{hour}:00:00+08:00")
    for who in ("ann", "bob", "cem", "dan")
    for day, hour in enumerate((10, 10, 10, 10, 12, 12, 10, 10), 1)
]
# From its beginning on, up to its end: the 4th and 5th, and from the 8th on; the 3rd from noon on.
GIVEN = {
    "ann4": ("20.00", "200.00 none"),
    "ann5": ("20.00", "200.00 none"),
    "ann8": ("30.00", "300.00 none"),
    "bob4": ("4.00", "40.00 2"),
    "cem7": ("1.00", "nothing 3"),
    "cem8": ("1.00", "nothing 3"),
}


@pytest.fixture(params=["duckdb", "postgresql"])
def project(request, tmp_path):
    """Makes the project, its warehouse a DuckDB file or a server, after some more statements."""

    def make(*statements, bad_rows="50%", orders=ORDERS):
        file = tmp_path / "shop.duckdb"
        with duckdb.connect(str(file)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for statement in (*TABLES.split(";\n"), *statements):
                if statement.strip():
                    connection.execute(statement)
            if orders:
                connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", orders)
        duck = request.param == "duckdb"
        url = "duckdb:///shop.duckdb" if duck else copied(file, new_schema())
        settings = SETTINGS.format(url=url, bad_rows=bad_rows)
        write(
            tmp_path,
            {"campaigner.toml": settings, "catalog.yaml": CATALOG, "a.campaign": CAMPAIGN},
        )
        return tmp_path

    return make


PERIOD = ("--from", "2026-01-01", "--to", "2026-01-10")


def given(folder, capsys):
    """The cash that each order brought, and the message about it."""
    capsys.readouterr()
    assert invoke(["ledger", "grants", str(folder), "--format", "json"]) == 0
    grants = json.loads(capsys.readouterr().out)["grants"]
    file = folder / "push.jsonl"
    lines = file.read_text("utf-8").splitlines() if file.exists() else ()
    texts = {one["occurrence"]: one["text"] for one in map(json.loads, lines)}
    return {one["occurrence"]: (one["amount"], texts.get(one["occurrence"])) for one in grants}


def lines_of(orders):
    """The orders as lines of events."""
    names = ("key", "customer", "at")
    rows = ({"event": "order", **dict(zip(names, order, strict=True))} for order in orders)
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def test_a_run_reads_what_was_true_then(project, capsys):
    folder = project()
    assert invoke(["run", str(folder), *PERIOD]) == 0
    assert given(folder, capsys) == GIVEN


def test_events_read_the_same(project, capsys):
    folder = project(orders=())
    in_order = sorted(ORDERS, key=lambda order: order[2])
    for number, orders in enumerate((in_order[:13], in_order[13:])):
        lines = folder / f"{number}.jsonl"
        lines.write_text(lines_of(orders), "utf-8")
        assert invoke(["events", str(folder), str(lines)]) == 0
    assert {key: cash for key, (cash, _) in given(folder, capsys).items()} == {
        key: cash for key, (cash, _) in GIVEN.items()
    }


def test_an_explanation_reads_the_same(project, capsys):
    folder = project()

    def explained(customer, at):
        found = ["--campaign", "gift", "--customer", customer, "--at", at]
        invoke(["explain", str(folder), *found])
        return capsys.readouterr().out

    assert "aum = 200.00" in explained("ann", "2026-01-05 20:00")
    assert "aum = unknown" in explained("ann", "2026-01-06 20:00")
    assert "level = 2" in explained("bob", "2026-01-05 11:59")
    assert "customer.since <= now" in explained("dan", "2026-01-05 20:00")


def bad(*values):
    return f"INSERT INTO aum_snapshots VALUES {', '.join(map(str, values))}"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (bad(("ann", "2026-01-05", "2026-01-05", "1")), "its rows in `aum_snapshots` overlap"),
        (bad(("ann", "2026-02-05", "2026-02-06", "1")), "its rows in `aum_snapshots` overlap"),
        (bad(("ann", "2025-02-05", "2025-02-04", "1")), "its rows in `aum_snapshots` overlap"),
        (bad(("ann", "2025-02-05", "2025-02-06", "x")), "a row of it in `aum_snapshots` is bad"),
        (
            "INSERT INTO levels VALUES ('ann', '2026-02-03 12:00', 1), "
            "('ann', '2026-02-03 12:00', 2)",
            "its rows in `levels` overlap",
        ),
        (
            "INSERT INTO levels VALUES ('ann', '2026-02-03 12:00', 10)",
            "a row of it in `levels` is bad",
        ),
    ],
)
def test_a_customer_whose_past_is_not_sure_is_left_out(project, capsys, statement, reason):
    folder = project(statement)
    assert invoke(["check", str(folder), "--warehouse"]) == 3
    assert f"the row `ann` of `customers` is left out: {reason}" in capsys.readouterr().out
    assert invoke(["run", str(folder), *PERIOD]) == 3
    assert f"the row `ann` of `customers` is left out: {reason}" in capsys.readouterr().err
    others = {key: value for key, value in GIVEN.items() if not key.startswith("ann")}
    assert given(folder, capsys) == others


def test_with_stop_rows_that_overlap_are_an_error(project, capsys):
    folder = project(bad(("ann", "2026-01-05", "2026-01-05", "1")), bad_rows="stop")
    assert invoke(["run", str(folder), *PERIOD]) == 2
    assert "error[E345]: 1 customers have rows in `aum_snapshots`" in capsys.readouterr().err


ENTERING = """
audience rich "rich" aum >= 100 CNY or level >= 2
campaign gift "gift" {
  active   2026-01-01 to 2026-12-31
  audience yes
  trigger  when entering audience rich, every day at 09:00
  reward   1 CNY as cash
  budget   { total 1_000_000 CNY }
  compliance { holdout at least 0% }
}
"""
DAYS = [f"2026-01-{day:02}T09:00:00+08:00" for day in range(1, 12)]


def corrected(folder, statement):
    url = re.search('url = "(.*)"\nbad_rows', (folder / "campaigner.toml").read_text("utf-8"))[1]
    if url.startswith("duckdb"):
        with duckdb.connect(str(folder / "shop.duckdb")) as connection:
            connection.execute(statement)
        return
    with connected() as connection:
        connection.execute(f"SET search_path = {url.rpartition('=')[2]}")
        connection.execute(statement)


def entered(folder, at, capsys):
    """The customers who entered by a run, each with the day of January."""
    assert invoke(["run", str(folder), "--at", f"{at}T10:00+08:00"]) == 0
    capsys.readouterr()
    assert invoke(["ledger", "grants", str(folder), "--format", "json"]) == 0
    grants = json.loads(capsys.readouterr().out)["grants"]
    return {f"{one['recipient']} {DAYS.index(one['occurrence']) + 1}" for one in grants}


def test_values_that_are_corrected_in_place_are_found(project, capsys):
    folder = project(orders=())
    (folder / "a.campaign").write_text(ENTERING, "utf-8")
    assert entered(folder, "2026-01-01", capsys) == set()
    first = {"ann 4", "ann 8", "bob 4", "cem 7"}
    assert entered(folder, "2026-01-10", capsys) == first
    assert entered(folder, "2026-01-10", capsys) == first
    # A row from before all runs, a row between two of them, and one that is as good as before.
    corrected(folder, "UPDATE aum_snapshots SET aum = '400' WHERE whose = 'bob'")
    corrected(folder, "UPDATE levels SET level = 2 WHERE whose = 'cem' AND level = 1")
    corrected(folder, "UPDATE aum_snapshots SET aum = '301' WHERE aum = '300'")
    # Bob was rich from the start. Cem was from the 5th on, and the 7th was granted.
    assert entered(folder, "2026-01-11", capsys) == first
    corrected(folder, "UPDATE levels SET level = 1 WHERE whose = 'cem' AND level = 3")
    corrected(folder, "UPDATE aum_snapshots SET aum = '99' WHERE aum = '200'")
    corrected(folder, "UPDATE levels SET level = 9 WHERE whose = 'bob' AND level IS NULL")
    assert entered(folder, "2026-01-11", capsys) == first
    corrected(folder, "UPDATE aum_snapshots SET aum = '500' WHERE aum = '50'")
    assert entered(folder, "2026-01-11", capsys) == {*first, "ann 2"}
    assert invoke(["ledger", "verify", str(folder)]) == 0


def test_the_ledger_has_no_value_of_a_history(project, capsys):
    folder = project(orders=())
    (folder / "a.campaign").write_text(ENTERING, "utf-8")
    entered(folder, "2026-01-10", capsys)
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
        found = [one for (one,) in ledger.execute("SELECT occurrence FROM seen_events")]
    begins = re.compile(r"[-\dT:.]{26}Z from \w+\t[0-9a-f]{64}")
    assert found
    assert all(begins.fullmatch(one) or " to " in one for one in found), found
