"""Webhooks against a real HTTP server: what it gets, and what comes of its answers."""

import hashlib
import hmac
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.sending import Arrived, Later, Patience, Refused
from campaigner.runtime.delivery.channels.webhook import WebhookChannel, fate_of

from ..ledger.ledgers import DIGEST, ask, opened
from .receivers import (
    LATER,
    MESSAGES,
    QUICK,
    SECRET,
    close,
    cut,
    decide,
    drip,
    free_port,
    hang,
    letters,
    status,
)


def test_what_the_receiver_gets(tmp_path, server):
    with opened(tmp_path) as ledger:
        ledger.decide(
            MESSAGES, [ask("安/n%", "2026-01-10 10:00", "coffee", occurrence="e1")], DIGEST
        )
        done = deliver(ledger, {"push": server.channel(token="opaque")}, LATER)
        assert (done.delivered, done.failed, done.dead) == ({"push": 1}, {}, {})
        assert letters(ledger) == {"安/n%": ("delivered", 0, None)}
        assert not ledger.waiting_channels(LATER)
    (request,) = server.requests
    assert request.path == "/in?a=b"
    assert request.told == {
        "format_version": 1,
        "key": "gift/main/安%2Fn%25/e1/push/0",
        "channel": "push",
        "campaign": "gift",
        "step": "main",
        "recipient": "安/n%",
        "occurrence": "e1",
        "at": "2026-01-10T02:00:00.000000Z",
        "deliver_at": "2026-01-10T02:00:00.000000Z",
        "text": "hello",
    }
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == "gift/main/%E5%AE%89%2Fn%25/e1/push/0"
    assert request.headers["authorization"] == "Bearer opaque"
    stamp = request.headers["campaigner-timestamp"]
    assert abs(int(stamp) - time.time()) < 60
    # As docs/outbox.md tells receivers to check it.
    signed = hmac.new(SECRET.encode(), f"{stamp}.".encode() + request.body, hashlib.sha256)
    assert request.headers["campaigner-signature"] == f"v1={signed.hexdigest()}"


def test_one_connection_serves_many(tmp_path, server):
    with opened(tmp_path) as ledger:
        decide(ledger, [f"{n:03}" for n in range(120)])
        deliver(ledger, {"push": server.channel()}, LATER)
        deliver(ledger, {"push": server.channel()}, LATER)
    assert server.took() == [f"{n:03}" for n in range(120)]
    assert server.connections == 1


def test_several_at_a_time(tmp_path, server):
    server.answers = [hang(0.05)]
    patience = Patience(timeout=2, per_run=20, parallel=8, batch=1)
    with opened(tmp_path) as ledger:
        decide(ledger, [f"{n:03}" for n in range(80)])
        start = time.monotonic()
        deliver(ledger, {"push": server.channel(patience)}, LATER)
        assert time.monotonic() - start < 3
    assert sorted(server.took()) == [f"{n:03}" for n in range(80)]
    assert server.connections <= 8


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([status(500)], "http 500"),
        ([status(503)], "http 503"),
        ([status(408)], "http 408"),
        ([hang(1.0)], "timed out"),
        ([drip], "timed out"),
        ([close], "connection closed"),
        ([cut], "connection closed"),
    ],
)
def test_what_fails_is_sent_again_with_the_same_key(tmp_path, server, hasty, answers, error):
    server.answers = [*answers, status(200)]
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"])
        start = time.monotonic()
        done = deliver(ledger, {"push": server.channel()}, LATER)
        assert time.monotonic() - start < 2
        assert done.delivered == {"push": 1}
        assert done.failed == {"push": 1}
        assert done.faults == {"push": error}
        assert letters(ledger) == {"ann": ("delivered", 0, None)}
        assert list(done.warnings(ledger.waiting_channels(LATER))) == []
    assert len(server.requests) == 2
    assert len(set(server.keys())) == 1
    assert len({request.body for request in server.requests}) == 1


def test_a_connection_that_was_closed_while_idle_counts_as_no_attempt(tmp_path, server):
    def once(handler, request):
        status(200)(handler, request)
        handler.close_connection = True  # without a `Connection: close`

    server.answers = [once]
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob", "cat"])
        done = deliver(ledger, {"push": server.channel()}, LATER)
        assert (done.delivered, done.failed) == ({"push": 3}, {})
    assert server.took() == ["ann", "bob", "cat"]
    assert server.connections == 3


@pytest.mark.parametrize("code", [301, 400, 401, 404, 410, 413, 422])
def test_what_is_not_wanted_is_a_dead_letter_at_once(tmp_path, server, code):
    server.by_recipient = {"bob": [status(code, Location="http://127.0.0.1:1/")]}
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob", "cat"])
        done = deliver(ledger, {"push": server.channel()}, LATER)
        assert (done.delivered, done.dead, done.failed) == ({"push": 2}, {"push": 1}, {})
        assert letters(ledger, "dead") == {"bob": ("dead", 1, f"http {code}")}
        (warning,) = done.warnings(ledger.waiting_channels(LATER))
        assert warning.code.id == "W751"
        deliver(ledger, {"push": server.channel()}, LATER)
        assert server.took() == ["ann", "bob", "cat"]
        with ledger.outbox() as outbox:
            outbox.revive(ledger.letters("dead"))
        server.by_recipient = {}
        deliver(ledger, {"push": server.channel()}, LATER)
        assert letters(ledger)["bob"] == ("delivered", 0, None)
    assert server.keys()[1] == server.keys()[3]


def test_after_so_many_attempts_it_is_a_dead_letter(tmp_path, server, hasty):
    server.by_recipient = {"bob": [status(500)]}
    patience = Patience(timeout=1, per_run=5, attempts=3, batch=1)
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob", "cat"])
        done = deliver(ledger, {"push": server.channel(patience)}, LATER)
        assert (done.delivered, done.failed, done.dead) == ({"push": 2}, {"push": 2}, {"push": 1})
        assert letters(ledger, "dead") == {"bob": ("dead", 3, "http 500")}


def test_attempts_and_backoff_go_on_from_run_to_run(tmp_path, server):
    server.answers = [status(500)]
    channels = {"push": server.channel(Patience(timeout=1, per_run=0.3, attempts=4, batch=1))}
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    waits = []
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"])
        for failed in (1, 2, 3):
            deliver(ledger, channels, LATER, clock=lambda at=moment: at)
            (letter,) = ledger.letters("waiting")
            assert (letter.attempts, letter.error) == (failed, "http 500")
            waits.append((letter.try_after - moment).total_seconds())
            # Too early: nothing goes out.
            early = letter.try_after - timedelta(microseconds=1)
            deliver(ledger, channels, LATER, clock=lambda at=early: at)
            assert len(server.requests) == failed
            moment = letter.try_after
        deliver(ledger, channels, LATER, clock=lambda: moment)
        assert letters(ledger) == {"ann": ("dead", 4, "http 500")}
    assert all(most / 2 <= wait <= most for wait, most in zip(waits, (2, 4, 8), strict=True))


def test_a_clock_that_was_set_back_does_not_strand_what_waits(tmp_path, server):
    server.answers = [status(500), status(200)]
    channels = {"push": server.channel(Patience(timeout=1, per_run=0.3, batch=1))}
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"])
        deliver(ledger, channels, LATER, clock=lambda: datetime(2036, 1, 1, tzinfo=UTC))
        deliver(ledger, channels, LATER, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        assert letters(ledger) == {"ann": ("delivered", 0, None)}


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_holds_the_whole_channel_also_for_later_runs(tmp_path, server, code):
    server.answers = [status(200), status(code, Retry_After="600"), status(200)]
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    channels = {"push": server.channel()}
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob", "cat", "dan"])
        done = deliver(ledger, channels, LATER, clock=lambda: moment)
        assert done.delivered == {"push": 1}
        assert server.took() == ["ann", "bob"]
        decide(ledger, ["eve"])
        deliver(ledger, channels, LATER, clock=lambda: moment + timedelta(seconds=590))
        assert server.took() == ["ann", "bob"]
        deliver(ledger, channels, LATER, clock=lambda: moment + timedelta(seconds=600))
        assert server.took() == ["ann", "bob", "bob", "cat", "dan", "eve"]
        assert not ledger.waiting_channels(LATER)


def test_a_short_retry_after_is_waited_for(tmp_path, server, hasty):
    server.answers = [status(200), status(429, Retry_After="1"), status(200)]
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob", "cat"])
        start = time.monotonic()
        done = deliver(ledger, {"push": server.channel()}, LATER)
        assert 1 <= time.monotonic() - start < 3
        assert done.delivered == {"push": 3}


def test_answers():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert fate_of(200, None) == fate_of(202, None) == fate_of(299, None) == Arrived()
    assert fate_of(425, None) == Later("http 425")
    assert fate_of(503, " 7 ") == Later("http 503", 7.0)
    assert fate_of(503, "soon") == fate_of(503, "-1") == fate_of(503, "²") == Later("http 503")
    dated = fate_of(429, soon)
    assert isinstance(dated, Later)
    assert 90 < dated.after <= 100
    assert fate_of(503, "Thu, 01 Jan 1970 00:00:00 GMT") == Later("http 503", 0.0)
    assert fate_of(302, None) == Refused("http 302")


@pytest.mark.parametrize(
    ("host", "error"),
    [("127.0.0.1", "connection refused"), ("nowhere.invalid", "the name of the host is not known")],
)
def test_nobody_there(tmp_path, hasty, host, error, monkeypatch):
    look_up = socket.getaddrinfo

    def at_once(name, *more, **how):
        # The answer of a name server, without waiting for one.
        if name == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(name, *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", at_once)
    channel = WebhookChannel("push", f"http://{host}:{free_port()}/", SECRET, patience=QUICK)
    with opened(tmp_path) as ledger:
        decide(ledger, [f"{n:03}" for n in range(50)])
        done = deliver(ledger, {"push": channel}, LATER)
        # No row could be sent, so none has lost anything; the channel waits.
        assert (done.failed, done.faults) == ({}, {"push": error})
        assert set(letters(ledger).values()) == {("waiting", 0, None)}
        assert all(one.try_after is None for one in ledger.letters("waiting"))
        (warning,) = done.warnings(ledger.waiting_channels(LATER))
        assert (warning.code.id, "50 wait" in warning.message()) == ("W750", True)


def test_no_secret_is_shown_anywhere(tmp_path, server, caplog, capfd):
    server.answers = [status(401)]
    channel = server.channel(token="opaque")
    assert SECRET not in repr(channel)
    assert "opaque" not in repr(channel)
    assert server.url not in repr(channel)
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"])
        done = deliver(ledger, {"push": channel}, LATER)
        told = [
            repr(done),
            *(one.message() for one in done.warnings(ledger.waiting_channels(LATER))),
        ]
        told += map(repr, ledger.letters())
    told += [caplog.text, *capfd.readouterr()]
    told += [json.dumps(request.told) for request in server.requests]
    assert not [text for text in told if SECRET in text or "opaque" in text]
