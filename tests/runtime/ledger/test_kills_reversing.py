"""Killed while refunds take back what was granted: nothing is half taken, nothing taken twice."""

import os
from pathlib import Path

import pytest

from .kills import carries_out, dies_at, dies_in_a_file
from .ledgers import DIGEST, account, ask, balances, campaign, clock, opened
from .ledgers import plan as project_of
from .reversing import order, refund, takes_back

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

IN_A_FILE, ON_A_SERVER = 8, 4
"""How many statements are killed before in CI; a soak kills before each of both."""

ACCOUNTS = (account("campaign/gift/total", "90"), account("campaign/gift/first", "9"))
SHOP = project_of(
    [
        campaign("gift", ["campaign/gift/first", "campaign/gift/total"], event="order"),
        campaign("shop"),
    ],
    ACCOUNTS,
)
PROJECT = takes_back(SHOP, part=True)
DAY = "2026-01-10"
LIVES = [
    [
        order("o1", "ann", f"{DAY} 10:00", "coffee + 30 points + 9 cash", "90.00"),
        order("o2", "bob", f"{DAY} 10:01", "20 points", "10.00"),
        refund("r1", "cat", f"{DAY} 10:02", "o3", "5.00"),
    ],
    [
        ask("bob", f"{DAY} 10:03", "coffee for 15 points", campaign="shop"),
        refund("r2", "ann", f"{DAY} 10:04", "o1", "30.00"),
        refund("r3", "bob", f"{DAY} 10:05", "o2", "10.00"),
        order("o3", "cat", f"{DAY} 10:01", "10 points + 3 cash", "10.00"),
        order("o4", "cat", f"{DAY} 10:06", "10 points", "10.00"),
    ],
    [refund("r4", "ann", f"{DAY} 10:07", "o1", "60.00")],
]
OUTCOMES = ["granted", "granted", "kept", "granted", "reversed", "partly_reversed", "granted"]
OUTCOMES += ["granted", "reversed"]


LIVE = carries_out(PROJECT, LIVES, OUTCOMES)


def state(ledger):
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()
    rows = [(row.recipient, row.reward, row.reversed_at) for row in ledger.grants()]
    events = [(row.identity.occurrence, row.outcome) for row in ledger.reversals()]
    points = [(row.customer, row.balance) for row in ledger.balances()]
    return rows, events, points, balances(ledger, PROJECT)


def state_at(url):
    with opened(Path(), url=url) as ledger:
        return state(ledger)


def test_a_file_at_its_statements(tmp_path):
    expected = dies_in_a_file(LIVE, tmp_path, IN_A_FILE)
    assert {"reductions", "reversals", "settlements"} <= {
        name for name, rows in expected.items() if rows
    }


def test_a_server_at_its_statements(schema_url):
    dies_at(LIVE, schema_url, ON_A_SERVER, state_at)


# --- rewinds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("minute", range(9))
def test_a_rewind_takes_reversals_back_too(ledger, tmp_path, minute):
    """The ledger is as if it had only come to that instant, and goes on as before."""
    asked = sorted((one for some in LIVES for one in some), key=lambda one: one.at)
    to = clock(f"{DAY} 10:0{minute}")
    for one in asked:
        ledger.carry_out(PROJECT, [one], DIGEST)
    whole = state(ledger)
    ledger.rewind(to, "a test")
    with opened(tmp_path / "other") as other:
        for one in asked:
            if one.at <= to:
                other.carry_out(PROJECT, [one], DIGEST)
        assert state(ledger) == state(other)
    for one in asked:
        ledger.carry_out(PROJECT, [one], DIGEST)
    assert state(ledger) == whole


def test_a_rewind_leaves_what_somebody_took_back(ledger):
    ledger.carry_out(PROJECT, LIVES[0], DIGEST)
    number = next(row.number for row in ledger.grants() if row.recipient == "bob")
    ledger.reverse([number], "by mistake", clock("2026-01-12 10:00"))
    ledger.rewind(clock("2026-01-11 10:00"), "a test")
    assert {row.customer: row.balance for row in ledger.balances()} == {"ann": 30, "bob": 0}
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()
