"""`[channels.NAME]` and `[ingest.NAME]` of campaigner.toml: what messages go to, and come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, assert_never

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ...dsl.diagnostics.diagnostic import Phrase
from ..codes import files
from ..files.environment import Setting
from .channels import (
    LONGEST,
    OF_CUSTOMER,
    Channel,
    EventSource,
    FileSettings,
    KafkaEvents,
    KafkaSettings,
    Limits,
    NatsEvents,
    NatsSettings,
    SmtpSettings,
    WebhookSettings,
)
from .entries import described, one_line, refuse
from .field_types import Text, url_of
from .mail_addresses import is_mail_address, is_sender

_A_CHANNEL = Phrase("channels.a_channel")


def between(least: int, most: int, unit: str | Phrase) -> AfterValidator:
    """A whole number between two, both included; `unit` is what it counts."""

    def check(value: int) -> int:
        if not least <= value <= most:
            expected = Phrase("channels.between", unit=unit, least=str(least), most=str(most))
            raise refuse(files.WRONG_VALUE, expected=expected, found=described(value))
        return value

    return AfterValidator(check)


def _fits(expected: Phrase, fits: Callable[[str], object]) -> AfterValidator:
    """A text that `fits`; what the environment gives a part of is not known yet."""

    def check(value: str) -> str:
        if "${" not in value and not fits(value):
            raise refuse(files.WRONG_VALUE, expected=expected, found=described(value))
        return value

    return AfterValidator(check)


def _address(value: str) -> str:
    if "${" not in value and not is_mail_address(value) and not OF_CUSTOMER.fullmatch(value):
        raise refuse(files.BAD_ADDRESS, value=one_line(value), expected=_ADDRESS_OR_FIELD)
    return value


_ADDRESS_OR_FIELD = Phrase("channels.address_or_field")
_A_CONSENT = Phrase("channels.a_consent")
_A_SENDER = Phrase("channels.a_sender")
_ONE_LINE = Phrase("channels.one_line")
_A_SUBJECT = Phrase("channels.a_subject")
_A_TOPIC = Phrase("channels.a_topic")
_SERVERS = Phrase("channels.servers")
SECONDS = Phrase("channels.seconds")

_Seconds = Annotated[int, Field(strict=True), between(1, 3_600, SECONDS)]
_OneLine = Annotated[Text, _fits(_ONE_LINE, lambda text: text.isprintable())]


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Channel(_Entries):
    longest: Annotated[
        int, Field(strict=True), between(1, LONGEST, Phrase("channels.of_bytes"))
    ] = LONGEST
    audience: Literal["customers", "staff"] = "customers"
    consent: Annotated[Text, _fits(_A_CONSENT, OF_CUSTOMER.fullmatch)] | None = None


class FileEntry(_Channel):
    """`kind = "file"`: lines of JSON."""

    kind: Literal["file"]
    path: Text


class _Remote(_Channel):
    timeout: Annotated[int, Field(strict=True), between(1, 300, SECONDS)] = 10
    per_run: _Seconds = 60
    attempts: Annotated[int, Field(strict=True), between(1, 100, "")] = 16


class WebhookEntry(_Remote):
    """`kind = "webhook"`: an HTTP POST for each row."""

    kind: Literal["webhook"]
    url: Annotated[Text, url_of(_A_CHANNEL, ("https", "http"), "https://push.example.com/v1")]
    secret: Text
    token: Text | None = None
    parallel: Annotated[int, Field(strict=True), between(1, 32, "")] = 4


class SmtpEntry(_Remote):
    """`kind = "smtp"`: a mail for each row."""

    kind: Literal["smtp"]
    url: Annotated[Text, url_of(_A_CHANNEL, ("smtp", "smtps"), "smtp://mail.example.com:587")]
    user: Text | None = None
    password: Text | None = None
    tls: bool = True
    sender: Annotated[
        Text,
        Field(alias="from"),
        _fits(_A_SENDER, is_sender),
    ]
    subject: _OneLine
    address: Annotated[Text, AfterValidator(_address)]


class _Nats(BaseModel):
    kind: Literal["nats"]
    url: Annotated[Text, url_of(_A_CHANNEL, ("nats", "tls"), "nats://broker.example.com:4222")]
    user: Text | None = None
    password: Text | None = None
    token: Text | None = None
    subject: Annotated[Text, _fits(_A_SUBJECT, re.compile(r"[\w$-]+(\.[\w$-]+)*").fullmatch)]


class NatsEntry(_Nats, _Remote):
    """`kind = "nats"`: a message of JetStream for each row."""


class _Kafka(BaseModel):
    kind: Literal["kafka"]
    servers: Annotated[
        Text, _fits(_SERVERS, re.compile(r"[^\s,:/]+:\d+(,[^\s,:/]+:\d+)*").fullmatch)
    ]
    user: Text | None = None
    password: Text | None = None
    tls: bool = False
    topic: Annotated[Text, _fits(_A_TOPIC, re.compile(r"[\w.-]{1,249}", re.ASCII).fullmatch)]


class KafkaEntry(_Kafka, _Remote):
    """`kind = "kafka"`: a record for each row, by recipient."""


class _Events(_Entries):
    timeout: Annotated[int, Field(strict=True), between(1, 300, SECONDS)] = 10
    dead_letters: Text | None = None


class NatsEventsEntry(_Nats, _Events):
    """`kind = "nats"`: the messages of a subject."""


class KafkaEventsEntry(_Kafka, _Events):
    """`kind = "kafka"`: the records of a topic, for a group of consumers."""

    group: Annotated[Text, _fits(_A_TOPIC, re.compile(r"[\w.-]{1,249}", re.ASCII).fullmatch)] = (
        "campaigner"
    )


EventsEntry = Annotated[NatsEventsEntry | KafkaEventsEntry, Field(discriminator="kind")]

_EVENTS: dict[str, type[BaseModel]] = {"nats": NatsEventsEntry, "kafka": KafkaEventsEntry}


ChannelEntry = Annotated[
    FileEntry | WebhookEntry | SmtpEntry | NatsEntry | KafkaEntry, Field(discriminator="kind")
]

_ENTRIES: dict[str, type[BaseModel]] = {
    "file": FileEntry,
    "webhook": WebhookEntry,
    "smtp": SmtpEntry,
    "nats": NatsEntry,
    "kafka": KafkaEntry,
}


def channel_keys(data: Mapping[str, object]) -> tuple[str, ...]:
    """The entries that a channel of the kind in `data` may have."""
    entry = _ENTRIES.get(str(data.get("kind")), FileEntry)
    return tuple(field.alias or name for name, field in entry.model_fields.items())


def source_keys(data: Mapping[str, object]) -> tuple[str, ...]:
    """The entries that a source of events of the kind in `data` may have."""
    return tuple(_EVENTS.get(str(data.get("kind")), NatsEventsEntry).model_fields)


def source_example(name: str, entry: str) -> str | None:
    """The entry as it could be written."""
    return {
        "kind": 'kind = "nats"',
        "url": 'url = "nats://broker.example.com:4222"',
        "subject": f'subject = "{name}"',
        "servers": 'servers = "broker.example.com:9092"',
        "topic": f'topic = "{name}"',
        "group": 'group = "campaigner"',
        "dead_letters": f'dead_letters = "{dead_letters_of(name)}"',
    }.get(entry)


def dead_letters_of(name: str) -> str:
    """The file of a source's dead letters, where its settings name no other."""
    return f"var/{name}.dead.jsonl"


def source_settings(
    name: str, entry: EventsEntry, setting: Callable[[str, str], Setting]
) -> EventSource:
    """The source; `setting` makes one of an entry's name and its text."""

    def maybe(key: str, text: str | None) -> Setting | None:
        return None if text is None else setting(key, text)

    dead_letters = setting("dead_letters", entry.dead_letters or dead_letters_of(name))
    user, password = maybe("user", entry.user), maybe("password", entry.password)
    match entry:
        case NatsEventsEntry():
            return NatsEvents(
                name,
                entry.timeout,
                setting("url", entry.url),
                user,
                password,
                maybe("token", entry.token),
                setting("subject", entry.subject),
                dead_letters,
            )
        case KafkaEventsEntry():
            return KafkaEvents(
                name,
                entry.timeout,
                setting("servers", entry.servers),
                user,
                password,
                entry.tls,
                setting("topic", entry.topic),
                setting("group", entry.group),
                dead_letters,
            )
        case _:
            assert_never(entry)


def channel_example(name: str, entry: str) -> str | None:
    """The entry as it could be written."""
    return {
        "kind": 'kind = "file"',
        "path": f'path = "var/{name}.jsonl"',
        "url": 'url = "https://push.example.com/v1"',
        "secret": f'secret = "${{{name.upper()}_SECRET}}"',
        "from": 'from = "news@example.com"',
        "subject": 'subject = "news"',
        "address": 'address = "customer.email"',
        "servers": 'servers = "broker.example.com:9092"',
        "topic": 'topic = "messages"',
        "audience": 'audience = "staff"',
        "consent": 'consent = "customer.consent_push"',
    }.get(entry)


def channel_settings(
    name: str, entry: ChannelEntry, setting: Callable[[str, str], Setting]
) -> Channel:
    """The channel; `setting` makes one of an entry's name and its text."""

    def maybe(key: str, text: str | None) -> Setting | None:
        return None if text is None else setting(key, text)

    match entry:
        case FileEntry():
            return FileSettings(name, setting("path", entry.path))
        case WebhookEntry():
            url, secret = setting("url", entry.url), setting("secret", entry.secret)
            token = maybe("token", entry.token)
            return WebhookSettings(name, _limits(entry), url, secret, token, entry.parallel)
        case SmtpEntry():
            return SmtpSettings(
                name,
                _limits(entry),
                setting("url", entry.url),
                maybe("user", entry.user),
                maybe("password", entry.password),
                entry.tls,
                setting("from", entry.sender),
                setting("subject", entry.subject),
                setting("address", entry.address),
            )
        case NatsEntry():
            return NatsSettings(
                name,
                _limits(entry),
                setting("url", entry.url),
                maybe("user", entry.user),
                maybe("password", entry.password),
                maybe("token", entry.token),
                setting("subject", entry.subject),
            )
        case KafkaEntry():
            return KafkaSettings(
                name,
                _limits(entry),
                setting("servers", entry.servers),
                maybe("user", entry.user),
                maybe("password", entry.password),
                entry.tls,
                setting("topic", entry.topic),
            )
        case _:
            assert_never(entry)


def _limits(entry: _Remote) -> Limits:
    return Limits(entry.timeout, entry.per_run, entry.attempts)
