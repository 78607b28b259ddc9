"""Killed while a brake trips: run again, the campaign is paused once, and one call goes out.

By events, by a day's spend and by failed deliveries, on both stores.
"""

import os
from pathlib import Path

import pytest
from campaigner.runtime.ledger.brakes.ended import Watched

from .kills import Live, carries_out, dies_at, dies_in_a_file
from .ledgers import DIGEST, clock, opened
from .test_tripping import (
    ALARMS,
    CHANNELS,
    FAILURES,
    SPEND,
    bought,
    calls,
    complains,
    pauses,
)

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

DAY, NEXT = "2026-01-10", "2026-01-11"
COMPLAINTS = [
    [bought("ann", f"{DAY} 10:00"), complains("c1", "ann", f"{DAY} 10:10")],
    [complains("c2", "ann", f"{DAY} 10:20"), complains("c3", "ann", f"{DAY} 10:30")],
]
SPENT = [
    [bought("ann", f"{DAY} 10:00"), bought("bob", f"{NEXT} 10:00")],
    [bought("cat", f"{NEXT} 11:00"), bought("dan", f"{NEXT} 12:00")],
]
DELIVERED = [
    (f"{DAY} 10:05", ("ann", "bob", "cat"), ("dan",)),
    (f"{DAY} 10:15", ("eve",), ("fay", "gus")),
    (f"{DAY} 10:25", ("hal",), ()),
]


def delivers(root: Path, url: str, begin=lambda _: None) -> None:
    """Grants, and deliveries of some of them at a time; those that were made are not made again."""
    with opened(root, CHANNELS, url=url) as ledger:
        begin(ledger)
        people = [who for _, *some in DELIVERED for each in some for who in each]
        ledger.carry_out(FAILURES, [bought(who, f"{DAY} 10:00") for who in people], DIGEST)
        for until, arrive, fail in DELIVERED:
            with ledger.outbox(Watched(FAILURES, clock(until))) as box:
                rows = {row.identity.recipient: row for row in box.waiting("push", clock(until), 9)}
                box.settle([rows[who] for who in arrive if who in rows], {})
                lost = [(rows[who], "no such", None) for who in fail if who in rows]
                box.fail(lost, clock(until))


LIVES: dict[str, Live] = {
    "complaints": carries_out(ALARMS, COMPLAINTS, ["granted", "counted", "counted", "counted"]),
    "spend": carries_out(SPEND, SPENT, ["granted", "granted", "granted", "paused"]),
    "failures": delivers,
}


@pytest.mark.parametrize("brake", LIVES)
def test_killed_at_its_statements_it_pauses_once_in_a_file(tmp_path, brake):
    tables = dies_in_a_file(LIVES[brake], tmp_path, 6)
    assert len(tables["brakes"]) == 1
    if brake == "failures":
        # Delivered and failed, by the instant; what waited stays where it was.
        assert len(tables["ended"]) == 2
        with opened(tmp_path / "whole") as ledger:
            assert [one.identity.recipient for one in ledger.letters("waiting", "push")] == ["hal"]


@pytest.mark.parametrize("brake", LIVES)
def test_killed_at_its_statements_it_pauses_once_on_a_server(schema_url, brake):
    def state(url: str):
        with opened(Path(), url=url) as ledger:
            assert ledger.verify() == ()
            sent = [(one.identity.recipient, one.state) for one in ledger.letters()]
            return pauses(ledger), calls(ledger), sent

    paused, called, _ = dies_at(LIVES[brake], schema_url, 3, state)
    assert len(paused) == len(called) == 1
