"""Channels side by side: none waits for another, nothing is lost, and a run ends in time."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.delivery import FileChannel, deliver
from campaigner.runtime.delivery.backoff import LONGEST, asked_for, delay
from campaigner.runtime.delivery.channels.sending import Patience
from campaigner.runtime.delivery.channels.webhook import WebhookChannel

from ..ledger.ledgers import gift, opened
from .receivers import LATER, QUICK, SECRET, TOTAL, decide, free_port, hang, letters, status, web

BOTH = gift(TOTAL, messages=[("push", "hello"), ("sms", "hello too")])
PEOPLE = [f"{n:02}" for n in range(20)]
RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.webhook import WebhookChannel
from campaigner.runtime.ledger import open_ledger
ledger = open_ledger("sqlite:///var/ledger.db", "shop", "CNY", root=Path(sys.argv[1]))
channel = WebhookChannel("push", sys.argv[2], "secret")
deliver(ledger, {"push": channel}, datetime(2027, 1, 1, tzinfo=UTC))
"""
"""A delivery in a process of its own."""


def test_a_slow_channel_holds_up_neither_the_others_nor_the_run(tmp_path, server):
    server.answers = [hang(0.3)]
    with web() as fast, opened(tmp_path) as ledger:
        decide(ledger, PEOPLE, BOTH)
        slow = server.channel(Patience(timeout=1, per_run=1, batch=1))
        channels = {"push": slow, "sms": replace(fast.channel(), name="sms")}
        start = time.monotonic()
        done = deliver(ledger, channels, LATER)
        assert time.monotonic() - start < 2
        assert done.delivered["sms"] == 20
        assert 2 <= done.delivered["push"] <= 5
        # What was not tried waits, ready for the next run, with no attempt counted.
        assert ledger.waiting_channels(LATER) == {"push": 20 - done.delivered["push"]}
        assert all(one.try_after is None for one in ledger.letters("waiting"))
        server.answers = [status(200)]
        deliver(ledger, channels, LATER)
    assert sorted(server.took()) == PEOPLE


def test_a_channel_that_hangs_is_not_waited_for(tmp_path, server):
    server.answers = [hang(10)]
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        start = time.monotonic()
        patience = Patience(timeout=0.4, per_run=0.5, parallel=4, batch=1)
        deliver(ledger, {"push": server.channel(patience)}, LATER)
        assert time.monotonic() - start < 3
        assert {error for _, _, error in letters(ledger).values()} == {"timed out", None}


def test_a_file_that_cannot_be_written_does_not_stop_the_network(tmp_path, server):
    (tmp_path / "push.jsonl").mkdir()
    broken = FileChannel("push", tmp_path / "push.jsonl", "push.jsonl")
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE, BOTH)
        with pytest.raises(CannotRun) as stopped:
            deliver(ledger, {"push": broken, "sms": replace(server.channel(), name="sms")}, LATER)
        assert stopped.value.diagnostic.code.id == "E751"
        assert ledger.waiting_channels(LATER) == {"push": 20}


def test_two_runs_at_once_send_each_row_once(tmp_path, server):
    server.answers = [hang(0.02)]
    with opened(tmp_path) as ledger:
        decide(ledger, [f"{n:03}" for n in range(100)])
        command = [sys.executable, "-c", RUN, str(tmp_path), server.url]
        with subprocess.Popen(command) as second:
            while not server.requests:
                time.sleep(0.01)
            deliver(ledger, {"push": server.channel()}, LATER)
            assert second.wait(20) == 0
        assert not ledger.waiting_channels(LATER)
    assert Counter(server.took()) == {f"{n:03}": 1 for n in range(100)}


def test_a_run_killed_while_it_sends_loses_nothing_and_keeps_its_keys(tmp_path, server):
    server.answers = [hang(0.05)]
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        with subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path), server.url]) as killed:
            while len(server.requests) < 5:
                time.sleep(0.01)
            os.kill(killed.pid, signal.SIGKILL)
        before = len(server.requests)
        server.answers = [status(200)]
        # Its claim holds: what it was sending may have arrived, and is not sent at once again.
        deliver(ledger, {"push": server.channel()}, LATER)
        between = server.took()[before:]
        assert not set(between) & set(server.took()[:before])
        later = datetime.now(UTC) + timedelta(minutes=10)
        deliver(ledger, {"push": server.channel()}, LATER, clock=lambda: later)
        assert not ledger.waiting_channels(LATER)
    keys = {}
    for request in server.requests:
        keys.setdefault(request.recipient, set()).add(request.headers["idempotency-key"])
    assert sorted(keys) == PEOPLE
    assert all(len(one) == 1 for one in keys.values())


def test_while_something_is_being_sent_others_may_write_to_the_ledger(tmp_path):
    with web() as slow, opened(tmp_path) as ledger:

        def write_meanwhile(handler, request):
            with sqlite3.connect(tmp_path / "var/ledger.db", timeout=0.2) as other:
                other.execute("INSERT INTO plans (digest) VALUES (?)", (request.recipient,))
            status(200)(handler, request)

        slow.answers = [write_meanwhile]
        decide(ledger, PEOPLE[:3])
        done = deliver(ledger, {"push": slow.channel(Patience(timeout=5, batch=1))}, LATER)
        assert done.delivered == {"push": 3}


def test_a_thread_that_breaks_does_not_hang_the_run(tmp_path, monkeypatch):
    broken = []
    monkeypatch.setattr("threading.excepthook", broken.append)
    channel = WebhookChannel("push", f"http://127.0.0.1:{free_port()}", SECRET, patience=QUICK)
    monkeypatch.setattr(WebhookChannel, "sender", lambda _: 1 / 0)
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        start = time.monotonic()
        deliver(ledger, {"push": channel}, LATER)
        assert time.monotonic() - start < 2
        assert ledger.waiting_channels(LATER) == {"push": 20}
    assert [one.exc_type for one in broken] == [ZeroDivisionError]


def test_backoff_is_the_same_everywhere_and_not_the_same_for_all():
    assert delay("a", 1) == delay("a", 1)
    waits = {delay(f"{n}", 3).total_seconds() for n in range(100)}
    assert len(waits) == 100
    assert all(4 <= wait < 8 for wait in waits)
    assert max(waits) - min(waits) > 3
    assert all(LONGEST / 2 <= delay("a", n).total_seconds() <= LONGEST for n in (15, 40, 10_000))
    assert asked_for(1e12) == timedelta(days=1)
