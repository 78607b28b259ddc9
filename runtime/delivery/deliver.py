"""From the outbox to the channels: in order, each row once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...dsl.codes import ledger as codes
from ...dsl.diagnostics import CannotRun, diagnose
from ..ledger.contract import Ledger
from ..ledger.outbox import Outbox, OutboxRow
from .file import FileChannel, OpenFile, opened
from .lines import line, row_key

StillAllowed = Callable[[str, Collection[str]], set[str]]
"""Of a campaign's recipients, those to whom its compliance checks still let a message go."""

NOT_ALLOWED = "not_allowed_at_delivery"
AT_ONCE = 1_000
"""Rows that go out in one transaction."""

_EVER = datetime.max.replace(tzinfo=UTC)
_ALL = 2**62


@dataclass(frozen=True, slots=True)
class Delivered:
    """Rows by channel: those that went out, and those that the last check stopped."""

    delivered: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)


def deliver(
    ledger: Ledger,
    channels: Mapping[str, FileChannel],
    until: datetime,
    still_allowed: StillAllowed | None = None,
) -> Delivered:
    """Delivers what waits with `deliver_at` up to `until`, in the order of (deliver_at, decision).

    A message whose recipient the checks no longer allow is kept back for good, and the ledger says
    so; what was granted is still handed over. `CannotRun` where a channel's file cannot be written,
    and, after all others were served, where one is not set up; what waits goes on waiting.
    """
    done = Delivered()
    waiting = ledger.waiting_channels(until)
    for name in sorted(waiting):
        if name in channels:
            _deliver_to(ledger, channels[name], until, still_allowed, done)
    for name in sorted(waiting.keys() - channels.keys()):
        raise CannotRun(
            diagnose(codes.CHANNEL_UNKNOWN, None, channel=name, count=str(waiting[name]))
        )
    return done


def _deliver_to(
    ledger: Ledger,
    channel: FileChannel,
    until: datetime,
    still_allowed: StillAllowed | None,
    done: Delivered,
) -> None:
    with opened(channel) as file:
        with ledger.outbox() as outbox:
            # Kept before the first line is written: from here on, what is past it is ours.
            if outbox.length(channel.name) is None:
                outbox.set_length(channel.name, file.begin())
        while True:
            with ledger.outbox() as outbox:
                if not _deliver_some(outbox, file, channel.name, until, still_allowed, done):
                    return


def _deliver_some(
    outbox: Outbox,
    file: OpenFile,
    channel: str,
    until: datetime,
    still_allowed: StillAllowed | None,
    done: Delivered,
) -> bool:
    """Delivers a chunk, in one transaction; whether there may be more.

    The file is written before the transaction ends. Killed in between, the lines are found by
    `_settle_found` next time: so a line is in the file once, whenever the power went.
    """
    size = _settle_found(outbox, file, channel)
    rows = outbox.waiting(channel, until, AT_ONCE)
    stopped = _stopped(rows, still_allowed)
    going = [row for row in rows if row not in stopped]
    data = b"".join(line(row) for row in going)
    file.append(data, size)
    outbox.set_length(channel, size + len(data))
    outbox.settle(going, {NOT_ALLOWED: list(stopped)} if stopped else {})
    done.delivered[channel] += len(going)
    done.suppressed[channel] += len(stopped)
    return len(rows) == AT_ONCE


def _settle_found(outbox: Outbox, file: OpenFile, channel: str) -> int:
    """Marks rows whose lines a killed run had written already; the size of the file."""
    known = outbox.length(channel) or 0
    if file.size() == known:
        return known
    found, size = file.recover(known)
    if found:
        waiting = outbox.waiting(channel, _EVER, _ALL)
        outbox.settle([row for row in waiting if row_key(row) in found], {})
    return size


def _stopped(
    rows: Sequence[OutboxRow], still_allowed: StillAllowed | None
) -> dict[OutboxRow, None]:
    """The messages that must not go out any more."""
    if still_allowed is None:
        return {}
    addressed: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.kind == "message":
            addressed.setdefault(row.identity.campaign, {})[row.identity.recipient] = None
    allowed = {name: still_allowed(name, list(people)) for name, people in addressed.items()}
    return {
        row: None
        for row in rows
        if row.kind == "message" and row.identity.recipient not in allowed[row.identity.campaign]
    }
