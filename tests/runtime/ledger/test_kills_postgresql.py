"""Workers of a server killed anywhere, many at once: then all adds up, and nothing is lost."""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from .ledgers import DIGEST, SOAKING, account, ask, balances, gift, opened

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

KILLS = 500 if SOAKING else 10
WORKERS = 8
BATCH = 25
PROJECT = gift(
    account("campaign/gift/limit per customer", "2", key="customer"),
    account("benefit/coffee/stock", "60", period="month"),
    account("campaign/gift/total", "900"),
    messages=[("push", "{{ reward.label }}")],
)
GIVES = ("coffee", "30 points", "coffee for 20 points", "video", "take 5 points", "coffee")
ASKED = [
    ask(f"c{n % 60}", f"2026-01-{10 + n // 60} 10:{n % 60:02}", GIVES[(n + n // 60) % 6])
    for n in range(200)
]


def work(url: str, before=None, seed: int | None = None) -> None:
    """Decides all of it in batches; `before` is called with every statement, commits among them.

    By columns where `before` is called, and by an odd seed; otherwise plain.
    """
    asked = list(ASKED)
    plain = before is None and (seed is None or seed % 2 == 0)
    if seed is not None:
        random.Random(seed).shuffle(asked)
    with opened(Path(), ["push"], url=url, plain=plain) as ledger:
        if before is not None:
            watch(ledger._store.connection, before)
        for start in range(0, len(asked), BATCH):
            ledger.decide(PROJECT, asked[start : start + BATCH], DIGEST)


def watch(connection, before) -> None:
    """Everything that goes to the server passes one of these."""
    command, cursor = connection._exec_command, connection.cursor

    def watched_command(*arguments, **more):
        before()
        return command(*arguments, **more)

    def watched_cursor(*arguments, **more):
        before()
        return cursor(*arguments, **more)

    connection._exec_command = watched_command
    connection.cursor = watched_cursor


def forked(url: str, **more) -> int:
    child = os.fork()
    if child == 0:
        try:
            work(url, **more)
        finally:
            os._exit(0)
    return child


def die_at(count: int):
    left = [count]

    def before() -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return before


@pytest.fixture(scope="module")
def undisturbed(schema_url):
    """The result of the work, and how many statements it takes."""
    url, statements = schema_url(), [0]

    def count() -> None:
        statements[0] += 1

    work(url, count)
    with opened(Path(), url=url) as ledger:
        return told(ledger), statements[0]


def told(ledger):
    assert ledger.verify() == ()
    rows = ledger._store.ask(
        "SELECT recipient, occurrence, kind, body, state FROM outbox"
        " JOIN decisions ON decisions.id = decision ORDER BY 1, 2, 3"
    )
    given = [(row.recipient, row.occurrence, row.reward, row.cost) for row in ledger.grants()]
    return given, balances(ledger, PROJECT), ledger.outcomes(), rows


def test_killed_before_a_statement_and_run_again(schema_url, undisturbed):
    expected, statements = undisturbed
    chance = random.Random(20260110)
    points = range(statements) if SOAKING else sorted(chance.sample(range(statements), KILLS))
    for point in points:
        url = schema_url()
        assert os.waitpid(forked(url, before=die_at(point)), 0)[1] == signal.SIGKILL
        with opened(Path(), url=url) as ledger:
            assert ledger.verify() == ()
        work(url)
        with opened(Path(), url=url) as ledger:
            assert told(ledger) == expected


def test_killed_at_any_moment_while_eight_work(schema_url):
    url, chance = schema_url(), random.Random(20260110)
    opened(Path(), url=url).close()
    at_work: list[int] = []
    for seed in range(KILLS):
        while len(at_work) < WORKERS:
            at_work.append(forked(url, seed=seed * 100 + len(at_work)))
        time.sleep(chance.uniform(0.001, 0.05))
        victim = at_work.pop(chance.randrange(len(at_work)))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
    for one in at_work:
        os.waitpid(one, 0)
    work(url)
    with opened(Path(), url=url) as ledger:
        given, _, outcomes, _ = told(ledger)
        assert sum(outcomes.values()) == len(ASKED)
        assert len({row[:3] for row in given}) == len(given)
        decisions = {row[:2] for row in given}
        assert len(decisions) == outcomes["gift", "granted"]
        rewards = Counter(row[2] for row in given)
        assert rewards["coffee"] <= 60
        assert sum(row[3] for row in given) <= 900
        assert max(Counter(recipient for recipient, _ in decisions).values()) <= 2
        assert min(row.balance for row in ledger.balances()) >= 0
