"""Batches that are read ahead are decided as they would be one by one, each with its offsets."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from itertools import count
from types import SimpleNamespace

import pytest
from campaigner.compiler.compile import compile_project
from campaigner.compiler.project.project import load_project
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.events.lines import Lines
from campaigner.runtime.ingest.from_lines import LineSource
from campaigner.runtime.ingest.letters import Letters
from campaigner.runtime.ingest.messages import BATCH, Message, away
from campaigner.runtime.ingest.reader import Reader
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.warehouse.engines import open_warehouse

from ...laws.ways import Way
from ..ledger.kills import dies_at, of_file, of_server
from ..ledger.ledgers import SOAKING, dump
from ..test_event_workers import CAMPAIGNS, ledger_url, lines, orders, shop
from .houses import lines_of

pytestmark = pytest.mark.repeated

COUNT = 3_500
PARTS = 2
ODD = b"not json"
KILLS = 30 if SOAKING else 2
"""Statements before which a reader is killed."""


class Listed:
    """A source in memory, of two parts, which gives all that it has at once."""

    name = "orders"
    at_end = True

    def __init__(self, content):
        self._messages = [Message(n // PARTS, each, n % PARTS) for n, each in enumerate(content)]
        self._next = 0
        self.committed = []

    def open(self, offsets):
        self._from = {part: one.remembered for part, one in offsets.items()}
        self._left = [one for one in self._messages if one.number >= self._from.get(one.part, 0)]

    def read(self, _):
        found, self._left = self._left, []
        return found

    def commit(self, after):
        self.committed.append(dict(after))

    def close(self):
        pass


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A shop with half of the orders, and the lines of all, of which some are odd or come twice."""
    rows = list(orders(COUNT))
    folder = shop(tmp_path_factory.mktemp("shop"), CAMPAIGNS, rows[: COUNT // 2])
    content = [line.strip().encode() for line in lines(rows)]
    content[1_200:1_200] = [ODD, content[3], content[1_100]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEDGER", "sqlite:///ledger.db")
        plan = compile_project(load_project(folder)).plan
    return SimpleNamespace(folder=folder, content=content, plan=plan)


class Shop:
    """A ledger, and readers of a source with a worker each."""

    def __init__(self, house, folder):
        self._house, self._folder = house, folder
        self.opened = 0
        self.is_away = False

    @contextmanager
    def warehouse(self):
        if self.is_away:
            raise away("shop.duckdb", "connection closed")
        self.opened += 1
        with open_warehouse("duckdb:///shop.duckdb", self._house.folder) as warehouse:
            yield warehouse

    @contextmanager
    def ledger(self, url="sqlite:///ledger.db", *, plain=False):
        with open_ledger(url, "shop", "CNY", root=self._folder, plain=plain) as ledger:
            yield ledger

    def rows(self):
        """Every row of the ledger, with the chain."""
        return dump(self._folder / "ledger.db")

    def reader(self, source, ledger, *, plain=False):
        plan = self._house.plan
        way = Way("duckdb:///shop.duckdb", self._house.folder, plain=plain)
        worker = way.worker(plan, self.warehouse, ledger)
        letters = Letters(self._folder / "dead.jsonl", "orders", again=bool(source.name))
        lines_ = Lines(plan, "x", plain=plain)
        return Reader(source, ledger, worker, lines_, letters, plain=plain)

    def live(self, content, _, url, begin=None):
        """Decide all; whoever is watched by the quick paths, otherwise plain."""
        plain = begin is None
        with self.ledger(url, plain=plain) as ledger:
            if begin is not None:
                begin(ledger)
            decided(self.reader(Listed(content), ledger, plain=plain))


def decided(reader, batches=None):
    """Decide so many batches, or all; return the number of messages of each."""
    sizes = []
    while batches is None or len(sizes) < batches:
        batch = reader.read(0)
        if not batch:
            break
        sizes.append(len(reader.decide(batch).lines))
    return sizes


@pytest.fixture(scope="module")
def expected(house, tmp_path_factory):
    """The ledger without reading ahead, and how often the warehouse was opened."""
    shop_ = Shop(house, tmp_path_factory.mktemp("plain"))
    with shop_.ledger() as ledger:
        assert sum(decided(shop_.reader(Listed(house.content), ledger, plain=True))) == COUNT + 3
        assert ledger.verify() == ()
        grants = lines_of(ledger)
    return SimpleNamespace(grants=grants, rows=shop_.rows(), opened=shop_.opened)


def test_the_same_with_fewer_openings_of_the_warehouse(house, tmp_path, expected):
    shop_ = Shop(house, tmp_path)
    source = Listed(house.content)
    with shop_.ledger() as ledger:
        assert decided(shop_.reader(source, ledger)) == [BATCH, BATCH, BATCH, COUNT + 3 - 3 * BATCH]
    assert [one[0] for one in source.committed] == [500, 1_000, 1_500, 1_752]
    assert shop_.rows() == expected.rows
    assert shop_.opened < expected.opened


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_another_reader_goes_on_in_the_middle(house, tmp_path, expected, batches):
    shop_ = Shop(house, tmp_path)
    source = Listed(house.content)
    with shop_.ledger() as ledger:
        decided(shop_.reader(source, ledger), batches)
        assert ledger.offsets("orders")[0].next == batches * BATCH // PARTS
        decided(shop_.reader(source, ledger))
        assert lines_of(ledger) == expected.grants
        assert ledger.verify() == ()
    letters = (tmp_path / "dead.jsonl").read_text().splitlines()
    assert len(letters) == 1


def test_lines_are_kept_over_a_fault_until_they_are_decided(house, tmp_path, expected):
    shop_ = Shop(house, tmp_path)
    (tmp_path / "all.jsonl").write_bytes(b"\n".join(house.content))
    with shop_.ledger() as ledger, (tmp_path / "all.jsonl").open("rb") as file:
        source = LineSource(file.fileno())
        reader = shop_.reader(source, ledger)
        first = decided(reader, 2)
        shop_.is_away = True
        with pytest.raises(CannotRun):
            decided(shop_.reader(source, ledger), 1)
        shop_.is_away = False
        rest = decided(shop_.reader(source, ledger))
        assert first + rest == [BATCH, BATCH, BATCH, COUNT + 3 - 3 * BATCH]
        assert lines_of(ledger) == expected.grants
        assert ledger.verify() == ()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill")
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_killed_while_batches_are_ahead(house, tmp_path, expected, store):
    """The one that starts again is plain, and finds the offsets of what is kept."""
    shop_, numbers = Shop(house, tmp_path), count()

    def url():
        return ledger_url() if store == "postgresql" else f"sqlite:///{next(numbers)}.db"

    def state(url):
        with shop_.ledger(url) as ledger:
            assert ledger.verify() == ()
            return lines_of(ledger), {n: one.next for n, one in ledger.offsets("orders").items()}

    before = of_server if store == "postgresql" else of_file
    given, offsets = dies_at(partial(shop_.live, house.content), url, KILLS, state, before)
    assert given == expected.grants
    assert sum(offsets.values()) == COUNT + 3
