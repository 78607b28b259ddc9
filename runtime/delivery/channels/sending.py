"""The contract of channels over the network: parcels, fates, senders."""

from __future__ import annotations

import hashlib
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ssl import SSLError
from typing import Protocol
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Parcel:
    """An outbox row to send. `line` is its JSON, `text` its form for people.

    `key` is the same in every attempt. `address` is the mail address, if the channel needs one.
    """

    key: str
    recipient: str
    line: bytes
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """The receiver has the row."""


@dataclass(frozen=True, slots=True)
class Later:
    """The attempt may have failed; try again, but not before `after` seconds if given."""

    error: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver refuses the row for good."""

    error: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """The row was not sent: no attempt is counted, and it may be taken again at once."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """No connection could be made: the row was not sent, and the channel pauses."""

    error: str


Fate = Arrived | Later | Refused | Unsent | Unreached

TIMED_OUT = Later("timed out")
_RECEIVERS_FAULT = 2
"""The consecutive rows that may fail alone before the others are left unsent."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The limits of a channel, in seconds.

    `timeout` is for one delivery, `per_run` for a run's deliveries. After `attempts` failures a row
    is a dead letter. `parallel` senders get up to `batch` rows at a time.
    """

    timeout: float = 10.0
    per_run: float = 60.0
    attempts: int = 16
    parallel: int = 1
    batch: int = 100


class Sender(Protocol):
    """A connection to a receiver, used by one thread."""

    def send(
        self, parcels: Sequence[Parcel], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Parcel, Fate]]:
        """Send parcels; yield the fate of each, once, as soon as it is known.

        A sender never raises because of a row or an answer: a fault of a row is its fate. Without a
        connection, the first row is `Unreached`, and the others are `Unsent`. Once `stopped`, rows
        not begun are `Unsent`.
        """

    @property
    def connected(self) -> bool:
        """Whether it has a connection; called from another thread."""

    def close(self) -> None:
        """Close the connection."""


class Remote(Protocol):
    """A channel whose receiver is on a network."""

    @property
    def name(self) -> str:
        """The channel's name."""

    @property
    def patience(self) -> Patience:
        """The channel's limits."""

    @property
    def address(self) -> str | None:
        """The mail address, or `customer.FIELD`; `None` if the channel needs none."""

    def sender(self) -> Sender:
        """Return a sender, which connects on first use."""


def ascii_key(key: str) -> str:
    """Return the key for headers: characters outside ASCII are escaped as in a URL."""
    return quote(key, safe="/%!#$&'()*+,:;=?@[]~", errors="replace")


def drawn(text: str) -> float:
    """Return a number in [0, 1), derived from the text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64


def all_unsent(parcels: Sequence[Parcel]) -> Iterator[tuple[Parcel, Fate]]:
    """Yield `Unsent` for each parcel."""
    for parcel in parcels:
        yield parcel, Unsent()


def after_company(
    together: Sequence[tuple[Parcel, Fate]],
    alone: Callable[[Parcel], Fate],
    unreached: Callable[[], Unreached | None],
    stopped: Callable[[], bool],
) -> Iterator[tuple[Parcel, Fate]]:
    """Yield the fates of parcels sent `together`; resend each failed one `alone`.

    Brokers fail a whole batch, or hang up, because of one record. After a failure `unreached`
    reconnects, to tell a bad row from a receiver that is gone. Once it is gone, or two consecutive
    rows failed alone, the others are `Unsent`.
    """
    yield from (each for each in together if isinstance(each[1], Arrived))
    left = [each for each in together if not isinstance(each[1], Arrived)]
    gone = next((fate for _, fate in left if isinstance(fate, Unreached)), None)
    if gone is None and any(isinstance(fate, Later) for _, fate in left):
        gone = unreached()
    if gone is None and len(together) == 1:
        yield from left
        return
    waiting = deque(parcel for parcel, _ in left)
    misses = 0
    while waiting and misses < _RECEIVERS_FAULT and not stopped():
        parcel = waiting.popleft()
        fate = gone or alone(parcel)
        if isinstance(fate, Later):
            misses += 1
            fate = unreached() or fate
        else:
            misses = 0
        yield parcel, fate
        if isinstance(fate, Unreached):
            break
    yield from all_unsent(tuple(waiting))


def fault_words(fault: Exception) -> str:
    """Describe a fault of a connection, without addresses and secrets."""
    match fault:
        case TimeoutError():
            return TIMED_OUT.error
        case socket.gaierror():
            return "the name of the host is not known"
        case ConnectionRefusedError():
            return "connection refused"
        case SSLError(reason=reason):
            return f"no secure connection: {str(reason or 'refused').lower().replace('_', ' ')}"
        case ConnectionError():
            return "connection closed"
        case OSError(errno=int(number)):
            # The library's own text may contain the address.
            return os.strerror(number).lower()
        case _:
            return "connection closed"
