"""Checks of a channel as a whole: invalid addresses, and secrets that others could read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import assert_never

from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.diagnostics.source import Place
from ..codes import files
from ..files.environment import Setting
from ..plan import CustomerTable
from ..plan.types import TEXT
from .channels import (
    Channel,
    FileSettings,
    KafkaSettings,
    NatsSettings,
    SmtpSettings,
    WebhookSettings,
    field_of,
)

_OUR_OWN = ("rewards", "alerts")
"""Channels that the program writes to itself: what they get is not for customers to read."""

_ADDRESS = Phrase("validation.address")
_FIELD = Phrase("validation.field")

_HERE = r"(localhost|127\.[0-9.]+|\[::1\]|::1)"
_URL_HERE = re.compile(rf"\w+://([^/@]*@)?{_HERE}([:/?#]|$)", re.IGNORECASE)
_SERVER_HERE = re.compile(rf"{_HERE}:\d+", re.IGNORECASE)
"""Matches servers on this machine."""


def check_channels(
    channels: Mapping[str, Channel], customers: CustomerTable | None, doubtful: frozenset[str]
) -> list[Diagnostic]:
    """Errors of addresses, passwords and messages.

    An address must name a text field of the customer, if it names any, and only where customers
    are addressed. Passwords and messages must not be sent unencrypted.
    """
    found: list[Diagnostic] = []
    for channel in channels.values():
        found += _in_the_clear(channel)
        if isinstance(channel, SmtpSettings):
            found += _address(channel, customers, doubtful)
    return found


# --- what others could read ---------------------------------------------------------------------

_PASSWORD = Phrase("validation.password")
_TOKEN = Phrase("validation.token")
_WITH_TLS = Phrase("validation.with_tls")
_TLS_URL = Phrase("validation.tls_url")
_HTTPS = Phrase("validation.https")


def _in_the_clear(channel: Channel) -> Iterator[Diagnostic]:
    match channel:
        case FileSettings():
            return
        case SmtpSettings():
            if not channel.tls and not _begins(channel.url, "smtps") and not _is_here(channel.url):
                yield from _readable(channel.name, _PASSWORD, channel.password, _WITH_TLS)
        case KafkaSettings():
            servers = channel.servers.text.split(",")
            if not channel.tls and not all(_SERVER_HERE.fullmatch(one) for one in servers):
                yield from _readable(channel.name, _PASSWORD, channel.password, _WITH_TLS)
        case NatsSettings():
            if _begins(channel.url, "nats") and not _is_here(channel.url):
                within = channel.url if "@" in channel.url.text else None
                password = channel.password or within
                yield from _readable(channel.name, _PASSWORD, password, _TLS_URL)
                yield from _readable(channel.name, _TOKEN, channel.token, _TLS_URL)
        case WebhookSettings():
            if _begins(channel.url, "http") and not _is_here(channel.url):
                yield from _readable(channel.name, _TOKEN, channel.token, _HTTPS)
                if channel.token is None and not _is_given(channel.url):
                    name, place = channel.name, channel.url.place
                    yield diagnose(files.MESSAGES_IN_THE_CLEAR, place, name=name)
        case _:
            assert_never(channel)


def _begins(url: Setting, scheme: str) -> bool:
    return url.text.lower().startswith(f"{scheme}://")


def _is_here(url: Setting) -> bool:
    return _URL_HERE.match(url.text) is not None


def _is_given(url: Setting) -> bool:
    """Whether the environment says which machine it is."""
    return "${" in url.text.partition("://")[2].partition("/")[0]


def _readable(name: str, what: Phrase, secret: Setting | None, way: Phrase) -> Iterator[Diagnostic]:
    if secret is not None:
        place = secret.place
        yield diagnose(files.SECRET_IN_THE_CLEAR, place, name=name, what=what, way=way)


# --- whom a mail goes to ------------------------------------------------------------------------


def _address(
    channel: SmtpSettings, customers: CustomerTable | None, doubtful: frozenset[str]
) -> Iterator[Diagnostic]:
    address = channel.address
    field = field_of(address.text)
    if field is None or customers is None or field in doubtful:
        return
    if channel.name in _OUR_OWN:
        yield _wrong_address(address.place, address.text, _ADDRESS)
    elif field not in {one.name for one in customers.fields if one.type == TEXT}:
        yield _wrong_address(address.place, address.text, _FIELD, customers)


def _wrong_address(
    place: Place, value: str, expected: Phrase, customers: CustomerTable | None = None
) -> Diagnostic:
    fields = [one.name for one in customers.fields if one.type == TEXT] if customers else []
    near = suggestions(value.removeprefix("customer."), fields).get("nearest")
    help_ = {} if near is None else {"nearest": f"customer.{near}"}
    return diagnose(
        files.BAD_ADDRESS, place, labels=(), fix=None, value=value, expected=expected, **help_
    )
