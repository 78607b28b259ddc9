"""A shop on disk for tests of rewards: campaign text in, a run's ledger out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.decisions import Outcome
from campaigner.runtime.delivery import Channel
from campaigner.runtime.due.periods import At, Between
from campaigner.runtime.ledger import GrantRow, Ledger, open_ledger
from campaigner.runtime.run.report import RunReport
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.engines import open_warehouse

from ..projects import compile_folder, write
from ..seeds import seeds_of
from .houses import at

SETTINGS = """[project]
name      = "test"
language  = 1
time_zone = "Asia/Shanghai"
currency  = "CNY"
catalog   = "catalog.yaml"
[warehouse]
url = "duckdb:///shop.duckdb"
[ledger]
url = "sqlite:///ledger.db"
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
      points: {type: integer}
      friend: {type: text, optional: true}
  pick:
    table: picks
    key: pick_id
    customer: customer_id
    at: picked_at
    fields:
      benefit: {type: text, optional: true}
      channel: {type: text}
"""
BENEFITS = """
benefit phone { kind physical value 5_000 CNY stock 3 }
benefit coffee { kind coupon value 30 CNY }
"""
CAMPAIGN = """
campaign {name} "{name}" {{
  audience {audience}
  trigger  on order
  reward   {reward}
  budget {{ total 1_000_000 CNY {budget} }}
  compliance {{ forbid phrase "sure" }}
}}
"""


@dataclass
class Shop:
    """Customers order, a campaign gives: `order`, `run`, and see what the ledger has."""

    folder: Path
    plan: Plan
    warehouse: str = "duckdb:///shop.duckdb"
    """Where the tables are that a run reads."""

    def order(self, rows: Iterable[tuple[str, str, str, int, str | None]]) -> None:
        """Orders: key, customer, when, points, friend."""
        with duckdb.connect(str(self.folder / "shop.duckdb")) as connection:
            connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", list(rows))

    def change(self, statement: str) -> None:
        """Carries out a statement in the warehouse."""
        with duckdb.connect(str(self.folder / "shop.duckdb")) as connection:
            connection.execute(statement)

    def pick(self, rows: Iterable[tuple[str, str, str, str | None]], channel: str = "app") -> None:
        """Claims: key, customer, when, what is chosen."""
        with duckdb.connect(str(self.folder / "shop.duckdb")) as connection:
            given = [(*row, channel) for row in rows]
            connection.executemany("INSERT INTO picks VALUES (?, ?, ?, ?, ?)", given)

    def run(
        self,
        start: str = "2026-01-01",
        end: str = "2026-01-31",
        channels: Mapping[str, Channel] | None = None,
        *,
        dry_run: bool = False,
    ) -> RunReport:
        """Carries out a period."""
        return self._run(Between(at(start), at(end)), channels or {}, dry_run)

    def run_at(self, instant: str) -> RunReport:
        """Carries out what was not done yet."""
        return self._run(At(at(instant)), {}, dry_run=False)

    def _run(
        self, asked: At | Between, channels: Mapping[str, Channel], dry_run: bool
    ) -> RunReport:
        where = open_warehouse(self.warehouse, self.folder)
        with self.ledger(channels) as ledger, where as house:
            seeds = seeds_of(self.plan)
            work = Work(self.plan, "plan-1", house, ledger, channels, seeds=seeds)
            return run(work, asked, dry_run=dry_run)

    def ledger(self, channels: Iterable[str] = (), *, plain: bool = False) -> Ledger:
        """The open ledger."""
        named, url = frozenset(channels), "sqlite:///ledger.db"
        return open_ledger(url, "test", "CNY", root=self.folder, channels=named, plain=plain)

    def grants(self) -> list[GrantRow]:
        """The grants; the ledger adds up."""
        with self.ledger() as ledger:
            assert ledger.verify() == ()
            return list(ledger.grants())

    def claims(self) -> list[str]:
        """The outcome of each event that claimed."""
        with self.ledger() as ledger:
            assert ledger.verify() == ()
            return [
                f"{row.identity.occurrence}: {row.outcome}"
                + (f" {row.account}" if row.account else "")
                for row in ledger.claims()
            ]

    def outcomes(self) -> dict[Outcome, int]:
        """How many decisions came to what."""
        with self.ledger() as ledger:
            found: dict[Outcome, int] = {}
            for (_, outcome), count in ledger.outcomes().items():
                found[outcome] = found.get(outcome, 0) + count
            return found


def campaign(reward: str, name: str = "gift", audience: str = "yes", budget: str = "") -> str:
    """A campaign that gives it at each order."""
    return CAMPAIGN.format(name=name, reward=reward, audience=audience, budget=budget)


def shop(
    folder: Path,
    *campaigns: str,
    customers: Iterable[str] = (),
    settings: str = SETTINGS,
    catalog: str = CATALOG,
) -> Shop:
    """A shop with these campaigns and customers, and no orders yet."""
    files = {
        "campaigner.toml": settings,
        "catalog.yaml": catalog,
        "benefits.campaign": BENEFITS,
        "all.campaign": "\n".join(campaigns),
    }
    compiled = compile_folder(write(folder, files))
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE customers (customer_id TEXT, vip BOOLEAN)")
        connection.executemany(
            "INSERT INTO customers VALUES (?, false)", [[name] for name in customers] or [["ann"]]
        )
        connection.execute(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMP,"
            " points BIGINT, friend TEXT)"
        )
        connection.execute(
            "CREATE TABLE picks (pick_id TEXT, customer_id TEXT, picked_at TIMESTAMP,"
            " benefit TEXT, channel TEXT)"
        )
    return Shop(folder, compiled.plan)
