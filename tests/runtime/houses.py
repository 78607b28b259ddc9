"""A house for a run: a folder with a small warehouse and a ledger in it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from campaigner.compiler.plan import Plan
from campaigner.runtime.delivery import FileChannel
from campaigner.runtime.due.periods import At, Between
from campaigner.runtime.due.schedule import parse_instant
from campaigner.runtime.ledger import GrantRow, open_ledger
from campaigner.runtime.run.report import RunReport
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.bad_rows import STANDARD_SHARE
from campaigner.runtime.warehouse.engines import open_warehouse

from ..on_postgresql import copied
from . import plans

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return parse_instant(text, ZONE)


@dataclass
class House:
    """A folder with a warehouse and a ledger in it, and a plan to run."""

    folder: Path
    plan: Plan
    digest: str = "plan-1"
    told: list[tuple[int, datetime]] = field(default_factory=list)
    bad_share: Decimal | None = STANDARD_SHARE
    schema: str | None = None
    """Where the same tables are on a PostgreSQL server, which is then what is run on."""
    ledger: str = "sqlite:///ledger.db"
    """The ledger's address."""

    def fill(self, *statements: str) -> None:
        with duckdb.connect(str(self.folder / "bank.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)

    def invest(self, key: str, customer: str, when: str, *, device: str = "d") -> None:
        instant = at(when).isoformat()
        row = f"('{key}', '{customer}', '{instant}', 100, '{device}')"
        self.fill(f"INSERT INTO investments VALUES {row}")

    def run(self, asked: At | Between, *, dry_run: bool = False) -> RunReport:
        ledger = open_ledger(
            self.ledger,
            "test",
            "CNY",
            root=self.folder,
            channels=frozenset({"push"}),
        )
        channels = {"push": FileChannel("push", self.folder / "push.jsonl", "push.jsonl")}
        with ledger, open_warehouse(self.url(), self.folder) as warehouse:
            work = Work(self.plan, self.digest, warehouse, ledger, channels, self.bad_share)
            return run(work, asked, dry_run=dry_run, progress=lambda *now: self.told.append(now))

    def url(self) -> str:
        """The warehouse's address."""
        if self.schema is None:
            return "duckdb:///bank.duckdb"
        return copied(self.folder / "bank.duckdb", self.schema)

    def grants(self, campaign: str | None = None) -> list[GrantRow]:
        with open_ledger(self.ledger, "test", "CNY", root=self.folder, mode="read") as ledger:
            assert ledger.verify() == ()
            return list(ledger.grants(campaign))

    def given(self, campaign: str | None = None) -> list[tuple[str, str]]:
        """The recipients of grants, each with the occurrence."""
        return [(grant.recipient, grant.occurrence) for grant in self.grants(campaign)]

    def messages(self) -> list[dict[str, str]]:
        path = self.folder / "push.jsonl"
        text = path.read_text("utf-8") if path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]


def new_house(folder: Path, schema: str | None = None) -> House:
    """Three customers, no investments yet."""
    found = House(folder, plans.plan(), schema=schema)
    found.fill(
        "CREATE TABLE customers (customer_id TEXT, age INTEGER, city TEXT, consent BOOLEAN)",
        "INSERT INTO customers VALUES ('ann', 30, 'Jinan', true), ('bob', 40, 'Xian', true),"
        " ('cid', NULL, 'Jinan', true)",
        "CREATE TABLE investments (investment_id TEXT, customer_id TEXT, invested_at TIMESTAMPTZ,"
        " amount DECIMAL(18, 2), device TEXT)",
    )
    return found
