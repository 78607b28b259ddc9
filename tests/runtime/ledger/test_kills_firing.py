"""Killed while grants fill wallets and fire campaigns: run again, the same ledger as undisturbed.

And many at once: two deposits never both miss the amount, on either store.
"""

import multiprocessing
import os
import random
import signal
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from campaigner.compiler.plan import WalletTrigger
from campaigner.runtime.decide.decisions import Decision, Result
from campaigner.runtime.decide.wallets.reached import Reached

from .ledgers import DIGEST, HERE, SOAKING, URL, account, ask, campaign, dump, opened, plan
from .test_kills import die_at

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

KILLS = 300 if SOAKING else 12
TOTAL = account("campaign/won/total", "900")


def _waiting(name: str, wallet: str, amount: int, *charges: str):
    made = campaign(name, charges)
    trigger = WalletTrigger(wallet, amount, None, HERE)
    step = replace(made.steps[0], trigger=trigger)
    return replace(made, steps=(step,))


PROJECT = plan(
    [
        campaign("earn"),
        _waiting("won", "points", 20, "campaign/won/total"),
        _waiting("next", "growth", 6),
    ],
    [TOTAL],
)
GIVES = {"won": "coffee + 3 growth for 20 points", "next": "video"}
ASKED = [
    ask(f"c{n % 3}", f"2026-01-10 10:{n:02}", f"{7 + n % 5} points", campaign="earn")
    for n in range(24)
]


class Fires:
    """Fires everything, for whoever owns the wallet."""

    def prepare(self, customers: Collection[str], until: datetime) -> None: ...

    def begin(self) -> None: ...

    def took(self, decision: Decision, result: Result) -> None: ...

    def decision(self, reached: Reached) -> Decision:
        name = reached.threshold.key.campaign
        made = ask(
            reached.customer,
            "2026-01-10 10:00",
            GIVES[name],
            campaign=name,
            occurrence=reached.occurrence,
        )
        return made._replace(at=reached.at, deliver_at=reached.at)


def work(root: Path, statement=None, url: str = URL) -> None:
    """By columns where statements are traced; lived again it is plain."""
    with opened(root, url=url, plain=statement is None) as ledger:
        if statement is not None:
            ledger._store.connection.set_trace_callback(statement)
        for start in range(0, len(ASKED), 9):
            ledger.decide(PROJECT, ASKED[start : start + 9], DIGEST, Fires())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    root = tmp_path_factory.mktemp("undisturbed")
    statements: list[str] = []
    work(root, statements.append)
    with opened(root) as ledger:
        outcomes = ledger.outcomes()
        assert outcomes["won", "granted"] > 2
        assert outcomes["next", "granted"] > 0
        assert ledger.verify() == ()
    return dump(root / "var/ledger.db"), len(statements)


def test_killed_before_a_statement(tmp_path, undisturbed):
    before, statements = undisturbed
    chance = random.Random(20260110)
    for count in sorted(chance.sample(range(statements), min(KILLS, statements))):
        root = tmp_path / str(count)
        child = os.fork()
        if child == 0:
            work(root, die_at(count))
            os._exit(0)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        with opened(root) as ledger:
            assert ledger.verify() == ()
        work(root)
        assert dump(root / "var/ledger.db") == before


def _deposit(root: Path, url: str, number: int) -> None:
    with opened(root, url=url, plain=number % 2 == 0) as ledger:
        for n in range(6):
            one = ask("ann", f"2026-01-1{number} 10:{n:02}", "5 points", campaign="earn")
            ledger.decide(PROJECT, [one], DIGEST, Fires())


def test_deposits_at_once_never_miss_the_amount(tmp_path, url):
    opened(tmp_path, url=url).close()
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_deposit, args=(tmp_path, url, n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    with opened(tmp_path, url=url) as ledger:
        assert ledger.verify() == ()
        # 120 points, in steps of 5: each 20 of them fire, and are paid.
        assert ledger.outcomes()["won", "granted"] == 6
        assert {row.wallet: row.balance for row in ledger.balances("ann")}["points"] == 0
