"""The webhook channel: an HTTP POST for each row, signed, with a key against duplicates.

The standard library's client follows no redirects, so a signed body goes only where it was meant to
go. It uses no proxies, and has no retries of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
    RemoteDisconnected,
)
from urllib.parse import unquote, urlsplit

from .sending import (
    TIMED_OUT,
    Arrived,
    Fate,
    Later,
    Parcel,
    Patience,
    Refused,
    Unreached,
    Unsent,
    ascii_key,
    fault_words,
)
from .wire import Wire

SIGNATURE = "Campaigner-Signature"
TIMESTAMP = "Campaigner-Timestamp"
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})
_SWITCHING = 101
_MOST_READ = 65_536
"""The most bytes read of a response, so that its connection can be used again."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return `v1=` and the HMAC-SHA256 (hex) of the timestamp, a dot, and the body."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


PATIENCE = Patience(parallel=4, batch=1)


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """`kind = "webhook"`. `url` is complete; it and the secrets are not shown."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    patience: Patience = PATIENCE

    @property
    def address(self) -> None:
        """`None`: requests need no address."""
        return

    def sender(self) -> WebhookSender:
        """Return a sender with its own connection."""
        return WebhookSender(self)


class _Answer(HTTPResponse):
    """A response that skips interim ones, and refuses negative chunk sizes.

    The library takes a 103 for the response, and leaves the real one to the next request. It also
    reads a chunk of size -1 without an end.
    """

    def begin(self) -> None:
        """Read up to the body of the first final response."""
        super().begin()
        while 100 <= self.status < 200 and self.status != _SWITCHING:
            self.headers = self.msg = None  # type: ignore[assignment]  # not begun
            super().begin()

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        if size < 0:
            raise IncompleteRead(b"")
        return size


class WebhookSender:
    """A sender with one connection, kept open between requests."""

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
        host = url.hostname or ""
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._connection: HTTPConnection = (
            HTTPConnection(host, url.port)
            if self._tls is None
            else HTTPSConnection(host, url.port, context=self._tls)
        )
        self._connection.response_class = _Answer
        self._wire = Wire()

    def send(
        self, parcels: Sequence[Parcel], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Parcel, Fate]]:
        """See `Sender.send`."""
        for parcel in parcels:
            yield parcel, Unsent() if stopped() else self._post(parcel)

    @property
    def connected(self) -> bool:
        """See `Sender.connected`."""
        return self._connection.sock is not None

    def close(self) -> None:
        """See `Sender.close`."""
        self._connection.close()
        self._wire.close()

    def _post(self, parcel: Parcel) -> Fate:
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            **self._headers,
            "Idempotency-Key": ascii_key(parcel.key),
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._channel.secret, timestamp, parcel.line),
        }
        if not self._wire.quiet(self._connection.sock):
            # The server sent something unasked, or closed the idle connection.
            self._connection.close()
        kept_open = self._connection.sock is not None
        with self._wire.at_most(self._channel.patience.timeout) as over:
            fate = self._tried(parcel.line, headers)
            if isinstance(fate, ConnectionError) and kept_open and not over.is_set():
                # The server may just have closed the idle connection: try once more.
                fate = self._tried(parcel.line, headers)
        if over.is_set():
            self._connection.close()
        if self._connection.sock is None:
            self._wire.close()
        if isinstance(fate, Unreached):
            return Unreached(TIMED_OUT.error) if over.is_set() else fate
        if over.is_set():
            return TIMED_OUT
        return Later(fault_words(fate)) if isinstance(fate, Exception) else fate

    def _tried(self, body: bytes, headers: dict[str, str]) -> Fate | OSError | HTTPException:
        try:
            if self._connection.sock is None:
                self._connect()
        except OSError as fault:
            return Unreached(fault_words(fault))
        try:
            return self._exchange(body, headers)
        except (OSError, HTTPException) as fault:
            self._connection.close()
            return fault

    def _connect(self) -> None:
        connection, timeout = self._connection, self._channel.patience.timeout
        connected = self._wire.connect(connection.host, connection.port, timeout)
        if self._tls is not None:
            connected = self._tls.wrap_socket(connected, server_hostname=connection.host)
        connection.sock = connected

    def _exchange(self, body: bytes, headers: dict[str, str]) -> Fate:
        self._connection.request("POST", self._path, body, headers)
        with self._connection.getresponse() as answer:
            read = len(answer.read(_MOST_READ))
            if not answer.isclosed() or answer.status == _SWITCHING:
                self._connection.close()
            if read < _MOST_READ and answer.length:
                raise RemoteDisconnected("the answer was cut off")
        return fate_of(answer.status, answer.getheader("Retry-After"))


def fate_of(status: int, retry_after: str | None) -> Fate:
    """Return the fate that a response means."""
    if 200 <= status < 300:
        return Arrived()
    if status in _WORTH_ANOTHER_TRY or status >= 500:
        return Later(f"http {status}", _seconds(retry_after))
    return Refused(f"http {status}")


_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")
"""The three ways in which HTTP writes an instant: RFC 9110, 5.6.7."""


def _seconds(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds, from a number of them or a date; `None` if it is neither."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    for written in _DATES:
        try:
            at = datetime.strptime(text, written).replace(tzinfo=UTC)
        except ValueError:
            continue
        return max((at - datetime.now(UTC)).total_seconds(), 0.0)
    return None
