"""Law 8 line by line: hostile lines do not change the decisions for good ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile

import duckdb
import pytest
from campaigner.cli.formats.events import as_lines
from campaigner.cli.formats.report import Report
from campaigner.cli.formats.text import render
from campaigner.compiler.plan import Plan
from campaigner.dsl.diagnostics.diagnostic import Diagnostic
from campaigner.runtime.events.lines import Lines
from campaigner.runtime.events.requests import Decided
from campaigner.runtime.events.session import EventSession
from campaigner.runtime.ledger import Ledger, open_ledger
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given
from hypothesis import strategies as st

from .. import strategies_lines as lines
from ..on_postgresql import new_schema, schema_url
from ..projects import compile_folder, write
from . import at_most
from .ways import Way

SETTINGS = """[project]
name = "test"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///shop.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "file"
path = "push.jsonl"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    city: {type: text, optional: true}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      units: {type: integer}
      rate: {type: decimal}
      amount: {type: money, currency: CNY}
      gift: {type: boolean}
      note: {type: text, optional: true}
      grade: {type: enum, values: [gold, silver]}
      born: {type: date}
      seen: {type: timestamp}
      clock: {type: time}
      friend: {type: text, optional: true}
  pick:
    table: picks
    key: pick_id
    customer: customer_id
    at: picked_at
    fields:
      benefit: {type: text, optional: true}
"""
CAMPAIGNS = """
benefit coffee { kind coupon value 30 CNY }
benefit cake { kind coupon value 50 CNY }

campaign cash_back "cash back" {
  audience not (city is known and city = "Nowhere")
  trigger on order where event.amount >= 0.01 CNY and not event.grade = silver
    and event.units * 2 > 1 and event.rate < 1_000
  reward 5% of event.amount as cash up to 20 CNY
  budget { total 900_000_000 CNY }
  message push "{{ (event.note or 'you') | title }} {{ event.amount }} {{ event.clock }}"
  compliance { forbid phrase "sure" }
}
campaign dated "dated" {
  audience count(order in last 30 days) >= 1
  trigger on order where event.born within last 3 months and days since event.seen >= 0
    and event.gift
  reward coffee limit 1_000_000 per event.note per month deliver on day 5 of month 2 after event
  budget { total 900_000_000 CNY }
  message push "{{ event.seen }} {{ reward.label }}"
  compliance { forbid phrase "sure" }
}
campaign friendly "friendly" {
  audience yes
  trigger on order
  reward cake to event.friend
  budget { total 900_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign offer "offer" {
  audience yes
  trigger on order
  reward choose 1 of coffee, cake claimed on pick by event.benefit
  budget { total 900_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
EXAMPLES = at_most(10)


class Stream:
    """A project, its ledger, and a worker that has been at work all along."""

    def __init__(self, folder: Path, plan: Plan, ledger: Ledger, *, plain: bool) -> None:
        self.folder = folder
        self.way = Way("duckdb:///shop.duckdb", folder, plain=plain)
        self.plan = plan
        self.ledger = ledger
        self.numbers = count()
        self.session = self.started()

    def started(self) -> EventSession:
        """A worker that knows nothing but the ledger."""
        worker = self.way.worker(
            self.plan, lambda: open_warehouse("duckdb:///shop.duckdb", self.folder), self.ledger
        )
        lines = Lines(self.plan, "events.jsonl", plain=self.way.plain)
        return EventSession(worker, lines, plain=self.way.plain)

    def decide(
        self, content: list[bytes], session: EventSession | None = None
    ) -> list[Decided | Diagnostic]:
        """The result of each line; every result can be printed."""
        with TemporaryFile() as file:
            file.write(b"\n".join(content))
            file.seek(0)
            session = session or self.session
            told = [session.decide_read(batch) for batch in session.batches(file.fileno())]
        for one in told:
            for language in ("en", "zh"):
                for answer in as_lines(one, language):
                    assert "\n" not in answer
                    json.loads(answer.encode())
            report = Report(one.problems, {}, "en", "", False, 100)
            assert render(report).encode().count(b"\n") <= 4 * len(one.problems)
        numbers = [number for one in told for number, _ in one.lines]
        assert numbers == [n for n, line in enumerate(content, 1) if line.strip()]
        return [became for one in told for _, became in one.lines]


@pytest.fixture(
    scope="module",
    params=[("sqlite", False), ("postgresql", True)],
    ids=["sqlite", "postgresql, plain"],
)
def stream(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stream]:
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": CAMPAIGNS}
    folder = write(tmp_path_factory.mktemp("lines"), files)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE customers (customer_id TEXT, city TEXT)")
        connection.execute("INSERT INTO customers VALUES ('ann', 'Jinan'), ('bob', 'Xian')")
        connection.execute(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMPTZ,"
            " units BIGINT, rate DECIMAL(28, 10), amount DECIMAL(18, 2), gift BOOLEAN, note TEXT,"
            " grade TEXT, born DATE, seen TIMESTAMPTZ, clock TIME, friend TEXT)"
        )
        connection.execute(
            "CREATE TABLE picks (pick_id TEXT, customer_id TEXT, picked_at TIMESTAMPTZ,"
            " benefit TEXT)"
        )
    compiled = compile_folder(folder)
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    store, plain = request.param
    url = "sqlite:///ledger.db" if store == "sqlite" else schema_url(new_schema())
    channels = frozenset({"push"})
    with open_ledger(url, "test", "CNY", root=folder, channels=channels, plain=plain) as ledger:
        yield Stream(folder, compiled.plan, ledger, plain=plain)
        assert ledger.verify() == ()


def outcomes(became: Decided | Diagnostic) -> list[str]:
    """The outcomes of an event that was decided."""
    assert isinstance(became, Decided), became.message()
    again = [result.repeated for _, result in became.results]
    assert len(set(again)) <= 1
    words = [f"{one.identity.campaign} {result.outcome}" for one, result in became.results]
    return [
        *words,
        *(one.outcome for one in became.claims),
        *("again" for _ in set(again) - {False}),
    ]


BEFORE = [
    "again",
    "cash_back already_granted",
    "dated already_granted",
    "friendly already_granted",
    "offer already_granted",
]
GRANTED = ["cash_back granted", "dated granted", "friendly granted", "offer granted"]


@EXAMPLES
@given(hostile=st.lists(lines.hostile(), min_size=1, max_size=4))
def test_events(stream: Stream, hostile: list[bytes]) -> None:
    """Each line has one answer; a worker that starts again gives nothing twice."""
    n = next(stream.numbers)
    first, last = lines.good(f"g{n}", "ann"), lines.good(f"i{n}", "bob")
    content = [first, *hostile, last]
    before, *_, after = stream.decide(content)
    assert sorted(outcomes(before)) == sorted(outcomes(after)) == GRANTED
    before, *_, after = stream.decide(content, stream.started())
    assert sorted(outcomes(before)) == sorted(outcomes(after)) == BEFORE


@EXAMPLES
@given(hostile=st.lists(lines.hostile("pick", {"benefit": "cake"}), min_size=1, max_size=4))
def test_claims(stream: Stream, hostile: list[bytes]) -> None:
    """The same of events that claim."""
    n = next(stream.numbers)
    offers = [lines.good(f"o{n}", "ann"), lines.good(f"p{n}", "bob")]
    stream.decide(offers)
    claims = [
        json.dumps(
            {
                "event": "pick",
                "key": f"c{n}{who}",
                "customer": who,
                "at": "2026-01-06T10:00:00Z",
                "fields": {"benefit": "cake"},
            }
        ).encode()
        for who in ("bob", "zoe")
    ]
    before, *_, after = stream.decide([claims[0], *hostile, claims[1]])
    assert (outcomes(before), outcomes(after)) == (["claimed"], ["unknown"])
