"""Names: each is there once, and lists are sorted by name unless their order has a meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ..plan import Plan
from .walking import Broken, Walked


def unique(walked: Walked) -> Iterator[Broken]:
    """No two parts of a list have the same name."""
    for place, listed in _lists(walked.plan):
        for name, count in Counter(listed).items():
            if count > 1:
                yield Broken(place, f"`{name}` is there {count} times")


def in_order(walked: Walked) -> Iterator[Broken]:
    """The plan's lists are sorted, so that the same project is the same bytes."""
    holidays = [(day.festival, day.day.isoformat()) for day in walked.plan.holidays]
    for place, listed in (*_tops(walked.plan), ("holidays", [f"{a} {b}" for a, b in holidays])):
        for before, after in pairwise(listed):
            if after < before:
                yield Broken(place, f"`{after}` is after `{before}`")


def _tops(plan: Plan) -> Iterator[tuple[str, list[str]]]:
    yield "events", [one.name for one in plan.events]
    yield "features", [one.id for one in plan.features]
    yield "lifecycles", [one.name for one in plan.lifecycles]
    yield "audiences", [one.name for one in plan.audiences]
    yield "benefits", [one.name for one in plan.benefits]
    yield "pools", [one.name for one in plan.pools]
    yield "accounts", [one.id for one in plan.accounts]
    yield "campaigns", [one.name for one in plan.campaigns]


def _lists(plan: Plan) -> Iterator[tuple[str, Iterable[str]]]:
    yield from _tops(plan)
    yield "customers/fields", [one.name for one in plan.customers.fields]
    yield "holidays", [f"{one.festival} {one.day}" for one in plan.holidays]
    for event in plan.events:
        yield f"events/{event.name}/fields", [one.name for one in event.fields]
    for lifecycle in plan.lifecycles:
        yield f"lifecycles/{lifecycle.name}/stages", [one.name for one in lifecycle.stages]
    for campaign in plan.campaigns:
        yield f"campaigns/{campaign.name}/steps", [one.name for one in campaign.steps]
