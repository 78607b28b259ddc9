"""Killed anywhere and run again: the same ledger and the same file as a run that was left alone."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from campaigner.runtime.delivery import FileChannel, deliver

from .ledgers import DIGEST, SOAKING, account, ask, clock, coded, dump, gift, opened

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

KILLS = 300 if SOAKING else 12
BATCH = 15
PROJECT = coded(
    gift(
        account("campaign/gift/limit per customer", "2", key="customer"),
        account("benefit/coffee/stock", "40", period="month"),
        account("campaign/gift/total", "700"),
        messages=[("push", "{{ reward.label }} {{ reward.code }}")],
    ),
    "coffee",
)
CODES = [f"K{n:02}" for n in range(30)]
GIVES = ("30 points", "coffee for 20 points", "video", "take 5 points", "coffee")
ASKED = [
    ask(f"c{n % 25}", f"2026-01-{10 + n // 20} 10:{n % 20:02}", GIVES[(n + n // 25) % 5])
    for n in range(100)
]


def work(root: Path, statement=None, *, plain=False) -> None:
    """A small run: decide in batches, remember what was seen, deliver."""
    channel = {"push": FileChannel("push", root / "var/push.jsonl", "var/push.jsonl")}
    with opened(root, ["push"], plain=plain) as ledger:
        ledger._store.connection.set_trace_callback(statement)
        ledger.take_codes("coffee", CODES)
        for start in range(0, len(ASKED), BATCH):
            ledger.decide(PROJECT, ASKED[start : start + BATCH], DIGEST)
            deliver(ledger, channel, clock("2027-01-01 00:00"))
        ledger.mark_seen("invest", (decision.identity.occurrence for decision in ASKED))
        ledger.set_progress({"gift": clock("2026-02-01 00:00")})


def killed(root: Path, statement=None, after: float | None = None, *, plain=False) -> bool:
    """Does the work in a child that dies on the way; whether it did."""
    child = os.fork()
    if child == 0:
        work(root, statement, plain=plain)
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1] != 0


def die_at(count: int):
    """Kills its own process before the statement of that number."""
    left = [count]

    def statement(_: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return statement


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The result of the work, and how many statements it takes."""
    root = tmp_path_factory.mktemp("undisturbed")
    statements: list[str] = []
    work(root, statements.append)
    return dump(root / "var/ledger.db"), (root / "var/push.jsonl").read_bytes(), len(statements)


def same(root: Path, undisturbed) -> None:
    with opened(root) as ledger:
        assert ledger.verify() == ()
    work(root)
    ledger, outbox, _ = undisturbed
    assert (root / "var/push.jsonl").read_bytes() == outbox
    assert dump(root / "var/ledger.db") == ledger


@pytest.mark.parametrize("plain", [False, True])
def test_killed_before_a_statement(tmp_path, undisturbed, plain):
    """Run again by columns, whichever path was killed."""
    *_, statements = undisturbed
    chance = random.Random(20260110)
    for count in sorted(chance.sample(range(statements), min(KILLS, statements))):
        root = tmp_path / str(count)
        assert killed(root, die_at(count), plain=plain)
        same(root, undisturbed)


def test_killed_again_and_again(tmp_path, undisturbed):
    chance = random.Random(20260110)
    deaths = sum(killed(tmp_path, after=chance.uniform(0.001, 0.06)) for _ in range(KILLS))
    assert deaths > 0
    same(tmp_path, undisturbed)
