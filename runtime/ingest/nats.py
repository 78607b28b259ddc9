"""A stream of NATS JetStream as a source: one part, whose numbers are the stream's sequence.

The ledger's offset counts. So a durable consumer is made anew for each reader, from the message
after the last one decided. Messages are acknowledged when the ledger has their decisions. A
stream that deletes what is acknowledged begins with what is not. While another reader waits for
messages, the source is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ...dsl.diagnostics.diagnostic import Phrase
from ..delivery.channels.sending import fault_words
from ..events.cache.coming import AHEAD
from ..ledger.known_events import Offset
from .messages import BATCH, ROOM, Message, away

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

T = TypeVar("T")

_PART = 0
_FAULTS = (OSError, ValueError, TypeError, LookupError, AttributeError, EOFError)
"""Faults of `nats-py` over an answer that is not what it expects, and of the network."""
_AT_ONCE = 100
_SOON = 0.01
_OTHER_READER = Phrase("ingest.other_reader")
_NO_STREAM = Phrase("ingest.no_stream")
_LOST = Phrase("ingest.connection_lost")


@dataclass(frozen=True, slots=True)
class NatsPlace:
    """Where events come from: the messages of one subject. `timeout` is in seconds."""

    name: str
    url: str = field(repr=False)
    subject: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    timeout: float = 10.0


class NatsSource:
    """One connection, on an event loop that runs only while it reads."""

    def __init__(self, place: NatsPlace) -> None:
        self.name = place.name
        self._place = place
        self._runner = asyncio.Runner()
        self._client: Client | None = None
        self._subscription: JetStreamContext.PullSubscription | None = None
        self._unacknowledged: list[Msg] = []
        self.at_end = False

    def open(self, offsets: Mapping[int, Offset], /) -> None:
        """See `Source.open`."""
        kept = offsets.get(_PART)
        self._do(self._open(1 if kept is None else max(1, kept.remembered)))

    def read(self, wait: float) -> Sequence[Message] | None:
        """See `Source.read`."""
        return self._do(self._read(wait))

    def commit(self, after: Mapping[int, int], /) -> None:
        """See `Source.commit`."""
        through = after.get(_PART, 0)
        self._do(self._acknowledge(through))

    def close(self) -> None:
        """See `Source.close`."""
        self._runner.run(self._disconnect())
        self._runner.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        from nats.errors import Error  # noqa: PLC0415  (an extra)

        try:
            return self._runner.run(work)
        except (Error, *_FAULTS) as fault:
            raise away(self.name, _words(fault)) from fault

    async def _open(self, first: int) -> None:
        from nats.aio.client import Client  # noqa: PLC0415
        from nats.errors import Error  # noqa: PLC0415

        await self._disconnect()
        place, faults = self._place, list[Exception]()

        async def keep(fault: Exception) -> None:
            faults.append(fault)

        self._client = Client()
        try:
            async with AsyncExitStack() as undo:
                undo.push_async_callback(self._disconnect)
                async with asyncio.timeout(place.timeout):
                    await self._client.connect(
                        place.url,
                        user=place.user,
                        password=place.password,
                        token=place.token,
                        allow_reconnect=False,
                        max_reconnect_attempts=1,
                        reconnect_time_wait=0,
                        connect_timeout=max(1, int(place.timeout)),
                        error_cb=keep,
                    )
                    self._subscription = await self._subscribed(self._client.jetstream(), first)
                undo.pop_all()
        except (Error, *_FAULTS) as fault:
            if faults:
                raise faults[0] from fault
            raise

    async def _subscribed(
        self, jetstream: JetStreamContext, first: int
    ) -> JetStreamContext.PullSubscription:
        """Make the consumer anew, and subscribe to it."""
        from nats.js.api import (  # noqa: PLC0415
            AckPolicy,
            ConsumerConfig,
            DeliverPolicy,
            RetentionPolicy,
        )
        from nats.js.errors import NotFoundError  # noqa: PLC0415

        name = f"campaigner-{self.name}"
        try:
            stream = await jetstream.find_stream_name_by_subject(self._place.subject)
        except NotFoundError as fault:
            raise away(self.name, _NO_STREAM) from fault
        try:
            known = await jetstream.consumer_info(stream, name)
            if known.num_waiting:
                raise away(self.name, _OTHER_READER)
            await jetstream.delete_consumer(stream, name)
        except NotFoundError:
            pass
        config = (await jetstream.stream_info(stream)).config
        from_first = config.retention == RetentionPolicy.WORK_QUEUE
        wanted = ConsumerConfig(
            durable_name=name,
            filter_subject=self._place.subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=3_600,
            max_ack_pending=2 * AHEAD,
            deliver_policy=DeliverPolicy.ALL if from_first else DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=None if from_first else first,
        )
        await jetstream.add_consumer(stream, wanted)
        return await jetstream.pull_subscribe_bind(consumer=name, stream=stream)

    async def _read(self, wait: float) -> Sequence[Message]:
        from nats.errors import TimeoutError as NoMessage  # noqa: PLC0415

        if self._subscription is None or self._client is None or not self._client.is_connected:
            raise away(self.name, _LOST)
        found: list[Msg] = []
        self.at_end = False
        try:
            while len(found) < AHEAD and sum(len(one.data) for one in found) < ROOM:
                # A thousand at once could be a gigabyte.
                more = await self._subscription.fetch(_AT_ONCE, timeout=_SOON if found else wait)
                found += more
                if len(more) < _AT_ONCE and len(found) >= BATCH:
                    break
        except NoMessage:
            self.at_end = not found
        self._unacknowledged += found
        return [Message(one.metadata.sequence.stream, one.data, _PART) for one in found]

    async def _acknowledge(self, through: int) -> None:
        left = []
        for one in self._unacknowledged:
            if one.metadata.sequence.stream < through:
                await one.ack()
            else:
                left.append(one)
        self._unacknowledged = left
        if self._client is not None:
            await self._client.flush(max(1, int(self._place.timeout)))

    async def _disconnect(self) -> None:
        client, self._client, self._subscription = self._client, None, None
        self._unacknowledged = []
        if client is not None:
            await client.close()
            await asyncio.sleep(0)


def _words(fault: Exception) -> str | Phrase:
    from nats.errors import Error  # noqa: PLC0415
    from nats.js.errors import APIError  # noqa: PLC0415

    match fault:
        case APIError(code=int(code)):
            return f"nats {code}"
        case TimeoutError():
            return "timed out"
        case Error():
            refused = "authorization" in str(fault).lower()
            return "the server does not let us in" if refused else "connection closed"
        case _:
            return fault_words(fault)
