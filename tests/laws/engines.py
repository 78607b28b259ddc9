"""Every engine behind one shape, so that one law holds for all: add an entry, and it is held too.

`ENGINES` answer with the public rows of a campaign, `DECIDERS` with whole decisions. An engine gets
the plan, the campaign's name, the case whose tables it is to look at, and what is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import duckdb
from campaigner.compiler.plan import EventTrigger, LedgerFeature, Plan, WalletBalance
from campaigner.compiler.plan.demands import residual
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.runtime.decide.decisions import Decision
from campaigner.runtime.decide.facts import Facts, balance_of, moment, named
from campaigner.runtime.decide.received import stretch_of
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.events.engine import Event, compile_events
from campaigner.runtime.run.candidates import Candidates, passes

from ..seeds import seeds_of, values_of
from . import warehouses
from .cases import Case, Table
from .statements import STATEMENTS


class Row(NamedTuple):
    """A row of the public SQL: a reward line, or a decision of messages alone."""

    campaign: str
    step: str
    recipient: str
    occurrence: str
    at: datetime
    reward: str | None
    amount: Decimal | None
    currency: str | None


Engine = Callable[[Plan, str, Case, Due], list[Row]]
Decider = Callable[[Plan, str, Case, Due], list[Decision]]


def reference(plan: Plan, campaign: str, case: Case, due: Due) -> list[Decision]:
    """The decisions of the reference."""
    return decide(plan, campaign, case.rows(plan), due, seeds_of(plan))


def public_rows(found: Sequence[Decision]) -> list[Row]:
    """The rows that the public SQL shows of these decisions: nobody held out, no journey's end."""
    shown = (one for one in found if not one.held_out and not one.left)
    return [row for decision in shown for row in _lines(decision)]


def _lines(decision: Decision) -> Iterator[Row]:
    who = decision.identity
    head = (who.campaign, who.step, who.recipient, who.occurrence, decision.at)
    if not decision.lines:
        yield Row(*head, None, None, None)
    for line in decision.lines:
        yield Row(*head, line.reward, line.amount, line.currency)


# --- DuckDB -------------------------------------------------------------------------------------

_TYPES = {
    "text": "VARCHAR",
    "enum": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(28, 10)",
    "money": "DECIMAL(20, 3)",
    "double": "DOUBLE",
    "real": "REAL",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "instant": "TIMESTAMPTZ",
    "time": "TIME",
}


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    return connection


def load(connection: duckdb.DuckDBPyConnection, tables: dict[str, Table]) -> None:
    """Create the tables and fill them."""
    for name, table in tables.items():
        columns = ", ".join(f"{_quoted(one)} {_TYPES[kind]}" for one, kind in table.kinds.items())
        connection.execute(f"CREATE OR REPLACE TABLE {_quoted(name)} ({columns})")
        if table.rows:
            one = f"({', '.join('?' * len(table.kinds))})"
            values = ", ".join([one] * len(table.rows))
            cells = [value for row in table.rows for value in row]
            connection.execute(f"INSERT INTO {_quoted(name)} VALUES {values}", cells)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Loaded:
    """The case whose tables are in memory: the engines of one test ask the same one in a row."""

    case: Case | None = None

    def of(self, case: Case) -> duckdb.DuckDBPyConnection:
        connection = _connection()
        if self.case is not case:
            load(connection, case.stored())
            self.case = case
        return connection


_LOADED = _Loaded()


def duckdb_rows(plan: Plan, campaign: str, case: Case, due: Due) -> list[Row]:
    """The readable SQL, run by DuckDB."""
    sql = STATEMENTS.of(decisions, plan, campaign, due)
    answer = _LOADED.of(case).execute(sql, values_of(sql) or None)
    return [_row(values) for values in answer.fetchall()]


def _row(values: tuple[Any, ...]) -> Row:
    row = Row(*values)
    amount = None if row.amount is None else Decimal(row.amount)
    return row._replace(at=row.at.replace(tzinfo=UTC), amount=amount)


def duckdb_decisions(plan: Plan, campaign: str, case: Case, due: Due) -> list[Decision]:
    """The runtime's SQL, run by DuckDB, and read as a run reads it."""
    query = STATEMENTS.of(candidates_query, plan, campaign, due)
    answer = _LOADED.of(case).execute(query.sql, values_of(query.sql) or None)
    reader = Candidates(plan, campaign, query.columns)
    found = [reader.read(row) for row in answer.fetchall()]
    left = residual(plan, campaign)
    count = Counting(case)
    return [one.decision for one in found if passes(plan, left, one, count)]


class Counting:
    """Past grants and wallets as a ledger counts them."""

    def __init__(self, case: Case) -> None:
        self._grants = case.grants
        self._moves = case.moves

    def __call__(self, feature: LedgerFeature, customer: str, facts: Facts) -> int:
        if isinstance(feature, WalletBalance):
            own = (one for one in self._moves if one.customer == customer)
            return balance_of(feature, own, facts.clock.now)
        stretch = stretch_of(feature.window, customer, facts)
        if stretch is None:
            return 0
        seen = [
            one
            for one in self._grants
            if one.recipient == customer
            and (stretch.since is None or stretch.since <= one.at)
            and one.at <= stretch.until
        ]
        if feature.of == "benefit":
            return sum(one.benefit == feature.name for one in seen)
        mine = [
            one
            for one in seen
            if one.campaign == feature.campaign and feature.step in (None, one.step)
        ]
        return len({(one.step, one.occurrence) for one in mine})


# --- the event path -----------------------------------------------------------------------------


def event_path(plan: Plan, campaign: str, case: Case, due: Due) -> list[Decision]:
    """Events fed one instant after the other, as they happen; late ones just before the period.

    Schedules are not its affair: their decisions are the reference's, and it makes none.
    """
    found = [
        decision
        for decision in replayed(plan, case.rows(plan), due)
        if decision.identity.campaign == campaign
    ]
    trigger = step_of(named(plan.campaigns, campaign)).trigger
    if isinstance(trigger, EventTrigger):
        return found
    assert not found
    return reference(plan, campaign, case, due)


def replayed(plan: Plan, rows: Rows, due: Due) -> list[Decision]:
    """The decisions of a period, from everything that ever happened."""
    engine = compile_events(plan, seeds=seeds_of(plan))
    history = engine.history()
    history.put_customers(rows.customers)
    history.put_grants(rows.grants)
    history.put_moves(rows.moves)
    events = [
        Event(name, customer, row)
        for name, histories in rows.histories.items()
        for customer, seen in histories.items()
        for row in seen
    ]
    pasts = {one.name for one in plan.events if one.past_of is not None}
    turns: dict[tuple[datetime, bool], list[Event]] = {}
    for event in events:
        at, key = moment(event.row)
        late = key in rows.late and at < due.start and event.name not in pasts
        turns.setdefault((due.start, False) if late else (at, True), []).append(event)
    decided = [(turn, engine.decide_batch(turns[turn], history)) for turn in sorted(turns)]
    return [
        decision
        for (turn, on_time), batch in decided
        for decision in batch
        if due.start <= turn <= due.end or not on_time
    ]


# --- the other warehouses -----------------------------------------------------------------------


def rows_of(warehouse: str) -> Engine:
    """The readable SQL, run by an engine of `tests/warehouses.py`."""

    def run(plan: Plan, campaign: str, case: Case, due: Due) -> list[Row]:
        return [_row(row) for row in warehouses.public(warehouse, plan, campaign, case, due)]

    return run


def decisions_of(warehouse: str) -> Decider:
    """The decisions by the runtime's SQL."""

    def run(plan: Plan, campaign: str, case: Case, due: Due) -> list[Decision]:
        found = warehouses.found(warehouse, plan, campaign, case, due)
        left, count = residual(plan, campaign), Counting(case)
        return [one.decision for one in found if passes(plan, left, one, count)]

    return run


ENGINES: dict[str, Engine] = {
    "duckdb": duckdb_rows,
    "postgresql": rows_of("postgresql"),
    "sqlite": rows_of("sqlite"),
}
DECIDERS: dict[str, Decider] = {
    "duckdb": duckdb_decisions,
    "event path": event_path,
    "postgresql": decisions_of("postgresql"),
    "sqlite": decisions_of("sqlite"),
}
