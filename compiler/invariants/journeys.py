"""Journeys: each step follows steps of its journey that can come before it."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan import AfterStep, Campaign, Step
from ..plan.steps import followed_by, in_order
from .walking import Broken, Walked


def in_turn(walked: Walked) -> Iterator[Broken]:
    """The entry follows nothing, and every later step some before it."""
    for campaign in walked.plan.campaigns:
        place = f"campaigns/{campaign.name}"
        if campaign.journey is None:
            yield from (
                Broken(f"{place}/steps/{step.name}", "it follows steps, and there is no journey")
                for step in campaign.steps
                if step.follows is not None
            )
            continue
        for step in campaign.steps:
            yield from (Broken(f"{place}/steps/{step.name}", why) for why in _wrong(campaign, step))
        if not any(_wrong(campaign, step) for step in campaign.steps) and not _is_ordered(campaign):
            yield Broken(place, "its steps wait for each other")


def _wrong(campaign: Campaign, step: Step) -> tuple[str, ...]:
    """The ways in which a step is out of place in its journey."""
    is_entry = step is campaign.steps[0]
    if step.follows is None or is_entry:
        return () if step.follows is None and is_entry else ("it is not the entry, or is no other",)
    names = [one.name for one in campaign.steps]
    follows = step.follows
    if not follows.steps:
        return ("it follows no step",)
    unknown = {*follows.steps, *follows.unless_reached}.difference(names)
    if unknown:
        return tuple(f"`{name}` is no step of its journey" for name in sorted(unknown))
    own = names.index(step.name)
    if any(names.index(name) >= own for name in follows.steps):
        return ("it follows a step that comes after it",)
    measured = [step.trigger.step] if isinstance(step.trigger, AfterStep) else []
    if follows.by is not None and follows.by.step is not None:
        measured.append(follows.by.step)
    before = followed_by(campaign, step)
    return tuple(f"`{name}` does not come before it" for name in measured if name not in before)


def _is_ordered(campaign: Campaign) -> bool:
    try:
        in_order(campaign)
    except LookupError:
        return False
    return True
