"""Pauses that a brake of the campaign brings about, in the transaction of what trips it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ....compiler.plan import Brake
from ....compiler.plan.brakes import written
from ..chain import Chain
from ..store import Store
from .braking import add, last_of

_NEXT = "SELECT COALESCE(max(n), -1) + 1 FROM outbox WHERE decision = ? AND channel = ?"


@dataclass(frozen=True, slots=True)
class Pause:
    """A brake that was tripped at an instant of the campaign's own time.

    `counted` says by what, as people read it. `decision` is the entry that brought it about, or
    whose delivery did; `day` the day whose spend it was.
    """

    campaign: str
    brake: Brake
    at: str
    counted: str
    decision: int
    day: str | None = None


def trip(store: Store, chain: Chain, pause: Pause) -> bool:
    """Pause a campaign that goes on, and call whom its brake names; return whether it did."""
    turn, now = last_of(store, pause.campaign)
    if now != "resumed":
        return False
    brake = written(pause.brake)
    reason = f"{brake}: {pause.counted}"
    row = (pause.campaign, turn + 1, "paused", pause.at, reason, "", brake, pause.day)
    if not add(store, chain, row):
        return False
    call = pause.brake.call
    if call is not None:
        facts = {"paused": pause.campaign, "call": call.name, "brake": brake}
        body = json.dumps({**facts, "counted": pause.counted}, ensure_ascii=False)
        ((n,),) = store.ask(_NEXT, (pause.decision, call.channel))
        place = (pause.decision, call.channel, n)
        store.add("outbox", [(*place, "alert", body, pause.at, "waiting", None)])
    return True
