"""Journeys: the customer's latest instance, the step to explain in it, and the whole way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Plan, Step
from ..decide.deciding import Occasion
from ..decide.decisions import Identity
from ..decide.facts import CustomerRows
from ..decide.journeys.inside import Inside, Instance, is_end, is_reached, until
from ..decide.journeys.walking import Taken
from ..decide.past_grants import DecisionRow
from ..decide.reference import facts_of, instance_of, step_occasion
from ..due.fixed_steps import in_memory
from .clauses import Clause, clause


class Decisions(Protocol):
    """A ledger, as far as it knows decisions, and the journeys that they belong to."""

    def decision(self, identity: Identity) -> DecisionRow | None:
        """The stored decision; `None` if it was never made."""

    def inside(self, campaign: str | None = None, customer: str | None = None) -> Iterator[Inside]:
        """The instances with their kept steps."""


def later_occasion(
    plan: Plan,
    campaign: Campaign,
    step: Step,
    begun: Occasion,
    at: datetime,
    rows: CustomerRows,
    book: Decisions,
) -> Occasion | None:
    """Return the occasion of a later step of the instance that began there; `None` without one.

    Steps that the ledger has come at the moments that it has.
    """
    memory = in_memory(plan, begun.customer, rows)
    instances = book.inside(campaign.name, begun.customer)
    steps = next((one.steps for one in instances if one.occurrence == begun.occurrence), {})
    kept = {name: one.at for name, one in steps.items()}
    every = instance_of(plan, campaign, memory, begun, kept=kept)
    taken: Taken | None = next((one for one in every if one.step is step), None)
    if taken is None or taken.at > at:
        return None
    return replace(step_occasion(plan, memory, begun, taken), others=begun.others)


def without_event(plan: Plan, begun: Occasion, at: datetime, rows: CustomerRows) -> Occasion:
    """Return the occasion of a step that has not come: an instant, and no event."""
    facts = facts_of(plan, in_memory(plan, begun.customer, rows), begun.customer, at, None)
    return replace(begun, facts=facts)


def is_outside(book: Decisions, campaign: Campaign, customer: str, occurrence: str) -> bool:
    """Whether the ledger has refused an entry, since the customer was inside already."""
    entry = campaign.steps[0]
    known = book.decision(Identity(campaign.name, entry.name, customer, occurrence))
    return known is not None and known.outcome == "already_inside"


def way(
    plan: Plan, campaign: Campaign, customer: str, occurrence: str, at: datetime, book: Decisions
) -> Iterator[Clause]:
    """Yield a clause a step: what the ledger has of it, or until when it can still come."""
    zone = ZoneInfo(plan.time_zone)
    instances = book.inside(campaign.name, customer)
    kept = next((one.steps for one in instances if one.occurrence == occurrence), {})
    for step in campaign.steps:
        leaves = step.follows is not None and step.follows.leaves
        said = step.trigger.origin.text
        text = said if leaves else f"step {step.name} {said}"
        known = kept.get(step.name)
        if known is not None:
            outcome = "taken_back" if known.taken_back else known.outcome
            values = {"at": known.at.astimezone(zone).isoformat(), "outcome": outcome}
            held = is_reached(step, known) or (leaves and is_end(step, known))
            yield clause(step.origin, held, values, text=text)
            continue
        last = until(campaign, zone, step, kept)
        waits = not _has_left(campaign, kept) and _may_come(campaign, zone, step, kept, at)
        ends = last if waits and last is not None and last.year < 9999 else None
        values = {} if ends is None else {"until": ends.astimezone(zone).isoformat()}
        yield clause(step.origin, None if waits else False, values, text=text)


def _may_come(campaign: Campaign, zone: ZoneInfo, step: Step, kept: Instance, at: datetime) -> bool:
    """Whether a step can still come; what it follows may have to come before it."""
    follows, steps = step.follows, {one.name: one for one in campaign.steps}
    if follows is None or follows.leaves or step.name in kept:
        return False
    last = until(campaign, zone, step, kept)
    if last is not None:
        return last >= at
    if any(is_reached(steps[name], kept.get(name)) for name in follows.unless_reached):
        return False
    awaited = [steps[name] for name in follows.steps if not is_reached(steps[name], kept.get(name))]
    return bool(awaited) and all(_may_come(campaign, zone, one, kept, at) for one in awaited)


def _has_left(campaign: Campaign, kept: Instance) -> bool:
    ended = any(one.outcome == "left" for one in kept.values())
    return ended or any(
        step.name in kept and is_end(step, kept[step.name]) for step in campaign.steps
    )
