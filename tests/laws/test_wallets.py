"""Campaigns that wait for wallets: each way of carrying them out comes to a plain model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb
import pytest
from campaigner.runtime.due.periods import At, Between
from campaigner.runtime.events.engine import Event
from campaigner.runtime.ledger import Ledger, open_ledger
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given, note
from hypothesis import strategies as st

from ..on_postgresql import new_schema, schema_url
from . import at_most
from .cases import Case, Table, compile_case
from .engines import load
from .ways import Way

SETTINGS = """[project]
name = "laws"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    vip: {type: boolean}
events:
  earn:
    table: earns
    key: earn_id
    customer: customer_id
    at: {column: happened_at, zone: UTC}
    fields: {units: {type: integer}}
  pay:
    table: pays
    key: pay_id
    customer: customer_id
    at: {column: happened_at, zone: UTC}
    fields: {units: {type: integer}}
"""
START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + timedelta(days=2)
CUSTOMERS = {"ann": True, "bob": True, "cem": False}


@dataclass(frozen=True)
class Shape:
    """One way to write the four campaigns.

    `lasts`: earned units end after so many hours. `price`: what `won` costs. `first`: `won` is
    granted so often in all. `urgent`: the priority of `also`, which waits for the same wallet.
    """

    lasts: int | None
    price: int
    first: int
    urgent: int

    @property
    def campaigns(self) -> str:
        """The campaigns as text."""
        ends = "" if self.lasts is None else f" expires after {self.lasts} hours"
        price = f" for {self.price} cut" if self.price else ""
        return "\n".join(
            [
                "benefit coffee { kind coupon value 1 CNY }",
                _campaign("earn", "on earn", f"event.units cut{ends}"),
                _campaign("pay", "on pay", "coffee for event.units cut"),
                _campaign("asks", "on pay", "1 seen", audience="balance(cut) >= 5"),
                _campaign(
                    "won",
                    "when balance(cut) reaching 10",
                    f"3 gold{price} first {self.first}",
                    audience="vip and count(earn) >= 2",
                ),
                _campaign(
                    "also",
                    "when balance(cut) reaching 10",
                    "2 silver",
                    more=f"priority {self.urgent}" if self.urgent else "",
                ),
                _campaign("next", "when balance(gold) reaching 6", "coffee for 1 gold"),
            ]
        )


def _campaign(name: str, trigger: str, reward: str, audience: str = "yes", more: str = "") -> str:
    return (
        f"campaign {name} {{\n  audience {audience}\n  trigger {trigger}\n  reward {reward}\n"
        f"  budget {{ total 1_000 CNY }}\n  {more}\n"
        '  compliance { forbid phrase "sure" }\n}'
    )


class Did(NamedTuple):
    """An event: its instant, kind, key, customer and units."""

    at: datetime
    kind: str
    key: str
    customer: str
    units: int


@st.composite
def histories(draw: st.DrawFn) -> list[Did]:
    """Events of three customers, some at one instant."""
    found = []
    for number in range(draw(st.integers(2, 14))):
        at = START + timedelta(minutes=20 * draw(st.integers(0, 30)))
        kind = draw(st.sampled_from(("earn", "earn", "earn", "pay")))
        units = draw(st.sampled_from((3, 4, 6, 11)))
        who = draw(st.sampled_from(("ann", "ann", "ann", "bob", "cem")))
        found.append(Did(at, kind, f"{kind[0]}{number:02}", who, units))
    return found


shapes = st.builds(
    Shape,
    st.sampled_from((None, 1, 2)),
    st.sampled_from((0, 10)),
    st.sampled_from((1, 2, 1000)),
    st.sampled_from((0, 1)),
)


# --- the model ----------------------------------------------------------------------------------


@dataclass
class Model:
    """Wallets as lists of lots, and the campaigns one after the other."""

    shape: Shape
    events: Sequence[Did]
    lots: dict[tuple[str, str], list[list]] = field(default_factory=lambda: defaultdict(list))
    grants: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    outcomes: Counter = field(default_factory=Counter)
    won: int = 0
    refuses: bool = False

    def play(self) -> None:
        """Decide all events in the order of a run."""
        order = {"asks": 0, "earn": 1, "pay": 2}
        turns = [
            (one.at, order[name], one.key, name, one)
            for one in self.events
            for name in order
            if name == one.kind or (name == "asks" and one.kind == "pay")
        ]
        for at, _, key, name, one in sorted(turns):
            who = one.customer
            self._end(at)
            match name:
                case "earn":
                    hours = self.shape.lasts
                    ends = None if hours is None else at + timedelta(hours=hours)
                    self._fill("earn", who, key, "cut", one.units, at, ends=ends)
                case "pay":
                    self._pay("pay", who, key, "cut", one.units)
                case _:
                    if self.there(who, "cut") >= 5:
                        self._fill("asks", who, key, "seen", 1, at)

    def there(self, who: str, wallet: str) -> int:
        """The units in a wallet."""
        return sum(left for _, left in self.lots[who, wallet])

    def _end(self, at: datetime) -> None:
        for lots in self.lots.values():
            lots[:] = [lot for lot in lots if lot[0] is None or lot[0] > at]

    def _pay(self, name: str, who: str, key: str, wallet: str, units: int) -> None:
        if self.there(who, wallet) < units:
            self.outcomes[name, "insufficient_balance"] += 1
            return
        self._grant(name, who, key, "coffee", 1)
        self._take(name, who, key, wallet, units)
        self.outcomes[name, "granted"] += 1

    def _take(self, name: str, who: str, key: str, wallet: str, units: int) -> None:
        self.grants.append((name, who, key, wallet, -units))
        for lot in self.lots[who, wallet]:
            taken = min(units, lot[1])
            lot[1], units = lot[1] - taken, units - taken

    def _grant(self, name: str, who: str, key: str, reward: str, amount: int) -> None:
        self.grants.append((name, who, key, reward, amount))

    def _fill(
        self,
        name: str,
        who: str,
        key: str,
        wallet: str,
        units: int,
        at: datetime,
        ends: datetime | None = None,
    ) -> None:
        before = self.there(who, wallet)
        self._grant(name, who, key, wallet, units)
        self.lots[who, wallet].append([ends, units])
        self.outcomes[name, "granted"] += 1
        after, cause = self.there(who, wallet), f"{name}/main/{key}"
        if wallet == "cut" and before < 10 <= after:
            for fired in ("also", "won"):
                getattr(self, f"_{fired}")(who, cause, at)
        if wallet == "gold" and before < 6 <= after:
            self._pay("next", who, cause, "gold", 1)

    def _also(self, who: str, key: str, at: datetime) -> None:
        self._fill("also", who, key, "silver", 2, at)

    def _won(self, who: str, key: str, at: datetime) -> None:
        earned = [one for one in self.events if one.kind == "earn" and one.customer == who]
        if not CUSTOMERS[who] or sum(one.at <= at for one in earned) < 2:
            return
        if self.there(who, "cut") < self.shape.price:
            self.outcomes["won", "insufficient_balance"] += 1
            return
        if self.refuses or self.won >= self.shape.first:
            self.refuses = True
            self.outcomes["won", "out_of_stock"] += 1
            return
        self.won += 1
        if self.shape.price:
            self._take("won", who, key, "cut", self.shape.price)
        self._fill("won", who, key, "gold", 3, at)


# --- the ways of carrying them out --------------------------------------------------------------

Ways = Callable[[Case, Path, str], None]


SQLITE = "sqlite:///ledger.db"
WAREHOUSE = "duckdb:///data.duckdb"


def in_one_run(case: Case, folder: Path, url: str) -> None:
    """A run of the whole period."""
    _run(case, folder, url, Between(START, END))


def in_slices(case: Case, folder: Path, url: str) -> None:
    """Runs every two hours."""
    for number in range(0, 12, 2):
        asked = At(START + timedelta(hours=number, minutes=10))
        _run(case, folder, url, asked, plain=number % 4 == 0)
    _run(case, folder, url, At(END))


def _run(case: Case, folder: Path, url: str, asked: At | Between, *, plain: bool = False) -> None:
    plan, where = compile_case(case), open_warehouse(WAREHOUSE, folder)
    with _ledger(url, folder, plain=plain) as ledger, where as house:
        run(Work(plan, "digest", house, ledger, plain=plain), asked)


def as_events(case: Case, folder: Path, url: str) -> None:
    """The events as they come, the warehouse being empty of them."""
    plan = compile_case(case)
    rows = sorted(
        (
            (row[2].replace(tzinfo=UTC), kind, row)
            for kind in ("earn", "pay")
            for row in case.tables[f"{kind}s"].rows
        ),
        key=lambda one: (one[0], one[2][0]),
    )
    events = [
        Event(kind, row[1], {"at": at, "key": row[0], "units": row[3]}) for at, kind, row in rows
    ]
    with closing(duckdb.connect(str(folder / "data.duckdb"))) as connection:
        connection.execute("DELETE FROM earns; DELETE FROM pays")
    way = Way(WAREHOUSE, folder, plain=len(events) % 2 == 0)
    with _ledger(url, folder, plain=way.plain) as ledger:
        worker = way.worker(plan, partial(open_warehouse, WAREHOUSE, folder), ledger)
        assert sum(map(len, way.decided(worker, events, 4))) == len(events)


def _ledger(url: str, folder: Path, *, plain: bool = False) -> Ledger:
    return open_ledger(url, "laws", "CNY", root=folder, plain=plain)


def came_to(case: Case, way: Ways, url: str) -> tuple[list[object], Counter, dict[object, int]]:
    """The grants, the outcomes and the balances of a way."""
    with TemporaryDirectory(prefix="wallets-") as name:
        folder = Path(name)
        with closing(duckdb.connect(str(folder / "data.duckdb"))) as connection:
            load(connection, dict(case.tables))
        way(case, folder, url)
        with _ledger(url, folder) as ledger:
            assert ledger.verify() == ()
            grants = [
                (
                    row.campaign,
                    row.recipient,
                    row.occurrence,
                    row.reward,
                    1 if row.reward == "coffee" else int(row.amount),
                )
                for row in ledger.grants()
            ]
            held = {(row.customer, row.wallet): row.balance for row in ledger.balances()}
            return sorted(grants), ledger.outcomes(), held


def case_of(shape: Shape, events: Sequence[Did]) -> Case:
    """The project with its tables."""
    kinds = {"customer_id": "text", "happened_at": "timestamp", "units": "integer"}
    tables = {
        "customers": Table({"customer_id": "text", "vip": "boolean"}, tuple(CUSTOMERS.items()))
    }
    for kind in ("earn", "pay"):
        rows = tuple(
            (one.key, one.customer, one.at.replace(tzinfo=None), one.units)
            for one in events
            if one.kind == kind
        )
        tables[f"{kind}s"] = Table({f"{kind}_id": "text", **kinds}, rows)
    return Case(SETTINGS, CATALOG, shape.campaigns, tables, START, END)


def holds(shape: Shape, events: Sequence[Did], way: Ways, url: str) -> None:
    """A way comes to what the model says."""
    model = Model(shape, events)
    model.play()
    model._end(END)
    note("\n".join(f"{one.at:%d %H:%M} {one.key} {one.customer} {one.units}" for one in events))
    grants, outcomes, held = came_to(case_of(shape, events), way, url)
    assert grants == sorted(model.grants)
    assert outcomes == model.outcomes
    if way is not as_events:
        assert held == {
            of: sum(left for _, left in lots) for of, lots in model.lots.items() if of in held
        }


@pytest.mark.parametrize("way", [in_one_run, in_slices], ids=lambda one: one.__name__)
@at_most(6)
@given(shapes, histories())
def test_runs_decide_what_wallets_fire_as_the_model_does(way, shape, events):
    holds(shape, events, way, SQLITE)


@at_most(6)
@given(shapes, histories())
def test_events_decide_what_wallets_fire_as_the_model_does(shape, events):
    holds(shape, events, as_events, SQLITE)


@pytest.mark.parametrize("way", [in_one_run, as_events], ids=lambda one: one.__name__)
@at_most(3)
@given(shapes, histories())
def test_a_ledger_on_a_server_decides_it_the_same(way, shape, events):
    lasting = Shape(None, shape.price, shape.first, shape.urgent)
    holds(lasting, events, way, schema_url(new_schema()))
