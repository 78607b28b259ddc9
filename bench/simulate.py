"""A quarter of 50 campaigns over the bank's 20,000 customers: simulated, run, and replayed.

The run has a ledger of its own in a file, and delivers to files. The replay asks the reference for
every decision, and takes them through an empty ledger. It is of a sample of customers, since all
would take hours. All results must be equal; the replay's times are by customer.

    python -m bench.simulate --customers 5000
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from campaigner.compiler.kept_plans import planned
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.chance import Seeds
from campaigner.runtime.decide.decisions import Decision
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.delivery import FileChannel
from campaigner.runtime.due.periods import Between
from campaigner.runtime.due.schedule import due
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.run.deciding.deciding import BATCH
from campaigner.runtime.run.run import run
from campaigner.runtime.run.work import Work
from campaigner.runtime.simulate.simulate import DIGEST, empty_ledger, simulate
from campaigner.runtime.simulate.simulation import SimulatedCampaign
from campaigner.runtime.simulate.summing import summed
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from campaigns.bank.generate import CUSTOMERS, SEED, Bank, write

BANK = Path(__file__).resolve().parents[1] / "campaigns" / "bank"
ZONE = ZoneInfo("Asia/Shanghai")
QUARTER = Between(datetime(2026, 1, 1, tzinfo=ZONE), datetime(2026, 3, 31, 23, 59, tzinfo=ZONE))
CAMPAIGNS, SAMPLE = 50, 40
AIM_RUN, AIM_REPLAY = 3, 50
URL = "duckdb:///data/bank.duckdb"

Results = tuple[SimulatedCampaign, ...]

SETTINGS = """
[project]
name = "bank"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
catalog = "catalog.yaml"
[warehouse]
url = "duckdb:///data/bank.duckdb"
[ledger]
url = "sqlite:///var/ledger.db"
[channels.push]
kind = "file"
path = "var/push.jsonl"
[channels.rewards]
kind = "file"
path = "var/rewards.jsonl"
"""
AUDIENCES = (
    "reachable",
    "reachable and aum >= {n}_000 CNY",
    "reachable and count(login in last 30 days) >= 1",
    "reachable and has invest in last 180 days",
    "reachable and last(asset_day).assets >= {n}_000 CNY",
)
TRIGGERS = (
    ("on order", "1% of event.amount as cash up to 20 CNY"),
    ("every friday at 10:00", "coffee"),
    ("on login", "coffee"),
    ("on invest where amount >= {n}00 CNY", "0.5% of event.amount as cash up to 50 CNY"),
    ("every monday at 09:00", "video_month"),
)
CAMPAIGN = """campaign gift_{n} {{
  active   2026-01-01 to 2026-12-31
  audience {audience}
  trigger  {trigger}
  reward   {reward}
           limit {limit} per customer per month
  budget   {{ total {total} CNY }}
  message  push "{{{{ reward.label }}}}"
  compliance {{ follows cn_retail }}
}}
"""


def main(customers: int = CUSTOMERS) -> None:
    with tempfile.TemporaryDirectory(prefix="simulate-") as folder:
        root = Path(folder)
        plan = project(root)
        (root / "data").mkdir()
        write(Bank(SEED, customers), root / "data" / "bank.duckdb")
        ours, simulated = timed(lambda: simulation(plan, root))
        theirs, ran = timed(lambda: carried_out(plan, root))
        assert theirs == ours, "the run has other results"
        decisions = sum(sum(step.outcomes.values()) for one in ours for step in one.steps)
        print(
            f"{customers:,} customers, {decisions:,} decisions: simulate {simulated:.1f} s of the"
            f" processor, run {ran:.1f} s, ratio {ran / simulated:.1f} (aim: {AIM_RUN})"
        )
        sample = sampled(root, customers)
        ours, whole = timed(lambda: simulation(plan, sample))
        theirs, took = replay(plan, sample)
        assert theirs == ours, "the replay has other results"
        each, every = took / SAMPLE, simulated / customers
        print(
            f"a customer: simulate {every * 1e3:.2f} ms, replay {each * 1e3:,.0f} ms,"
            f" ratio {each / every:,.0f} (aim: {AIM_REPLAY}); the sample took {whole:.1f} s"
        )


def timed(work: Callable[[], Results]) -> tuple[Results, float]:
    """The results, and the seconds of the processor: others may be at work on the machine."""
    start = time.process_time()
    found = work()
    return found, time.process_time() - start


def project(root: Path) -> Plan:
    """The bank's catalog and declarations, and 50 campaigns."""
    for name in ("catalog.yaml", "lifecycle.campaign", "benefits.campaign", "policies.campaign"):
        shutil.copy(BANK / name, root / name)
    (root / "campaigner.toml").write_text(SETTINGS, "utf-8")
    (root / "gifts.campaign").write_text("\n".join(map(campaign, range(CAMPAIGNS))), "utf-8")
    made = planned(root)
    assert made.plan is not None, [one.message() for one in made.diagnostics]
    return made.plan


def campaign(n: int) -> str:
    trigger, reward = TRIGGERS[n % len(TRIGGERS)]
    audience = AUDIENCES[n // len(TRIGGERS) % len(AUDIENCES)]
    known = {"n": n + 1}
    return CAMPAIGN.format(
        n=n,
        audience=audience.format(**known),
        trigger=trigger.format(**known),
        reward=reward,
        limit=1 + n % 3,
        total=5_000 * (1 + n % 10),
    )


def simulation(plan: Plan, root: Path) -> Results:
    channels = frozenset({"push", "rewards"})
    with open_warehouse(URL, root) as warehouse, empty_ledger(plan, "bank", channels) as ledger:
        return simulate(Work(plan, DIGEST, warehouse, ledger), QUARTER).campaigns


def carried_out(plan: Plan, root: Path) -> Results:
    """The results of a run, summed up from its ledger."""
    (root / "var").mkdir()
    names = ("push", "rewards")
    channels = {name: FileChannel(name, root / f"var/{name}.jsonl", name) for name in names}
    with (
        open_warehouse(URL, root) as warehouse,
        open_ledger(
            "sqlite:///var/ledger.db", "bank", "CNY", root=root, channels=frozenset(names)
        ) as ledger,
    ):
        run(Work(plan, "digest", warehouse, ledger, channels), QUARTER)
        return summed(plan, ledger, "digest").campaigns


# --- the sample ---------------------------------------------------------------------------------


def sampled(root: Path, customers: int) -> Path:
    """A folder with the warehouse of the sample."""
    folder = root / "sample"
    (folder / "data").mkdir(parents=True)
    with duckdb.connect(str(folder / "data" / "bank.duckdb")) as connection:
        whole = root / "data" / "bank.duckdb"
        connection.execute(f"ATTACH '{whole}' AS whole (READ_ONLY)")
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'whole'"
        ).fetchall()
        for (name,) in tables:
            columns = [
                column
                for (column,) in connection.execute(
                    "SELECT column_name FROM duckdb_columns()"
                    " WHERE database_name = 'whole' AND table_name = ?",
                    [name],
                ).fetchall()
            ]
            which = f"WHERE hash(customer_id) % {customers // SAMPLE} = 0"
            where = which if "customer_id" in columns else ""
            connection.execute(f"CREATE TABLE {name} AS FROM whole.{name} {where}")
    return folder


@contextmanager
def rows_of(plan: Plan, root: Path) -> Iterator[Rows]:
    """The rows of the sample in memory, as the reference has them."""
    with open_warehouse(URL, root) as warehouse:
        keys = [key for (key,) in warehouse.ask("SELECT customer_id FROM customers").rows()]
        found = WarehouseRows(warehouse, plan)
        customers = {key: row for key in keys if (row := found.customer(key)) is not None}
        histories = {
            kind.name: {key: found.events(kind.name, key) for key in keys} for kind in plan.events
        }
        yield Rows(customers, histories)


def replay(plan: Plan, root: Path) -> tuple[Results, float]:
    """The results of the reference through an empty ledger, and its seconds."""
    with rows_of(plan, root) as rows, empty_ledger(plan, "bank", frozenset()) as ledger:
        start = time.process_time()
        turns: list[tuple[datetime, int, str, int, Decision]] = []
        for one in plan.campaigns:
            stretch = due(plan, one.name, QUARTER.start, QUARTER.end, None)
            for place, decision in enumerate(decide(plan, one.name, rows, stretch, Seeds())):
                turns.append((decision.at, -one.priority, one.name, place, decision))
        decisions = [turn[-1] for turn in sorted(turns, key=lambda turn: turn[:-1])]
        for first in range(0, len(decisions), BATCH):
            ledger.decide(plan, decisions[first : first + BATCH], DIGEST)
        took = time.process_time() - start
        return summed(plan, ledger, DIGEST).campaigns, took


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--customers", type=int, default=CUSTOMERS)
    main(options.parse_args().customers)
