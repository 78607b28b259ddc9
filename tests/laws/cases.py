"""A project, its data and a period: what laws are held over, and what a regression keeps."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from campaigner.compiler.compile import Compiled
from campaigner.compiler.plan import Column, EnteringTrigger, Plan
from campaigner.compiler.plan.calendar import at_clock
from campaigner.compiler.plan.data import KEY
from campaigner.compiler.plan.demands import Index
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import Origin
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.types import (
    DECIMAL_SCALE,
    DecimalType,
    MoneyType,
    TextType,
    minor_unit,
)
from campaigner.dsl.diagnostics.diagnostic import has_errors
from campaigner.runtime.decide.facts import named
from campaigner.runtime.decide.past_grants import Received, WalletMove
from campaigner.runtime.decide.patterns.cancelled import seen_histories
from campaigner.runtime.decide.reference import Rows
from campaigner.runtime.due.schedule import Late, due
from hypothesis import note

from ..projects import compile_folder, write

GRANTS = "campaigner_grants"
LATE = "campaigner_late"
BALANCES = "campaigner_balances"


@dataclass(frozen=True)
class Table:
    """A table as a warehouse holds it. `kinds`: the kind of each column, a key of `_READ`.

    A `timestamp` has no zone in it: it is on the clock of the zone that the catalog gives.
    """

    kinds: Mapping[str, str]
    rows: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True)
class Case:
    """`campaigns` is the text of all declarations. `late`: events that are decided out of turn."""

    settings: str
    catalog: str
    campaigns: str
    tables: Mapping[str, Table]
    start: datetime
    end: datetime
    grants: tuple[Received, ...] = ()
    late: frozenset[str] = field(default=frozenset())
    moves: tuple[WalletMove, ...] = ()

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """A short form for failures: the laws note the whole case as `to_json` writes it."""
        printer.text("Case(…)")

    @property
    def files(self) -> dict[str, str]:
        """The project as files."""
        return {
            "campaigner.toml": self.settings,
            "catalog.yaml": self.catalog,
            "all.campaign": self.campaigns,
        }

    def stored(self) -> dict[str, Table]:
        """All tables, those that a run brings with it too."""
        kinds = dict.fromkeys(("campaign", "step", "recipient", "occurrence", "reward"), "text")
        grants = tuple(
            (
                one.campaign,
                one.step,
                one.recipient,
                one.occurrence,
                one.benefit or "points",
                one.at.replace(tzinfo=None),
            )
            for one in self.grants
        )
        wallets = {"customer": "text", "wallet": "text", "amount": "integer", "at": "timestamp"}
        moves = tuple(
            (one.customer, one.wallet, one.amount, one.at.replace(tzinfo=None))
            for one in self.moves
        )
        late = Table({"occurrence": "text"}, tuple((key,) for key in sorted(self.late)))
        return {
            **self.tables,
            GRANTS: Table({**kinds, "at": "timestamp"}, grants),
            BALANCES: Table(wallets, moves),
            LATE: late,
        }

    def due(self, plan: Plan, campaign: str, step: str | None = None) -> Due:
        """The part of a step that is due in the period; without a name of the only one."""
        table = LATE if self.late else None
        again = self._again(plan, campaign, step) if self.late else None
        return due(plan, campaign, self.start, self.end, table, step=step, late=again)

    def _again(self, plan: Plan, campaign: str, step: str | None) -> Late | None:
        """The late events of a trigger on entering, of any kind: of a few days, as a run has it."""
        trigger = step_of(named(plan.campaigns, campaign), step).trigger
        if not isinstance(trigger, EnteringTrigger):
            return None
        events = Index(plan).events_read([trigger.condition])
        rows = self.rows(plan)
        moments = [
            row["at"]
            for event in events
            for history in rows.histories[event].values()
            for row in history
            if row["key"] in self.late
        ]
        if not moments:
            return None
        since = max(min(moments), self.start - timedelta(days=8))
        return Late(since, tuple((event, LATE) for event in events))

    def rows(self, plan: Plan) -> Rows:
        """The tables as the reference reads them."""
        return rows_of(plan, self.tables, self.grants, self.late, self.moves)

    def permuted(self, turn: Any) -> Case:
        """The same rows in another order; `turn` puts a list in one."""
        tables = {
            name: replace(one, rows=tuple(turn(list(one.rows))))
            for name, one in self.tables.items()
        }
        return replace(self, tables=tables)


def compile_case(case: Case) -> Plan:
    """The plan. A case that does not compile is a mistake of whoever made the case."""
    compiled = compile_files(case.files)
    if compiled.plan is None or has_errors(compiled.diagnostics):
        told = "\n".join(
            f"{one.code.id} {one.message()} {one.place}" for one in compiled.diagnostics
        )
        raise AssertionError(f"the project does not compile:\n{told}\n{case.campaigns}")
    return compiled.plan


def plan_of(files: Mapping[str, str]) -> Plan:
    """The plan of a project in these files, which are shown where it fails."""
    note(files.get("all.campaign", str(files)))
    plan = compile_files(files).plan
    assert plan is not None
    return plan


def meaning(part: Any) -> Any:
    """A part of a plan without the places where it was written."""
    if isinstance(part, Origin):
        return None
    if dataclasses.is_dataclass(part):
        return (
            type(part).__name__,
            *(meaning(getattr(part, f.name)) for f in dataclasses.fields(part)),
        )
    if isinstance(part, tuple):
        return tuple(meaning(one) for one in part)
    return part


def compile_files(files: Mapping[str, str]) -> Compiled:
    """The compiler's result for a project of these files."""
    with TemporaryDirectory(prefix="laws-") as folder:
        return compile_folder(write(Path(folder), files))


# --- rows as values of the language -------------------------------------------------------------


def rows_of(
    plan: Plan,
    tables: Mapping[str, Table],
    grants: Iterable[Received] = (),
    late: frozenset[str] = frozenset(),
    moves: Iterable[WalletMove] = (),
) -> Rows:
    """Tables as typed rows in memory."""
    customers = {
        str(row[plan.customers.key]): {one.name: _value(one, row) for one in plan.customers.fields}
        for row in _rows(tables[plan.customers.table])
    }
    histories: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for event in plan.events:
        found = histories.setdefault(event.name, {})
        for row in _rows(tables[event.table]):
            typed = {one.name: _value(one, row) for one in event.fields}
            typed |= {"at": _value(event.at, row), "key": str(row[event.key])}
            found.setdefault(str(row[event.customer]), []).append(typed)
    return Rows(customers, seen_histories(plan, histories), late, tuple(grants), tuple(moves))


def _rows(table: Table) -> Iterable[dict[str, Any]]:
    return (dict(zip(table.kinds, row, strict=True)) for row in table.rows)


def _value(column: Column, row: Mapping[str, Any]) -> Any:
    value = row[column.column]
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value.astimezone(UTC)
        return at_clock(ZoneInfo(column.zone or "UTC"), value)
    match column.type:
        case MoneyType(currency):
            places = minor_unit(currency)
        case DecimalType():
            places = DECIMAL_SCALE
        case TextType() if column.name == KEY:
            return str(value)
        case _:
            return value
    if isinstance(value, float):
        value = Decimal(str(value))
    return None if value is None else value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


# --- as text ------------------------------------------------------------------------------------

_READ: Mapping[str, Any] = {
    "text": str,
    "enum": str,
    "integer": int,
    "decimal": Decimal,
    "money": Decimal,
    "double": float,
    "real": float,
    "boolean": lambda text: text == "yes",
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "instant": datetime.fromisoformat,
    "time": time.fromisoformat,
}


def to_json(case: Case) -> str:
    """The case as a file that people can read and change."""
    tables = {
        name: {
            "columns": dict(one.kinds),
            "rows": [[_written(value) for value in row] for row in one.rows],
        }
        for name, one in case.tables.items()
    }
    whole = {
        "settings": case.settings.splitlines(),
        "catalog": case.catalog.splitlines(),
        "campaigns": case.campaigns.splitlines(),
        "period": [case.start.isoformat(), case.end.isoformat()],
        "late": sorted(case.late),
        "grants": [
            [one.campaign, one.step, one.recipient, one.occurrence, one.benefit, one.at.isoformat()]
            for one in case.grants
        ],
        "moves": [[one.customer, one.wallet, one.amount, one.at.isoformat()] for one in case.moves],
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1)[:-2]
    shown = ",\n".join(_shown(name, table) for name, table in tables.items())
    return f'{text},\n "tables": {{\n{shown}\n }}\n}}\n'


def _shown(name: str, table: Mapping[str, Any]) -> str:
    """A table, a line for each row."""
    rows = ",".join(f"\n    {json.dumps(row, ensure_ascii=False)}" for row in table["rows"])
    columns = json.dumps(table["columns"], ensure_ascii=False)
    return f'  {json.dumps(name)}: {{"columns": {columns}, "rows": [{rows}]}}'


def from_json(text: str) -> Case:
    """The case that `to_json` wrote."""
    whole = json.loads(text)
    tables = {}
    for name, table in whole["tables"].items():
        reads = [_READ[kind] for kind in table["columns"].values()]
        rows = tuple(
            tuple(
                None if value is None else read(value)
                for read, value in zip(reads, row, strict=True)
            )
            for row in table["rows"]
        )
        tables[name] = Table(table["columns"], rows)
    start, end = (datetime.fromisoformat(one) for one in whole["period"])
    settings, catalog, campaigns = (
        "\n".join(whole[part]) + "\n" for part in ("settings", "catalog", "campaigns")
    )
    grants = tuple(
        Received(*words, datetime.fromisoformat(at)) for *words, at in whole.get("grants", ())
    )
    late = frozenset(whole.get("late", ()))
    moves = tuple(
        WalletMove(*words, datetime.fromisoformat(at)) for *words, at in whole.get("moves", ())
    )
    return Case(settings, catalog, campaigns, tables, start, end, grants, late, moves)


def _written(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value, "f")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
