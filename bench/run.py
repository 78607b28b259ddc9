"""`campaigner run` over a day of events, against set-based SQL by hand that writes full rows.

The query by hand decides four campaigns as an analyst's script does, with window functions, and
limits and a budget as ranks. It writes a row for each decision, grant, posting and message, and
a file with the messages. It keeps no chain, no balances and no events that were seen, and would
grant twice when run twice. Outcomes, amounts, postings and messages are compared first.

Then `run --plain`, to the same rows, and the same events with ten times the customers: what a run
costs should depend on its events.

    python -m bench.run --customers 200000 --events 100000
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import duckdb

from . import timing

CUSTOMERS = 200_000
EVENTS = 100_000
PAST = 10
"""Orders before the day for each one on it."""
DAY = "2026-03-02"

FILES = {
    "campaigner.toml": """[project]
name = "shop"
language = 1
time_zone = "UTC"
currency = "CNY"
[warehouse]
url = "duckdb:///shop.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "file"
path = "push.jsonl"
""",
    "catalog.yaml": """customer:
  table: customers
  key: customer_id
  fields:
    city: {type: text}
    consent: {type: boolean}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      amount: {type: money, currency: CNY}
""",
    "all.campaign": """
benefit coffee { kind coupon value 30 CNY cost 12 CNY }
policy polite { require consent because "nobody is written to without" }
campaign back "cash back" {
  active 2026-01-01 to 2026-12-31
  audience consent and count(order in last 30 days) >= 3
  trigger on order where event.amount >= 300 CNY
  reward 5% of event.amount as cash up to 20 CNY
  budget { total 100_000_000 CNY }
  compliance { follows polite }
}
campaign loyal "points" {
  active 2026-01-01 to 2026-12-31
  audience consent and sum(order.amount in last 90 days) >= 500 CNY
  trigger on order
  reward 5 points
  budget { total 1_000_000 CNY }
  compliance { follows polite }
}
campaign first_coffee "a coffee once" {
  active 2026-01-01 to 2026-12-31
  audience consent
  trigger on order where event.amount >= 250 CNY
  reward coffee limit 1 per customer
  budget { total 60_000 CNY }
  message push "A coffee for you in {{ customer.city }}"
  compliance { follows polite }
}
campaign small "small orders" {
  active 2026-01-01 to 2026-12-31
  audience consent and count(order in last 90 days) >= 8
  trigger on order where event.amount < 100 CNY
  reward 2 points limit 1 per customer
  budget { total 1_000_000 CNY }
  compliance { follows polite }
}
""",
}

TABLES = """
CREATE TABLE customers AS
SELECT printf('c%08d', i) AS customer_id, 'city ' || (i % 300) AS city, i % 10 > 0 AS consent
FROM range({customers}) AS t(i);
CREATE TABLE orders AS
SELECT printf('o%08d', i) AS order_id,
       printf('c%08d', CAST(hash(i, 'who') % {buyers} AS BIGINT)) AS customer_id,
       CASE WHEN i < {events} THEN TIMESTAMP '2026-03-02'
                 + to_microseconds(i * 86399000000 // {events} + 1)
            ELSE TIMESTAMP '2026-03-02'
                 - to_microseconds(CAST(hash(i, 'at') % 8640000000000 AS BIGINT)) END AS ordered_at,
       CAST(5 + hash(i, 'amount') % 395 AS DECIMAL(18, 2)) AS amount
FROM range({events} * (1 + {past})) AS t(i);
"""

BY_HAND = r'''
import sys
import duckdb
out = duckdb.connect(sys.argv[2])
out.execute(f"ATTACH '{sys.argv[1]}' AS shop (READ_ONLY)")
out.execute("""
CREATE TABLE decisions AS
WITH seen AS (
  SELECT *, count(*) OVER of_30 AS in_30, count(*) OVER of_90 AS in_90,
         sum(amount) OVER of_90 AS spent
  FROM shop.orders
  WINDOW of_30 AS (PARTITION BY customer_id ORDER BY ordered_at
                   RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW),
         of_90 AS (PARTITION BY customer_id ORDER BY ordered_at
                     RANGE BETWEEN INTERVAL 90 DAY PRECEDING AND CURRENT ROW)
),
asked AS (
  SELECT seen.*, city FROM seen JOIN shop.customers USING (customer_id)
  WHERE ordered_at >= TIMESTAMP '2026-03-02' AND consent
),
one AS (
  SELECT 'back' AS campaign, *, least(round_even(amount * 0.05, 2), 20) AS given,
         'cash' AS reward, least(round_even(amount * 0.05, 2), 20) AS cost
  FROM asked WHERE in_30 >= 3 AND amount >= 300
  UNION ALL
  SELECT 'loyal', *, 5, 'points', 0 FROM asked WHERE spent >= 500
  UNION ALL
  SELECT 'first_coffee', *, 30, 'coffee', 12 FROM asked WHERE amount >= 250
  UNION ALL
  SELECT 'small', *, 2, 'points', 0 FROM asked WHERE in_90 >= 8 AND amount < 100
),
limited AS (
  SELECT *, row_number() OVER (PARTITION BY campaign, customer_id ORDER BY ordered_at) AS turn
  FROM one
),
firsts AS (
  SELECT *, row_number() OVER (PARTITION BY campaign, turn = 1 ORDER BY ordered_at) AS rank
  FROM limited
),
placed AS (
  SELECT *, min(rank) FILTER (turn = 1) OVER (PARTITION BY campaign, customer_id) AS place
  FROM firsts
)
SELECT row_number() OVER (ORDER BY ordered_at, campaign) AS id, campaign, 'main' AS step,
       customer_id AS recipient, order_id AS occurrence, customer_id AS customer, ordered_at AS at,
       CASE WHEN campaign IN ('back', 'loyal') THEN 'granted'
            WHEN campaign = 'first_coffee' AND place > 60000 // 12 THEN 'over_budget'
            WHEN turn > 1 THEN 'over_limit' ELSE 'granted' END AS outcome,
       reward, CAST(given AS DECIMAL(18, 2)) AS amount, CAST(cost AS DECIMAL(18, 2)) AS cost, city
FROM placed
""")
out.execute("""
CREATE TABLE grants AS
SELECT id, 0 AS line, reward, amount, cost, "at" AS deliver_at FROM decisions
WHERE outcome = 'granted'
""")
out.execute("""
CREATE TABLE postings AS
SELECT id, 'campaign/' || campaign || '/total' AS account, cost AS amount FROM decisions
WHERE outcome = 'granted' AND cost > 0
UNION ALL
SELECT id, 'campaign/' || campaign || '/limit per customer', 1 FROM decisions
WHERE outcome = 'granted' AND campaign IN ('first_coffee', 'small')
""")
out.execute("""
CREATE TABLE outbox AS
SELECT id, 'push' AS channel, "at" AS deliver_at, 'A coffee for you in ' || city AS body
FROM decisions WHERE outcome = 'granted' AND campaign = 'first_coffee'
""")
out.execute(f"""COPY (
  SELECT channel, campaign, step, recipient, occurrence, "at", deliver_at, body AS text
  FROM outbox JOIN decisions USING (id) ORDER BY id
) TO '{sys.argv[3]}' (FORMAT JSON)""")
out.close()
'''

Row = tuple[str, ...]
"""A decision with the amount of its grant, the sum of an account's postings, or a message."""


def by_hand(path: Path, messages: Path) -> list[Row]:
    with duckdb.connect(str(path), read_only=True) as found:
        decisions = found.execute(
            "SELECT campaign, occurrence, outcome,"
            " CASE WHEN outcome = 'granted' THEN CAST(amount AS TEXT) ELSE '' END FROM decisions"
        ).fetchall()
        postings = found.execute(
            "SELECT account, CAST(count(*) AS TEXT), CAST(sum(amount) AS TEXT)"
            " FROM postings GROUP BY account"
        ).fetchall()
    return sorted([*decisions, *postings, *told(messages)])


def ours(folder: Path) -> list[Row]:
    """The rows that a run kept and sent; limits are counted, and money is in cents."""
    with sqlite3.connect(folder / "ledger.db") as found:
        decisions = found.execute(
            "SELECT campaign, occurrence, outcome, coalesce(grants.amount, '') FROM decisions"
            " LEFT JOIN grants ON grants.decision = decisions.id"
        ).fetchall()
        postings = found.execute(
            "SELECT accounts.account, count(*),"
            " sum(amount) / CASE measure WHEN 'money' THEN 100.0 ELSE 1 END FROM postings"
            " JOIN accounts ON accounts.id = postings.account GROUP BY accounts.account"
        ).fetchall()
    return sorted(
        [
            *((*row[:3], f"{float(row[3]):.2f}" if row[3] else "") for row in decisions),
            *((account, str(count), f"{units:.2f}") for account, count, units in postings),
            *told(folder / "push.jsonl"),
        ]
    )


def told(file: Path) -> list[Row]:
    lines = map(json.loads, file.read_text("utf-8").splitlines())
    return [(one["recipient"], one["occurrence"], one["text"]) for one in lines]


def every_row(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of a ledger, but for the key of hashes that each draws, and its seal."""
    with sqlite3.connect(folder / "ledger.db") as found:
        names = found.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = {name: found.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}
    del rows["hash_keys"]
    rows["seals"] = [row for row in rows["seals"] if row[0] != "hash_keys"]
    return rows


def project(folder: Path, customers: int, events: int) -> None:
    """The campaigns, and a warehouse in which as many customers as there are events buy."""
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    buyers = min(customers, events)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(
            TABLES.format(customers=customers, events=events, buyers=buyers, past=PAST)
        )


def main(customers: int = CUSTOMERS, events: int = EVENTS, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory(prefix="run-") as name:
        small, large, out = Path(name) / "small", Path(name) / "large", Path(name) / "out.duckdb"
        project(small, customers, events)
        project(large, customers * 10, events)
        run, more = (
            timing.campaigner("run", str(one), "--from", DAY, "--to", DAY) for one in (small, large)
        )
        messages = Path(name) / "out.jsonl"
        hand = (*timing.python(BY_HAND), str(small / "shop.duckdb"), str(out), str(messages))
        commands = (run, (*run, "--plain"), more, hand)

        def forget() -> None:
            out.unlink(missing_ok=True)
            messages.unlink(missing_ok=True)
            for one in (small, large):
                for path in (*one.glob("ledger.db*"), *one.glob("push.jsonl*")):
                    path.unlink()

        subprocess.run(commands[1], check=True, capture_output=True)
        plain = every_row(small)
        forget()
        for command in (run, more, hand):
            subprocess.run(command, check=True, capture_output=True)
        if every_row(small) != plain:
            raise RuntimeError("`run` and `run --plain` keep other rows")
        found = ours(small)
        if found != by_hand(out, messages) or found != ours(large):
            raise RuntimeError("results differ")
        decisions = len(plain["decisions"])
        print(f"{events:,} events: {decisions:,} decisions, {len(plain['grants']):,} grants")
        times = timing.processor(commands, runs=rounds, prepare=forget)
        whole, slow, tenfold, peer = times
        timing.ratio("run of a day", whole, "by hand in SQL, full rows", peer, "at most 3")
        timing.ratio("run", whole, "run --plain", slow, "below 1")
        what = f"run with {customers * 10:,} customers, the same events"
        timing.ratio(what, tenfold, f"{customers:,}", whole, "at most 1.5")
        print(f"{events / whole:,.0f} events and {decisions / whole:,.0f} decisions a second")


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--customers", type=int, default=CUSTOMERS)
    options.add_argument("--events", type=int, default=EVENTS)
    options.add_argument("--rounds", type=int, default=3)
    taken = options.parse_args()
    main(taken.customers, taken.events, taken.rounds)
