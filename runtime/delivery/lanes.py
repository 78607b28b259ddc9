"""Lanes: the sending threads of each channel, and the rows that they have in hand."""

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
        """The keys of the rows that the event is about."""
        return (self.key,)


@dataclass(frozen=True, slots=True)
class Ended:
    """A thread ended. It had the rows with these keys, and was sending the first of them."""

    lane: Lane
    keys: tuple[str, ...]


LaneEvent = Answer | Ended

GIVE_UP_AFTER = 5
"""The consecutive failures after which a run leaves a channel alone."""


@dataclass(eq=False, slots=True)
class Lane:
    """One channel in one run. One thread owns it; senders' threads use only the queues.

    - `deadline`: by the monotonic clock.
    - `resume`: no row is taken from the outbox before this instant.
    - `retries`: the instants at which failed rows are tried again in this run.
    - `drained`: the outbox had no more rows.
    - `misses`: consecutive failed attempts.
    - `in_hand`: the senders of rows that are being sent, by key.
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
        """Start its senders."""
        for _ in range(self.channel.patience.parallel):
            self.open_one()

    def open_one(self) -> None:
        """Start a sender."""
        # A DNS lookup may hang for minutes, so the thread is a daemon.
        Thread(target=self._work, name=f"channel {self.channel.name}", daemon=True).start()
        self.threads += 1

    def room(self) -> int:
        """Return how many rows it can take: a batch for each sender, and as many in advance."""
        patience = self.channel.patience
        most = 2 * patience.parallel * patience.batch
        return most - len(self.on_their_way) if len(self.on_their_way) <= most // 2 else 0

    def take(self, parcels: Iterable[Parcel]) -> None:
        """Queue parcels; their rows are in `on_their_way` already."""
        batch: list[Parcel] = []
        for parcel in parcels:
            batch.append(parcel)
            if len(batch) == self.channel.patience.batch:
                self.tasks.put(batch)
                batch = []
        if batch:
            self.tasks.put(batch)

    def may_take(self, now: datetime) -> bool:
        """Whether to read the outbox: for the first time, or for retries."""
        if self.resume is not None:
            if self.on_their_way or now < self.resume:
                return False
            self.resume, self.drained = None, False
            self.paused.clear()
        if any(at <= now for at in self.retries):
            self.retries = [at for at in self.retries if at > now]
            self.drained = False
        return not self.drained

    def is_finished(self) -> bool:
        """Whether nothing is left to do in this run."""
        busy = self.on_their_way or self.retries or self.resume is not None
        return self.drained and not busy

    def missed(self) -> None:
        """Count a failed attempt."""
        self.misses += 1
        if self.misses >= GIVE_UP_AFTER:
            self.end()

    def end(self) -> None:
        """Send nothing more in this run; what was begun is finished."""
        self.ended = True
        self.paused.set()

    def recalled(self) -> Iterator[str]:
        """Take back rows that no sender has taken; yield their keys."""
        try:
            while (parcels := self.tasks.get_nowait()) is not None:
                yield from (parcel.key for parcel in parcels)
        except Empty:
            return

    def close(self) -> None:
        """End its threads."""
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
                            # Pause before another sender sends one more.
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
        """Return the fate of a row whose result did not come in time."""
        sender = self.in_hand.get(key)
        if sender is None:
            return Unsent()
        return TIMED_OUT if sender.connected else Unreached(TIMED_OUT.error)
