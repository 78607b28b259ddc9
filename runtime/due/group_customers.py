"""Rewards to each member of a group: find the customer of the event that completed it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ...compiler.plan import Plan
from ..decide.braking.events import AlarmEvent
from ..decide.claims import ClaimEvent
from ..decide.decisions import Decision
from ..decide.reversing.events import ReversalEvent
from ..warehouse.contract import Warehouse
from ..warehouse.rows import WarehouseRows

Request = Decision | ClaimEvent | ReversalEvent | AlarmEvent


def steps_for_each(plan: Plan) -> Mapping[tuple[str, str], str]:
    """Return the steps (campaign, step) that reward each member of a group, with their events."""
    return {
        (campaign.name, step.name): event
        for campaign in plan.campaigns
        for step in campaign.steps
        if (event := step.trigger.event) is not None
        if step.reward is not None and step.reward.each
    }


def with_event_customers(
    plan: Plan,
    warehouse: Warehouse,
    steps: Mapping[tuple[str, str], str],
    requests: Sequence[Request],
) -> list[Request]:
    """Return the requests; decisions of these steps get the event's customer from the warehouse."""
    keys: dict[str, set[str]] = defaultdict(set)
    for one in requests:
        event = steps.get(one.identity.key)
        if event is not None and isinstance(one, Decision):
            keys[event].add(one.identity.occurrence)
    rows = WarehouseRows(warehouse, plan)
    owners = {
        (event, key): customer
        for event, some in sorted(keys.items())
        for key, customer in rows.owners(event, some)
    }
    return [_with(one, steps, owners) for one in requests]


def _with(
    one: Request, steps: Mapping[tuple[str, str], str], owners: Mapping[tuple[str, str], str]
) -> Request:
    event = steps.get(one.identity.key)
    if event is None or not isinstance(one, Decision):
        return one
    return one._replace(event_customer=owners.get((event, one.identity.occurrence)))
