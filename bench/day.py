"""A day of the grocer's year: `campaigner run` against the same work written by hand in SQL.

The hand-written program does what an analyst's script does: one query a campaign, the caps as
running sums, the result in a table. It keeps no ledger, writes no messages, and
would grant twice when run twice. The ratio is the cost of these promises.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from . import timing

HERE = Path(__file__).resolve().parent
JOURNEY = HERE.parent / "campaigns" / "complete_journey"
DAY = "2017-11-03"

BY_HAND = r"""
import sys
import duckdb
warehouse = duckdb.connect()
warehouse.execute(f"ATTACH '{sys.argv[1]}' AS journey (READ_ONLY)")
warehouse.execute("SET TimeZone = 'UTC'")
warehouse.execute(f"ATTACH '{sys.argv[2]}' AS out")
warehouse.execute('USE journey')
warehouse.execute('''
CREATE TABLE out.grants AS
WITH
local AS (
  SELECT *, timezone('America/New_York', timezone('UTC', bought_at)) AS shopped FROM baskets
),
-- campaign 18: redemptions of that day by households that were mailed
redeemed AS (
  SELECT 'campaign_18' AS campaign, household_id, CAST(redemption_id AS VARCHAR) AS occurrence,
         CAST(1.50 AS DECIMAL(18, 2)) AS amount
  FROM redemptions AS r
  WHERE campaign_id = 18 AND CAST(redeemed_on AS DATE) = DATE '2017-11-03'
    AND EXISTS (SELECT 1 FROM mailings AS m
                WHERE m.household_id = r.household_id AND m.campaign_id = 18)
),
-- weekly offer: regular and loyal households, big spenders from 60% of the money, 500 USD a week
recent AS (
  SELECT household_id,
         count(*) AS baskets,
         count(*) FILTER (shopped > TIMESTAMP '2017-09-29 09:00' ) AS in_35,
         count(*) FILTER (shopped > TIMESTAMP '2017-10-06 09:00') AS in_28,
         coalesce(sum(amount) FILTER (shopped > TIMESTAMP '2017-08-05 09:00'), 0) AS spent
  FROM local WHERE shopped <= TIMESTAMP '2017-11-03 09:00' GROUP BY household_id
),
offered AS (
  SELECT household_id, spent >= 400 AS big,
         row_number() OVER (PARTITION BY spent >= 400 ORDER BY hashed) AS place,
         row_number() OVER (ORDER BY spent >= 400 DESC, hashed) AS turn
  FROM (
    SELECT *, md5(concat('order/weekly_offer/2017-11-03T09:00:00-04:00/',
                         household_id)) AS hashed
    FROM recent
  ) WHERE baskets >= 5 AND in_35 > 0 AND in_28 >= 4
),
weekly AS (
  SELECT 'weekly_offer' AS campaign, household_id,
         '2017-11-03T09:00:00-04:00' AS occurrence, CAST(2 AS DECIMAL(18, 2)) AS amount
  FROM offered WHERE turn <= 250 AND place <= CASE WHEN big THEN 3600 ELSE 2400 END
),
-- spend back: large baskets of the day, 2% for who shops often, 1.5% for the others
large AS (
  SELECT b.basket_id, b.household_id, b.amount, b.shopped,
         count(*) FILTER (h.shopped < b.shopped OR (h.shopped = b.shopped
             AND CAST(h.basket_id AS VARCHAR) < CAST(b.basket_id AS VARCHAR))) AS before,
         count(*) FILTER (h.shopped > b.shopped - INTERVAL 90 DAY) AS in_90
  FROM local AS b JOIN local AS h ON h.household_id = b.household_id AND h.shopped <= b.shopped
  WHERE CAST(b.shopped AS DATE) = DATE '2017-11-03' AND b.amount >= 75
  GROUP BY ALL
),
back AS (
  SELECT 'spend_back' AS campaign, household_id, CAST(basket_id AS VARCHAR) AS occurrence,
         CASE WHEN in_90 >= 20
              THEN least(CAST(round_even(amount * 0.02, 2) AS DECIMAL(18, 2)), 3.50)
              ELSE least(CAST(round_even(amount * 0.015, 2) AS DECIMAL(18, 2)), 2.50) END AS amount
  FROM large WHERE before >= 2
)
SELECT * FROM redeemed UNION ALL SELECT * FROM weekly UNION ALL SELECT * FROM back
''')
"""


def grants_by_hand(path: Path) -> set[tuple[str, ...]]:
    with duckdb.connect(str(path), read_only=True) as found:
        rows = found.execute("SELECT campaign, household_id, occurrence, amount FROM grants")
        return {tuple(str(cell) for cell in row) for row in rows.fetchall()}


def grants_of(folder: Path) -> set[tuple[str, ...]]:
    command = timing.campaigner("ledger", str(folder), "grants", "--format", "json")
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    keys = ("campaign", "recipient", "occurrence", "amount")
    return {tuple(grant[key] for key in keys) for grant in found["grants"]}


def main() -> None:
    subprocess.run([sys.executable, str(JOURNEY / "load.py")], check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "journey"
        shutil.copytree(JOURNEY, folder, ignore=shutil.ignore_patterns("var", ".campaigner"))
        warehouse, out = folder / "data" / "complete_journey.duckdb", Path(name) / "out.duckdb"
        run = timing.campaigner("run", str(folder), "--from", DAY, "--to", DAY)
        hand = (*timing.python(BY_HAND), str(warehouse), str(out))

        def forget() -> None:
            shutil.rmtree(folder / "var", ignore_errors=True)
            out.unlink(missing_ok=True)

        forget()
        subprocess.run(run, check=True, capture_output=True)
        subprocess.run(hand, check=True, capture_output=True)
        ours, theirs = grants_of(folder), grants_by_hand(out)
        if ours != theirs:
            raise RuntimeError(f"results differ: {sorted(ours ^ theirs)[:5]}")
        print(f"{len(ours)} grants, the same both ways")
        timing.ratio(
            "campaigner run of a day",
            timing.command(*run, prepare=forget),
            "by hand in SQL",
            timing.command(*hand, prepare=forget),
            "what exactly-once, caps and an outbox cost",
        )


if __name__ == "__main__":
    main()
