"""Decisions that a run takes together come to the ledger and the report of each by itself."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from unittest.mock import patch

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
from ..seeds import seeds_of
from ..strategies import USUAL, Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .runs import House, house

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


@cache
def schema() -> str:
    return new_schema()


def comes_to_the_same(case: Case, ends: list[int], batch: int, schema: str | None = None) -> None:
    note(to_json(case))
    plan, kept = compile_case(case), []
    with house(case, plan, schema) as lived, patch.object(deciding, "BATCH", batch):
        with ledger_of(lived, plain=True):
            begun = (lived.folder / "ledger.db").read_bytes()
        for plain in (True, False):
            # Both begin with one file, since each ledger draws a key for its hashes.
            (lived.folder / "ledger.db").write_bytes(begun)
            (lived.folder / "push.jsonl").unlink(missing_ok=True)
            kept.append(came_to(lived, ends, plain=plain))
    each, together = kept
    assert together == each


def came_to(lived: House, ends: list[int], *, plain: bool) -> Kept:
    case, file = lived.case, lived.folder / "push.jsonl"
    step = (case.end - case.start) / 6
    reports = [carried_out(lived, case.start + step * end, plain=plain) for end in ends]
    return reports, dump(lived.folder / "ledger.db"), file.read_text() if file.exists() else ""


def carried_out(lived: House, end: datetime, *, plain: bool) -> RunReport:
    plan, start = lived.plan, lived.case.start
    channels = {"push": FileChannel("push", lived.folder / "push.jsonl", "push.jsonl")}
    with (
        ledger_of(lived, plain=plain) as ledger,
        open_warehouse(lived.url, lived.folder) as warehouse,
    ):
        work = Work(plan, "digest", warehouse, ledger, channels, seeds=seeds_of(plan), plain=plain)
        report = run(work, Between(start, end))
        assert ledger.verify() == ()
        return report


def ledger_of(lived: House, *, plain: bool) -> Ledger:
    url, plan, folder = "sqlite:///ledger.db", lived.plan, lived.folder
    channels = frozenset({"push"})
    return open_ledger(
        url, plan.project, plan.currency, root=folder, channels=channels, plain=plain
    )
