"""The part of a sender that all brokers share: one batch together, and a look for what fails it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence

from .sending import Fate, Parcel, Unreached, after_company, all_unsent


class BrokerSender(ABC):
    """A sender that gives a broker a batch at a time. A subclass knows the broker's protocol."""

    @abstractmethod
    def reach(self) -> Unreached | None:
        """Connect if necessary; return the fault, if any."""

    @abstractmethod
    def leave(self) -> None:
        """Close the connection, if there is one; `reach` opens another."""

    @abstractmethod
    def together(self, parcels: Sequence[Parcel]) -> list[tuple[Parcel, Fate]]:
        """Return the fate of each row over the open connection, sent together."""

    def send(
        self, parcels: Sequence[Parcel], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Parcel, Fate]]:
        """See `Sender.send`."""
        if stopped():
            yield from all_unsent(parcels)
            return
        fault = self.reach()
        if fault is not None:
            yield parcels[0], fault
            yield from all_unsent(parcels[1:])
            return
        yield from after_company(self.together(parcels), self._alone, self._again, stopped)

    def _again(self) -> Unreached | None:
        self.leave()
        return self.reach()

    def _alone(self, parcel: Parcel) -> Fate:
        """Return the fate of one row that a fault of another may have failed with it."""
        fault = self.reach()
        if fault is not None:
            return fault
        ((_, fate),) = self.together([parcel])
        return fate
