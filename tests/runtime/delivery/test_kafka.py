"""Kafka, through the mock brokers inside librdkafka."""

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.kafka import KafkaChannel
from campaigner.runtime.delivery.channels.sending import Patience
from confluent_kafka import Consumer, Producer

from ..ledger.ledgers import gift, opened
from .receivers import LATER, TOTAL, decide, free_port, letters, unbounded

QUICK = Patience(timeout=3, per_run=8, batch=500)


@dataclass
class Brokers:
    servers: str

    def channel(self, **more: object) -> KafkaChannel:
        return KafkaChannel("push", self.servers, "messages", patience=QUICK, **more)

    def read(self, count: int) -> list[tuple[int, str, dict[str, object], bytes]]:
        """Partition, key, body and the header of so many records."""
        consumer = Consumer(
            {"bootstrap.servers": self.servers, "group.id": "t", "auto.offset.reset": "earliest"}
        )
        consumer.subscribe(["messages"])
        found = []
        give_up = time.monotonic() + 15
        while len(found) < count and time.monotonic() < give_up:
            for record in consumer.consume(count, 0.2):
                assert record.error() is None
                ((name, key),) = record.headers()
                assert name == "campaigner-key"
                body = json.loads(record.value())
                found.append((record.partition(), record.key().decode(), body, key))
        consumer.close()
        return found


@pytest.fixture
def brokers():
    # The mock brokers live as long as the client that made them.
    host = Producer({"test.mock.num.brokers": 3, "bootstrap.servers": "ignored"})
    brokers = host.list_topics(timeout=5).brokers.values()
    yield Brokers(",".join(f"{one.host}:{one.port}" for one in brokers))
    host.flush(1)


def test_a_record_for_each_row_its_key_the_recipient(tmp_path, brokers):
    people = [f"客{n:03}" for n in range(200)]
    project = gift(TOTAL, messages=[("push", "one"), ("push", "two")])
    with opened(tmp_path) as ledger:
        decide(ledger, people, project)
        done = deliver(ledger, {"push": brokers.channel()}, LATER)
        assert (done.delivered, done.failed, done.dead) == ({"push": 400}, {}, {})
    found = brokers.read(400)
    assert sorted(key for _, key, _, _ in found) == sorted([*people, *people])
    assert all(body["recipient"] == key for _, key, body, _ in found)
    assert all(body["key"].encode() == header for _, _, body, header in found)
    # A customer's records are in one partition, in their order.
    for who in people[:20]:
        mine = [(place, body["text"]) for place, key, body, _ in found if key == who]
        assert [text for _, text in mine] == ["one", "two"]
        assert len({place for place, _ in mine}) == 1


def test_larger_than_the_brokers_take(tmp_path, brokers):
    project = unbounded(gift(TOTAL, messages=[("push", "x" * 1_100_000)]))
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"], project)
        deliver(ledger, {"push": brokers.channel()}, LATER)
        assert letters(ledger) == {"ann": ("dead", 1, "larger than the brokers take")}


def test_one_that_is_too_large_takes_nobody_along(tmp_path, brokers):
    large = unbounded(gift(TOTAL, messages=[("push", "x" * 1_100_000)]))
    people = ["", "a\0b", "é" * 1_000, *(f"{n:02}" for n in range(30))]
    with opened(tmp_path) as ledger:
        decide(ledger, people[:20])
        decide(ledger, ["big"], large)
        decide(ledger, people[20:])
        deliver(ledger, {"push": brokers.channel()}, LATER)
        found = letters(ledger)
    assert found.pop("big") == ("dead", 1, "larger than the brokers take")
    assert found == dict.fromkeys(people, ("delivered", 0, None))
    assert sorted(key for _, key, _, _ in brokers.read(33)) == sorted(people)


def test_brokers_that_are_gone(tmp_path, brokers, hasty, caplog, capfd):
    password = "tulip-and-rose"
    gone = KafkaChannel(
        "push",
        f"127.0.0.1:{free_port()}",
        "messages",
        user="app",
        password=password,
        patience=Patience(timeout=0.4, per_run=2, batch=500),
    )
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob", "cat"])
        start = time.monotonic()
        done = deliver(ledger, {"push": gone}, LATER)
        assert time.monotonic() - start < 5
        assert done.delivered == {}
        assert set(done.faults.values()) <= {"no broker answers", "timed out"}
        later = datetime.now(UTC) + timedelta(hours=12)
        done = deliver(ledger, {"push": brokers.channel()}, LATER, clock=lambda: later)
        assert done.delivered == {"push": 3}
    told = [caplog.text, *capfd.readouterr(), repr(gone), repr(replace(gone, tls=True))]
    assert not [text for text in told if password in text or "127.0.0.1" in text]
