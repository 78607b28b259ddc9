"""A shop, its orders, and the brokers that bring them, each a real one on this machine."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nats
import pytest
from campaigner.cli.main import invoke
from campaigner.cli.screen.terminal import Session
from campaigner.runtime.ledger import Ledger, open_ledger
from confluent_kafka import Producer

from ..delivery.receivers import free_port
from ..test_event_workers import CAMPAIGNS, lines, orders, shop

SOURCES = """
[ingest.orders]
kind = "nats"
url = "nats://127.0.0.1:${NATS_PORT}"
subject = "shop.orders"
token = "${NATS_TOKEN}"
timeout = 3

[ingest.records]
kind = "kafka"
servers = "${KAFKA}"
topic = "orders"
timeout = 5
"""
TOKEN = "tulip-and-rose"
WAITLIST = """
benefit tea { kind coupon value 30 CNY stock 6 expires after 5 days returning to budget }
campaign teas "teas" {
  active 2026-01-01 to 2026-12-31
  audience yes
  trigger on order where event.amount >= 300 CNY
  reward tea limit 2 per customer
  budget { total 1_000_000 CNY when exhausted waitlist }
  compliance { forbid phrase "sure" }
}
"""
YEAR = ("--from", "2026-01-01", "--to", "2026-12-31", "--even-in-the-future")


def ready(folder: Path, rows: list) -> Path:
    """The shop's project, with campaigns that time moves on, and sources of events."""
    shop(folder, CAMPAIGNS + WAITLIST, rows)
    with (folder / "campaigner.toml").open("a") as file:
        file.write(SOURCES)
    return folder


def events(count: int = 200) -> tuple[list, list[bytes]]:
    """Orders as rows of the warehouse, and as the messages of a broker."""
    rows = list(orders(count))
    return rows, [line.strip().encode() for line in lines(rows)]


def start(ledger: str, *arguments: object, **variables: str) -> subprocess.Popen[str]:
    """The command, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "campaigner.cli", *map(str, arguments)],
        env={**os.environ, **_variables(ledger), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def here(ledger: str, *arguments: object, **variables: str) -> tuple[int, str, str]:
    """The command in this process: its exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        for name, value in {**_variables(ledger), **variables}.items():
            patch.setenv(name, value)
        code = invoke([str(one) for one in arguments], Session("en"))
    return code, out.getvalue(), err.getvalue()


def _variables(ledger: str) -> dict[str, str]:
    return {"LEDGER": ledger, "NATS_PORT": "1", "NATS_TOKEN": TOKEN, "KAFKA": "127.0.0.1:1"}


def done(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    """Its stdout and stderr, after it has ended with the code."""
    try:
        out, err = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    assert process.returncode == code, (process.returncode, out[-2_000:], err[-4_000:])
    return out, err


def kept(folder: Path, ledger: str) -> list[tuple[object, ...]]:
    """Every grant of the ledger by identity and line, with what became of it."""
    with open_ledger(ledger, "shop", "CNY", root=folder) as opened:
        assert opened.verify() == ()
        return lines_of(opened)


def lines_of(ledger: Ledger) -> list[tuple[object, ...]]:
    """The grants in order, a line a reward, with what became of it."""
    return sorted(
        (
            *(one.campaign, one.step, one.recipient, one.occurrence, one.at),
            *(one.reward, one.amount, str(one.expires_at), str(one.became), str(one.became_at)),
        )
        for one in ledger.grants()
    )


# --- brokers ------------------------------------------------------------------------------------


class Nats:
    """JetStream in a folder. It can be stopped, and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.variables = {"NATS_PORT": str(self.port)}
        self._server: subprocess.Popen[str] | None = None

    def run(self) -> None:
        program = Path(sys.executable).parent / "nats-server"
        command = [program, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", self.folder]
        self._server = subprocess.Popen(
            [*command, "--auth", TOKEN], stderr=subprocess.PIPE, text=True
        )
        assert self._server.stderr is not None
        for said in self._server.stderr:
            if "Server is ready" in said:
                return

    def stop(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.communicate()

    def stream(self, **config: object) -> None:
        async def make(jetstream) -> None:
            await jetstream.add_stream(name="shop", subjects=["shop.>"], **config)

        self.do(make)

    def publish(self, messages: Iterable[bytes]) -> None:
        async def publish(jetstream) -> None:
            for message in messages:
                await jetstream.publish("shop.orders", message)

        self.do(publish)

    def acknowledged(self) -> int:
        """The last message of which the consumer knows that it is done."""

        async def ask(jetstream) -> int:
            info = await jetstream.consumer_info("shop", "campaigner-orders")
            return info.ack_floor.stream_seq

        return self.do(ask)

    def do(self, work):
        async def connected():
            client = await nats.connect(f"nats://127.0.0.1:{self.port}", token=TOKEN)
            try:
                return await work(client.jetstream())
            finally:
                await client.close()
                await asyncio.sleep(0)

        return asyncio.run(connected())


@contextmanager
def nats_server(folder: Path) -> Iterator[Nats]:
    """A server with a stream."""
    server = Nats(folder)
    server.run()
    try:
        server.stream()
        yield server
    finally:
        server.stop()


class Kafka:
    """The brokers inside librdkafka, which live as long as the client that made them."""

    def __init__(self) -> None:
        self._host = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "ignored"})
        brokers = self._host.list_topics(timeout=5).brokers.values()
        self.servers = ",".join(f"{one.host}:{one.port}" for one in brokers)
        self.variables = {"KAFKA": self.servers}
        # The brokers make a topic, of four partitions, for whoever asks.
        self._host.list_topics("orders", timeout=5)

    def publish(self, messages: Iterable[bytes]) -> None:
        """Send them to one partition, in the order of time."""
        self._send((message, {"partition": 0}) for message in messages)

    def spread(self, messages: Iterable[bytes]) -> None:
        """Send them, those of a customer to one partition, in their order."""
        self._send((message, {"key": _customer(message)}) for message in messages)

    def _send(self, records: Iterable[tuple[bytes, dict[str, object]]]) -> None:
        producer = Producer({"bootstrap.servers": self.servers})
        for message, where in records:
            producer.produce("orders", message, **where)
        assert producer.flush(10) == 0

    def close(self) -> None:
        self._host.flush(1)


def _customer(message: bytes) -> bytes:
    try:
        return str(json.loads(message)["customer"]).encode()
    except (ValueError, KeyError, TypeError):
        return b"?"


def wait_for(holds, seconds: float = 30) -> None:
    """Wait until something holds."""
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)
