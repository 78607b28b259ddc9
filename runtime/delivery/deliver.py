"""Delivery of a run: in order, at least once, and exactly once to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import delivery as codes
from ..ledger.brakes.ended import Watched
from ..ledger.contract import Ledger
from ..ledger.outbox import Outbox, OutboxRow
from .channels.file import FileChannel, OpenFile, opened
from .channels.sending import Remote
from .gate import Gate, Sifted
from .lines import line, row_key
from .network import Addresses, Sending, now
from .results import Delivered

AT_ONCE = 1_000
"""The number of rows written to a file in one transaction."""

_EVER = datetime.max.replace(tzinfo=UTC)
_ALL = 2**62

Channel = FileChannel | Remote


def deliver(
    ledger: Ledger,
    channels: Mapping[str, Channel],
    until: datetime,
    gate: Gate | None = None,
    addresses: Addresses | None = None,
    clock: Callable[[], datetime] = now,
    watched: Watched | None = None,
) -> Delivered:
    """Deliver the rows with `deliver_at` up to `until`.

    `gate` decides which messages may still be sent; rows that it stops are suppressed for good.
    `addresses` looks up mail addresses. `clock` is the machine's, in UTC. Failures of
    campaigns that are `watched` may pause them; whom that calls gets the call at once.

    Channels do not wait for each other. Failures over the network are counted, and tried again by
    later runs. `CannotRun` is raised after all other channels were served. Reasons are a file that
    cannot be written, rows that cannot be checked, or a missing channel. Its rows keep waiting.
    """
    done = Delivered()
    waiting = ledger.waiting_channels(until)
    faults: list[CannotRun] = []
    now_due = waiting.keys() & channels.keys()
    while now_due:
        files, remotes = _apart([channels[name] for name in sorted(now_due)])
        for file in files:
            try:
                _ToFile(ledger, file, until, gate, done, watched).deliver()
            except CannotRun as fault:
                faults.append(fault)
        try:
            Sending(ledger, until, gate, addresses, done, clock, watched).send(remotes)
        except CannotRun as fault:
            faults.append(fault)
        # A brake calls people at once, and their channel may have been served before.
        called = set() if watched is None else watched.take_called()
        now_due = channels.keys() & called
    if faults:
        raise faults[0]
    for name in sorted(waiting.keys() - channels.keys()):
        raise CannotRun(
            diagnose(codes.CHANNEL_UNKNOWN, None, channel=name, count=str(waiting[name]))
        )
    return done


def _apart(channels: Sequence[Channel]) -> tuple[list[FileChannel], list[Remote]]:
    """Part the channels by where they go: to files, or over the network."""
    files, remotes = [], []
    for channel in channels:
        if isinstance(channel, FileChannel):
            files.append(channel)
        else:
            remotes.append(channel)
    return files, remotes


class _ToFile:
    """The delivery to one file, in the order of (deliver_at, decision)."""

    def __init__(
        self,
        ledger: Ledger,
        channel: FileChannel,
        until: datetime,
        gate: Gate | None,
        done: Delivered,
        watched: Watched | None,
    ) -> None:
        self._ledger = ledger
        self._channel = channel
        self._until = until
        self._gate = gate
        self._done = done
        self._watched = watched

    def deliver(self) -> None:
        """Deliver everything that is due."""
        name = self._channel.name
        with opened(self._channel) as file:
            with self._ledger.outbox(self._watched) as outbox:
                # Stored before the first line is written: everything after it is ours.
                if outbox.length(name) is None:
                    outbox.set_length(name, file.begin())
            while True:
                with self._ledger.outbox(self._watched) as outbox:
                    if not self._chunk(outbox, file):
                        return

    def _chunk(self, outbox: Outbox, file: OpenFile) -> bool:
        """Deliver a chunk in one transaction; return whether there may be more.

        The file is written before the transaction commits. After a crash in between,
        `_settle_found` finds these lines next time. So each row is in the file exactly once.
        """
        name = self._channel.name
        size = self._settle_found(outbox, file)
        rows = outbox.waiting(name, self._until, AT_ONCE)
        sifted = Sifted(rows)
        if self._gate is not None:
            # A line in a file counts as sent when it became due.
            sifted = self._gate.sift(outbox, rows, _when_due)
        data = b"".join(line(row) for row in sifted.going)
        file.append(data, size)
        outbox.set_length(name, size + len(data))
        outbox.settle(sifted.going, sifted.stopped)
        outbox.move(sifted.later)
        self._done.delivered[name] += len(sifted.going)
        self._done.suppressed[name] += sum(map(len, sifted.stopped.values()))
        return len(rows) == AT_ONCE or bool(sifted.later)

    def _settle_found(self, outbox: Outbox, file: OpenFile) -> int:
        """Mark rows whose lines a killed run had written; return the file's size."""
        name = self._channel.name
        known = outbox.length(name) or 0
        if file.size() == known:
            return known
        found, size = file.recover(known)
        if found:
            rows = [row for row in outbox.waiting(name, _EVER, _ALL) if row_key(row) in found]
            outbox.settle(rows, {})
            if self._gate is not None:
                gate = self._gate
                outbox.count_sent(one for row in rows for one in gate.counted(row, row.deliver_at))
        return size


def _when_due(row: OutboxRow) -> datetime:
    return row.deliver_at
