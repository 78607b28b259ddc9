"""Orders that refunds cancel: in runs, in streams that the warehouse lacks, and in explanations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from functools import partial
from pathlib import Path

import duckdb
import pytest
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from ..projects import compile_folder, write
from .houses import at
from .shops import CATALOG, SETTINGS, Shop

REFUND = """  refund:
    table: refunds
    key: refund_id
    customer: customer_id
    at: refunded_at
    fields:
      order_id: {type: text}
"""
CAMPAIGN = """campaign gift {{
  audience {audience}
  trigger  {trigger}
  reward   5 points
  budget {{ total 0 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
LIFE = (
    ("order", "o1", "01-05 10:00", None),
    ("order", "o2", "01-06 10:00", None),
    ("refund", "r1", "01-06 12:00", "o2"),
    ("order", "o3", "01-07 10:00", None),
    ("order", "o4", "01-08 10:00", None),
    ("refund", "r2", "01-08 10:00", "o4"),
    ("order", "o5", "01-09 10:00", None),
    ("order", "o6", "01-20 10:00", None),
)
CASES = [
    ("yes", "on order", ["o1", "o2", "o3", "o5", "o6"]),
    ("count(order) >= 2", "on order", ["o2", "o3", "o5", "o6"]),
    ("count(order) >= 3", "on order", ["o5", "o6"]),
    ("yes", "on order reaching 4 times", ["1 o6"]),
    ("yes", "on order every 2 times", ["2 o2", "4 o6"]),
    ("yes", "on order reaching 3 times within 5 days", ["1 o5"]),
    ("yes", "24 hours after order", ["o1", "o3", "o5", "o6"]),
    ("yes", "10 days after order unless order", ["o5", "o6"]),
]


def shop(folder: Path, audience: str, trigger: str) -> Shop:
    entry = "  order:\n    cancelled_by: {event: refund, field: order_id}\n"
    files = {
        "campaigner.toml": SETTINGS,
        "catalog.yaml": CATALOG.replace("  order:\n", entry) + REFUND,
        "a.campaign": CAMPAIGN.format(audience=audience, trigger=trigger),
    }
    compiled = compile_folder(write(folder, files))
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        for table, columns in (
            ("customers", "customer_id TEXT, vip BOOLEAN"),
            ("orders", "order_id TEXT, customer_id TEXT, ordered_at TIMESTAMPTZ, points INTEGER"),
            ("picks", "pick_id TEXT, customer_id TEXT, picked_at TIMESTAMPTZ, benefit TEXT"),
            ("refunds", "refund_id TEXT, customer_id TEXT, refunded_at TIMESTAMPTZ, order_id TEXT"),
        ):
            more = {"orders": ", friend TEXT", "picks": ", channel TEXT"}.get(table, "")
            connection.execute(f"CREATE TABLE {table} ({columns}{more})")
        connection.execute("INSERT INTO customers VALUES ('ann', true)")
    return Shop(folder, compiled.plan)


def happen(made: Shop) -> None:
    with duckdb.connect(str(made.folder / "shop.duckdb")) as connection:
        for kind, key, when, of in LIFE:
            moment = at(f"2026-{when}")
            if kind == "order":
                row = (key, "ann", moment, 1, None)
                connection.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row)
            else:
                connection.execute(
                    "INSERT INTO refunds VALUES (?, ?, ?, ?)", (key, "ann", moment, of)
                )


def event(kind: str, key: str, when: str, of: str | None) -> Event:
    moment = at(f"2026-{when}").astimezone(UTC)
    fields = {"points": 1, "friend": None} if kind == "order" else {"order_id": of}
    return Event(kind, "ann", {"at": moment, "key": key, **fields})


def given(made: Shop, expected: Sequence[str]) -> None:
    times = {f"{at(f'2026-{when}'):%m-%d}": key for kind, key, when, _ in LIFE if kind == "order"}
    found = []
    for row in made.grants():
        numbered = any(" " in one for one in expected)
        day = f"{row.at.astimezone(at('2026-01-01').tzinfo):%m-%d}"
        found.append(f"{row.occurrence} {times[day]}" if numbered else row.occurrence)
    assert found == list(expected)


@pytest.mark.parametrize(("audience", "trigger", "expected"), CASES)
def test_a_run_counts_no_order_from_its_refund_on(
    tmp_path: Path, audience: str, trigger: str, expected: list[str]
) -> None:
    made = shop(tmp_path, audience, trigger)
    happen(made)
    made.run("2026-01-01", "2026-02-28")
    given(made, expected)


@pytest.mark.parametrize(("audience", "trigger", "expected"), CASES[:6])
@pytest.mark.parametrize("together", [False, True])
def test_a_stream_that_the_warehouse_lacks_counts_the_same(
    tmp_path: Path, audience: str, trigger: str, expected: list[str], together: bool
) -> None:
    made = shop(tmp_path, audience, trigger)
    life = [event(*one) for one in LIFE]
    moments = sorted({one.row["at"] for one in life})
    batches = [[one for one in life if one.row["at"] == moment] for moment in moments]
    with made.ledger() as ledger:
        opens = partial(open_warehouse, made.warehouse, made.folder)
        worker = EventWorker(made.plan, "plan-1", opens, ledger)
        for batch in [life] if together else batches:
            results = worker.decide(batch)
            assert [one.event for one in results] == batch
    given(made, expected)


def test_an_explanation_names_what_cancelled_it(tmp_path: Path) -> None:
    made = shop(tmp_path, "yes", "on order")
    happen(made)
    with made.ledger() as ledger, open_warehouse(made.warehouse, made.folder) as warehouse:
        rows, now = WarehouseRows(warehouse, made.plan), at("2026-01-08 11:00").astimezone(UTC)
        found = explain(made.plan, "gift", "ann", now, rows, ledger)
    asked = [one for one in found.clauses if "not cancelled by refund" in one.text]
    assert asked
