"""Scenarios of the starter in memory, against a `run` over a warehouse of each: equal grants.

A run needs a warehouse with the scenario's rows. It is made before the clock of the run starts.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from campaigner.cli.main import invoke
from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan import Plan
from campaigner.compiler.project.project import load_project
from campaigner.compiler.scenarios.model import Scenario
from campaigner.runtime.delivery import FileChannel
from campaigner.runtime.due.periods import Between
from campaigner.runtime.ledger import ledger_in_memory
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.scenarios.playing import Player
from campaigner.runtime.scenarios.staging import staged
from campaigner.runtime.scenarios.testing import run_scenarios
from campaigner.runtime.warehouse.engines import open_warehouse

COUNT = 1_000
RUNS = 5
AIM = "at least 500 a second once loaded"
CUSTOMERS = (
    "CREATE TABLE customers AS SELECT 'customer' AS customer_id, 'x' AS city, 30 AS age,"
    " false AS employee, true AS consent_marketing, TIMESTAMP '2020-01-01' AS registered_at,"
    " '1' AS phone"
)
ORDERS = (
    "CREATE TABLE orders (order_id VARCHAR, customer_id VARCHAR, ordered_at TIMESTAMPTZ,"
    " amount DECIMAL(12, 2), product VARCHAR)"
)
Grants = list[tuple[object, ...]]


def in_memory(plan: Plan, scenario: Scenario) -> Grants:
    """The grants of a scenario."""
    stage = staged(plan, scenario.campaign, scenario.prize)
    with ledger_in_memory(plan.project, plan.currency, frozenset()) as ledger:
        player = Player(stage, scenario, ledger, ())
        for turn in scenario.turns:
            player.play(turn)
        return [(one.recipient, one.reward, one.amount, one.at) for one in ledger.grants()]


def over_a_warehouse(plan: Plan, scenario: Scenario, folder: Path) -> tuple[Grants, float]:
    """The grants of a run over the same rows, and the seconds of the processor that it took."""
    file = folder / "scenario.duckdb"
    file.unlink(missing_ok=True)
    events = [*scenario.earlier, *(one.event for one in scenario.turns if one.event)]
    with duckdb.connect(str(file)) as connection:
        connection.execute(CUSTOMERS)
        connection.execute(ORDERS)
        for one in events:
            row = (one.key, one.customer, one.at, one.values.get("amount", 1), "x")
            connection.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row)
    only = staged(plan, scenario.campaign, scenario.prize).plan
    with (
        ledger_in_memory(plan.project, plan.currency, frozenset()) as ledger,
        open_warehouse("duckdb:///scenario.duckdb", folder) as warehouse,
    ):
        channels = {"push": FileChannel("push", folder / "push.jsonl", "push.jsonl")}
        work = Work(only, "bench", warehouse, ledger, channels)
        start = time.process_time()
        run(work, Between(scenario.now, scenario.turns[-1].at))
        took = time.process_time() - start
        return [(one.recipient, one.reward, one.amount, one.at) for one in ledger.grants()], took


def main(say: Callable[[str], None] = print) -> None:
    """Print how many scenarios a second come to the same, and the ratio to runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here = Path.cwd()
        os.chdir(folder)
        try:
            invoke(["init", "shop"])
        finally:
            os.chdir(here)
        project = load_project(folder / "shop")
        compiled = compile_project(project)
        if compiled.plan is None or len(compiled.scenarios) < 2:
            raise RuntimeError("the starter has no scenarios")
        runs = []
        for scenario in compiled.scenarios:
            found, took = over_a_warehouse(compiled.plan, scenario, folder)
            if found != in_memory(compiled.plan, scenario) or not found:
                raise RuntimeError(f"{scenario.title}: the grants differ")
            runs += [
                took,
                *(over_a_warehouse(compiled.plan, scenario, folder)[1] for _ in range(RUNS)),
            ]
        every = (compiled.scenarios * COUNT)[:COUNT]
        start = time.process_time()
        done = list(run_scenarios(compiled.plan, every, project.config.channels))
        each = (time.process_time() - start) / len(done)
        if not all(one.passed for one in done):
            raise RuntimeError("a scenario fails")
        theirs = sum(runs) / len(runs)
        say(
            f"{COUNT:,} scenarios: {1 / each:,.0f} a second (aim: {AIM}); each"
            f" {each * 1000:.1f} ms,"
            f" a run of the same {theirs * 1000:.0f} ms, ratio {theirs / each:.0f}"
        )


if __name__ == "__main__":
    main()
