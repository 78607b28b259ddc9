"""The notes of runs about journeys, which the ledger keeps among the events that were read.

Another version of this program may have written them. A note that cannot be read counts as absent,
and is named once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.expressions import where
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose
from ..codes import running
from ..ledger.contract import Ledger
from ..ledger.instants import instant, instant_text

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class _Note(NamedTuple):
    """A journey as it was from an instant on; `None` of a note that says none."""

    since: datetime | None
    text: str
    whole: str


# --- journeys as they were ----------------------------------------------------------------------


def journey_before(ledger: Ledger, now: Campaign, at: datetime | None = None) -> Campaign | None:
    """Return the campaign as it was at an instant, or last.

    `None` if it was not yet there, or if the note of it cannot be read.
    """
    note = _latest(ledger, now.name, at)
    if note is None:
        return None
    return now if note.text == _text(now) else _campaign(note)


def keep_journeys(plan: Plan, ledger: Ledger, now: datetime) -> None:
    """Note the journeys that differ from the last note, and that notes were named unreadable."""
    for campaign, digests in _unreadable(plan, ledger):
        ledger.mark_seen(_named(campaign.name), digests)
    for campaign in plan.campaigns:
        if campaign.journey is not None:
            text, last = _text(campaign), _latest(ledger, campaign.name)
            if last is None or last.since is None or last.text != text:
                ledger.mark_seen(_journeys(campaign.name), [f"{instant_text(now)} {text}"])


def _latest(ledger: Ledger, campaign: str, at: datetime | None = None) -> _Note | None:
    """Return the last note up to an instant; one without an instant if there is no other."""
    notes = [_note(one) for one in ledger.events_read(_journeys(campaign))]
    dated = [(one.since, one) for one in notes if one.since is not None]
    kept = [one for one in dated if at is None or one[0] <= at]
    if kept:
        return max(kept, key=lambda one: (one[0], one[1].text))[1]
    return None if dated or not notes else notes[-1]


def _note(whole: str) -> _Note:
    head, _, text = whole.partition(" ")
    try:
        return _Note(instant(head), text, whole)
    except CannotRun:
        return _Note(None, text, whole)


def _campaign(note: _Note) -> Campaign | None:
    if note.since is None:
        return None
    try:
        return _adapter().validate_json(note.text)
    except (ValueError, RecursionError):  # pydantic's `ValidationError` is a `ValueError`
        return None


def _text(campaign: Campaign) -> str:
    return _adapter().dump_json(campaign).decode()


@cache
def _adapter() -> TypeAdapter[Campaign]:
    # Only a project with journeys waits for it to load.
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Campaign)


# --- instances whose steps are fixed ------------------------------------------------------------


def fixed_instances(ledger: Ledger, campaign: str) -> Iterator[tuple[str, str]]:
    """Yield the instances of a journey in which a step is fixed: customer and occurrence."""
    found = (_instance(one) for one in ledger.events_read(_fixed(campaign)))
    yield from (one for one in found if one is not None)


def keep_fixed(ledger: Ledger, campaign: str, customer: str, occurrence: str) -> None:
    """Note that a step of an instance is fixed."""
    ledger.mark_seen(_fixed(campaign), [json.dumps([customer, occurrence])])


def _instance(note: str) -> tuple[str, str] | None:
    try:
        found = json.loads(note)
    except (ValueError, RecursionError):
        return None
    match found:
        case [str(customer), str(occurrence)]:
            return customer, occurrence
        case _:
            return None


# --- those that cannot be read ------------------------------------------------------------------


def unreadable_notes(plan: Plan, ledger: Ledger) -> Iterator[Diagnostic]:
    """Yield a warning for each journey with such notes that no run has named yet."""
    for campaign, digests in _unreadable(plan, ledger):
        place, name = where(campaign.origin), campaign.renamed or campaign.name
        count = str(len(digests))
        yield diagnose(running.NOTES_UNREADABLE, place, name=name, count=count)


def _unreadable(plan: Plan, ledger: Ledger) -> Iterator[tuple[Campaign, list[str]]]:
    """Yield the journeys with such notes, and the digests of these."""
    for campaign in plan.campaigns:
        if campaign.journey is not None:
            digests = [sha256(one.encode()).hexdigest() for one in _notes_of(campaign, ledger)]
            new = [one for one in digests if not ledger.was_read(_named(campaign.name), one)]
            if new:
                yield campaign, new


def _notes_of(campaign: Campaign, ledger: Ledger) -> Iterator[str]:
    latest = _latest(ledger, campaign.name)
    if latest is not None and latest.text != _text(campaign) and _campaign(latest) is None:
        yield latest.whole
    for one in ledger.events_read(_fixed(campaign.name)):
        if _instance(one) is None:
            yield one


def _journeys(campaign: str) -> str:
    return f"{campaign} journey"


def _fixed(campaign: str) -> str:
    return f"{campaign} fixed"


def _named(campaign: str) -> str:
    return f"{campaign} unreadable"
