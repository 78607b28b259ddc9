"""A topic of Kafka as a source: its parts are the partitions that the group gives this process.

The ledger's offsets count: a partition that comes to this process begins where the ledger is. The
group's own offsets follow, for those who watch it. Two processes of a group share the partitions.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import Phrase
from ..events.cache.coming import AHEAD
from ..ledger.known_events import Offset
from .messages import BATCH, ROOM, Message, away

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, TopicPartition

_AT_ONCE = 100
_SOON = 0.01
_FIRST = -2
"""The offset by which librdkafka knows the first record of a partition."""

_NO_TOPIC = Phrase("ingest.no_topic")


@dataclass(frozen=True, slots=True)
class KafkaPlace:
    """Where events come from: the records of one topic. `timeout` is in seconds."""

    name: str
    servers: str = field(repr=False)
    topic: str
    group: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    timeout: float = 10.0


class KafkaSource:
    """One consumer of a group."""

    def __init__(self, place: KafkaPlace) -> None:
        self.name = place.name
        self._place = place
        self._consumer: Consumer | None = None
        self._start: dict[int, int] = {}
        self._mine: set[int] = set()
        self._ended: set[int] = set()

    @property
    def at_end(self) -> bool:
        """See `Source.at_end`."""
        return self._consumer is not None and bool(self._mine) and self._mine <= self._ended

    def open(self, offsets: Mapping[int, Offset], /) -> None:
        """See `Source.open`."""
        from confluent_kafka import Consumer, KafkaException  # noqa: PLC0415  (an extra)

        self.close()
        self._start = {part: one.remembered for part, one in offsets.items()}
        # librdkafka's log would name hosts on stderr; relevant faults come as errors.
        quiet = logging.Logger("kafka")
        quiet.addHandler(logging.NullHandler())
        self._consumer = Consumer(_settings(self._place), logger=quiet)
        try:
            topic = self._consumer.list_topics(self._place.topic, self._place.timeout).topics
            there = topic.get(self._place.topic)
            if there is None or there.error is not None or not there.partitions:
                raise away(self.name, _NO_TOPIC)
            self._consumer.subscribe(
                [self._place.topic], on_assign=self._begin, on_revoke=self._lose
            )
        except KafkaException as fault:
            raise away(self.name, _words(fault.args[0])) from fault

    def read(self, wait: float) -> Sequence[Message] | None:
        """See `Source.read`."""
        from confluent_kafka import KafkaError, KafkaException  # noqa: PLC0415

        if self._consumer is None:
            raise away(self.name, "connection closed")
        found: list[Message] = []
        try:
            while len(found) < AHEAD and _bytes(found) < ROOM:
                # A thousand at once could be a gigabyte.
                records = self._consumer.consume(_AT_ONCE, _SOON if found else wait)
                for one in records:
                    error, part, number = one.error(), one.partition(), one.offset()
                    if error is not None and error.code() != KafkaError._PARTITION_EOF:
                        raise away(self.name, _words(error))
                    if part is None or number is None:
                        continue
                    if error is not None:
                        self._ended.add(part)
                    else:
                        self._ended.discard(part)
                        # A record without a value deletes one of its key; here it is a dead letter.
                        found.append(Message(number, one.value() or b"", part))
                if not records or (len(records) < _AT_ONCE and len(found) >= BATCH):
                    break
        except KafkaException as fault:
            raise away(self.name, _words(fault.args[0])) from fault
        return [one for one in found if one.part in self._mine]

    def commit(self, after: Mapping[int, int], /) -> None:
        """See `Source.commit`."""
        from confluent_kafka import KafkaException, TopicPartition  # noqa: PLC0415

        topic = self._place.topic
        mine = [TopicPartition(topic, part, to) for part, to in after.items() if part in self._mine]
        if self._consumer is not None and mine:
            try:
                self._consumer.commit(offsets=mine, asynchronous=True)
            except KafkaException as fault:
                raise away(self.name, _words(fault.args[0])) from fault

    def close(self) -> None:
        """See `Source.close`."""
        consumer, self._consumer, self._mine = self._consumer, None, set()
        if consumer is not None:
            consumer.close()

    def _begin(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for one in partitions:
            # A part that the ledger does not know begins with its first record.
            one.offset = self._start.get(one.partition, _FIRST)
        self._mine, self._ended = {one.partition for one in partitions}, set()
        consumer.assign(partitions)

    def _lose(self, _: Consumer, __: list[TopicPartition]) -> None:
        # The next reader decides the records that this one read and has not decided.
        self._mine = set()


def _bytes(found: Sequence[Message]) -> int:
    return sum(len(one.content or b"") for one in found)


def _settings(place: KafkaPlace) -> dict[str, str | int | bool]:
    settings: dict[str, str | int | bool] = {
        "bootstrap.servers": place.servers,
        "client.id": "campaigner",
        "group.id": place.group,
        # A process that was killed leaves its partitions to others after this time.
        "session.timeout.ms": 10_000,
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "queued.max.messages.kbytes": ROOM // 1_024,
        "isolation.level": "read_committed",
        "security.protocol": ("SASL_" if place.user else "")
        + ("SSL" if place.tls else "PLAINTEXT"),
    }
    if place.user is not None:
        settings |= {
            "sasl.mechanism": "PLAIN",
            "sasl.username": place.user,
            "sasl.password": place.password or "",
        }
    return settings


def _words(error: KafkaError) -> str:
    from confluent_kafka import KafkaError as Known  # noqa: PLC0415

    if error.code() in (Known._TRANSPORT, Known._ALL_BROKERS_DOWN):
        return "no broker answers"
    if error.code() in (Known._TIMED_OUT, Known._TIMED_OUT_QUEUE):
        return "timed out"
    return f"kafka {error.name().lower().strip('_')}"
