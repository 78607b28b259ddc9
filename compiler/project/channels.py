"""The channels of a project and its sources of events, as campaigner.toml has them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..files.environment import Setting

LONGEST = 65_536
"""Bytes of UTF-8 that a message has at most, where its channel has no other limit."""

OF_CUSTOMER = re.compile(r"customer\.(\w+)")
"""An address that is a field of the customer's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on retries.

    `timeout`: seconds for one delivery. `per_run`: seconds for the channel in a run. `attempts`:
    failures after which a row becomes a dead letter.
    """

    timeout: int
    per_run: int
    attempts: int


@dataclass(frozen=True, slots=True)
class FileSettings:
    """A file of JSON lines."""

    name: str
    path: Setting


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """An HTTP POST for each row, signed with the secret; at most `parallel` at a time."""

    name: str
    limits: Limits
    url: Setting
    secret: Setting
    token: Setting | None
    parallel: int


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A mail for each row. `address`: of mail, or `customer.FIELD`."""

    name: str
    limits: Limits
    url: Setting
    user: Setting | None
    password: Setting | None
    tls: bool
    sender: Setting
    subject: Setting
    address: Setting


@dataclass(frozen=True, slots=True)
class NatsSettings:
    """A message of NATS JetStream for each row."""

    name: str
    limits: Limits
    url: Setting
    user: Setting | None
    password: Setting | None
    token: Setting | None
    subject: Setting


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """A record of Kafka for each row, its key the recipient."""

    name: str
    limits: Limits
    servers: Setting
    user: Setting | None
    password: Setting | None
    tls: bool
    topic: Setting


Channel = FileSettings | WebhookSettings | SmtpSettings | NatsSettings | KafkaSettings
"""Where the outbox of a channel goes."""


def field_of(address: str) -> str | None:
    """The customer's field that an address names; `None` if it is an address itself."""
    named = OF_CUSTOMER.fullmatch(address)
    return None if named is None else named[1]


@dataclass(frozen=True, slots=True)
class NatsEvents:
    """Events from the messages of a subject of NATS JetStream."""

    name: str
    timeout: int
    url: Setting
    user: Setting | None
    password: Setting | None
    token: Setting | None
    subject: Setting
    dead_letters: Setting


@dataclass(frozen=True, slots=True)
class KafkaEvents:
    """Events from the records of a topic of Kafka, read as a consumer group."""

    name: str
    timeout: int
    servers: Setting
    user: Setting | None
    password: Setting | None
    tls: bool
    topic: Setting
    group: Setting
    dead_letters: Setting


EventSource = NatsEvents | KafkaEvents
"""Where `campaigner ingest` takes events from."""
