"""Amounts and times: caps, odds, parts and periods that make sense."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..plan import (
    Account,
    Benefit,
    Campaign,
    DeliveryDay,
    Group,
    LastWindow,
    Opening,
    Pattern,
    RewardLine,
    Span,
    Step,
    Target,
)
from ..plan.triggers import is_nameable
from ..rewards.table import kind_of
from .walking import Broken, Part, Walked

_DAYS = range(1, 32)


def in_range(walked: Walked) -> Iterator[Broken]:
    """Caps and costs are not negative, parts are of one, alerts grow, a choice is among enough."""
    for part in walked.parts:
        if isinstance(part.node, RewardLine):
            yield from map(part.broken, kind_of(part.node).faults(part.node))
        match part.node:
            case Account() as account:
                yield from _account(part, account)
            case Campaign(holdout=holdout, shares=shares):
                yield from _experiment(part, part.node)
                if not (0 <= holdout <= 1 and 0 <= part.node.project_holdout <= 1):
                    yield part.broken(f"it holds out {holdout} of its customers")
                if sum((share.percent for share in shares), Decimal(0)) > 1:
                    yield part.broken("its shares are more than the whole")
            case Benefit(value=value, cost=cost) if value < 0 or cost < 0:
                yield part.broken("its value or its cost is negative")
            case Pattern() as pattern:
                yield from _pattern(part, pattern)
            case Target() as target:
                yield from _target(part, target)
            case Group(count=count) if count < 1:
                yield part.broken(f"a count of {count}")
            case Span(count=count) | LastWindow(count=count) if count < 0:
                yield part.broken(f"a count of {count}")
            case _:
                pass


def _experiment(part: Part, campaign: Campaign) -> Iterator[Broken]:
    experiment = campaign.experiment
    if experiment is None:
        return
    parts = [arm.part for arm in experiment.arms]
    if parts and (sum(parts, Decimal(0)) != 1 or min(parts) <= 0):
        yield part.broken("its arms are not the whole")
    if experiment.holdout > campaign.holdout:
        yield part.broken("it holds out less than its experiment asks for")


def _pattern(part: Part, pattern: Pattern) -> Iterator[Broken]:
    if pattern.amount <= 0 or (pattern.of != "sum" and pattern.amount % 1):
        yield part.broken(f"it counts to {pattern.amount}")
    if pattern.crosses_several and not is_nameable(pattern.amount):
        yield part.broken(f"multiples of {pattern.amount} have no name")
    if (pattern.field is not None) != (pattern.of in ("sum", "different")):
        yield part.broken("it counts by a field, or without one")
    apart = pattern.every or pattern.of == "days_in_a_row" or pattern.each is not None
    if (apart and pattern.within is not None) or (pattern.of == "days_in_a_row" and pattern.each):
        yield part.broken("it looks back and counts in another way")


def _target(part: Part, target: Target) -> Iterator[Broken]:
    if target.amount <= 0 or (target.of != "money" and target.amount % 1):
        yield part.broken(f"its target is {target.amount}")
    there = tuple(one is not None for one in (target.event, target.field, target.currency))
    wanted = {
        "customers": (False, False, False),
        "events": (True, False, False),
        "money": (True, True, True),
    }
    if there != wanted[target.of]:
        yield part.broken(f"a target of {target.of} that names something else")


def _account(part: Part, account: Account) -> Iterator[Broken]:
    if account.cap < 0:
        yield part.broken("its cap is negative")
    if account.measure != "money" and account.cap != account.cap.to_integral_value():
        yield part.broken("it counts in fractions")
    if account.window is not None and account.period is not None:
        yield part.broken("it has both a period and a window")
    alerts = account.alerts
    if list(alerts) != sorted(set(alerts)) or not all(0 < one <= 1 for one in alerts):
        yield part.broken("its alerts do not grow from 0 to 1")


def periods(walked: Walked) -> Iterator[Broken]:
    """A period begins before it ends, instants are in UTC, and days are those of a calendar."""
    try:
        ZoneInfo(walked.plan.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Broken("time_zone", f"`{walked.plan.time_zone}` is not a time zone")
    for part in walked.parts:
        match part.node:
            case Campaign(active_from=start, active_to=end):
                if any(one and one.utcoffset() != timedelta(0) for one in (start, end)):
                    yield part.broken("it is active at instants that are not in UTC")
                elif start is not None and end is not None and end < start:
                    yield part.broken("it ends before it begins")
            case Opening(from_day=first, to_day=last) if not _in_order(first, last):
                yield part.broken(f"it is open from day {first} to day {last}")
            case DeliveryDay(day=day) if day not in _DAYS:
                yield part.broken(f"day {day} of a month")
            case Step(trigger=trigger):
                found = trigger.broken()
                yield from (Broken(f"{part.place}/trigger", problem) for problem in found)
            case _:
                pass


def _in_order(first: int, last: int) -> bool:
    return first in _DAYS and last in _DAYS and first <= last
