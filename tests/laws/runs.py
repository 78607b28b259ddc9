"""A run of a case in a folder of its own, and the plainest account of what it should come to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
from campaigner.compiler.plan import Campaign, EventTrigger, Plan, Step, TimerTrigger
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.steps import steps_of
from campaigner.runtime.decide.deciding import Occasion, decision_of, share_of
from campaigner.runtime.decide.decisions import Decision, Identity, Line
from campaigner.runtime.decide.drawing import order_of
from campaigner.runtime.decide.past_grants import Received, WalletMove
from campaigner.runtime.decide.patterns.timers import Timer, in_order, timers_of
from campaigner.runtime.decide.reference import (
    Rows,
    entering,
    facts_of,
    occasions_of,
    occurrence_of,
    timer_occasion,
    timers_due,
)
from campaigner.runtime.delivery import FileChannel
from campaigner.runtime.due.periods import At, Between
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.ledger.contract import GrantRow, Ledger
from campaigner.runtime.run.report import RunReport
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse

from ..on_postgresql import copied
from ..runtime.ledger.model import Model
from ..seeds import seeds_of
from .cases import Case
from .engines import load
from .ways import Way, by_turns


@dataclass(frozen=True)
class House:
    """A case's warehouse and an empty ledger, as files."""

    folder: Path
    case: Case
    plan: Plan
    url: str = "duckdb:///data.duckdb"
    turns: Iterator[bool] = field(default_factory=lambda: by_turns(0))
    """Whether the next run or worker is plain: they take turns."""

    def way(self) -> Way:
        """The way of the next worker."""
        return Way(self.url, self.folder, plain=next(self.turns))

    def carry_out(self, start: datetime, end: datetime) -> RunReport:
        """Run a closed period."""
        return self._run(Between(start, end))

    def carry_out_at(self, instant: datetime) -> None:
        """Run what has not been done up to an instant."""
        self._run(At(instant))

    def holds(self, case: Case) -> None:
        """From now on the warehouse has the tables of this case."""
        with duckdb.connect(str(self.folder / "data.duckdb")) as connection:
            load(connection, dict(case.tables))

    def _run(self, asked: At | Between) -> RunReport:
        channel = FileChannel("push", self.folder / "push.jsonl", "push.jsonl")
        plain = next(self.turns)
        with self.opened(plain=plain) as (warehouse, ledger):
            channels, seeds = {"push": channel}, seeds_of(self.plan)
            work = Work(self.plan, "digest", warehouse, ledger, channels, seeds=seeds, plain=plain)
            return run(work, asked)

    @contextmanager
    def opened(self, *, plain: bool = False) -> Iterator[tuple[Warehouse, Ledger]]:
        """The warehouse and the ledger."""
        ledger = open_ledger(
            "sqlite:///ledger.db",
            self.plan.project,
            self.plan.currency,
            root=self.folder,
            channels=frozenset({"push"}),
            plain=plain,
        )
        with ledger, open_warehouse(self.url, self.folder) as warehouse:
            yield warehouse, ledger

    def kept(self) -> tuple[list[GrantRow], dict[tuple[str, str], int]]:
        """All grants, and how many decisions of each campaign came to what."""
        with self.opened() as (_, ledger):
            assert ledger.verify() == ()
            return list(ledger.grants()), dict(ledger.outcomes())

    def outbox(self) -> list[dict[str, object]]:
        """The delivered messages."""
        path = self.folder / "push.jsonl"
        text = path.read_text("utf-8") if path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]


@contextmanager
def house(
    case: Case, plan: Plan, schema: str | None = None, engine: str = "duckdb"
) -> Iterator[House]:
    """A house that is gone afterwards; its warehouse a file, or that schema of a server.

    On `spark` the tables are a folder of Parquet files, read by the session of the suite.
    """
    with TemporaryDirectory(prefix="laws-") as name:
        folder, url = Path(name), House.url
        file = folder / "data.duckdb"
        with duckdb.connect(str(file)) as connection:
            load(connection, dict(case.tables))
        if schema is not None:
            url = copied(file, schema)
        elif engine == "spark":
            from ..spark_house import session  # noqa: PLC0415

            session()
            _times_as_text(file)
            written(file, folder / "tables")
            url = "spark:///tables"
        rows = sum(len(table.rows) for table in case.tables.values())
        yield House(folder, case, plan, url, by_turns(rows))


def _times_as_text(file: Path) -> None:
    """Spark reads no times of day from Parquet: there they are texts."""
    asked = "SELECT table_name, column_name FROM duckdb_columns() WHERE data_type = 'TIME'"
    with duckdb.connect(str(file)) as connection:
        for names in connection.execute(asked).fetchall():
            table, column = (name.replace('"', '""') for name in names)
            connection.execute(f'ALTER TABLE "{table}" ALTER "{column}" TYPE VARCHAR')


def written(file: Path, tables: Path) -> None:
    """The tables of a DuckDB file as a folder of Parquet files."""
    tables.mkdir()
    with duckdb.connect(str(file), read_only=True) as source:
        for (name,) in source.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            whole = name.replace('"', '""')
            source.execute(f'COPY "{whole}" TO ? (FORMAT parquet)', [f"{tables / name}.parquet"])


# --- the same without SQL and without a ledger --------------------------------------------------


class Became(NamedTuple):
    """The outcome of a customer's decision, with its grants."""

    customer: str
    outcome: str
    account: str | None
    lines: tuple[Line, ...]


class Wallets(Sequence[WalletMove]):
    """The contents of the model's wallets at an instant, as one change of each."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.at = datetime.min

    def _held(self) -> list[WalletMove]:
        there = self._model.there
        return [
            WalletMove(owner, name, there(owner, name, self.at), self.at)
            for owner, name in [*self._model.wallets]
        ]

    def __len__(self) -> int:
        return len(self._model.wallets)

    def __getitem__(self, place: Any) -> Any:
        return self._held()[place]


def modelled(plan: Plan, case: Case) -> dict[Identity, Became]:
    """Every decision of the period, taken one after the other: reference rules, plain caps."""
    model = Model(ZoneInfo(plan.time_zone))
    grants: list[Received] = []
    read = case.rows(plan)
    rows = Rows(read.customers, read.histories, frozenset(), grants, wallets := Wallets(model))
    found: dict[Identity, Became] = {}
    numbers: dict[Identity, int] = {}
    for campaign, step, at in sorted(turns(plan, case), key=_turn):
        wallets.at = at
        for occasion in _occasions(plan, campaign, step, rows, at):
            # What was granted a moment ago counts already, so the facts are asked for only now.
            model.expire(plan, at, numbers)
            decision = decision_of(plan, campaign, step, occasion, seeds_of(plan))
            if decision is None:
                continue
            outcome, account, _, _ = model.decide(plan, decision)
            lines = ()
            if outcome == "granted":
                lines = tuple(model.granted[-1].lines)
                numbers[decision.identity] = len(numbers)
                grants.extend(_received(decision, lines))
            found[decision.identity] = Became(decision.customer, outcome, account, lines)
    return found


def turns(plan: Plan, case: Case) -> set[tuple[Campaign, Step, datetime]]:
    """Each step and every instant at which it decides something."""
    found, rows = set(), case.rows(plan)
    for key, campaign, step in steps_of(plan):
        due = case.due(plan, key.campaign, key.step)
        trigger = step.trigger
        instants = set(due.instants)
        if isinstance(trigger, EventTrigger):
            histories = rows.histories[trigger.event].values()
            instants = {row["at"] for history in histories for row in history}
        if isinstance(trigger, TimerTrigger):
            instants = {timer.at for timer in _timers(plan, campaign, step, rows, due)}
        found |= {(campaign, step, at) for at in instants if due.start <= at <= due.end}
    return found


def _turn(turn: tuple[Campaign, Step, datetime]) -> tuple[datetime, int, str, int]:
    campaign, step, at = turn
    return at, -campaign.priority, campaign.name, campaign.steps.index(step)


def _occasions(
    plan: Plan, campaign: Campaign, step: Step, rows: Rows, at: datetime
) -> Iterator[Occasion]:
    trigger = step.trigger
    if isinstance(trigger, TimerTrigger):
        due = Due(at, at)
        for timer in _timers(plan, campaign, step, rows, due):
            yield timer_occasion(plan, rows, timer)
        return
    if not isinstance(trigger, EventTrigger):
        names = entering(plan, step, rows, Due(at, at, (at,)), at)
        everyone = {name: facts_of(plan, rows, name, at, None) for name in names}
        shares = {name: share_of(campaign, facts) for name, facts in everyone.items()}
        last = len(campaign.shares)

        def turn(name: str) -> tuple[int, str]:
            share = shares[name]
            return last if share is None else share, order_of(
                campaign, occurrence_of(plan, at), name
            )

        for name in sorted(everyone, key=turn):
            facts = facts_of(plan, rows, name, at, None)
            yield Occasion(name, occurrence_of(plan, at), facts, rows.customer)
        return
    events = [
        (str(row["key"]), customer, row)
        for customer, history in rows.histories[trigger.event].items()
        for row in history
        if row["at"] == at
    ]
    found = [
        occasion
        for _, customer, row in events
        for occasion in occasions_of(plan, campaign, step, rows, customer, row)
    ]
    yield from sorted(found, key=Occasion.turn)


def _timers(plan: Plan, campaign: Campaign, step: Step, rows: Rows, due: Due) -> Iterator[Timer]:
    """The timers that are due and that no event has ended."""
    watch = timers_of(campaign, step.trigger, ZoneInfo(plan.time_zone))
    assert watch is not None
    for timer in in_order(timers_due(watch, rows, due)):
        ends = watch.trigger.unless
        others = () if ends is None else rows.events(ends.event, timer.customer)
        if watch.ended_by(timer, others) is None:
            yield timer


def _received(decision: Decision, lines: tuple[Line, ...]) -> Iterator[Received]:
    who = decision.identity
    for benefit in [line.benefit for line in lines] or [None]:
        yield Received(who.campaign, who.step, who.recipient, who.occurrence, benefit, decision.at)
