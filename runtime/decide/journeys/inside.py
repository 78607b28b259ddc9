"""The instances of journeys as the ledger knows them: steps kept, reached, and still to come.

Rules say when a step comes. Here it is decided whether it may: a step follows only steps that were
reached, and nobody enters twice where that is forbidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from ....compiler.plan import AfterStep, Campaign, Step
from ....compiler.plan.steps import in_order, turn_in_instance
from ..decisions import Outcome
from .walking import last_instant


@dataclass(frozen=True, slots=True)
class KeptStep:
    """A step that the ledger has a decision of. `account` is the id of what refused it."""

    at: datetime
    outcome: Outcome
    account: str | None
    taken_back: bool


Instance = Mapping[str, KeptStep]
"""The kept steps of one entry, by their names."""


class Inside(NamedTuple):
    """The instance that began with an entry of a customer."""

    campaign: str
    customer: str
    occurrence: str
    steps: Instance


def is_reached(step: Step, kept: KeptStep | None) -> bool:
    """Whether a step was reached: others may follow it.

    One with a reward is, if it was granted and not taken back. One without is by any outcome, also
    where a cap kept its message back. The entry is not, of somebody who is held out, is inside
    already, or enters too often. Nor is a step at which the instance ends.
    """
    if kept is None or kept.outcome in ("held_out", "already_inside", "left"):
        return False
    if step.reward is not None:
        return kept.outcome == "granted" and not kept.taken_back
    return step.follows is not None or kept.account not in {one.account for one in step.charges}


def follows_reached(campaign: Campaign, step: Step, at: datetime, instance: Instance) -> bool:
    """Whether a later step may be taken: all that it follows is reached, nothing keeps it away."""
    follows = step.follows
    if follows is None:
        return True
    steps = {one.name: one for one in campaign.steps}
    if not all(is_reached(steps[name], instance.get(name)) for name in follows.steps):
        return False
    turn = (at, *turn_in_instance(campaign, step)) if step.name in steps else (at, -1, 0)
    if _ended_before(steps, instance, at):
        return False
    return not any(
        _keeps_away(step, other, kept) and (kept.at, *turn_in_instance(campaign, other)) < turn
        for other in campaign.steps
        if other is not step and (kept := instance.get(other.name)) is not None
    )


def _ended_before(steps: Mapping[str, Step], instance: Instance, at: datetime) -> bool:
    """Whether the instance ended with a step that the journey has no more."""
    gone = (kept for name, kept in instance.items() if name not in steps)
    return any(kept.outcome == "left" and kept.at <= at for kept in gone)


def _keeps_away(step: Step, other: Step, kept: KeptStep) -> bool:
    """Whether a step is not taken once another was."""
    unless = () if step.follows is None else step.follows.unless_reached
    return is_end(other, kept) or (other.name in unless and is_reached(other, kept))


def is_end(step: Step, kept: KeptStep) -> bool:
    """Whether the instance ended with a step: by `leave on`, or by a `while` that was false."""
    leaves = step.follows is not None and step.follows.leaves
    return leaves or kept.outcome == "left"


def is_open(campaign: Campaign, zone: ZoneInfo, instance: Instance, now: datetime) -> bool:
    """Whether an instance is open at an instant: it was not left, and a step can still come."""
    entry, *later = campaign.steps
    begun = instance.get(entry.name)
    if begun is None or begun.at > now or not is_reached(entry, begun):
        return False
    if has_left(campaign, instance, now):
        return False
    return any(_may_come(campaign, zone, step, instance, now) for step in later)


def has_left(campaign: Campaign, instance: Instance, now: datetime) -> bool:
    """Whether an instance has ended by an instant, at whatever step."""
    steps = {one.name: one for one in campaign.steps}
    return _ended_before(steps, instance, now) or any(
        kept.at <= now and is_end(steps[name], kept)
        for name, kept in instance.items()
        if name in steps
    )


def _may_come(
    campaign: Campaign, zone: ZoneInfo, step: Step, instance: Instance, now: datetime
) -> bool:
    """Whether a step that has not come can still come, by what was reached so far."""
    last = until(campaign, zone, step, instance)
    return last is not None and now <= last


def until(campaign: Campaign, zone: ZoneInfo, step: Step, instance: Instance) -> datetime | None:
    """Return the last instant at which a step can come; `None` if it cannot, as things are.

    A step without an end can come for ever, which is the last instant that there is.
    """
    follows = step.follows
    if follows is None or follows.leaves or step.name in instance:
        return None
    steps = {one.name: one for one in campaign.steps}
    if not all(is_reached(steps[name], instance.get(name)) for name in follows.steps):
        return None
    if any(is_reached(steps[name], instance.get(name)) for name in follows.unless_reached):
        return None
    moments = {name: kept.at for name, kept in instance.items()}
    since = max(moments[name] for name in follows.steps)
    ends = []
    if isinstance(step.trigger, AfterStep):
        ends.append(step.trigger.instant(zone, moments[step.trigger.step]))
    if follows.by is not None:
        ends.append(last_instant(follows.by, zone, moments))
    last = min(ends, default=datetime.max.replace(tzinfo=since.tzinfo))
    return last if last > since else None


def may_change(campaign: Campaign, zone: ZoneInfo, instance: Instance, since: datetime) -> bool:
    """Whether a step that was not kept can still come, by what happens from an instant on."""
    steps = {one.name: one for one in campaign.steps}
    ends = [
        kept.at for name, kept in instance.items() if name in steps if is_end(steps[name], kept)
    ]
    if ends and min(ends) < since:
        return False
    can_come: set[str] = set()
    for step in in_order(campaign):
        if step.name in instance or step.follows is None:
            continue
        waits = [one for one in step.follows.steps if one not in instance]
        if waits:
            comes = can_come.issuperset(waits)
        elif step.follows.leaves:
            comes = all(is_reached(steps[one], instance.get(one)) for one in step.follows.steps)
        else:
            end = until(campaign, zone, step, instance)
            comes = end is not None and end >= since
        if comes:
            can_come.add(step.name)
    return bool(can_come)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance is: the step reached last, since when, and what can come until when.

    `state`: `inside` while a step can come, `left`, or `over`. `until` is `None` if a step can come
    for ever, or none can.
    """

    state: Literal["inside", "left", "over"]
    step: str
    since: datetime
    awaits: tuple[str, ...]
    until: datetime | None


def place_of(campaign: Campaign, zone: ZoneInfo, instance: Instance, now: datetime) -> Place | None:
    """Return where an instance is at an instant; `None` where the entry itself was refused."""
    steps = {one.name: one for one in campaign.steps}
    reached = [
        (kept.at, turn_in_instance(campaign, steps[name]), name)
        for name, kept in instance.items()
        if name in steps and is_reached(steps[name], kept)
    ]
    if not reached or not is_reached(campaign.steps[0], instance.get(campaign.steps[0].name)):
        return None
    since, _, last = max(reached)
    if has_left(campaign, instance, now):
        return Place("left", last, since, (), None)
    ends = {step.name: until(campaign, zone, step, instance) for step in campaign.steps}
    still = {name: end for name, end in ends.items() if end is not None and end >= now}
    if not still:
        return Place("over", last, since, (), None)
    end = max(still.values())
    return Place("inside", last, since, tuple(still), None if end.year == _NO_END else end)


_NO_END = datetime.max.year
