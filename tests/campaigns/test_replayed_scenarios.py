"""Shipped scenarios, replayed through a run over a warehouse with their rows: the same ledger.

Journeys, tasks, patterns, timers, draws, wallets, limits and offers are among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan import Column, Plan
from campaigner.compiler.plan.steps import is_task
from campaigner.compiler.plan.types import EnumType
from campaigner.compiler.project.project import load_project
from campaigner.compiler.scenarios.model import Scenario
from campaigner.runtime.decide.facts import named
from campaigner.runtime.due.periods import Between
from campaigner.runtime.ledger import ledger_in_memory
from campaigner.runtime.ledger.contract import Ledger
from campaigner.runtime.run.run import Work, decided
from campaigner.runtime.scenarios.playing import Player
from campaigner.runtime.scenarios.staging import staged
from campaigner.runtime.scenarios.world import NotGiven, World
from campaigner.runtime.warehouse.engines import open_warehouse

from ..runtime.ledger.ledgers import SOAKING
from .test_scenarios import PROJECTS

pytestmark = pytest.mark.repeated

MOST = 4
"""The scenarios of a project that are replayed, but for long tests."""

KINDS = {
    "text": ("VARCHAR", "x"),
    "enum": ("VARCHAR", None),
    "integer": ("BIGINT", 1),
    "decimal": ("DECIMAL(24, 6)", Decimal(1)),
    "money": ("DECIMAL(24, 2)", Decimal(1)),
    "boolean": ("BOOLEAN", False),
    "date": ("DATE", date(2000, 1, 1)),
    "timestamp": ("TIMESTAMPTZ", datetime(2000, 1, 1, tzinfo=UTC)),
    "time": ("TIME", time(12)),
}


def is_replayable(scenario: Scenario) -> bool:
    """Whether its rows say all of it: a warehouse has neither grants nor wallets."""
    given = (scenario.held_out, scenario.spent, scenario.wallets, scenario.received)
    return not any(given) and all(turn.filled is None for turn in scenario.turns)


def value(column: Column, row: Any) -> Any:
    """The value of a column, or any if no rule asks for it."""
    found = row.get(column.name)
    if isinstance(found, NotGiven) or (found is None and not column.optional):
        kind = column.type
        found = kind.values[0] if isinstance(kind, EnumType) else KINDS[kind.kind][1]
    if isinstance(found, datetime):
        found = max(found, datetime(1900, 1, 1, tzinfo=UTC))
        if column.zone is not None:
            return found.astimezone(ZoneInfo(column.zone)).replace(tzinfo=None)
    return found


def tables(plan: Plan, world: World) -> Iterator[tuple[str, dict[str, str], list[dict[str, Any]]]]:
    """Each table with its columns and rows."""

    def columns(every: list[Column], *keys: str) -> dict[str, str]:
        local = {one.column: "TIMESTAMP" for one in every if one.zone is not None}
        found = {one.column: KINDS[one.type.kind][0] for one in every}
        return {**dict.fromkeys(keys, "VARCHAR"), **found, **local}

    of, own = plan.customers, list(plan.customers.fields)
    rows = [
        {**{one.column: value(one, row) for one in own}, of.key: key}
        for key, row in world.rows.customers.items()
    ]
    yield of.table, columns(own, of.key), rows
    for kind in plan.events:
        every = [*kind.fields, kind.at]
        found = []
        for customer, history in world.rows.histories[kind.name].items():
            for row in history:
                made = {one.column: value(one, row) for one in every}
                key = customer if kind.past_of else row["key"]
                found.append({**made, kind.key: key, kind.customer: customer})
        yield kind.table, columns(every, kind.key, kind.customer), found


def written(folder: Path, plan: Plan, world: World) -> None:
    with duckdb.connect(str(folder / "data.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, columns, rows in tables(plan, world):
            *schema, own = name.split(".")
            for one in schema:
                connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{one}"')
            shown = ".".join(f'"{one}"' for one in (*schema, own))
            told = ", ".join(f'"{one}" {kind}' for one, kind in columns.items())
            connection.execute(f"CREATE TABLE {shown} ({told})")
            places = ", ".join("?" for _ in columns)
            for row in rows:
                values = [row[one] for one in columns]
                connection.execute(f"INSERT INTO {shown} VALUES ({places})", values)


def kept(ledger: Ledger) -> tuple[Counter[Any], Any]:
    grants = Counter(
        (one.step, one.recipient, one.occurrence, one.at, one.reward, one.amount, one.currency)
        for one in ledger.grants()
    )
    return grants, ledger.outcomes()


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_each_scenario_is_a_run_over_its_rows(tmp_path: Path, folder: Path):
    project = load_project(folder)
    compiled = compile_project(project)
    plan, channels = compiled.plan, frozenset(project.config.channels) - {"rewards", "alerts"}
    assert plan is not None
    every = chosen(plan, [one for one in compiled.scenarios if is_replayable(one)])
    differing = {}
    for number, scenario in enumerate(every):
        own = tmp_path / str(number)
        own.mkdir()
        found, ran = replayed(plan, channels, scenario, own)
        if found != ran:
            differing[scenario.title] = (found, ran)
    assert differing == {}


def chosen(plan: Plan, every: list[Scenario]) -> list[Scenario]:
    """One of each shape of campaign, and all in a long test."""
    if SOAKING:
        return every
    found: dict[object, Scenario] = {}
    for one in every:
        campaign = named(plan.campaigns, one.campaign)
        triggers = sorted({step.trigger.kind for step in campaign.steps})
        shape = (
            *triggers,
            campaign.draws,
            campaign.journey is None,
            any(map(is_task, campaign.steps)),
        )
        found.setdefault(shape, one)
    assert len(found) > 1
    return list(found.values())[:MOST]


def replayed(plan: Plan, channels: frozenset[str], scenario: Scenario, folder: Path) -> Any:
    """The ledger of the scenario, and that of the run."""
    stage = staged(plan, scenario.campaign, scenario.prize)
    with ledger_in_memory(plan.project, plan.currency, channels) as ledger:
        player = Player(stage, scenario, ledger, ())
        for turn in scenario.turns:
            player.play(turn)
        found, world = kept(ledger), player.world
    written(folder, stage.plan, world)
    with (
        ledger_in_memory(plan.project, plan.currency, channels) as ledger,
        open_warehouse("duckdb:///data.duckdb", folder) as warehouse,
    ):
        work = Work(stage.plan, "replayed", warehouse, ledger, {}, explains=False)
        decided(work, Between(scenario.now, scenario.turns[-1].at))
        return found, kept(ledger)
