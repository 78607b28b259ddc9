"""Message caps: at most N messages to a recipient in any window of a policy's length."""

from __future__ import annotations

from bisect import bisect_right, insort
from datetime import datetime
from zoneinfo import ZoneInfo

from ....compiler.plan import Account
from ....compiler.plan.calendar import shift
from ....compiler.plan.values import Length


class Frequency:
    """The messages that recipients got: sorted instants by (account, recipient).

    Mutable, and in memory for one batch only.
    """

    def __init__(self, zone: ZoneInfo, got: dict[tuple[str, str], list[datetime]]) -> None:
        self._zone = zone
        self._got = got

    def refusing(self, caps: tuple[Account, ...], recipient: str, at: datetime) -> Account | None:
        """Return the first cap that one more message at `at` would exceed."""
        return next((cap for cap in caps if self._passes(cap, recipient, at)), None)

    def add(self, caps: tuple[Account, ...], recipient: str, at: datetime) -> None:
        """Count a message."""
        for cap in caps:
            insort(self._got.setdefault((cap.id, recipient), []), at)

    def remove(self, caps: tuple[Account, ...], recipient: str, at: datetime) -> None:
        """Undo an `add`."""
        for cap in caps:
            self._got[cap.id, recipient].remove(at)

    def _passes(self, cap: Account, recipient: str, at: datetime) -> bool:
        """Whether some window (end − length, end] that contains `at` would exceed the cap.

        All such windows are checked, since a late event is decided at its own time, after later
        messages were counted.
        """
        if cap.window is None:
            return False
        length = Length(cap.window.count, cap.window.unit)
        most = int(cap.cap)
        times = list(self._got.get((cap.id, recipient), ()))
        place = bisect_right(times, at)
        times.insert(place, at)
        for last in range(place, min(place + most + 1, len(times))):
            first = last - most
            if first >= 0 and times[first] > shift(self._zone, times[last], length, -1):
                return True
        return False
