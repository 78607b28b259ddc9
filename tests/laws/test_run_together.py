"""Decisions that a run takes together come to the ledger and the report of each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch

import duckdb
from campaigner.compiler.plan import Plan
from campaigner.runtime.delivery import FileChannel
from campaigner.runtime.due.periods import Between
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.ledger.contract import Ledger
from campaigner.runtime.run.deciding import deciding
from campaigner.runtime.run.report import RunReport
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given, note
from hypothesis import strategies as st

from ..on_postgresql import new_schema
from ..runtime.ledger.ledgers import dump
from ..runtime.shops import Shop, shop
from ..seeds import seeds_of
from ..strategies import USUAL, Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .lives import names
from .runs import house

START = datetime(2026, 1, 1, tzinfo=UTC)
SCARCE = Wanted(campaigns=3, depth=1, scarce=True, timers=3, moves=3)
PERIODS = st.lists(st.integers(0, 6), min_size=1, max_size=4)
"""Where periods end, in sixths of the case's; an earlier one is run again."""

Kept = tuple[list[RunReport], dict[str, list[tuple[object, ...]]], str]
"""The reports of the runs, every row of the ledger, and the file of messages."""


@at_most(20)
@given(cases(SCARCE), PERIODS, st.integers(1, 7))
def test_scarce_campaigns_over_a_file(case, ends, batch):
    comes_to_the_same(case, ends, batch)


@at_most(20)
@given(cases(USUAL), PERIODS, st.sampled_from([1, 3, 5_000]))
def test_campaigns_of_all_kinds_over_a_file(case, ends, batch):
    comes_to_the_same(case, ends, batch)


@at_most(8)
@given(cases(USUAL), PERIODS, st.integers(1, 7))
def test_campaigns_over_a_server(case, ends, batch):
    comes_to_the_same(case, ends, batch, schema())


BETWEEN = """
benefit tea {{ kind coupon value 30 CNY cost 10 CNY expires after 2 days returning to budget }}
campaign teas {{
  audience yes
  trigger on order
  reward tea
  budget {{ total 60 CNY {exhausted} }}
  compliance {{ forbid phrase "sure" }}
}}
campaign chosen {{
  audience yes
  trigger on order
  reward choose 1 of coffee, phone claimed on pick by event.benefit expires after 2 days
  budget {{ total 200_000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
campaign taken_back {{
  audience yes
  trigger on order where event.points >= 2
  reward 3 points limit 2 per customer
  reversed on pick where channel = "web" by event.benefit
  budget {{ total 100 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
campaign watched {{
  audience {audience}
  trigger on order
  reward 1 points
  pause when pick over 6 within 2 days
  budget {{ total 100 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
"""All that comes between decisions of one portion: ends, waiting lists, claims, refunds, alarms."""


@at_most(20)
@given(
    st.sampled_from(["yes", "count(received(taken_back) in last 3 days) >= 1"]),
    st.sampled_from(["", "when exhausted waitlist"]),
    st.randoms(use_true_random=False),
    st.lists(st.integers(1, 30), min_size=1, max_size=3),
    st.sampled_from([3, 5_000]),
)
def test_what_comes_between_decisions(audience, exhausted, chance, days, batch):
    with TemporaryDirectory() as name, patch.object(deciding, "BATCH", batch):
        shop_ = shop(
            Path(name), BETWEEN.format(audience=audience, exhausted=exhausted), customers=names(6)
        )
        fill(shop_, chance)
        place = Place(shop_.folder, shop_.plan, shop_.warehouse, START)
        ends = [START + timedelta(days=one) for one in days]
        each, together = both(place, ends)
    assert together == each


def fill(house: Shop, chance: Random) -> None:
    """Orders and picks of some customers, many at one instant."""
    orders, picks, share = [], [], chance.choice([0.8, 1])
    for number in range(chance.randrange(50, 150)):
        who, at = chance.choice(names(6)), START + timedelta(hours=6 * chance.randrange(100))
        when = at.replace(tzinfo=None).isoformat()
        if chance.random() < share:
            orders.append((f"o{number:03}", who, when, chance.randrange(1, 5), None))
        else:
            about = chance.choice(["coffee", "phone", *(one[0] for one in orders[-9:])])
            picks.append((f"p{number:03}", who, when, about, chance.choice(["app", "web"])))
    for table, rows in (("orders", orders), ("picks", picks)):
        with duckdb.connect(str(house.folder / "shop.duckdb")) as connection:
            if rows:
                connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", rows)


@cache
def schema() -> str:
    return new_schema()


class Place(NamedTuple):
    """A project on disk, and the instant from which it runs."""

    folder: Path
    plan: Plan
    url: str
    start: datetime


def comes_to_the_same(case: Case, ends: list[int], batch: int, schema: str | None = None) -> None:
    note(to_json(case))
    plan, step = compile_case(case), (case.end - case.start) / 6
    with house(case, plan, schema) as lived, patch.object(deciding, "BATCH", batch):
        place = Place(lived.folder, plan, lived.url, case.start)
        each, together = both(place, [case.start + step * end for end in ends])
    assert together == each


def both(place: Place, ends: Sequence[datetime]) -> list[Kept]:
    """The rows of runs up to these instants, of each decision by itself and together."""
    with ledger_of(place, plain=True):
        begun = (place.folder / "ledger.db").read_bytes()
    kept = []
    for plain in (True, False):
        # Both begin with one file, since each ledger draws a key for its hashes.
        (place.folder / "ledger.db").write_bytes(begun)
        file = place.folder / "push.jsonl"
        file.unlink(missing_ok=True)
        reports = [carried_out(place, end, plain=plain) for end in ends]
        sent = file.read_text("utf-8") if file.exists() else ""
        kept.append((reports, dump(place.folder / "ledger.db"), sent))
    return kept


def carried_out(place: Place, end: datetime, *, plain: bool) -> RunReport:
    folder, plan, url, start = place
    channels = {"push": FileChannel("push", folder / "push.jsonl", "push.jsonl")}
    with ledger_of(place, plain=plain) as ledger, open_warehouse(url, folder) as warehouse:
        work = Work(plan, "digest", warehouse, ledger, channels, seeds=seeds_of(plan), plain=plain)
        report = run(work, Between(start, end))
        assert ledger.verify() == ()
        return report


def ledger_of(place: Place, *, plain: bool) -> Ledger:
    url, plan, folder = "sqlite:///ledger.db", place.plan, place.folder
    channels = frozenset({"push"})
    return open_ledger(
        url, plan.project, plan.currency, root=folder, channels=channels, plain=plain
    )
