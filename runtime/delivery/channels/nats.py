"""The NATS channel: each row is a message of JetStream, which drops duplicate ids.

`nats-py` comes with the extra `campaigner[nats]`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
    ascii_key,
    fault_words,
)

if TYPE_CHECKING:
    from nats.aio.client import Client

PATIENCE = Patience(batch=200)
_HEADER = "NATS/1.0\r\nNats-Msg-Id: {}\r\n\r\n"
_NO_ANSWER = (ValueError, TypeError, LookupError, AttributeError, EOFError)
"""Faults of `nats-py` over a server's greeting or acknowledgement that is not what it expects."""
_TOO_LARGE = Refused("larger than the server takes")


@dataclass(frozen=True, slots=True)
class NatsChannel:
    """`kind = "nats"`. A stream must take the subject."""

    name: str
    url: str = field(repr=False)
    subject: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    patience: Patience = PATIENCE

    @property
    def address(self) -> None:
        """`None`: messages need no address."""
        return

    def sender(self) -> NatsSender:
        """Return a sender with its own connection."""
        return NatsSender(self)


class NatsSender(BrokerSender):
    """A sender with one connection, on an event loop that runs only while it sends."""

    def __init__(self, channel: NatsChannel) -> None:
        self._channel = channel
        self._runner = asyncio.Runner()
        self._client: Client | None = None

    @property
    def connected(self) -> bool:
        """See `Sender.connected`."""
        return self._client is not None and self._client.is_connected

    def reach(self) -> Unreached | None:
        """See `BrokerSender.reach`."""
        return self._runner.run(self._connect())

    def leave(self) -> None:
        """See `BrokerSender.leave`."""
        self._runner.run(self._disconnect())

    def together(self, parcels: Sequence[Parcel]) -> list[tuple[Parcel, Fate]]:
        """See `BrokerSender.together`."""
        return self._runner.run(self._publish(parcels))

    def close(self) -> None:
        """See `Sender.close`."""
        self.leave()
        self._runner.close()

    async def _connect(self) -> Unreached | None:
        """Connect if necessary; return the fault, if any."""
        from nats.aio.client import Client  # noqa: PLC0415  (an extra)
        from nats.errors import Error  # noqa: PLC0415

        if self._client is not None and self._client.is_connected:
            return None
        await self._disconnect()
        channel = self._channel
        faults: list[Exception] = []

        async def keep(fault: Exception) -> None:
            faults.append(fault)

        # Stored before it connects, so that its socket is closed if that fails.
        self._client = Client()
        try:
            async with asyncio.timeout(channel.patience.timeout):
                await self._client.connect(
                    channel.url,
                    user=channel.user,
                    password=channel.password,
                    token=channel.token,
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=max(1, int(channel.patience.timeout)),
                    error_cb=keep,
                )
        except (Error, OSError, *_NO_ANSWER) as fault:
            await self._disconnect()
            return Unreached(_words(faults[0] if faults else fault))
        return None

    async def _disconnect(self) -> None:
        """Close the connection; one more round of the loop closes its socket."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
            await asyncio.sleep(0)

    async def _publish(self, parcels: Sequence[Parcel]) -> list[tuple[Parcel, Fate]]:
        return list(
            zip(parcels, await asyncio.gather(*map(self._publish_one, parcels)), strict=True)
        )

    async def _publish_one(self, parcel: Parcel) -> Fate:
        from nats.errors import Error, MaxPayloadError, NoRespondersError  # noqa: PLC0415
        from nats.js.errors import NoStreamResponseError  # noqa: PLC0415

        channel, client = self._channel, self._client
        if client is None:
            return Unreached("connection closed")
        id_ = ascii_key(parcel.key)
        try:
            if len(_HEADER.format(id_)) + len(parcel.line) > client.max_payload:
                # The server counts the header too, and would hang up; the library does not check.
                return _TOO_LARGE
            await client.jetstream().publish(
                channel.subject,
                parcel.line,
                timeout=channel.patience.timeout,
                headers={"Nats-Msg-Id": id_},
            )
        except MaxPayloadError:
            return _TOO_LARGE
        except (NoStreamResponseError, NoRespondersError) as fault:
            return Unreached(_words(fault))
        except (Error, OSError, *_NO_ANSWER) as fault:
            return Later(_words(fault))
        return Arrived()


def _words(fault: Exception) -> str:
    from nats.errors import Error, NoRespondersError  # noqa: PLC0415
    from nats.js.errors import APIError, NoStreamResponseError  # noqa: PLC0415

    match fault:
        case NoStreamResponseError() | NoRespondersError():
            return "no stream takes this subject"
        case APIError(code=int(code)):
            return f"nats {code}"
        case TimeoutError():
            return TIMED_OUT.error
        case Error():
            refused = "authorization" in str(fault).lower()
            return "the server does not let us in" if refused else "connection closed"
        case _:
            return fault_words(fault)
