"""Delivery over the network: channels in parallel, each for a bounded time.

A row is claimed in one transaction, sent outside of any, and settled in another. After a crash in
between, its claim expires, and it is sent again with the same key: at least once. Senders have
threads; only the caller's thread uses the ledger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue

from ...compiler.project.channels import field_of
from ...compiler.project.mail_addresses import is_mail_address
from ...dsl.diagnostics.diagnostic import CannotRun
from ..ledger.brakes.ended import Watched
from ..ledger.contract import Ledger
from ..ledger.outbox import NO_ADDRESS, Outbox, OutboxRow
from .backoff import LONGEST_ASKED, asked_for, delay
from .channels.sending import Arrived, Fate, Later, Parcel, Refused, Remote, Unreached, Unsent
from .gate import Gate, Sifted
from .lanes import Answer, Ended, Lane, LaneEvent
from .lines import line, readable, row_key
from .results import Delivered

Addresses = Callable[[str, Collection[str]], Mapping[str, str]]
"""Returns the known mail addresses of recipients, for a field `customer.FIELD`."""

WORTH_WAITING = timedelta(seconds=5)
"""The longest delay for which a run waits; later retries are left to other runs."""
_LOOK = 0.05
"""Seconds between two checks of the clock."""
_HEED = 0.5
"""Seconds between two looks at which campaigns are paused."""
_MOMENT = 2.0
"""Seconds that an interrupted run gives to rows that are being sent."""


def now() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class _Settled:
    """The results of a lane's senders."""

    arrived: list[OutboxRow] = field(default_factory=list)
    failed: list[tuple[OutboxRow, str, datetime | None]] = field(default_factory=list)
    unsent: list[OutboxRow] = field(default_factory=list)
    hold: datetime | None = None


class Sending:
    """The deliveries of one run over the network. `clock` is the machine's, in UTC."""

    def __init__(
        self,
        ledger: Ledger,
        until: datetime,
        gate: Gate | None,
        addresses: Addresses | None,
        done: Delivered,
        clock: Callable[[], datetime] = now,
        watched: Watched | None = None,
    ) -> None:
        self._ledger = ledger
        self._until = until
        self._gate = gate
        self._addresses = addresses
        self._done = done
        self._clock = clock
        self._watched = watched
        self._results: SimpleQueue[LaneEvent] = SimpleQueue()
        self._lane_events: list[LaneEvent] = []
        self._faults: list[CannotRun] = []
        self._heeded = time.monotonic()

    def send(self, channels: Sequence[Remote]) -> None:
        """Deliver the waiting rows of these channels, all at the same time.

        Failures are counted in the ledger and in `done`. Raise `CannotRun`, after the others were
        served, if a channel's rows cannot be checked.
        """
        start = time.monotonic()
        lanes = [
            Lane(channel, start + channel.patience.per_run, self._results) for channel in channels
        ]
        working = list(lanes)
        try:
            for lane in lanes:
                lane.open()
            while working:
                self._heed_brakes(working)
                for lane in working:
                    self._feed(lane)
                working = [lane for lane in working if not self._over(lane)]
                if working:
                    self._settle(_LOOK)
        finally:
            try:
                self._let_go(working)
            finally:
                for lane in lanes:
                    lane.close()
        if self._faults:
            raise self._faults[0]

    def _heed_brakes(self, lanes: Sequence[Lane]) -> None:
        """Have rows back that were claimed before their campaign was paused."""
        if time.monotonic() < self._heeded + _HEED:
            return
        self._heeded = time.monotonic()
        paused = {name for name, one in self._ledger.held().items() if one.kind == "paused"}
        for lane in lanes:
            campaigns = {row.identity.campaign for row in lane.on_their_way.values()}
            if not paused.isdisjoint(campaigns) and lane.resume is None:
                self._wait(lane, self._clock())

    # --- out of the outbox ----------------------------------------------------------------------

    def _feed(self, lane: Lane) -> None:
        """Take more rows from the outbox, if there is room and time."""
        if time.monotonic() >= lane.deadline:
            lane.end()
        if lane.ended:
            return
        room = lane.room()
        if room and lane.may_take(self._clock()):
            self._fill(lane, room)
        if lane.is_finished():
            lane.end()

    def _fill(self, lane: Lane, room: int) -> None:
        """Claim rows and queue them. Skip a channel whose rows cannot be checked."""
        parcels: list[tuple[OutboxRow, Parcel]] = []
        try:
            with self._ledger.outbox(self._watched) as outbox:
                parcels = self._claimed(outbox, lane, room)
                # Before they are claimed for good, so that an interruption lets go of them.
                lane.on_their_way.update((each.key, row) for row, each in parcels)
        except CannotRun as fault:
            for _, parcel in parcels:
                del lane.on_their_way[parcel.key]
            self._faults.append(fault)
            lane.end()
        else:
            lane.take(parcel for _, parcel in parcels)

    def _claimed(self, outbox: Outbox, lane: Lane, room: int) -> list[tuple[OutboxRow, Parcel]]:
        """Return the next rows; others do not take them until the claim expires."""
        name, at = lane.channel.name, self._clock()
        held = outbox.paused_until(name)
        if held is not None and at < held <= at + asked_for(LONGEST_ASKED):
            self._wait(lane, held)
            return []
        rows = outbox.waiting(name, self._until, room, at)
        lane.drained = len(rows) < room
        addresses = self._addressed(lane.channel, rows)
        lost: list[OutboxRow] = []
        going: list[OutboxRow] = []
        for row in rows:
            reachable = addresses is None or addresses[row.identity.recipient] is not None
            (going if reachable else lost).append(row)
        sifted = Sifted(going)
        if self._gate is not None:
            sifted = self._gate.sift(outbox, going, lambda _: at)
            self._gate.uncount(outbox, lost)
        for row in lost:
            sifted.stop(row, NO_ADDRESS)
        for row, to in sifted.later:
            outbox.put_off([row], to)
        outbox.settle([], sifted.stopped)
        self._done.suppressed[name] += sum(map(len, sifted.stopped.values()))
        outbox.put_off(sifted.going, at + self._claim(lane))
        return [(row, _parcel(row, addresses)) for row in sifted.going]

    def _claim(self, lane: Lane) -> timedelta:
        """Return the duration of a claim: the time that this run may need, and a margin."""
        left = max(lane.deadline - time.monotonic(), 0.0)
        return timedelta(seconds=left + 2 * lane.channel.patience.timeout + 30)

    def _addressed(
        self, channel: Remote, rows: Sequence[OutboxRow]
    ) -> Mapping[str, str | None] | None:
        """Return the mail address of each recipient, if known; `None` if the channel needs none."""
        address = channel.address
        if address is None or not rows:
            return None
        recipients = {row.identity.recipient for row in rows}
        if field_of(address) is None:
            return dict.fromkeys(recipients, address)
        known = {} if self._addresses is None else self._addresses(address, recipients)
        usable = {who: text for who, text in known.items() if is_mail_address(text)}
        return {recipient: usable.get(recipient) for recipient in recipients}

    # --- what became of it ----------------------------------------------------------------------

    def _hear(self, wait: float) -> None:
        """Collect the senders' events, waiting up to `wait` seconds for the first."""
        try:
            self._lane_events.append(self._results.get(timeout=wait))
            while True:
                self._lane_events.append(self._results.get_nowait())
        except Empty:
            return

    def _settle(self, wait: float) -> None:
        """Write the senders' results. They are kept until then, since a run may be interrupted."""
        self._hear(wait)
        settled: dict[Lane, _Settled] = {}
        for event in self._lane_events:
            each = settled.setdefault(event.lane, _Settled())
            match event:
                case Ended(lane, left):
                    self._broken(lane, left, each)
                case Answer(lane, key, fate) if key in lane.on_their_way:
                    self._sort(lane, lane.on_their_way[key], fate, each)
        if settled:
            with self._ledger.outbox(self._watched) as outbox:
                for lane, each in settled.items():
                    self._write(outbox, lane, each)
            if self._watched is not None and any(each.failed for each in settled.values()):
                # These failures may have paused their campaign.
                self._heeded = -_HEED
        for event in self._lane_events:
            for key in event.keys:
                event.lane.on_their_way.pop(key, None)
        self._lane_events.clear()

    def _broken(self, lane: Lane, left: Sequence[str], settled: _Settled) -> None:
        """Handle a thread that a bug ended: the row that it was sending fails, no other does."""
        self._done.broken.add(lane.channel.name)
        lane.threads -= 1
        for key in left:
            lane.in_hand.pop(key, None)
        rows = [lane.on_their_way[key] for key in left if key in lane.on_their_way]
        for row in rows[:1]:
            self._failed(lane, row, "the sender broke", None, settled)
        for row in rows[1:]:
            self._sort(lane, row, Unsent(), settled)
        if left and not lane.ended:
            lane.open_one()
        elif not lane.threads:
            lane.end()

    def _sort(self, lane: Lane, row: OutboxRow, fate: Fate, settled: _Settled) -> None:
        name = lane.channel.name
        match fate:
            case Arrived():
                lane.misses = 0
                settled.arrived.append(row)
                self._done.delivered[name] += 1
            case Unsent():
                lane.drained = False
                settled.unsent.append(row)
            case Unreached(error):
                lane.drained = False
                settled.unsent.append(row)
                self._done.unreachable(name, error)
                self._leave_alone(lane)
            case Refused(error):
                lane.misses = 0
                settled.failed.append((row, error, None))
                self._done.gave_up(name, error)
            case Later(error, after):
                self._failed(lane, row, error, after, settled)

    def _failed(
        self, lane: Lane, row: OutboxRow, error: str, after: float | None, settled: _Settled
    ) -> None:
        """Schedule another attempt, or none. A receiver's `Retry-After` pauses the channel."""
        name, at, failed = lane.channel.name, self._clock(), row.attempts + 1
        if failed >= lane.channel.patience.attempts:
            settled.failed.append((row, error, None))
            self._done.gave_up(name, error)
        else:
            wait = max(delay(row_key(row), failed), asked_for(after or 0.0))
            settled.failed.append((row, error, at + wait))
            self._done.failed_for_now(name, error)
            if wait <= WORTH_WAITING:
                lane.retries.append(at + wait)
        lane.missed()
        if after is not None:
            settled.hold = at + asked_for(after)
            self._wait(lane, settled.hold)

    def _leave_alone(self, lane: Lane) -> None:
        """Pause a channel whose receiver is gone, longer each time; no row counts an attempt."""
        if lane.resume is None and not lane.ended:
            lane.missed()
            self._wait(lane, self._clock() + delay(lane.channel.name, lane.misses))

    def _wait(self, lane: Lane, to: datetime) -> None:
        """Pause the channel until `to`, in this run or in later ones."""
        lane.paused.set()
        if to - self._clock() > WORTH_WAITING:
            lane.end()
        else:
            lane.resume = max(lane.resume or to, to)

    def _write(self, outbox: Outbox, lane: Lane, settled: _Settled) -> None:
        outbox.settle(settled.arrived, {})
        outbox.fail(settled.failed, self._clock())
        outbox.put_off(settled.unsent, None)
        if self._gate is not None:
            dead = [row for row, _, again in settled.failed if again is None]
            self._gate.uncount(outbox, [*dead, *settled.unsent])
        if settled.hold is not None:
            outbox.hold(lane.channel.name, settled.hold)

    # --- the end --------------------------------------------------------------------------------

    def _over(self, lane: Lane) -> bool:
        """Whether the lane is finished. A lane that hangs is abandoned."""
        if not lane.ended:
            return False
        give_up = lane.deadline + lane.channel.patience.timeout + 2
        if lane.on_their_way and lane.threads and time.monotonic() < give_up:
            return False
        self._abandon(lane)
        return True

    def _abandon(self, lane: Lane, *, interrupted: bool = False) -> None:
        """Release what is left: rows that are being sent timed out, unless interrupted."""
        lane.end()
        settled = _Settled()
        for key, row in lane.on_their_way.items():
            self._sort(lane, row, Unsent() if interrupted else lane.overdue(key), settled)
        if lane.on_their_way:
            with self._ledger.outbox(self._watched) as outbox:
                self._write(outbox, lane, settled)
        lane.on_their_way = {}

    def _let_go(self, lanes: Sequence[Lane]) -> None:
        """Handle an interruption: let what was begun end, and release all claims.

        Rows that do not end within a moment may arrive, and are sent again with the same key.
        """
        for lane in lanes:
            lane.end()
            self._lane_events += [Answer(lane, key, Unsent()) for key in lane.recalled()]
        give_up = time.monotonic() + _MOMENT
        while self._lane_events or any(lane.on_their_way and lane.threads for lane in lanes):
            self._settle(_LOOK)
            if time.monotonic() >= give_up:
                break
        for lane in lanes:
            self._abandon(lane, interrupted=True)


def _parcel(row: OutboxRow, addresses: Mapping[str, str | None] | None) -> Parcel:
    recipient = row.identity.recipient
    written = line(row).removesuffix(b"\n")
    address = addresses.get(recipient) if addresses else None
    return Parcel(row_key(row), recipient, written, readable(row), address)
