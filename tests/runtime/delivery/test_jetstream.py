"""NATS JetStream, through a real server."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nats
import pytest
from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.nats import NatsChannel
from campaigner.runtime.delivery.channels.sending import (
    Arrived,
    Parcel,
    Patience,
    Unreached,
    Unsent,
)
from campaigner.runtime.delivery.lines import line

from ..ledger.ledgers import gift, opened
from .receivers import LATER, TOTAL, decide, free_port, letters, unbounded

QUICK = Patience(timeout=2, per_run=5, batch=200)
TOKEN = "tulip-and-rose"


@dataclass
class Broker:
    url: str

    def channel(self, **more: object) -> NatsChannel:
        return NatsChannel("push", self.url, "campaigner.push", patience=QUICK, token=TOKEN, **more)

    def stream(self, name: str = "messages") -> None:
        async def make(jetstream) -> None:
            await jetstream.add_stream(name=name, subjects=["campaigner.>"])

        self._do(make)

    def read(self) -> list[tuple[str, bytes]]:
        """The id and the body of every message in the stream."""

        async def read(jetstream) -> list[tuple[str, bytes]]:
            found = []
            info = await jetstream.stream_info("messages")
            for number in range(1, info.state.messages + 1):
                message = await jetstream.get_msg("messages", number)
                found.append((message.headers["Nats-Msg-Id"], message.data))
            return found

        return self._do(read)

    def _do(self, work):
        async def connected():
            client = await nats.connect(self.url, token=TOKEN)
            try:
                return await work(client.jetstream())
            finally:
                await client.close()
                await asyncio.sleep(0)

        return asyncio.run(connected())


@contextmanager
def running(port: int, folder: Path) -> Iterator[None]:
    command = [Path(sys.executable).parent / "nats-server", "-a", "127.0.0.1", "-p", str(port)]
    options = ["-js", "-sd", folder, "--auth", TOKEN]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as server:
        for said in server.stderr:
            if "Server is ready" in said:
                break
        yield
        server.kill()


@pytest.fixture
def broker(tmp_path):
    port = free_port()
    with running(port, tmp_path / "js"):
        yield Broker(f"nats://127.0.0.1:{port}")


def test_messages_in_a_stream_each_with_its_id(tmp_path, broker):
    broker.stream()
    people = [f"客{n:03}" for n in range(300)]
    with opened(tmp_path) as ledger:
        decide(ledger, people)
        done = deliver(ledger, {"push": broker.channel()}, LATER)
        assert (done.delivered, done.failed, done.dead) == ({"push": 300}, {}, {})
    found = broker.read()
    assert sorted(json.loads(body)["recipient"] for _, body in found) == people
    first = next(id_ for id_, body in found if json.loads(body)["recipient"] == "客000")
    assert first == "gift/main/%E5%AE%A2000/2026-01-10%2010:00/push/0"


def test_what_is_sent_twice_stands_in_the_stream_once(tmp_path, broker):
    broker.stream()
    for folder in ("one", "two"):
        with opened(tmp_path / folder) as ledger:
            decide(ledger, ["ann", "bob"])
            assert deliver(ledger, {"push": broker.channel()}, LATER).delivered == {"push": 2}
    assert len(broker.read()) == 2


def test_no_stream_no_loss(tmp_path, broker, hasty):
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob"])
        done = deliver(ledger, {"push": broker.channel()}, LATER)
        assert done.faults == {"push": "no stream takes this subject"}
        assert done.delivered == {}
        broker.stream()
        later = datetime.now(UTC) + timedelta(hours=12)
        done = deliver(ledger, {"push": broker.channel()}, LATER, clock=lambda: later)
        assert done.delivered == {"push": 2}


def test_larger_than_the_server_takes(tmp_path, broker):
    broker.stream()
    project = unbounded(gift(TOTAL, messages=[("push", "x" * 1_100_000)]))
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"], project)
        deliver(ledger, {"push": broker.channel()}, LATER)
        assert letters(ledger) == {"ann": ("dead", 1, "larger than the server takes")}


def test_one_that_the_server_would_hang_up_over_takes_nobody_along(tmp_path, broker):
    """The payload alone is as large as may be; with its header it is larger."""
    broker.stream()
    people = [f"{n:03}" for n in range(50)]
    with opened(tmp_path) as ledger:
        decide(ledger, people)
        with ledger.outbox() as outbox:
            (row, *_) = outbox.waiting("push", LATER, 1)
        frame = len(line(row)) - 1 - len(row.body)
        decide(
            ledger, ["big"], unbounded(gift(TOTAL, messages=[("push", "x" * (1_048_576 - frame))]))
        )
        deliver(ledger, {"push": broker.channel()}, LATER)
        found = letters(ledger)
    assert found.pop("big") == ("dead", 1, "larger than the server takes")
    assert set(found.values()) == {("delivered", 0, None)}
    assert len(broker.read()) == 50


def test_a_server_that_is_none_costs_no_row_an_attempt(tmp_path):
    for greeting in (b"INFO [1]\r\n", b"INFO\r\n", b"\xff\x00\r\n", b"x" * 200_000, b""):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            url = f"nats://127.0.0.1:{listening.getsockname()[1]}"

            def greet(listening=listening, greeting=greeting) -> None:
                connection, _ = listening.accept()
                with connection:
                    connection.sendall(greeting)

            thread = threading.Thread(target=greet, daemon=True)
            thread.start()
            channel = NatsChannel("push", url, "a.b", patience=replace(QUICK, timeout=1))
            parcels = [Parcel(key, key, b"{}", "") for key in "abc"]
            with closing(channel.sender()) as sender:
                fates = [fate for _, fate in sender.send(parcels, lambda: False)]
            thread.join()
        assert isinstance(fates[0], Unreached)
        assert fates[1:] == [Unsent(), Unsent()]


def test_a_token_that_is_wrong_and_a_server_that_is_gone(tmp_path, broker, hasty, caplog, capfd):
    wrong = replace(broker.channel(), token="wrong-one")
    briefly = replace(QUICK, per_run=1)
    url = f"nats://127.0.0.1:{free_port()}"
    gone = replace(broker.channel(), url=url, patience=briefly)
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob", "cat"])
        start = time.monotonic()
        refused = deliver(ledger, {"push": wrong}, LATER)
        assert refused.faults == {"push": "the server does not let us in"}
        later = datetime.now(UTC) + timedelta(hours=12)
        done = deliver(ledger, {"push": gone}, LATER, clock=lambda: later)
        assert done.faults == {"push": "connection refused"}
        assert time.monotonic() - start < 8
        assert {state for state, _, _ in letters(ledger).values()} == {"waiting"}
    told = [caplog.text, *capfd.readouterr(), repr(wrong)]
    assert not [text for text in told if "wrong-one" in text]


def test_a_server_that_dies_in_the_middle(tmp_path, hasty):
    port = free_port()
    channel = Broker(f"nats://127.0.0.1:{port}").channel()
    with opened(tmp_path) as ledger:
        decide(ledger, [f"{n:03}" for n in range(50)])
        with running(port, tmp_path / "js"):
            Broker(channel.url).stream()
            sender = channel.sender()
            parcel = Parcel("k", "ann", b"{}", "")
            assert list(sender.send([parcel], lambda: False)) == [(parcel, Arrived())]
        ((_, fate),) = sender.send([parcel], lambda: False)
        assert isinstance(fate, Unreached)
        with running(port, tmp_path / "js"):
            assert list(sender.send([parcel], lambda: False)) == [(parcel, Arrived())]
            deliver(ledger, {"push": channel}, LATER)
            assert not ledger.waiting_channels(LATER)
            assert len(Broker(channel.url).read()) == 51
            sender.close()
