"""The contract of a source of events, whatever brings them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose
from ..codes import events as codes
from ..events.lines import Line
from ..ledger.known_events import Offset

BATCH = 1_000
"""The most messages of a batch."""

ROOM = 16_000_000
"""The most bytes that a client keeps before they are decided."""


@dataclass(frozen=True, slots=True)
class Message(Line):
    """A message, and its place: `number` counts up in its part, a partition of the source."""

    part: int = 0


class Source(Protocol):
    """A stream of messages in parts. Faults are `CannotRun`; `open` may be called after one."""

    @property
    def name(self) -> str:
        """The name under which the ledger keeps its offsets; empty if it has none to keep."""

    @property
    def at_end(self) -> bool:
        """Whether the last `read` came to the end of what there is now."""

    def open(self, offsets: Mapping[int, Offset], /) -> None:
        """Connect, and go to `remembered` of each part; of others, to the first message."""

    def read(self, wait: float) -> Sequence[Message] | None:
        """Return the next messages, each part's in order; none after `wait` seconds of silence.

        `None` at the end of what has one. They may be several batches.
        """

    def commit(self, after: Mapping[int, int], /) -> None:
        """Let the broker know the next message of each part; the ledger knows it already."""

    def close(self) -> None:
        """Disconnect; what was not committed comes again."""


def away(source: str, reason: str | Phrase) -> CannotRun:
    """The fault of a source that cannot be read now."""
    return CannotRun(diagnose(codes.SOURCE_AWAY, None, source=source, reason=reason))
