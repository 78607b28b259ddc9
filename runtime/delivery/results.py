"""The results of a run's delivery, by channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...compiler.files.reasons import phrase_of
from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ..codes import delivery as codes


@dataclass(slots=True)
class Delivered:
    """Counts of rows by channel: delivered, suppressed by the gate, and dead.

    `failed` counts attempts that will be repeated. `faults` has the last error of each channel.
    `unreached` are channels whose receiver could not be reached. `broken` are those whose sender
    failed by a bug.
    """

    delivered: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    unreached: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def add(self, more: Delivered) -> None:
        """Count what another delivery did too."""
        for own, other in (
            (self.delivered, more.delivered),
            (self.suppressed, more.suppressed),
            (self.failed, more.failed),
            (self.dead, more.dead),
        ):
            own.update(other)
        self.faults |= more.faults
        self.unreached |= more.unreached
        self.broken |= more.broken

    def failed_for_now(self, channel: str, error: str) -> None:
        """Count a failed attempt that will be repeated."""
        self.failed[channel] += 1
        self.faults[channel] = error

    def unreachable(self, channel: str, error: str) -> None:
        """Note that no connection could be made."""
        self.unreached.add(channel)
        self.faults[channel] = error

    def gave_up(self, channel: str, error: str) -> None:
        """Count a row that became a dead letter."""
        self.dead[channel] += 1
        self.faults[channel] = error

    def warnings(self, waiting: Counter[str]) -> Iterator[Diagnostic]:
        """Yield warnings. `waiting` counts rows that are due and still waiting, by channel."""
        for channel, error in sorted(self.faults.items()):
            reason = phrase_of(error)
            left = waiting[channel]
            if (self.failed[channel] or channel in self.unreached) and left:
                count = str(left)
                yield diagnose(
                    codes.CHANNEL_FAILING, None, channel=channel, count=count, reason=reason
                )
            if self.dead[channel]:
                count = str(self.dead[channel])
                yield diagnose(
                    codes.DEAD_LETTERS, None, channel=channel, count=count, reason=reason
                )
        for channel in sorted(self.broken):
            yield diagnose(codes.SENDER_BROKE, None, channel=channel)
