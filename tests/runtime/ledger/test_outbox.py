"""The outbox as delivery uses it, on both stores."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from campaigner.runtime.delivery import FileChannel, Gate, deliver
from campaigner.runtime.ledger.outbox import Sent

from ..delivery.receivers import LATER, MESSAGES, QUICK, decide, hang, letters, status, web
from .ledgers import gift, opened

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOON = NOW + timedelta(seconds=5)


def waiting(outbox, now=None):
    return {row.identity.recipient: row for row in outbox.waiting("push", LATER, 10, now)}


def test_attempts_and_what_is_put_off(ledger):
    decide(ledger, ["ann", "bob", "cat", "dan"])
    with ledger.outbox() as outbox:
        rows = waiting(outbox, NOW)
        assert list(rows) == ["ann", "bob", "cat", "dan"]
        outbox.put_off([rows["ann"]], SOON)
        outbox.fail([(rows["bob"], "http 500", SOON), (rows["cat"], "http 404", None)], NOW)
    with ledger.outbox() as outbox:
        assert list(waiting(outbox, NOW)) == ["dan"]
        assert list(waiting(outbox)) == ["ann", "bob", "dan"]
        again = waiting(outbox, SOON)
        assert {who: row.attempts for who, row in again.items()} == {"ann": 0, "bob": 1, "dan": 0}
        outbox.fail([(again["bob"], "timed out", NOW)], NOW)
        outbox.put_off([again["ann"]], None)
        outbox.settle([again["dan"]], {"quiet_hours": [again["ann"]]})
    assert letters(ledger) == {
        "ann": ("suppressed", 0, None),
        "bob": ("waiting", 2, "timed out"),
        "cat": ("dead", 1, "http 404"),
        "dan": ("delivered", 0, None),
    }
    assert ledger.waiting_channels(LATER) == {"push": 1}
    assert list(letters(ledger, "dead")) == ["cat"]
    assert list(ledger.letters("dead", "sms")) == []
    with ledger.outbox() as outbox:
        outbox.revive(list(ledger.letters()))
    assert letters(ledger)["cat"] == ("waiting", 0, None)
    assert letters(ledger)["ann"] == ("suppressed", 0, None)
    assert ledger.verify() == ()


def test_nothing_is_put_off_for_days(ledger):
    decide(ledger, ["ann"])
    with ledger.outbox() as outbox:
        outbox.put_off(waiting(outbox).values(), NOW + timedelta(days=400))
        assert list(waiting(outbox, NOW)) == ["ann"]


def test_what_a_channel_is_known_for(ledger):
    with ledger.outbox() as outbox:
        assert (outbox.length("push"), outbox.paused_until("push")) == (None, None)
        outbox.hold("push", SOON)
        assert (outbox.length("push"), outbox.paused_until("push")) == (None, SOON)
        outbox.set_length("push", 5)
        outbox.hold("push", NOW)
        outbox.set_length("push", 7)
        assert (outbox.length("push"), outbox.paused_until("push")) == (7, NOW)


def test_what_was_sent_counts_once(ledger):
    decide(ledger, ["ann", "bob"])
    with ledger.outbox() as outbox:
        rows = waiting(outbox)
        one, other = (
            Sent("policy/p/cap", who, rows[who].decision, "push", 0, NOW) for who in ("ann", "bob")
        )
        outbox.count_sent([one, other])
        later = Sent("policy/p/cap", "ann", one.decision, "push", 0, SOON)
        outbox.count_sent([later])
        assert outbox.sent([("policy/p/cap", "ann"), ("policy/p/cap", "ann")]) == [later]
        outbox.uncount([one])
        assert outbox.sent([("policy/p/cap", "ann"), ("policy/p/cap", "bob")]) == [other]


def test_what_is_taken_back_is_not_sent_again(ledger):
    decide(ledger, ["ann"])
    with ledger.outbox() as outbox:
        outbox.fail([(row, "http 404", None) for row in waiting(outbox).values()], NOW)
    (dead,) = ledger.letters("dead")
    ledger.reverse([dead.decision], "a mistake", NOW)
    with ledger.outbox() as outbox:
        outbox.revive([dead])
    assert not ledger.waiting_channels(LATER)


def test_delivery_from_several_workers_sends_each_row_once(tmp_path, url):
    people = [f"{n:03}" for n in range(60)]

    def work():
        with opened(tmp_path, url=url) as own:
            deliver(own, {"push": server.channel(QUICK)}, LATER, Gate(MESSAGES))

    with web() as server, opened(tmp_path, url=url) as ledger:
        server.answers = [hang(0.01)]
        decide(ledger, people)
        workers = [Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert not ledger.waiting_channels(LATER)
        assert Counter(server.took()) == dict.fromkeys(people, 1)


@pytest.mark.parametrize("kind", ["file", "webhook"])
def test_rewards_and_messages_go_out(tmp_path, url, kind):
    project = gift(messages=[("push", "hello")])
    with web() as server, opened(tmp_path, ["rewards"], url=url) as ledger:
        server.answers = [status(204)]
        decide(ledger, ["ann"], project)
        file = FileChannel("push", tmp_path / "push.jsonl", "push.jsonl")
        push = file if kind == "file" else server.channel()
        rewards = FileChannel("rewards", tmp_path / "rewards.jsonl", "rewards.jsonl")
        done = deliver(ledger, {"push": push, "rewards": rewards}, LATER, Gate(project))
        assert done.delivered == {"push": 1, "rewards": 1}
        assert '"reward":"coffee","amount":"30.00"' in (tmp_path / "rewards.jsonl").read_text()
