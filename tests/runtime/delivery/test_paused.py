"""A paused campaign sends nothing, from within a second on; what waited goes once it is resumed."""

import threading
import time

from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.sending import Patience

from ..ledger.ledgers import clock, opened
from .receivers import LATER, decide, hang, status

PEOPLE = [f"{n:02}" for n in range(40)]
NOW = clock("2026-02-01 10:00")


def test_what_was_claimed_already_is_not_sent_either(tmp_path, server):
    server.answers = [hang(0.1)]
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        channel = server.channel(Patience(timeout=1, per_run=6, parallel=1, batch=40))

        def pause() -> None:
            time.sleep(0.5)
            with opened(tmp_path) as operator:
                operator.brake(["gift"], "paused", "complaints", "", NOW)

        operator = threading.Thread(target=pause)
        operator.start()
        start = time.monotonic()
        done = deliver(ledger, {"push": channel}, LATER)
        operator.join()
        assert time.monotonic() - start < 3
        assert 0 < done.delivered["push"] <= 20
        left = list(ledger.letters("waiting"))
        assert len(left) == len(PEOPLE) - done.delivered["push"]
        assert {(one.attempts, one.try_after) for one in left} == {(0, None)}
        # Nothing of it goes while it is paused, all of it afterwards, each once.
        server.answers = [status(200)]
        deliver(ledger, {"push": channel}, LATER)
        assert len(list(ledger.letters("waiting"))) == len(left)
        ledger.brake(["gift"], "resumed", "mended", "", NOW)
        deliver(ledger, {"push": channel}, LATER)
        assert list(ledger.letters("waiting")) == []
    assert sorted(server.took()) == PEOPLE
