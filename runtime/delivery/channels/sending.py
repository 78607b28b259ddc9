"""What channels over a network have in common: what goes out, and what comes of it."""

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
    """One row of the outbox on its way. `line` is its JSON, `text` what a person would read.

    `key` is the same however often it is sent; `recipient` whom it is for; `address` where mail
    for it goes, where the channel asks for one.
    """

    key: str
    recipient: str
    line: bytes
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Later:
    """It may have failed, and it is worth another try; not before `after` seconds, if told."""

    error: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver does not want it, however often it is sent."""

    error: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """It was not tried: no attempt is counted, and it may be taken again at once."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """No connection could be made, so it was not tried, and neither is any other for a while."""

    error: str


Fate = Arrived | Later | Refused | Unsent | Unreached

TIMED_OUT = Later("timed out")
_RECEIVERS_FAULT = 2
"""Rows in a row that fail each by itself, before those behind them are left alone."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on trying, in seconds.

    `timeout`: one delivery; `per_run`: a run's deliveries to the channel. After `attempts` that
    failed a row is a dead letter. `parallel` senders get `batch` rows at a time each.
    """

    timeout: float = 10.0
    per_run: float = 60.0
    attempts: int = 16
    parallel: int = 1
    batch: int = 100


class Sender(Protocol):
    """One connection to a receiver, used by one thread."""

    def send(
        self, parcels: Sequence[Parcel], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Parcel, Fate]]:
        """Send them and yield the fate of each, once, as soon as it is known.

        A sender is total: nothing that a row holds and nothing that a receiver answers raises. A
        fault of one row is that row's fate. Where no connection can be made, the first row is
        `Unreached`, and those behind it are `Unsent`. Once `stopped`, rows not begun are `Unsent`.
        """

    @property
    def connected(self) -> bool:
        """Whether it has a connection. Asked from another thread."""

    def close(self) -> None:
        """Lets go of the connection."""


class Remote(Protocol):
    """A channel whose receiver is reached over a network."""

    @property
    def name(self) -> str:
        """The channel's name."""

    @property
    def patience(self) -> Patience:
        """How long to go on trying."""

    @property
    def address(self) -> str | None:
        """Where mail goes: an address, or `customer.FIELD`; nothing where nobody asks."""

    def sender(self) -> Sender:
        """A connection, made when it is first used."""


def ascii_key(key: str) -> str:
    """The key where only ASCII may stand (headers): other characters are escaped as in a URL."""
    return quote(key, safe="/%!#$&'()*+,:;=?@[]~", errors="replace")


def drawn(text: str) -> float:
    """A number in [0, 1) that is always the same for the same text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64


def all_unsent(parcels: Sequence[Parcel]) -> Iterator[tuple[Parcel, Fate]]:
    """None of them was tried."""
    for parcel in parcels:
        yield parcel, Unsent()


def after_company(
    together: Sequence[tuple[Parcel, Fate]],
    alone: Callable[[Parcel], Fate],
    unreached: Callable[[], Unreached | None],
    stopped: Callable[[], bool],
) -> Iterator[tuple[Parcel, Fate]]:
    """Yield the fates of parcels sent `together`; one that failed in company is sent again `alone`.

    Brokers fail a batch as a whole, or hang up, because of one record in it: nobody answers for
    another. After a failure `unreached` connects anew: a receiver that is gone is no row's fault.
    Once it is gone, or two in a row failed alone, the others are `Unsent`.
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
    """What was wrong with a connection: a few words that hold no address and no secret."""
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
            # The library's own words may name the address.
            return os.strerror(number).lower()
        case _:
            return "connection closed"
