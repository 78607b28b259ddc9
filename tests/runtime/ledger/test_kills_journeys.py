"""Killed while customers go through a journey: no step is half taken, and none is taken twice."""

import os
from pathlib import Path

import pytest

from .kills import carries_out, dies_at, dies_in_a_file
from .ledgers import ask, balances, opened
from .test_journey_outcomes import journey

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

IN_A_FILE, ON_A_SERVER = 8, 4
"""How many statements are killed before in CI; a soak kills before each of both."""

PROJECT = journey("110")
DAY = "2026-01"


def step(name: str, who: str, at: str, occurrence: str, gives: str = ""):
    return ask(who, f"{DAY}-{at}", gives, campaign="gift", step=name, occurrence=occurrence)


LIVES = [
    [
        step("joined", "ann", "10 10:00", "a1", "30 cash"),
        step("joined", "bob", "10 11:00", "a2", "30 cash"),
        step("bought", "cat", "10 12:00", "a3", "coffee"),
        step("joined", "ann", "11 10:00", "a4", "30 cash"),
    ],
    [
        step("bought", "ann", "12 10:00", "a1", "coffee"),
        step("thanked", "ann", "13 10:00", "a1"),
        step("leave", "bob", "14 10:00", "a2"),
        step("bought", "bob", "15 10:00", "a2", "coffee"),
    ],
    [
        step("seen", "ann", "17 10:00", "a1"),
        step("seen", "bob", "17 11:00", "a2"),
        step("joined", "bob", "18 10:00", "a5", "30 cash"),
        step("bought", "bob", "19 10:00", "a5", "coffee"),
    ],
]
OUTCOMES = ["granted", "granted", "not_reached", "already_inside"]
OUTCOMES += ["granted", "reached", "left", "not_reached"]
OUTCOMES += ["reached", "not_reached", "granted", "over_budget"]


LIVE = carries_out(PROJECT, LIVES, OUTCOMES)


def state(url):
    with opened(Path(), url=url) as ledger:
        assert ledger.verify() == ()
        rows = [(row.recipient, row.step, row.occurrence, row.reward) for row in ledger.grants()]
        return rows, list(ledger.inside()), balances(ledger, PROJECT)


def test_a_file_at_its_statements(tmp_path):
    assert dies_in_a_file(LIVE, tmp_path, IN_A_FILE)["journeys"]


def test_a_server_at_its_statements(schema_url):
    dies_at(LIVE, schema_url, ON_A_SERVER, state)
