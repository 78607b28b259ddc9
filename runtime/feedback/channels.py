"""Targets that are channels: labels are kept in the ledger as handed, and sent until they arrive.

At least once, with the same key in every attempt: a receiver drops what it has already.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from ...compiler.files.reasons import phrase_of
from ...compiler.plan import Plan
from ...compiler.project import channels as settings
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, diagnose
from ..codes import feedback as codes
from ..delivery.channels.file import FileChannel
from ..delivery.channels.sending import (
    Arrived,
    Later,
    Parcel,
    Refused,
    Remote,
    Unreached,
    Unsent,
)
from ..delivery.from_settings import open_channel
from ..delivery.lanes import GIVE_UP_AFTER
from ..delivery.lines import FORMAT_VERSION
from ..ledger.contract import Ledger
from ..ledger.handed.labels import HandedLabel
from ..ledger.instants import instant_text
from .changes import Changes, changes
from .labels import Place

_UNKNOWN = Phrase("feedback.channel_unknown")
_FILE = Phrase("feedback.channel_file")
_MAIL = Phrase("feedback.channel_mail")
_NO_TIME = Phrase("feedback.no_time")
_OWN = frozenset({"rewards", "alerts"})


@dataclass(frozen=True, slots=True)
class Handed:
    """The result of an export: the changes, and how many labels wait, with a warning of them."""

    changes: Changes
    waiting: int
    warnings: tuple[Diagnostic, ...]


def opened(plan: Plan, channels: Mapping[str, settings.Channel], name: str) -> Remote:
    """Return a channel for labels. Raise `CannotRun` if they must not go there."""
    found = channels.get(name)
    if found is None:
        raise _refused(name, _UNKNOWN)
    if isinstance(found, settings.SmtpSettings):
        raise _refused(name, _MAIL)
    if name in _OWN:
        raise _refused(name, Phrase("feedback.channel_own", channel=name))
    campaign = _sender(plan, name)
    if campaign is not None:
        raise _refused(name, Phrase("feedback.channel_messages", campaign=campaign))
    channel = open_channel(found)
    if isinstance(channel, FileChannel):
        raise _refused(name, _FILE)
    return channel


def _refused(name: str, reason: Phrase) -> CannotRun:
    return CannotRun(diagnose(codes.NO_LABELS_THERE, None, channel=name, reason=reason))


def _sender(plan: Plan, channel: str) -> str | None:
    """Return a campaign that sends messages, or calls, on a channel."""
    for campaign in plan.campaigns:
        sent = {message.channel for step in campaign.steps for message in step.messages}
        called = {one.call.channel for one in campaign.brakes if one.call is not None}
        if channel in sent | called:
            return campaign.renamed or campaign.name
    return None


def hand(
    ledger: Ledger,
    channel: Remote,
    now: Mapping[Place, str],
    names: Collection[tuple[str, str]],
    at: datetime,
) -> Handed:
    """Hand a channel what changed since the last export, and what did not arrive then."""
    name = channel.name
    changed = ledger.hand_labels(
        name,
        at,
        lambda kept: changes(
            {Place(*place): row for place, row in kept.items()}, now, names, at, name
        ),
    )
    error = _send(ledger, channel, ledger.labels_to_send(name))
    waiting = len(ledger.labels_to_send(name))
    if not waiting:
        return Handed(changed, 0, ())
    reason = _NO_TIME if error is None else phrase_of(error)
    warning = diagnose(codes.LABELS_WAIT, None, channel=name, count=str(waiting), reason=reason)
    return Handed(changed, waiting, (warning,))


def _send(ledger: Ledger, channel: Remote, labels: Sequence[HandedLabel]) -> str | None:
    """Send labels in their order, within the time that a run has; return the last error.

    Nothing is given up for good: the ledger alone knows of a label, so the next export sends it.
    """
    end = time.monotonic() + channel.patience.per_run
    size, failed, last = channel.patience.batch, 0, None
    with closing(channel.sender()) as sender:
        for start in range(0, len(labels), size):
            if failed >= GIVE_UP_AFTER or time.monotonic() >= end:
                break
            by_key = {_key(channel.name, one): one for one in labels[start : start + size]}
            parcels = [_parcel(channel.name, key, one) for key, one in by_key.items()]
            arrived = []
            for parcel, fate in sender.send(parcels, lambda: time.monotonic() >= end):
                match fate:
                    case Arrived():
                        arrived.append(by_key[parcel.key])
                        failed = 0
                    case Unreached(error):
                        failed, last = GIVE_UP_AFTER, error
                    case Refused(error) | Later(error):
                        failed, last = failed + 1, error
                    case Unsent():
                        pass
                    case _:
                        assert_never(fate)
            ledger.labels_arrived(channel.name, arrived)
    return last


def _key(channel: str, label: HandedLabel) -> str:
    parts = ("label", *label.place, channel)
    escaped = (part.replace("%", "%25").replace("/", "%2F") for part in parts)
    return "/".join((*escaped, str(label.turn)))


def _parcel(channel: str, key: str, label: HandedLabel) -> Parcel:
    kind, name, customer = label.place
    content = {
        "format_version": FORMAT_VERSION,
        "key": key,
        "channel": channel,
        "recipient": customer,
        "label": {
            "kind": kind,
            "name": name,
            "value": label.value,
            "since": instant_text(label.since),
        },
    }
    line = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Parcel(key, customer, line.encode(), line)
