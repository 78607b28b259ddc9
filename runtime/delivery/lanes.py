"""A lane for each channel: threads that send, and what is on its way in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Event, Thread

from ..ledger.outbox import OutboxRow
from .channels.sending import TIMED_OUT, Fate, Later, Parcel, Remote, Sender, Unreached, Unsent


@dataclass(frozen=True, slots=True)
class Answer:
    """The fate of the row with this key."""

    lane: Lane
    key: str
    fate: Fate

    @property
    def keys(self) -> tuple[str, ...]:
        """The rows that it is about."""
        return (self.key,)


@dataclass(frozen=True, slots=True)
class Ended:
    """A thread of the lane ended. It left the rows with these keys, and was sending the first."""

    lane: Lane
    keys: tuple[str, ...]


LaneEvent = Answer | Ended

GIVE_UP_AFTER = 5
"""Attempts in a row that failed, before a run leaves the channel alone."""


@dataclass(eq=False, slots=True)
class Lane:
    """One channel in one run. Kept by one thread; the senders' threads only see the queues.

    `deadline` is by the clock that only goes forward. `resume`: nothing is to be taken out of the
    outbox before; `retries`: when rows that failed in this run are worth another try in it.
    `drained`: the outbox had no more. `misses`: attempts in a row that failed. `in_hand`: the
    senders, by key, of rows that are being sent and of which nobody knows yet whether they arrive.
    """

    channel: Remote
    deadline: float
    results: SimpleQueue[LaneEvent]
    tasks: SimpleQueue[list[Parcel] | None] = field(default_factory=SimpleQueue)
    paused: Event = field(default_factory=Event)
    on_their_way: dict[str, OutboxRow] = field(default_factory=dict)
    in_hand: dict[str, Sender] = field(default_factory=dict)
    resume: datetime | None = None
    retries: list[datetime] = field(default_factory=list)
    drained: bool = False
    misses: int = 0
    threads: int = 0
    ended: bool = False

    def open(self) -> None:
        """Starts its senders."""
        for _ in range(self.channel.patience.parallel):
            self.open_one()

    def open_one(self) -> None:
        """Starts a sender."""
        # A name that cannot be looked up may hang for minutes: nobody waits for such a thread.
        Thread(target=self._work, name=f"channel {self.channel.name}", daemon=True).start()
        self.threads += 1

    def room(self) -> int:
        """How many rows it can take: one batch for each sender, and one more to come."""
        patience = self.channel.patience
        most = 2 * patience.parallel * patience.batch
        return most - len(self.on_their_way) if len(self.on_their_way) <= most // 2 else 0

    def take(self, parcels: Iterable[Parcel]) -> None:
        """Sends them on their way; their rows are in `on_their_way` already."""
        batch: list[Parcel] = []
        for parcel in parcels:
            batch.append(parcel)
            if len(batch) == self.channel.patience.batch:
                self.tasks.put(batch)
                batch = []
        if batch:
            self.tasks.put(batch)

    def may_take(self, now: datetime) -> bool:
        """Whether to look into the outbox: for the first time, or for what is to be tried again."""
        if self.resume is not None:
            if self.on_their_way or now < self.resume:
                return False
            self.resume, self.drained = None, False
            self.paused.clear()
        if any(at <= now for at in self.retries):
            self.retries = [at for at in self.retries if at > now]
            self.drained = False
        return not self.drained

    def done(self) -> bool:
        """Whether nothing is left to do in this run."""
        busy = self.on_their_way or self.retries or self.resume is not None
        return self.drained and not busy

    def missed(self) -> None:
        """One more attempt that failed."""
        self.misses += 1
        if self.misses >= GIVE_UP_AFTER:
            self.end()

    def end(self) -> None:
        """This run takes nothing more to the channel; what is begun is finished."""
        self.ended = True
        self.paused.set()

    def recalled(self) -> Iterator[str]:
        """Takes back the keys of rows that no sender has taken."""
        try:
            while (parcels := self.tasks.get_nowait()) is not None:
                yield from (parcel.key for parcel in parcels)
        except Empty:
            return

    def close(self) -> None:
        """Sends its threads home."""
        self.end()
        for _ in range(self.threads):
            self.tasks.put(None)

    def _work(self) -> None:
        left: dict[str, None] = {}
        try:
            with closing(self.channel.sender()) as sender:
                while (parcels := self.tasks.get()) is not None:
                    left.update((parcel.key, None) for parcel in parcels)
                    self._take_in_hand(left, sender)
                    for parcel, fate in sender.send(parcels, self.paused.is_set):
                        asked = isinstance(fate, Later) and fate.after is not None
                        if asked or isinstance(fate, Unreached):
                            # Before anybody has sent one more.
                            self.paused.set()
                        self._answered(left, sender, parcel, fate)
        finally:
            self.results.put(Ended(self, tuple(left)))

    def _answered(self, left: dict[str, None], sender: Sender, parcel: Parcel, fate: Fate) -> None:
        del left[parcel.key]
        self.in_hand.pop(parcel.key, None)
        self._take_in_hand(left, sender)
        self.results.put(Answer(self, parcel.key, fate))

    def _take_in_hand(self, left: dict[str, None], sender: Sender) -> None:
        if not self.paused.is_set():
            self.in_hand.update((key, sender) for key in islice(left, 1))

    def overdue(self, key: str) -> Fate:
        """The fate of a row of which nobody has heard in time."""
        sender = self.in_hand.get(key)
        if sender is None:
            return Unsent()
        return TIMED_OUT if sender.connected else Unreached(TIMED_OUT.error)
