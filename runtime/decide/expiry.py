"""When a reward arrives, when it ends, and whether its value goes back then."""

from __future__ import annotations

from datetime import date, datetime

from ...compiler.plan import DeliveryDay, Reward, Span
from ...compiler.plan.calendar import World, days_in_month, first_moment, shift, shift_date
from ...compiler.plan.values import Length


def deliver_at(reward: Reward | None, world: World) -> datetime:
    """When it arrives: at once, or at the first moment of the day that the reward names.

    A day that is past already means at once.
    """
    if reward is None or reward.deliver_on is None:
        return world.now
    day = delivery_day(reward.deliver_on, world.today)
    return max(world.now, first_moment(world.zone, day))


def delivery_day(wanted: DeliveryDay, today: date) -> date:
    """The day of the month so many months on; a day that the month does not have is its last."""
    month = shift_date(today.replace(day=1), Length(wanted.months, "month"), +1)
    return month.replace(day=min(wanted.day, days_in_month(month.year, month.month)))


def returns(reward: Reward | None, *, own: bool | None) -> bool:
    """Whether what is not redeemed goes back: as `expires_at`, whoever says when it ends says so.

    Where that is not said, `own` is what is meant; of a benefit that is no.
    """
    if reward is None or reward.expires_after is None or reward.returns is None:
        return bool(own)
    return reward.returns


def expires_at(reward: Reward | None, own: Span | None, world: World) -> datetime | None:
    """The end of what is given, from its arrival on: the reward's word before the benefit's."""
    after = own if reward is None or reward.expires_after is None else reward.expires_after
    if after is None:
        return None
    return shift(world.zone, deliver_at(reward, world), Length(after.count, after.unit), +1)
