"""The most that a campaign can spend, by the caps that its grants are charged to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..plan import RESERVE, Account, Campaign, Plan, account_id
from ..plan.calendar import CalendarUnit, first_day, local_clock
from ..plan.plan_json import amount

_LONGEST = 100_000
"""Periods that are counted, at most: a window of centuries has no bound that says anything."""


def most_spent(plan: Plan, campaign: Campaign, accounts: Mapping[str, Account]) -> Decimal | None:
    """The most that all grants of a campaign can cost, its reserve included.

    `accounts` are those of the plan, by id. It is the lowest of its totals, of those of its pools,
    and of its caps per period. These count as often as they begin anew in the active period.
    `None` if nothing bounds it.
    """
    charged = {
        charge.account
        for step in campaign.steps
        for charge in step.charges
        if charge.share is None and charge.benefit is None
    }
    bounds = [
        bound
        for account in (accounts[name] for name in charged if name in accounts)
        if account.measure == "money" and not account.keys
        if (bound := _bound(plan, campaign, account)) is not None
    ]
    if not bounds:
        return None
    reserve = accounts.get(account_id("campaign", campaign.name, RESERVE))
    return min(bounds) + (Decimal(0) if reserve is None else reserve.cap)


def _bound(plan: Plan, campaign: Campaign, account: Account) -> Decimal | None:
    if account.period is None:
        return account.cap
    start, end = campaign.active_from, campaign.active_to
    if start is None or end is None or account.period == "hour":
        return None
    zone = ZoneInfo(plan.time_zone)
    day, last = (local_clock(zone, one).date() for one in (start, end))
    if (last - day).days > _LONGEST:
        return None
    return account.cap * _periods(account.period, day, last)


@lru_cache(64)
def _periods(period: CalendarUnit, first: date, last: date) -> int:
    """How many periods lie in days, both in; campaigns of a project often share theirs."""
    days = (date.fromordinal(one) for one in range(first.toordinal(), last.toordinal() + 1))
    return len({first_day(period, one) for one in days})


def spend_text(plan: Plan, campaign: Campaign, accounts: Mapping[str, Account]) -> str:
    """The most that it can spend, in the project's currency; empty if nothing bounds it."""
    most = most_spent(plan, campaign, accounts)
    return "" if most is None else f"{amount(most)} {plan.currency}"
