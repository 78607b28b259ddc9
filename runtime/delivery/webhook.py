"""Webhooks: an HTTP POST for each row, signed, with a key by which receivers drop doubles.

The standard library's client does what is needed and nothing behind our back: no redirects (a
signed body goes where it was meant to go or nowhere), no proxies, no retries of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection, RemoteDisconnected
from urllib.parse import unquote, urlsplit

from .sending import (
    Arrived,
    Fate,
    Later,
    Parcel,
    Patience,
    Refused,
    Unsent,
    ascii_key,
    at_most,
    fault_words,
)

SIGNATURE = "Campaigner-Signature"
TIMESTAMP = "Campaigner-Timestamp"
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})
_MOST_READ = 65_536
"""Bytes of an answer that are read, so that its connection can be used again."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and HMAC-SHA256 in hex over the timestamp, a point, and the body."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


PATIENCE = Patience(parallel=4, batch=1)


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """`kind = "webhook"`. `url` is whole; the secrets are shown nowhere."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    patience: Patience = PATIENCE

    @property
    def address(self) -> None:
        """Nobody asks."""
        return

    def sender(self) -> WebhookSender:
        """A connection of its own."""
        return WebhookSender(self)


class WebhookSender:
    """One connection, kept open from request to request."""

    def __init__(self, channel: WebhookChannel) -> None:
        self._channel = channel
        url = urlsplit(channel.url)
        self._path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        self._headers = {"Content-Type": "application/json", "User-Agent": "campaigner"}
        if channel.token is not None:
            self._headers["Authorization"] = f"Bearer {channel.token}"
        elif url.username is not None:
            user = f"{unquote(url.username)}:{unquote(url.password or '')}"
            self._headers["Authorization"] = f"Basic {b64encode(user.encode()).decode()}"
        timeout, host = channel.patience.timeout, url.hostname or ""
        self._connection: HTTPConnection = (
            HTTPSConnection(host, url.port, timeout=timeout, context=ssl.create_default_context())
            if url.scheme == "https"
            else HTTPConnection(host, url.port, timeout=timeout)
        )

    def send(
        self, parcels: Sequence[Parcel], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Parcel, Fate]]:
        """See `Sender.send`."""
        for parcel in parcels:
            yield parcel, Unsent() if stopped() else self._post(parcel)

    def close(self) -> None:
        """See `Sender.close`."""
        self._connection.close()

    def _post(self, parcel: Parcel) -> Fate:
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            **self._headers,
            "Idempotency-Key": ascii_key(parcel.key),
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._channel.secret, timestamp, parcel.line),
        }
        kept_open = self._connection.sock is not None
        with at_most(self._channel.patience.timeout, self._connection) as over:
            fate = self._tried(parcel.line, headers)
            if isinstance(fate, Exception) and kept_open and not over.is_set():
                # A connection that had been idle may just have been closed: that says nothing yet.
                fate = self._tried(parcel.line, headers)
        if over.is_set():
            self._connection.close()
            return Later("timed out")
        return Later(fault_words(fate)) if isinstance(fate, Exception) else fate

    def _tried(self, body: bytes, headers: dict[str, str]) -> Fate | OSError | HTTPException:
        try:
            return self._exchange(body, headers)
        except (OSError, HTTPException) as fault:
            self._connection.close()
            return fault

    def _exchange(self, body: bytes, headers: dict[str, str]) -> Fate:
        self._connection.request("POST", self._path, body, headers)
        answer = self._connection.getresponse()
        read = len(answer.read(_MOST_READ))
        if not answer.isclosed():
            self._connection.close()
        if read < _MOST_READ and answer.length:
            raise RemoteDisconnected("the answer was cut off")
        return fate_of(answer.status, answer.getheader("Retry-After"))


def fate_of(status: int, retry_after: str | None) -> Fate:
    """What an answer means."""
    if 200 <= status < 300:
        return Arrived()
    if status in _WORTH_ANOTHER_TRY or status >= 500:
        return Later(f"http {status}", _seconds(retry_after))
    return Refused(f"http {status}")


def _seconds(retry_after: str | None) -> float | None:
    """`Retry-After` is a number of seconds or a date; one that is neither says nothing."""
    told = (retry_after or "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)
