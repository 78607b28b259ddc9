"""The instants at which a reward is delivered and expires, and whether its value returns then."""

from __future__ import annotations

from datetime import date, datetime

from ...compiler.plan import DeliveryDay, Reward, Span
from ...compiler.plan.calendar import WallClock, days_in_month, first_moment, shift, shift_date
from ...compiler.plan.values import Length


def deliver_at(reward: Reward | None, clock: WallClock) -> datetime:
    """Return the instant of delivery: now, or the first moment of the day that the reward names.

    A day that has passed means now.
    """
    if reward is None or reward.deliver_on is None:
        return clock.now
    day = delivery_day(reward.deliver_on, clock.today)
    return max(clock.now, first_moment(clock.zone, day))


def delivery_day(wanted: DeliveryDay, today: date) -> date:
    """Return a day of a later month; a day that the month does not have becomes its last day."""
    month = shift_date(today.replace(day=1), Length(wanted.months, "month"), +1)
    return month.replace(day=min(wanted.day, days_in_month(month.year, month.month)))


def returns(reward: Reward | None, *, own: bool | None) -> bool:
    """Whether value that is not redeemed returns to the accounts.

    The reward decides this if it sets both the expiry and `returns`. Otherwise the benefit's
    setting `own` counts, where `None` means no.
    """
    if reward is None or reward.expires_after is None or reward.returns is None:
        return bool(own)
    return reward.returns


def expires_at(reward: Reward | None, own: Span | None, clock: WallClock) -> datetime | None:
    """Return the instant of expiry, counted from delivery.

    The reward's expiry overrides the benefit's.
    """
    after = own if reward is None or reward.expires_after is None else reward.expires_after
    if after is None:
        return None
    return shift(clock.zone, deliver_at(reward, clock), Length(after.count, after.unit), +1)
