"""A rewind killed anywhere: all of it is there or nothing, and then it can be made."""

import os
import random

import pytest

from .ledgers import SOAKING, URL, clock, opened, play, settle
from .test_kills import die_at
from .test_kills_postgresql import die_at as killing
from .test_kills_postgresql import watch
from .test_rewinding import FIRST, OF, PLAYED, facts

pytestmark = [
    pytest.mark.repeated,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill"),
]

KILLS = 40 if SOAKING else 4


def mistaken(url, root):
    """A ledger with something of everything after the instant, whose rewind is killed."""
    with opened(root, ["push", "rewards"], url=url) as ledger:
        play(ledger, OF, PLAYED)
        settle(ledger, OF, "2026-01-14 12:00 | cat | claims coffee of 3 | claimed")


def rewound_and_killed(url, root, watched):
    """Forks, rewinds in the child until `watched` kills it; whether it was killed."""
    child = os.fork()
    if child == 0:
        with opened(root, ["push", "rewards"], url=url) as ledger:
            watched(ledger._store.connection)
            ledger.rewind(clock(FIRST), "a year ahead")
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def all_or_nothing(url, root, before, after):
    """After a kill there is all of the rewind or nothing of it; and then it can be made."""
    with opened(root, ["push", "rewards"], url=url) as ledger:
        assert ledger.verify() == ()
        assert ledger.rebuild().differences == ()
        assert facts(ledger, OF) in (before, after)
        ledger.rewind(clock(FIRST), "a year ahead")
        assert facts(ledger, OF) == after
        assert ledger.verify() == ()
        assert ledger.rebuild().differences == ()


def sides(url, root):
    mistaken(url, root)
    with opened(root, ["push", "rewards"], url=url) as ledger:
        before = facts(ledger, OF)
        ledger.rewind(clock(FIRST), "a year ahead")
        return before, facts(ledger, OF)


def test_killed_before_a_statement(tmp_path):
    before, after = sides(URL, tmp_path / "whole")
    mistaken(URL, tmp_path / "counted")
    statements = []
    with opened(tmp_path / "counted", ["push", "rewards"]) as ledger:
        ledger._store.connection.set_trace_callback(statements.append)
        ledger.rewind(clock(FIRST), "a year ahead")
    points = range(len(statements))
    chance = random.Random(20260110)
    for point in sorted(chance.sample(points, min(4 * KILLS, len(points)))):
        root = tmp_path / str(point)
        mistaken(URL, root)
        died = rewound_and_killed(
            URL, root, lambda one, point=point: one.set_trace_callback(die_at(point))
        )
        assert died
        all_or_nothing(URL, root, before, after)


def test_killed_before_a_statement_on_a_server(tmp_path, schema_url):
    before, after = sides(schema_url(), tmp_path)
    deaths = 0
    for point in random.Random(20260110).sample(range(70), KILLS):
        url = schema_url()
        mistaken(url, tmp_path)
        deaths += rewound_and_killed(
            url, tmp_path, lambda one, point=point: watch(one, killing(point))
        )
        all_or_nothing(url, tmp_path, before, after)
    assert deaths > KILLS // 2
