"""Open channels from their settings: expand variables, and check libraries."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import assert_never
from urllib.parse import urlsplit

from ...compiler.files.environment import Setting, expand
from ...compiler.files.places import Use
from ...compiler.project import channels as settings
from ...compiler.project.mail_addresses import is_mail_address, is_sender
from ...dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose
from ..codes import delivery as codes
from .channels.file import FileChannel
from .channels.sending import Patience
from .deliver import Channel

_EMPTY = Phrase("from_settings.empty")
_NO_URL = Phrase("from_settings.no_url")
_NOT_ASCII = Phrase("from_settings.not_ascii")
_NO_MAIL = Phrase("from_settings.no_mail")


def open_channel(channel: settings.Channel, used: Sequence[Use] = ()) -> Channel:
    """Return the channel, ready to deliver; nothing is connected yet.

    `used` are the project's other paths, which no channel's file may use. Raise `CannotRun` if a
    variable is missing or unusable, or the library of an extra is missing.
    """
    # Each kind is loaded where a project has one: protocols take long to load.
    match channel:
        case settings.FileSettings():
            path = Path(expand(channel.path))
            return FileChannel(channel.name, path, channel.path.text, tuple(used))
        case settings.WebhookSettings():
            from .channels.webhook import WebhookChannel  # noqa: PLC0415

            patience = _patience(channel.limits, channel.parallel, 1)
            url, secret, token = (
                url_in(channel.url),
                _secret(channel.secret),
                word_of(channel.token),
            )
            return WebhookChannel(channel.name, url, secret, token, patience)
        case settings.SmtpSettings():
            return _mail(channel)
        case settings.NatsSettings():
            from .channels.nats import NatsChannel  # noqa: PLC0415

            _needs("nats", channel.name, "nats")
            return NatsChannel(
                channel.name,
                url_in(channel.url),
                line_of(channel.subject),
                word_of(channel.user),
                word_of(channel.password),
                word_of(channel.token),
                _patience(channel.limits, 1, 200),
            )
        case settings.KafkaSettings():
            from .channels.kafka import KafkaChannel  # noqa: PLC0415

            _needs("confluent_kafka", channel.name, "kafka")
            return KafkaChannel(
                channel.name,
                line_of(channel.servers),
                line_of(channel.topic),
                word_of(channel.user),
                word_of(channel.password),
                channel.tls,
                _patience(channel.limits, 1, 500),
            )
        case _:
            assert_never(channel)


def _mail(channel: settings.SmtpSettings) -> Channel:
    from .channels.mail import MailChannel  # noqa: PLC0415

    address = line_of(channel.address)
    if settings.field_of(address) is None and not is_mail_address(address):
        raise _unusable(channel.address, _NO_MAIL)
    sender = line_of(channel.sender)
    if not is_sender(sender):
        raise _unusable(channel.sender, _NO_MAIL)
    return MailChannel(
        channel.name,
        url_in(channel.url),
        sender,
        line_of(channel.subject),
        address,
        word_of(channel.user),
        word_of(channel.password),
        channel.tls,
        _patience(channel.limits, 1, 50),
    )


def _patience(limits: settings.Limits, parallel: int, batch: int) -> Patience:
    return Patience(limits.timeout, limits.per_run, limits.attempts, parallel, batch)


def _needs(library: str, channel: str, extra: str) -> None:
    if find_spec(library) is None:
        raise CannotRun(diagnose(codes.CHANNEL_NEEDS, None, channel=channel, extra=extra))


def url_in(setting: Setting) -> str:
    """Return the address of a server. Raise `CannotRun` if it is none."""
    url = expand(setting)
    try:
        parts = urlsplit(url)
        # A host with an empty or an overlong label has no name that could be looked up.
        usable = bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise _unusable(setting, _NO_URL)
    return url


def line_of(setting: Setting) -> str:
    """Return a text on one line. Raise `CannotRun` if it is empty, or none."""
    text = expand(setting)
    if not text:
        raise _unusable(setting, _EMPTY)
    if not text.isprintable():
        raise _unusable(setting, _NOT_ASCII)
    return text


def _secret(setting: Setting) -> str:
    """Return a secret, which may be any text except an empty one."""
    text = expand(setting)
    if not text:
        raise _unusable(setting, _EMPTY)
    return text


def word_of(setting: Setting | None) -> str | None:
    """Return a name or secret that is sent to a server, maybe in a header, so in ASCII."""
    if setting is None:
        return None
    text = line_of(setting)
    if not text.isascii():
        raise _unusable(setting, _NOT_ASCII)
    return text


def _unusable(setting: Setting, reason: Phrase) -> CannotRun:
    code = codes.CHANNEL_UNUSABLE
    return CannotRun(diagnose(code, setting.place, name=setting.name, reason=reason))
