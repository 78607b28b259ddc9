"""The Kafka channel: each row is a record, keyed by recipient to keep a customer's order.

The producer is idempotent, so librdkafka's own retries are logged once. Later attempts have the
same `campaigner-key` header. `confluent-kafka` comes with the extra `campaigner[kafka]`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .broker import BrokerSender
from .sending import (
    TIMED_OUT,
    Arrived,
    Fate,
    Later,
    Parcel,
    Patience,
    Refused,
    Unreached,
)

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer

PATIENCE = Patience(batch=500)
_GONE = "connection closed"
_FATAL = "the producer lost its place"
"""After this error a producer is replaced."""


@dataclass(frozen=True, slots=True)
class KafkaChannel:
    """`kind = "kafka"`. With a user, SASL/PLAIN; with `tls`, over TLS."""

    name: str
    servers: str = field(repr=False)
    topic: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    patience: Patience = PATIENCE

    @property
    def address(self) -> None:
        """`None`: records need no address."""
        return

    def sender(self) -> KafkaSender:
        """Return a sender with its own producer."""
        return KafkaSender(self)


class KafkaSender(BrokerSender):
    """A sender with one producer."""

    def __init__(self, channel: KafkaChannel) -> None:
        self._channel = channel
        self._producer: Producer | None = None

    @property
    def connected(self) -> bool:
        """See `Sender.connected`."""
        return self._producer is not None

    def reach(self) -> Unreached | None:
        """See `BrokerSender.reach`."""
        from confluent_kafka import KafkaException  # noqa: PLC0415  (an extra)

        try:
            self._producer = self._producer or self._connected()
        except KafkaException as fault:
            return Unreached(_words(fault.args[0]))
        return None

    def leave(self) -> None:
        """See `BrokerSender.leave`."""
        if self._producer is not None:
            self._producer.purge()
            self._producer = None

    def close(self) -> None:
        """See `Sender.close`."""
        self.leave()

    def _connected(self) -> Producer:
        """Return a producer whose brokers know the topic. Raise `KafkaException` otherwise."""
        from confluent_kafka import KafkaError, KafkaException, Producer  # noqa: PLC0415

        # librdkafka's log would name hosts on stderr; relevant faults come as errors.
        quiet = logging.Logger("kafka")
        quiet.addHandler(logging.NullHandler())
        producer = Producer(_settings(self._channel), logger=quiet)
        timeout = self._channel.patience.timeout
        topic = producer.list_topics(self._channel.topic, timeout).topics.get(self._channel.topic)
        if topic is None:
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
        if topic.error is not None:
            raise KafkaException(topic.error)
        return producer

    def together(self, parcels: Sequence[Parcel]) -> list[tuple[Parcel, Fate]]:
        """See `BrokerSender.together`."""
        from confluent_kafka import KafkaException  # noqa: PLC0415

        producer = self._producer
        if producer is None:
            return [(parcel, Unreached(_GONE)) for parcel in parcels]
        fates: dict[str, Fate] = {}
        for parcel in parcels:
            try:
                producer.produce(
                    self._channel.topic,
                    parcel.line,
                    parcel.recipient.encode(errors="replace"),
                    headers=[("campaigner-key", parcel.key.encode(errors="replace"))],
                    on_delivery=_reporting(fates, parcel.key),
                )
            except BufferError:
                fates[parcel.key] = Later("too many at once")
            except KafkaException as fault:
                fates[parcel.key] = _fate(fault.args[0])
        give_up = time.monotonic() + self._channel.patience.timeout + 1
        while len(fates) < len(parcels) and time.monotonic() < give_up:
            producer.poll(0.05)
        if len(fates) < len(parcels) or Later(_FATAL) in fates.values():
            self.leave()
        return [(parcel, fates.get(parcel.key, TIMED_OUT)) for parcel in parcels]


def _settings(channel: KafkaChannel) -> dict[str, str | int | bool]:
    settings: dict[str, str | int | bool] = {
        "bootstrap.servers": channel.servers,
        "client.id": "campaigner",
        "enable.idempotence": True,
        "acks": "all",
        "linger.ms": 5,
        "message.timeout.ms": int(channel.patience.timeout * 1000),
        "security.protocol": ("SASL_" if channel.user else "")
        + ("SSL" if channel.tls else "PLAINTEXT"),
    }
    if channel.user is not None:
        settings |= {
            "sasl.mechanism": "PLAIN",
            "sasl.username": channel.user,
            "sasl.password": channel.password or "",
        }
    return settings


def _reporting(fates: dict[str, Fate], key: str) -> Callable[[KafkaError | None, Message], None]:
    def report(error: KafkaError | None, _: Message) -> None:
        fates[key] = Arrived() if error is None else _fate(error)

    return report


def _fate(error: KafkaError) -> Fate:
    from confluent_kafka import KafkaError as Known  # noqa: PLC0415

    if error.fatal():
        return Later(_FATAL)
    if error.code() in (Known.MSG_SIZE_TOO_LARGE, Known.INVALID_MSG):
        return Refused("larger than the brokers take")
    if error.code() == Known.INVALID_RECORD:
        return Refused("the brokers refuse such a record")
    return Later(_words(error))


def _words(error: KafkaError) -> str:
    from confluent_kafka import KafkaError as Known  # noqa: PLC0415

    timed_out = (Known._MSG_TIMED_OUT, Known._TIMED_OUT, Known._TIMED_OUT_QUEUE)
    if error.code() in timed_out:
        return TIMED_OUT.error
    if error.code() in (Known._TRANSPORT, Known._ALL_BROKERS_DOWN):
        return "no broker answers"
    return f"kafka {error.name().lower().strip('_')}"
