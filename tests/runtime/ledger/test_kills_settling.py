"""Killed while offers are claimed, grants redeemed and what ended is settled; and many at once."""

import multiprocessing
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from campaigner.runtime.decide.claims import ClaimResult

from .kills import dies_at, dies_in_a_file
from .ledgers import DIGEST, SOAKING, account, ask, balances, claims, clock, gift, opened

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

IN_A_FILE, ON_A_SERVER = 16, 8
"""How many statements are killed before in CI; a soak kills before each of both."""

OFFER = "choose 1 of coffee, video, ride until 2026-01-20"
PROJECT = gift(
    account("campaign/gift/limit per customer", "2", key="customer"),
    account("benefit/coffee/stock", "3", period="month"),
    account("campaign/gift/total", "900"),
)
ASKED = [
    ask("ann", "2026-01-10 10:00", OFFER),
    ask("bob", "2026-01-10 10:01", OFFER),
    ask("cat", "2026-01-10 10:02", "coffee returning until 2026-01-20 + 5 points"),
    ask("dan", "2026-01-10 10:03", "video returning until 2026-01-20"),
    ask("eve", "2026-01-10 10:04", "30 points until 2026-01-20"),
    ask("eve", "2026-01-10 10:05", "-10 points"),
]
TOGETHER = [
    ask("fay", "2026-01-10 10:05", "20 points"),
    ask("fay", "2026-01-10 10:06", "choose 1 of coffee, video until 2026-01-20 for 15 points"),
    claims("e1", "fay", "2026-01-10 10:06", "coffee"),
    claims("e2", "bob", "2026-01-10 10:07", "free"),
    ask("gus", "2026-01-10 10:08", OFFER),
    claims("e3", "bob", "2026-01-10 10:09", "ride"),
    claims("e1", "fay", "2026-01-10 10:06", "coffee"),
]
CLAIMED = ["claimed", "not_offered", "claimed", "claimed"]


def live(root: Path, url: str, begin=None) -> None:
    """A short life; lived again, and plain, it comes to the same."""
    with opened(root, ["rewards"], url=url, plain=begin is None) as ledger:
        if begin is not None:
            begin(ledger)
        ledger.decide(PROJECT, ASKED, DIGEST)
        done = ledger.carry_out(PROJECT, TOGETHER, DIGEST)
        assert [one.outcome for one in done if isinstance(one, ClaimResult)] == CLAIMED
        number = {row.recipient: row.number for row in ledger.grants()}
        at = clock("2026-01-11 10:00")
        done = ledger.claim(PROJECT, DIGEST, number["ann"], "ann", ["coffee"], at)
        assert done.outcome in ("claimed", "already_claimed")
        assert ledger.redeem(number["dan"], at).outcome in ("redeemed", "already_redeemed")
        ledger.expire(clock("2026-02-01 00:00"))


def test_a_file_at_its_statements(tmp_path):
    assert {"settlements", "due", "amendments"} <= set(dies_in_a_file(live, tmp_path, IN_A_FILE))


def told(url: str):
    with opened(Path(), url=url) as ledger:
        assert ledger.verify() == ()
        rows = [(row.recipient, row.reward, row.became) for row in ledger.grants()]
        kept = [(row.customer, row.balance) for row in ledger.balances()]
        return rows, kept, balances(ledger, PROJECT)


def test_a_server_at_its_statements(schema_url):
    dies_at(live, schema_url, ON_A_SERVER, told)


# --- many at once -------------------------------------------------------------------------------

OFFERS = 400 if SOAKING else 60
MANY = gift(
    account("benefit/coffee/stock", str(OFFERS // 4)), account("campaign/gift/total", "9999")
)


def claim_all(url: str, worker: int, answers) -> None:
    """Every offer, each worker another choice; two of them let it end or take it back."""
    outcomes: Counter[str] = Counter()
    chance = random.Random(worker)
    with opened(Path(), url=url) as ledger:
        rows = [row for row in ledger.grants() if row.reward == "choice"]
        chance.shuffle(rows)
        for row in rows:
            if worker == 0 and chance.random() < 0.2:
                ledger.reverse([row.number], "a test", row.at)
            elif worker == 1 and chance.random() < 0.1:
                ledger.expire(row.at.replace(day=11))
            name = ("coffee", "video", "ride")[worker % 3]
            at = clock("2026-01-10 12:00")
            done = ledger.claim(MANY, DIGEST, row.number, row.recipient, [name], at)
            outcomes[done.outcome] += 1
    answers.put(outcomes)


def test_many_claim_at_once_and_one_of_them_has_it(schema_url):
    url = schema_url()
    ends = ["2026-01-11", "2026-01-12"]
    asked = [
        ask(f"c{n}", "2026-01-10 10:00", f"choose 1 of coffee, video, ride until {ends[n % 2]}")
        for n in range(OFFERS)
    ]
    with opened(Path(), url=url) as ledger:
        ledger.decide(MANY, asked, DIGEST)
    processes = multiprocessing.get_context("fork")
    answers = processes.SimpleQueue()
    workers = [
        processes.Process(target=claim_all, args=(url, worker, answers)) for worker in range(6)
    ]
    for one in workers:
        one.start()
    outcomes = sum((answers.get() for _ in workers), Counter())
    for one in workers:
        one.join()
        assert one.exitcode == 0
    with opened(Path(), url=url) as ledger:
        assert ledger.verify() == ()
        rows = list(ledger.grants())
        claimed = [row for row in rows if row.became == "claimed"]
        chosen = Counter(row.number for row in rows if row.reward != "choice")
        assert outcomes["claimed"] == len(claimed) == len(chosen)
        assert set(chosen.values()) == {1}
        coffees = [row for row in rows if row.reward == "coffee" and row.reversed_at is None]
        assert len(coffees) <= OFFERS // 4


def claim_by_events(url: str, worker: int, answers) -> None:
    """Three events for each customer, in batches of any size, and any order of them."""
    chance = random.Random(worker)
    names = ("coffee", "video", "ride")
    told = [
        claims(f"e{n}/{turn}", f"c{n}", "2026-01-10 12:00", names[turn])
        for n in range(OFFERS)
        for turn in range(3)
    ]
    chance.shuffle(told)
    outcomes = {}
    with opened(Path(), url=url) as ledger:
        while told:
            some = [told.pop() for _ in range(min(len(told), chance.randint(1, 40)))]
            for one in ledger.carry_out(MANY, some, DIGEST):
                outcomes[one.identity.occurrence] = one.outcome, one.offer, one.account
    answers.put(outcomes)


def test_many_are_told_the_same_events_and_each_comes_to_one_thing(schema_url):
    url = schema_url()
    offer = "choose 1 of coffee, video, ride until 2026-01-11"
    asked = [ask(f"c{n}", "2026-01-10 10:00", offer) for n in range(OFFERS)]
    with opened(Path(), url=url) as ledger:
        ledger.decide(MANY, asked, DIGEST)
    processes = multiprocessing.get_context("fork")
    answers = processes.SimpleQueue()
    workers = [
        processes.Process(target=claim_by_events, args=(url, worker, answers))
        for worker in range(4)
    ]
    for worker in workers:
        worker.start()
    first, *others = [answers.get() for _ in workers]
    for worker in workers:
        worker.join()
    assert len(first) == 3 * OFFERS
    assert all(other == first for other in others)
    assert Counter(outcome for outcome, _, _ in first.values())["claimed"] == OFFERS
    with opened(Path(), url=url) as ledger:
        assert ledger.verify() == ()
        assert len(list(ledger.claims())) == 3 * OFFERS
        given = Counter(row.recipient for row in ledger.grants() if row.reward != "choice")
        assert set(given.values()) == {1}
        assert len(given) == OFFERS
