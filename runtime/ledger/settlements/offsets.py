"""How far sources of events were read: moved in the transaction of what was decided."""

from __future__ import annotations

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import ledger as codes
from ..known_events import Moved, Offset
from ..store import Store

FROM_THE_START = "UPDATE offsets SET next = 0, remembered = 0"
"""After a rewind, everything is read again: what is still decided is answered from the ledger."""

_OFFSETS = "SELECT part, next, remembered FROM offsets WHERE source = ? ORDER BY part"
_SET = (
    "INSERT INTO offsets VALUES (?, ?, ?, ?) ON CONFLICT (source, part)"
    " DO UPDATE SET next = excluded.next, remembered = excluded.remembered"
)


def claims_of(moved: Moved | None) -> tuple[str, ...]:
    """The names that are locked while a source moves. No name of an account begins so."""
    return () if moved is None else (f"/offsets/{moved.source}",)


def offsets(store: Store, source: str) -> dict[int, Offset]:
    """See `KnownEvents.offsets`."""
    return {part: Offset(*kept) for part, *kept in store.ask(_OFFSETS, (source,))}


def move(store: Store, moved: Moved | None) -> None:
    """See `KnownEvents.move`, inside a transaction that holds `claims_of`."""
    if moved is None:
        return
    store.since.check(store.ask)
    there = {part: one.next for part, one in offsets(store, moved.source).items()}
    if any(there.get(part) != moved.before.get(part) for part in moved.after):
        raise CannotRun(diagnose(codes.SOURCE_READ, None, source=moved.source))
    rows = [(moved.source, part, to.next, to.remembered) for part, to in moved.after.items()]
    store.change(_SET, sorted(rows))
