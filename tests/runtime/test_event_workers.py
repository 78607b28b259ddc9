"""Event workers: what they grant is what a run grants, however many there are.

Some are plain and some go by the quick paths.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta

import duckdb
import pytest
from campaigner.compiler.compile import compile_project
from campaigner.compiler.project.project import load_project
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.warehouse.engines import open_warehouse

from ..laws.ways import Way
from ..on_postgresql import new_schema, postgresql_url
from ..projects import write

CUSTOMERS = 40
SETTINGS = """[project]
name = "shop"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///shop.duckdb"
[ledger]
url = "${LEDGER}"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    vip: {type: boolean}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      amount: {type: money, currency: CNY}
"""
CAMPAIGNS = """
benefit coffee { kind coupon value 30 CNY }
benefit cake { kind coupon value 50 CNY stock 10 per month }

campaign third "third" {
  active 2026-01-01 to 2026-12-31
  audience count(order in last 30 days) >= 3
  trigger on order
  reward coffee limit 1 per customer per month
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign after_coffee "after the coffee" {
  active 2026-01-01 to 2026-12-31
  audience count(received(coffee) in last 60 days) >= 1 and sum(order.amount) >= 500 CNY
  trigger on order where event.amount >= 50 CNY
  reward 5% of event.amount as cash up to 20 CNY
  budget { total 1_000_000 CNY per customer 60 CNY }
  compliance { forbid phrase "sure" }
}
campaign either "either" {
  active 2026-01-01 to 2026-12-31
  priority 5
  audience vip and not received(third)
  trigger on order where event.amount >= 150 CNY
  reward 100 points
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
SCARCE = """
campaign cakes "cakes" {
  active 2026-01-01 to 2026-12-31
  audience yes
  trigger on order
  reward cake
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""


def orders(count):
    """Rows of the table, in the order of time."""
    chance = random.Random(4)
    at = datetime(2026, 1, 1)
    for number in range(count):
        at += timedelta(minutes=chance.randrange(200))
        who = f"c{chance.randrange(CUSTOMERS):02}"
        yield f"o{number:05}", who, at, chance.randrange(100, 40_000) / 100


def shop(folder, campaigns, rows):
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": campaigns}
    write(folder, files)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE customers (customer_id TEXT, vip BOOLEAN)")
        connection.executemany(
            "INSERT INTO customers VALUES (?, ?)", [[f"c{n:02}", n % 3 == 0] for n in range(39)]
        )  # the last one is not there
        connection.execute(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMP,"
            " amount DECIMAL(18, 2))"
        )
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
    return folder


def lines(rows):
    for key, who, at, amount in rows:
        event = {"event": "order", "key": key, "customer": who, "at": at.isoformat()}
        yield json.dumps({**event, "fields": {"amount": amount}}) + "\n"


def ledger_url():
    url = postgresql_url()
    return f"{url}{'&' if '?' in url else '?'}schema=ledger_{new_schema()}"


def command(url, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "campaigner.cli", *map(str, arguments)],
        env={**os.environ, "LEDGER": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(*processes):
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said


YEAR = ("--from", "2026-01-01", "--to", "2026-12-31", "--even-in-the-future")


def run(folder, url):
    return command(url, "run", folder, *YEAR)


def grants(folder, url):
    with open_ledger(url, "shop", "CNY", root=folder) as ledger:
        assert ledger.verify() == ()
        return sorted(
            (one.campaign, one.recipient, one.occurrence, one.at, one.reward, one.amount)
            for one in ledger.grants()
        )


@pytest.fixture(scope="module")
def rows():
    return list(orders(1_500))


@pytest.fixture(scope="module")
def house(tmp_path_factory, rows):
    """A shop whose warehouse has all orders, and the file of them."""
    folder = shop(tmp_path_factory.mktemp("shop"), CAMPAIGNS, rows)
    (folder / "all.jsonl").write_text("".join(lines(rows)))
    return folder


@pytest.fixture(scope="module")
def expected(house):
    url = ledger_url()
    done(run(house, url))
    found = grants(house, url)
    assert {one[0] for one in found} == {"third", "after_coffee", "either"}
    assert len(found) > 200
    return found


def test_four_workers_over_the_same_stream_and_a_run_beside_them(house, expected):
    url = ledger_url()
    options = ((), ("--plain",), (), ("--plain",))
    workers = [command(url, "events", house, house / "all.jsonl", *one) for one in options]
    done(*workers, run(house, url))
    assert grants(house, url) == expected


def test_four_workers_over_parts_of_it_one_killed_and_started_again(house, rows, expected):
    url = ledger_url()
    for part in range(4):
        mine = [row for row in rows if int(row[1][1:]) % 4 == part]
        (house / f"part_{part}.jsonl").write_text("".join(lines(mine)))

    def worker(part, *options):
        file = house / f"part_{part}.jsonl"
        return command(url, "events", house, file, "--format", "json", *options)

    first, *others = [worker(part, *("--plain",) * (part % 2)) for part in range(4)]
    first.stdout.readline()
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    done(worker(0, "--plain"), *others)
    assert grants(house, url) == expected
    done(run(house, url))
    assert grants(house, url) == expected


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_a_worker_killed_between_any_two_statements(house, rows, batch, expected):
    """At the end of a batch, in the middle of the next one; then the whole stream once more."""
    url = ledger_url()
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _decide(house, url, rows, die_in=batch, plain=batch == 1)
        finally:
            os._exit(0)
    os.close(writes)
    os.close(reads)
    os.waitpid(child, 0)
    before = grants(house, url)
    assert set(before) < set(expected)
    _decide(house, url, rows, plain=batch != 1)
    assert grants(house, url) == expected


def _decide(folder, url, rows, die_in=None, *, plain):
    plan = compile_project(load_project(folder)).plan
    reader = Lines(plan, "events", plain=plain)
    events = [reader.read(Line(n, line.encode())) for n, line in enumerate(lines(rows))]
    with open_ledger(url, "shop", "CNY", root=folder, plain=plain) as ledger:

        def opens():
            return open_warehouse("duckdb:///shop.duckdb", folder)

        worker = Way("duckdb:///shop.duckdb", folder, plain=plain).worker(plan, opens, ledger)
        worker.expect([] if plain else events)
        for number, start in enumerate(range(0, len(events), 200)):
            if number == die_in:
                left = iter(range(40))
                execute = ledger._store.connection.cursor

                def cursor(*arguments, left=left, execute=execute, **more):
                    if next(left, None) is None:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return execute(*arguments, **more)

                ledger._store.connection.cursor = cursor
            worker.decide(events[start : start + 200])


def test_events_that_the_warehouse_does_not_have_are_seen_by_those_after_them(
    tmp_path, rows, expected
):
    folder = shop(tmp_path, CAMPAIGNS, rows[:700])
    url = ledger_url()
    (folder / "new.jsonl").write_text("".join(lines(rows)))
    done(command(url, "events", folder, folder / "new.jsonl"))
    assert grants(folder, url) == expected


def test_no_stock_is_overdrawn_by_any_number_of_workers(tmp_path, rows):
    folder = shop(tmp_path, CAMPAIGNS + SCARCE, rows)
    url = ledger_url()
    for part in range(4):
        (folder / f"part_{part}.jsonl").write_text("".join(lines(rows[part::4])))
    options = ((), ("--plain",), (), ("--plain",))
    files = [folder / f"part_{part}.jsonl" for part in range(4)]
    done(*map(lambda file, some: command(url, "events", folder, file, *some), files, options))
    months = Counter(
        (at + timedelta(hours=8)).month
        for campaign, _, _, at, _, _ in grants(folder, url)
        if campaign == "cakes"
    )
    assert set(months.values()) == {10}
