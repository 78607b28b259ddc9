"""Alarms: each event is counted once, and pauses its campaign if there are too many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, EventBrake
from ....compiler.plan.calendar import shift
from ....compiler.plan.values import Length
from ...decide.braking.events import AlarmEvent, AlarmResult
from ..batches.books import Books
from ..batches.event_keys import EventKey, keys_of
from ..batches.kept_texts import kept_alarm
from ..batches.loading import plan_number
from ..brakes.braking import last_of
from ..brakes.tripping import Pause, trip
from ..chain import Chain
from ..instants import instant, instant_text
from ..store import Store

_DAYS = timedelta(days=4)
"""Months are not equally long: a window that ends so much later may hold an event."""

_REACHED = (
    "SELECT 1 FROM decisions WHERE campaign = ? AND recipient = ? AND outcome = 'granted'"
    " AND at < ? AND step NOT LIKE '%/%' LIMIT 1"
)
_COUNTED = (
    "SELECT at, facts FROM decisions WHERE campaign = ? AND step = ? AND outcome = 'counted'"
    " AND at > ? AND at < ?"
)


def held_for(events: Sequence[AlarmEvent]) -> set[str]:
    """Return the names to lock for these events."""
    return {f"campaign/{event.identity.campaign}" for event in events}


def carry_out(
    store: Store, books: Books, events: Sequence[AlarmEvent], foreign: frozenset[EventKey]
) -> list[AlarmResult]:
    """Count events in their order, in a transaction, and pause the campaigns that they trip."""
    asked = [kept_alarm(event.identity) for event in events]
    kept = {tuple(row[:4]) for row in store.among("decisions", asked)}
    chain, plan = store.chain(), (plan_number(store, books.digest), books.digest)
    done: list[AlarmResult] = []
    for event, key in zip(events, asked, strict=True):
        who, at = event.identity, instant_text(event.at)
        if foreign and not foreign.isdisjoint(keys_of(books, [event])):
            done.append(AlarmResult(who, "other_customer"))
        elif tuple(key) in kept:
            done.append(AlarmResult(who, "counted", repeated=True))
        elif not store.ask(_REACHED, (who.campaign, who.recipient, at)):
            done.append(AlarmResult(who, "not_reached"))
        else:
            kept.add(tuple(key))
            turn, now = last_of(store, who.campaign)
            number = _enter(store, chain, event, turn, plan)
            if now == "resumed":
                _trip(store, chain, books, event, (turn, number))
            done.append(AlarmResult(who, "counted"))
    if chain.changed:
        store.keep_chain(chain)
    return done


def _enter(store: Store, chain: Chain, event: AlarmEvent, turn: int, plan: tuple[int, str]) -> int:
    """Write the event into the chain; return its number.

    `turn` is that of the campaign's last brake: what was counted before a resumption counts no
    more after it.
    """
    number, who, at = chain.next, event.identity.recipient, instant_text(event.at)
    row = (*kept_alarm(event.identity), who, at, "counted", None, 0, "")
    facts = json.dumps({"turn": turn})
    previous = chain.link((*row, plan[1], facts))
    store.add("decisions", [(number, *row, plan[0], facts, previous)])
    return number


def _trip(
    store: Store, chain: Chain, books: Books, event: AlarmEvent, entry: tuple[int, int]
) -> None:
    turn, number = entry
    campaign = books.steps[event.identity.key].campaign
    for brake in _brakes(campaign, event.identity.event):
        most, last = _most(store, books.zone, brake, event, turn)
        if most > brake.over:
            trip(store, chain, Pause(campaign.name, brake, instant_text(last), str(most), number))
            return


def _brakes(campaign: Campaign, event: str) -> list[EventBrake]:
    found = (one for one in campaign.brakes if isinstance(one, EventBrake))
    return [one for one in found if one.event == event]


def _most(
    store: Store, zone: ZoneInfo, brake: EventBrake, event: AlarmEvent, turn: int
) -> tuple[int, datetime]:
    """Return the most events in a window with this one, and the last instant of that window.

    An event may come late, so windows that end at a later event are counted too.
    """
    length = Length(brake.within.count, brake.within.unit)
    between = (shift(zone, event.at, length, -1), shift(zone, event.at, length, +1) + _DAYS)
    place = kept_alarm(event.identity)[:2]
    rows = store.ask(_COUNTED, (*place, *map(instant_text, between)))
    times = sorted(instant(at) for at, facts in rows if json.loads(facts)["turn"] == turn)
    found = (0, event.at)
    for last in dict.fromkeys(one for one in times if one >= event.at):
        start = shift(zone, last, length, -1)
        if start < event.at:
            count = sum(start < one <= last for one in times)
            if count > found[0]:
                found = count, last
            if count > brake.over:
                break
    return found
