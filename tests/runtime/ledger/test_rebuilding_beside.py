"""A ledger is rebuilt while other processes decide: both come out right."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun

from .ledgers import DIGEST, URL, account, ask, gift, opened

pytestmark = pytest.mark.repeated

T = TypeVar("T")

WORKERS = 3
BATCHES = 12
PROJECT = gift(
    account("campaign/gift/limit per customer", "1000", key="customer"),
    account("campaign/gift/total", "100000000"),
)
OF_WALLETS = ("UPDATE wallets SET balance = balance + 7", "DELETE FROM due")
OF_ACCOUNTS = ("UPDATE accounts SET spent = spent + 100 WHERE account = 'campaign/gift/total'",)


def waiting(do: Callable[[], T]) -> T:
    """Try again after a wait that was too long for a file: nothing of it was kept."""
    while True:
        try:
            return do()
        except CannotRun as stopped:
            if stopped.diagnostic.code.id != "E726":
                raise


def work(root: Path, url: str, worker: int, begun) -> None:
    """Everybody gets points and cash from everybody, so that wallets and balances are shared."""
    with opened(root, url=url) as ledger:
        for number in range(BATCHES):
            asked = [
                ask(
                    f"c{n}",
                    "2026-01-10 10:00",
                    "2 cash + 3 points until 2026-03-01",
                    occurrence=f"{worker}/{number}/{n}",
                )
                for n in range(8)
            ]
            results = waiting(partial(ledger.decide, PROJECT, asked, DIGEST))
            assert {one.outcome for one in results} == {"granted"}
            if number == 1:
                begun.release()


def damaged(root: Path, url: str, statement: str) -> None:
    """Another program changes rows past the ledger."""
    if url == URL:
        with closing(sqlite3.connect(root / "var/ledger.db", timeout=30)) as connection:
            connection.execute(statement)
            connection.commit()
        return
    address, _, schema = url.rpartition("schema=")
    with psycopg.connect(address.rstrip("?&")) as connection:
        connection.execute(f"SET search_path = {schema}")
        connection.execute(statement)


@pytest.mark.parametrize("damages", [OF_WALLETS, OF_ACCOUNTS])
def test_a_rebuild_beside_workers_is_right_and_so_are_they(tmp_path, url, damages):
    with opened(tmp_path, url=url) as ledger:
        ledger.decide(PROJECT, [ask("c0", "2026-01-10 10:00", "1 points")], DIGEST)
    processes = multiprocessing.get_context("fork")
    begun = processes.Semaphore(0)
    workers = [
        processes.Process(target=work, args=(tmp_path, url, n, begun)) for n in range(WORKERS)
    ]
    for one in workers:
        one.start()
    for _ in workers:
        assert begun.acquire(timeout=60)
    mended = turn = 0
    with opened(tmp_path, url=url) as ledger:
        while any(one.is_alive() for one in workers):
            damaged(tmp_path, url, damages[turn % len(damages)])
            found = waiting(partial(ledger.rebuild, write=True))
            assert found.left == ()
            # A worker may have written over what the other program did.
            mended += bool(found.differences)
            turn += 1
        for one in workers:
            one.join()
            assert one.exitcode == 0
        assert mended > 0
        assert ledger.rebuild().differences == ()
        # A balance that a worker has charged in between is right, and its seal stays broken.
        found = {one.code.id for one in ledger.verify()}
        assert not found or damages == OF_ACCOUNTS
        assert found <= {"E775"}
        assert len({row.occurrence for row in ledger.grants()}) == WORKERS * BATCHES * 8 + 1
