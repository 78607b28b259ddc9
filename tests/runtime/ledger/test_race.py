"""A rush: many processes, one monthly stock, and far more who want it than there is."""

import multiprocessing
import random
from collections import Counter
from pathlib import Path

from .ledgers import DIGEST, SOAKING, account, ask, balances, gift, opened

WORKERS = 8
CLAIMS = 100_000 if SOAKING else 4_000
CARDS = CLAIMS * 8 // 10
BATCH = 200
PROJECT = gift(
    account("campaign/gift/limit per customer", "1", key="customer"),
    account("benefit/coffee/stock", str(CARDS), period="month"),
    account("campaign/gift/total", "100000000"),
)


def claims(worker: int):
    """Every eighth customer, some of them twice, and some whom another worker claims for too."""
    chance = random.Random(worker)
    own = list(range(worker, CLAIMS, WORKERS))
    others = chance.sample(range(CLAIMS), len(own) // 20)
    asked = [ask(f"c{n}", "2026-01-10 10:00", "coffee", occurrence=f"e{n}") for n in own + others]
    again = chance.sample(own, len(own) // 20)
    asked += [ask(f"c{n}", "2026-01-10 10:01", "coffee", occurrence=f"f{n}") for n in again]
    chance.shuffle(asked)
    return asked


def work(url: str, worker: int, answers) -> None:
    outcomes: Counter[str] = Counter()
    asked = claims(worker)
    with opened(Path(), url=url) as ledger:
        for start in range(0, len(asked), BATCH):
            results = ledger.decide(PROJECT, asked[start : start + BATCH], DIGEST)
            outcomes.update(one.outcome for one in results if not one.repeated)
    answers.put(outcomes)


def race(url: str) -> Counter[str]:
    """All at once; every answer that was not a repetition."""
    processes = multiprocessing.get_context("fork")
    answers = processes.SimpleQueue()
    workers = [processes.Process(target=work, args=(url, n, answers)) for n in range(WORKERS)]
    for one in workers:
        one.start()
    told = sum((answers.get() for _ in workers), Counter())
    for one in workers:
        one.join()
        assert one.exitcode == 0
    return told


def test_exactly_as_many_as_there_are_each_to_another(tmp_path, schema_url):
    url = schema_url()
    told = race(url)
    with opened(tmp_path, url=url) as ledger:
        given = [row.recipient for row in ledger.grants()]
        assert len(given) == len(set(given)) == CARDS
        assert told["granted"] == CARDS
        outcomes = {outcome: count for (_, outcome), count in ledger.outcomes().items()}
        assert outcomes == told
        asked = {decision.identity for n in range(WORKERS) for decision in claims(n)}
        assert sum(outcomes.values()) == len(asked)
        # Whoever was not granted was told that there is no more, or had one already.
        assert set(outcomes) == {"granted", "out_of_stock", "over_limit"}
        stock = next(row for row in balances(ledger, PROJECT) if row.startswith("stock"))
        assert stock == f"stock 2026-01: {CARDS} of {CARDS} !"
        assert ledger.verify() == ()
