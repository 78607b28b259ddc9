"""Killed while customers go through a journey: no step is half taken, and none is taken twice."""

import os
import signal
from pathlib import Path

import pytest

from .kills import chosen, killed, of_file, of_server, statements
from .ledgers import DIGEST, URL, ask, balances, dump, opened
from .test_journey_outcomes import journey
from .test_kills import die_at

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


def live(root: Path, url: str, begin=lambda _: None) -> None:
    """A short life; lived again it comes to the same."""
    with opened(root, ["rewards"], url=url) as ledger:
        begin(ledger)
        done = [one for some in LIVES for one in ledger.carry_out(PROJECT, some, DIGEST)]
        outcomes = [one.outcome.replace("already_granted", "granted") for one in done]
        assert outcomes == OUTCOMES


def state(ledger):
    assert ledger.verify() == ()
    rows = [(row.recipient, row.step, row.occurrence, row.reward) for row in ledger.grants()]
    return rows, list(ledger.inside()), balances(ledger, PROJECT)


def test_a_file_at_its_statements(tmp_path):
    whole = tmp_path / "whole"
    points = statements(live, whole, URL, of_file)
    expected = dump(whole / "var/ledger.db")
    assert expected["journeys"]
    for point in chosen(points, IN_A_FILE):
        root = tmp_path / str(point)
        assert killed(live, root, URL, of_file(die_at(point))) == signal.SIGKILL
        with opened(root) as ledger:
            assert ledger.verify() == ()
        live(root, URL)
        assert dump(root / "var/ledger.db") == expected


def test_a_server_at_its_statements(schema_url):
    whole = schema_url()
    points = statements(live, Path(), whole, of_server)
    with opened(Path(), url=whole) as ledger:
        expected = state(ledger)
    for point in chosen(points, ON_A_SERVER):
        url = schema_url()
        assert killed(live, Path(), url, of_server(die_at(point))) == signal.SIGKILL
        live(Path(), url)
        with opened(Path(), url=url) as ledger:
            assert state(ledger) == expected
