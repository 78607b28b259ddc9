"""Labels in the ledger: the last value of each place on a channel, and whether it arrived.

A place whose label is gone stays, without a value: its turns go on if it comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from ..instants import instant, instant_text
from ..store import Store
from .labels import C, HandedLabel, LabelPlace

_KEPT = (
    "SELECT kind, name, customer, value, since FROM handed_labels"
    " WHERE channel = ? AND value IS NOT NULL"
)
_PUT = (
    "INSERT INTO handed_labels (channel, kind, name, customer, value, since, turn, arrived)"
    " VALUES (?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (channel, kind, name, customer) DO UPDATE"
    " SET value = excluded.value, since = excluded.since, turn = handed_labels.turn + 1,"
    " arrived = 0"
)
_TO_SEND = (
    "SELECT kind, name, customer, value, since, turn FROM handed_labels"
    " WHERE channel = ? AND arrived = 0 ORDER BY kind, name, customer"
)
_ARRIVED = (
    "UPDATE handed_labels SET arrived = 1"
    " WHERE channel = ? AND kind = ? AND name = ? AND customer = ? AND turn = ?"
)


class StoredLabels:
    """The `HandedLabels` of an open store."""

    _store: Store

    def hand_labels(
        self,
        channel: str,
        at: datetime,
        changes: Callable[[Mapping[LabelPlace, tuple[str, str]]], C],
    ) -> C:
        """See `HandedLabels.hand_labels`."""
        store = self._store

        def work() -> C:
            kept = {
                (k, n, c): (value, since) for k, n, c, value, since in store.ask(_KEPT, (channel,))
            }
            changed = changes(kept)
            gone = [(channel, *place, None, instant_text(at)) for place in changed.gone]
            store.change(_PUT, [*gone, *((channel, *row) for row in changed.written)])
            return changed

        return store.write({_claim(channel)}, work)

    def labels_to_send(self, channel: str) -> list[HandedLabel]:
        """See `HandedLabels.labels_to_send`."""
        return [
            HandedLabel((kind, name, customer), value, instant(since), turn)
            for kind, name, customer, value, since, turn in self._store.ask(_TO_SEND, (channel,))
        ]

    def labels_arrived(self, channel: str, labels: Iterable[HandedLabel]) -> None:
        """See `HandedLabels.labels_arrived`."""
        rows = [(channel, *one.place, one.turn) for one in labels]
        self._store.write({_claim(channel)}, lambda: self._store.change(_ARRIVED, rows))


def _claim(channel: str) -> str:
    return f"labels/{channel}"
