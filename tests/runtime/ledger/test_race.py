"""A rush: many processes, one monthly stock, and far more who want it than there is.

Half of the processes decide by columns, the others are plain.
"""

import multiprocessing
import random
from collections import Counter
from pathlib import Path

import pytest

from .ledgers import DIGEST, SOAKING, account, ask, balances, gift, opened

pytestmark = pytest.mark.repeated

WORKERS = 8
CLAIMS = 100_000 if SOAKING else 2_000
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
    with opened(Path(), url=url, plain=worker % 2 == 0) as ledger:
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


def limited(worker: int):
    """Everybody asks for everything, each worker in an order of its own."""
    asked = [
        ask(f"c{n}", "2026-02-10 10:00", "coffee", occurrence=f"e{n}", keys=LIMITED_KEYS[n % 12])
        for n in range(240)
    ]
    random.Random(worker).shuffle(asked)
    return asked


LIMITED_KEYS = [
    {"customer.email": mail, "bargain": bargain}
    for mail in ("a", "a/b", "unknown/a", None)
    for bargain in ("b/c", "c", None)
]
LIMITED = gift(
    account(
        "campaign/gift/limit per two", "3", key="customer.email", also="bargain", period="year"
    ),
    account("campaign/gift/total", "100000000"),
)


def ask_limited(url: str, worker: int) -> None:
    with opened(Path(), url=url, plain=worker % 2 == 0) as ledger:
        asked = limited(worker)
        for start in range(0, len(asked), 20):
            ledger.decide(LIMITED, asked[start : start + 20], DIGEST)


def test_a_limit_by_two_fields_is_exact_for_every_pair(tmp_path, schema_url):
    """Three for each pair of known values, and for each customer whose pair is not known."""
    url = schema_url()
    processes = multiprocessing.get_context("fork")
    workers = [processes.Process(target=ask_limited, args=(url, n)) for n in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
        assert one.exitcode == 0
    with opened(tmp_path, url=url) as ledger:
        given = Counter(int(row.recipient[1:]) % 12 for row in ledger.grants())
        known = [n for n, keys in enumerate(LIMITED_KEYS) if None not in keys.values()]
        assert {n: given[n] for n in known} == dict.fromkeys(known, 3)
        assert sum(given.values()) == 3 * len(known) + 20 * (12 - len(known))
        assert ledger.verify() == ()


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
        # A customer without a grant was refused for lack of stock, or had one already.
        assert set(outcomes) == {"granted", "out_of_stock", "over_limit"}
        stock = next(row for row in balances(ledger, PROJECT) if row.startswith("stock"))
        assert stock == f"stock 2026-01: {CARDS} of {CARDS} !"
        assert ledger.verify() == ()
