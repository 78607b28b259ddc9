"""Senders that break, and runs that are interrupted: no claim is kept, and no other row pays."""

import os
import signal
import threading
import time
from collections import Counter

import pytest
from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.sending import Patience
from campaigner.runtime.delivery.channels.webhook import WebhookSender

from ..ledger.ledgers import opened
from .receivers import LATER, decide, hang, letters, status

PEOPLE = [f"{n:02}" for n in range(20)]


@pytest.fixture(autouse=True)
def heard():
    """Ctrl-C is heard, also in the background of a shell, which would have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_sender_that_breaks_over_one_row_goes_on_with_the_next(tmp_path, server, monkeypatch):
    broken = []
    monkeypatch.setattr("threading.excepthook", broken.append)
    post = WebhookSender._post

    def breaks(self, parcel):
        return 1 / 0 if parcel.recipient == "07" else post(self, parcel)

    monkeypatch.setattr(WebhookSender, "_post", breaks)
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        channel = server.channel(Patience(timeout=1, per_run=1, parallel=1, batch=20))
        done = deliver(ledger, {"push": channel}, LATER)
        told = [one.code.id for one in done.warnings(ledger.waiting_channels(LATER))]
        found = letters(ledger)
    state, attempts, error = found.pop("07")
    assert (state, error) == ("waiting", "the sender broke")
    assert attempts == len(broken)
    assert set(found.values()) == {("delivered", 0, None)}
    assert told == ["W750", "W752"]
    assert Counter(server.took()) == Counter(list(found))


@pytest.mark.parametrize("batch", [1, 20])
def test_a_run_that_is_interrupted_keeps_no_claim(tmp_path, server, batch):
    """A request under way ends; the next run sends all the others, at once and each once."""
    server.answers = [hang(0.1)]

    def interrupt() -> None:
        while len(server.requests) < 3:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    channel = server.channel(Patience(timeout=2, per_run=20, parallel=2, batch=batch))
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        threading.Thread(target=interrupt, daemon=True).start()
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            deliver(ledger, {"push": channel}, LATER)
        assert time.monotonic() - start < 3
        sent = server.took()
        assert len(sent) < len(PEOPLE)
        assert sorted(one for one, row in letters(ledger).items() if row[0] == "delivered") == (
            sorted(sent)
        )
        assert {attempts for _, attempts, _ in letters(ledger).values()} == {0}
        server.answers = [status(204)]
        assert deliver(ledger, {"push": channel}, LATER).delivered == {
            "push": len(PEOPLE) - len(sent)
        }
    assert Counter(server.took()) == Counter(PEOPLE)


def test_an_interrupted_run_waits_for_no_receiver_that_hangs(tmp_path, server):
    server.answers = [hang(6)]
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    channel = server.channel(Patience(timeout=5, per_run=20, parallel=1, batch=20))
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        timer.start()
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            deliver(ledger, {"push": channel}, LATER)
        assert time.monotonic() - start < 4
        assert set(letters(ledger).values()) == {("waiting", 0, None)}
        server.answers = [status(204)]
        assert deliver(ledger, {"push": channel}, LATER).delivered == {"push": len(PEOPLE)}
