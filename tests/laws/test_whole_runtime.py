"""A run in one piece, in 37 slices, events as a stream, and a broker give the same ledger.

The run in one piece is plain, and so is the stream that comes late; the others are quick.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

import pytest
from campaigner.cli.main import invoke
from campaigner.cli.screen.terminal import Session
from campaigner.runtime.due.periods import At
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.ledger import Ledger, open_ledger
from campaigner.runtime.run.run import run
from campaigner.runtime.run.work import Work
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse

from ..runtime.ingest.houses import TOKEN, lines_of, nats_server
from ..runtime.ledger.ledgers import SOAKING
from ..runtime.shops import SETTINGS, Shop
from ..runtime.test_event_workers import ledger_url
from .lives import END, PROJECTS, START, Happened, built, line, lives, names, put
from .ways import Way

pytestmark = [pytest.mark.repeated]

CUSTOMERS = 50
"""Each customer has a history: 200 of them in CI, over four projects, and 10,000 in a soak."""
SEEDS = range(50 if SOAKING else 1)
LIVES = [(campaigns, seed) for seed in SEEDS for campaigns in PROJECTS]
SLICED = LIVES if SOAKING else [(("late_timer",), 0)]
BOTH = ("sqlite", "postgresql")
SLICES = 37
SOURCE = """
[ingest.all]
kind = "nats"
url = "nats://127.0.0.1:${NATS_PORT}"
subject = "shop.orders"
token = "${NATS_TOKEN}"
"""


def at(local: datetime) -> datetime:
    return local.replace(tzinfo=UTC)


@contextmanager
def ledger_of(house: Shop, url: str, *, plain: bool = False) -> Iterator[Ledger]:
    with open_ledger(url, "test", "CNY", root=house.folder, plain=plain) as ledger:
        yield ledger


def run_until(house: Shop, url: str, *instants: datetime, plain: bool = False) -> None:
    for instant in instants:
        where = open_warehouse(house.warehouse, house.folder)
        with ledger_of(house, url, plain=plain) as ledger, where as warehouse:
            run(Work(house.plan, "digest", warehouse, ledger, plain=plain), At(at(instant)))


@contextmanager
def working(house: Shop, url: str, *, plain: bool = False) -> Iterator[EventWorker]:
    @contextmanager
    def opens() -> Iterator[Warehouse]:
        with open_warehouse(house.warehouse, house.folder) as warehouse:
            yield warehouse

    with ledger_of(house, url, plain=plain) as ledger:
        way = Way(house.warehouse, house.folder, plain=plain)
        yield way.worker(house.plan, opens, ledger)


def read(house: Shop, events: Sequence[Happened]) -> list[Event]:
    lines = Lines(house.plan, "all")
    found = [lines.read(Line(number, line(one))) for number, one in enumerate(events)]
    assert all(isinstance(one, Event) for one in found), found
    return found  # type: ignore[return-value]


def stream(
    house: Shop, url: str, batches: Sequence[Sequence[Event]], *, plain: bool = False
) -> None:
    with working(house, url, plain=plain) as worker:
        worker.expect([] if plain else [event for batch in batches for event in batch])
        for batch in batches:
            worker.decide(batch)
        worker.pass_time(at(END), is_last=True)


def cut(events: Sequence[Event], chance: random.Random) -> list[Sequence[Event]]:
    """Batches of one to ninety events; those of one instant are together."""
    together = [list(some) for _, some in groupby(events, key=lambda one: one.row["at"])]
    batches: list[list[Event]] = [[]]
    room = 1
    for some in together:
        if len(batches[-1]) >= room:
            batches.append([])
            room = chance.randrange(1, 90)
        batches[-1] += some
    return batches


def kept(house: Shop, url: str) -> tuple[list[object], ...]:
    """Decisions, lines with what became of them, and wallets."""
    with ledger_of(house, url) as ledger:
        assert ledger.verify() == ()
        query = "SELECT campaign, step, recipient, occurrence, at, outcome FROM decisions"
        decisions = sorted(map(tuple, ledger._store.ask(query)))
        wallets = [(one.customer, one.wallet, one.balance) for one in ledger.balances(at=at(END))]
        return decisions, lines_of(ledger), sorted(wallets)


def same(found: tuple[list[object], ...], wanted: tuple[list[object], ...]) -> None:
    for some, others in zip(found, wanted, strict=True):
        assert set(some) - set(others) == set()
        assert set(others) - set(some) == set()
        assert some == others


class Life(NamedTuple):
    """A shop without events in its warehouse, one with all, the events, and the ledger of a run."""

    empty: Shop
    full: Shop
    events: list[Happened]
    wanted: tuple[list[object], ...]


@pytest.fixture(scope="module")
def life(request, tmp_path_factory):
    campaigns, seed = request.param
    folder = tmp_path_factory.mktemp("whole")
    empty, full = (built(folder / name, campaigns, CUSTOMERS) for name in ("empty", "full"))
    events = lives(seed, CUSTOMERS)
    put(full, events)
    url = "sqlite:///one_piece.db"
    run_until(full, url, START, END, plain=True)
    wanted = kept(full, url)
    assert {one[0] for one in wanted[0]} == set(campaigns)
    return Life(empty, full, events, wanted)


@pytest.fixture
def url(request, tmp_path):
    return ledger_url() if request.param == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"


def on(*stores: str):
    return pytest.mark.parametrize("url", stores, indirect=True)


def named(life) -> str:
    campaigns, seed = life
    return f"{'-'.join(campaigns)}-{seed}"


@pytest.mark.parametrize("life", SLICED, indirect=True, ids=named)
@on("sqlite")
def test_37_slices(life, url):
    step = (END - START) / SLICES
    run_until(life.full, url, *(START + step * number for number in range(SLICES)), END)
    same(kept(life.full, url), life.wanted)


@pytest.mark.parametrize(
    ("life", "url"),
    [
        (one, store)
        for number, one in enumerate(LIVES)
        for store in (BOTH if SOAKING else BOTH[number % 2 :][:1])
    ],
    indirect=True,
)
def test_events_as_a_stream(life, url):
    """The warehouse never gets the events, or has them already; a run after it changes nothing."""
    house = life.full if "postgresql" in url else life.empty
    run_until(house, url, START)
    stream(house, url, cut(read(house, life.events), random.Random(len(life.events))))
    same(kept(house, url), life.wanted)
    run_until(life.full, url, END)
    same(kept(house, url), life.wanted)


@pytest.mark.parametrize("life", LIVES if SOAKING else LIVES[:2], indirect=True, ids=named)
@on("sqlite")
def test_doubled_events_and_customers_who_come_late(life, url):
    """Some customers' events come when all are over, shuffled; all come twice."""
    chance = random.Random(len(life.events))
    late = set(chance.sample(names(CUSTOMERS), 5))
    events = read(life.empty, life.events)
    run_until(life.empty, url, START)
    batches = [
        [*some, *some] for some in cut([e for e in events if e.customer not in late], chance)
    ]
    last = [one for one in events if one.customer in late]
    chance.shuffle(last)
    stream(life.empty, url, [*batches, last, last], plain=True)
    same(alone(kept(life.empty, url)), alone(life.wanted))


def alone(found: tuple[list[object], ...]) -> tuple[list[object], ...]:
    """The ledger without what rests on the order of customers, or on schedules that are past."""
    scheduled = {"nightly", "weekly", "busier", "daily", "teas"}
    decisions, lines, _ = found
    decisions = [one for one in decisions if one[0] not in scheduled]
    lines = [one for one in lines if one[0] not in scheduled]
    return decisions, lines


@pytest.mark.parametrize("life", LIVES if SOAKING else LIVES[1:2], indirect=True, ids=named)
@on(*(BOTH if SOAKING else BOTH[1:]))
def test_events_from_a_broker(life, url, tmp_path, monkeypatch):
    run_until(life.empty, url, START)
    settings = SETTINGS.replace("sqlite:///ledger.db", url)
    (life.empty.folder / "campaigner.toml").write_text(settings + SOURCE)
    with nats_server(tmp_path / "js") as server:
        server.publish(map(line, life.events))
        monkeypatch.setenv("NATS_PORT", str(server.port))
        monkeypatch.setenv("NATS_TOKEN", TOKEN)
        session = Session("en", now=lambda: at(END))
        assert invoke(["ingest", str(life.empty.folder), "all", "--until-idle"], session) == 0
    same(kept(life.empty, url), life.wanted)
