"""Brakes in the audit chain. A campaign is held as its last entry says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Literal

from ..chain import Chain
from ..instants import instant, instant_text
from ..store import Row, Store
from .held import Brake, Braked, BrakeKind, BrakeOutcome

Hold = Literal["paused", "stopped"]

# Entries of several lanes have no common order, so a campaign's entries are counted.
LAST = (
    "NOT EXISTS (SELECT 1 FROM brakes AS later"
    " WHERE later.campaign = brakes.campaign AND later.turn > brakes.turn)"
)
_OF_BRAKE = "SELECT campaign, kind, at, reason, author, brake FROM brakes WHERE "
_HELD = f"{_OF_BRAKE} kind <> 'resumed' AND {LAST}"
_LAST_OF = "SELECT turn, kind FROM brakes WHERE campaign = ? ORDER BY turn DESC LIMIT 1"
_ENTRY = "SELECT id FROM brakes WHERE campaign = ? AND turn = ?"
_ADD = (
    "INSERT INTO brakes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (campaign, turn) DO NOTHING"
)
_BRAKES = f"{_OF_BRAKE} ? = '' OR campaign = ? ORDER BY campaign, turn"


def holds(store: Store) -> dict[str, Hold]:
    """Return the campaigns that are paused or stopped; inside of a batch's transaction or out."""
    return {campaign: kind for campaign, kind, *_ in store.ask(_HELD)}


def brake(
    store: Store, campaigns: Collection[str], kind: BrakeKind, reason: str, by: str, at: datetime
) -> tuple[Braked, ...]:
    """See `Brakes.brake`. Its lock waits for batches of these campaigns that are under way."""
    names = sorted(set(campaigns))
    told = (kind, instant_text(at), reason, by)
    return store.write(
        {f"campaign/{name}" for name in names},
        lambda: tuple(Braked(name, _brake(store, name, kind, told)) for name in names),
    )


def _brake(store: Store, name: str, kind: BrakeKind, told: tuple[str, ...]) -> BrakeOutcome:
    turn, now = last_of(store, name)
    match (now, kind):
        case ("stopped", _):
            return "is_stopped"
        case ("resumed", "resumed"):
            return "not_paused"
        case ("paused", "paused"):
            return "already_paused"
        case _:
            pass
    chain = store.chain()
    add(store, chain, (name, turn + 1, *told, None, None))
    store.keep_chain(chain)
    return kind


def last_of(store: Store, campaign: str) -> tuple[int, BrakeKind]:
    """Return the number and the kind of a campaign's last entry."""
    rows = store.ask(_LAST_OF, (campaign,))
    return (rows[0][0], rows[0][1]) if rows else (0, "resumed")


def add(store: Store, chain: Chain, row: Row) -> bool:
    """Add an entry: campaign, turn, kind, at, reason, author, brake, day.

    Return whether nobody else had taken its turn, since a delivery does not lock the campaign.
    """
    before, entry = (chain.last, chain.hash, chain.changed), chain.next
    previous = chain.link(("braked", *row))
    store.change(_ADD, [(entry, *row, previous)])
    ((kept,),) = store.ask(_ENTRY, row[:2])
    if kept == entry:
        return True
    chain.last, chain.hash, chain.changed = before
    return False


def brakes(store: Store, campaign: str | None = None) -> Iterator[Brake]:
    """See `Brakes.brakes`."""
    asked = campaign or ""
    yield from map(_as_brake, store.stream(_BRAKES, (asked, asked)))


def _as_brake(row: Row) -> Brake:
    name, kind, at, reason, author, by_itself = row
    return Brake(name, kind, instant(at), reason, author, by_itself)


class StoredBrakes:
    """`Brakes` of an open store."""

    _store: Store

    def brake(
        self, campaigns: Collection[str], kind: BrakeKind, reason: str, by: str, at: datetime
    ) -> tuple[Braked, ...]:
        """See `Brakes.brake`."""
        return brake(self._store, campaigns, kind, reason, by, at)

    def brakes(self, campaign: str | None = None) -> Iterator[Brake]:
        """See `Brakes.brakes`."""
        yield from brakes(self._store, campaign)

    def held(self) -> Mapping[str, Brake]:
        """See `Brakes.held`."""
        return {one.campaign: one for one in map(_as_brake, self._store.ask(_HELD))}
