"""Which accounts a grant is charged to, and with how much: plan and decision in, charges out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, assert_never, get_args
from zoneinfo import ZoneInfo

from ...compiler.plan import Account, Period, Plan, Step
from ...compiler.plan.types import from_minor, minor_unit, to_minor
from .decisions import Decision, Line

MOST = 2**63 - 1
"""No balance, and no grant's cost in minor units, is above this: what a store's integers hold."""

UNKNOWN_KEY = "unknown"
"""Grants whose event does not say by which key they count share one balance, under this name."""

Slot = tuple[str, str, str]
"""One balance: account id, calendar period (empty: none), key value (empty: one for all)."""

_NO_LABELS: dict[Period, str] = {}


def period_label(period: Period, clock: datetime) -> str:
    """The unit that a wall clock (with its offset) is in.

    `2026-01-10T09+08:00`, `2026-01-10`, `2026-W02` (from Monday), `2026-01`. An hour that is shown
    twice, because clocks go back, is two hours.
    """
    match period:
        case "hour":
            return clock.isoformat(timespec="hours")
        case "day":
            return clock.date().isoformat()
        case "week":
            year, week, _ = clock.isocalendar()
            return f"{year:04}-W{week:02}"
        case "month":
            return clock.date().isoformat()[:7]
        case _:
            assert_never(period)


def to_units(account: Account, currency: str) -> int:
    """An account's cap as a whole number: minor units for money, rounded down; else a count."""
    scale = minor_unit(currency) if account.measure == "money" else 0
    return min(int(account.cap.scaleb(scale)), MOST)


def from_units(account: Account, units: int, currency: str) -> Decimal:
    """The other way."""
    return from_minor(units, currency) if account.measure == "money" else Decimal(units)


def cost_of(lines: Iterable[Line], currency: str) -> int:
    """What the lines cost together, in minor units of the project's currency."""
    return sum(to_minor(line.cost, currency) for line in lines)


@dataclass(frozen=True, slots=True)
class _Meter:
    """A charge of a step with its account looked up."""

    account: str
    of_money: bool
    period: Period | None
    key: str | None
    share: int | None
    benefit: str | None


class _Item(NamedTuple):
    """What a bundle takes from an account: `each`, and its cost `of_cost` times."""

    account: str
    period: Period | None
    key: str | None
    each: int
    of_cost: int


class Tariff(NamedTuple):
    """What a bundle of a step is charged, in the order of the checks: made once, used often."""

    items: tuple[_Item, ...]
    periodic: bool


class Charging:
    """The charges of every step of a plan, ready to be asked for many decisions."""

    def __init__(self, plan: Plan) -> None:
        self.currency = plan.currency
        self.accounts = {account.id: account for account in plan.accounts}
        self.caps = {
            id_: to_units(account, plan.currency) for id_, account in self.accounts.items()
        }
        self.zone = ZoneInfo(plan.time_zone)
        self._labels_of: dict[tuple[object, ...], dict[Period, str]] = {}
        self._last_at: datetime | None = None
        self._last_labels = _NO_LABELS
        self._rest = {campaign.name: len(campaign.shares) for campaign in plan.campaigns}
        self._meters = {
            (campaign.name, step.name): self._metered(step)
            for campaign in plan.campaigns
            for step in campaign.steps
        }

    def _metered(self, step: Step) -> tuple[_Meter, ...]:
        charged = ((self.accounts[charge.account], charge) for charge in step.charges)
        return tuple(
            _Meter(
                account.id,
                account.measure == "money",
                account.period,
                account.key,
                charge.share,
                charge.benefit,
            )
            for account, charge in charged
            if account.measure != "messages"
        )

    def charges(self, decision: Decision, lines: tuple[Line, ...], cost: int) -> dict[Slot, int]:
        """What giving these lines takes from which balance, in the order of the checks.

        `cost` is `cost_of` them.

        An account that the decision concerns stands here even where it is charged nothing (points
        cost a budget 0): once exhausted, it refuses that as well. A benefit's stock concerns only
        those who get it; a share's part of the budget only those whom it pays.
        """
        identity, benefits = decision.identity, tuple(line.benefit for line in lines)
        tariff = self.tariff(identity.campaign, identity.step, decision.share, benefits)
        return dict(self.charged(decision, tariff, cost))

    def charged(self, decision: Decision, tariff: Tariff, cost: int) -> list[tuple[Slot, int]]:
        """`charges` of lines that have this tariff, each balance once."""
        labels = self._labels(decision.at) if tariff.periodic else _NO_LABELS
        return [
            (
                (
                    account,
                    "" if period is None else labels[period],
                    "" if key is None else self._key(key, decision),
                ),
                each + of_cost * cost,
            )
            for account, period, key, each, of_cost in tariff.items
        ]

    def tariff(
        self, campaign: str, step: str, share: int | None, benefits: tuple[str | None, ...]
    ) -> Tariff:
        """What lines with these benefits are charged, where this share pays."""
        paying = self._rest[campaign] if share is None else share
        items: dict[str, _Item] = {}
        for meter in self._meters[campaign, step]:
            if meter.share is not None and meter.share != paying:
                continue
            each, of_cost = (0, 1) if meter.of_money else (1, 0)
            if meter.benefit is not None:
                each, of_cost = benefits.count(meter.benefit), 0
                if not each:
                    continue
            item = items.get(meter.account)
            if item is not None:
                each, of_cost = each + item.each, of_cost + item.of_cost
            items[meter.account] = _Item(meter.account, meter.period, meter.key, each, of_cost)
        return Tariff(
            tuple(items.values()), any(item.period is not None for item in items.values())
        )

    def stocks(self, benefits: Iterable[str], at: datetime) -> dict[Slot, int]:
        """What giving these benefits at an instant takes from their stocks."""
        given = Counter(benefits)
        labels = self._labels(at)
        return {
            (account.id, "" if account.period is None else labels[account.period], ""): number
            for account in self.accounts.values()
            if account.owner_kind == "benefit" and (number := given[account.owner])
        }

    def from_reserve(
        self, decision: Decision, lines: tuple[Line, ...], cost: int
    ) -> dict[Slot, int] | None:
        """`charges` with the campaign's reserve in place of its own budget; nothing without one."""
        campaign = decision.identity.campaign
        reserve = reserve_of(campaign)
        if reserve not in self.accounts:
            return None
        taken = {
            slot: amount
            for slot, amount in self.charges(decision, lines, cost).items()
            if not self._of_own_budget(slot[0], campaign)
        }
        return {**taken, (reserve, "", ""): cost}

    def _of_own_budget(self, id_: str, campaign: str) -> bool:
        account = self.accounts[id_]
        own = account.owner_kind == "campaign" and account.owner == campaign
        return own and account.refusal == "over_budget"

    def _labels(self, at: datetime) -> dict[Period, str]:
        # What falls due together is decided at one instant.
        if at == self._last_at:
            return self._last_labels
        clock = at.astimezone(self.zone)
        hour = clock.date(), clock.hour, clock.utcoffset()
        labels = self._labels_of.get(hour)
        if labels is None:
            labels = {period: period_label(period, clock) for period in get_args(Period)}
            self._labels_of[hour] = labels
        self._last_at, self._last_labels = at, labels
        return labels

    @staticmethod
    def _key(key: str, decision: Decision) -> str:
        if key == "customer":
            return decision.identity.recipient
        value = decision.keys.get(key)
        return UNKNOWN_KEY if value is None else value

    def amount_text(self, account: Account, units: int) -> str:
        """A balance as decimal text: money with its minor digits, else a whole number."""
        return f"{from_units(account, units, self.currency):f}"


def charged_accounts(plan: Plan, campaign: str) -> frozenset[str]:
    """The ids of the accounts that a campaign's grants can be charged to, also those by hand."""
    charged = frozenset(
        charge.account
        for each in plan.campaigns
        if each.name == campaign
        for step in each.steps
        for charge in step.charges
    )
    return charged | {reserve_of(campaign)}


def reserve_of(campaign: str) -> str:
    """The id of the account of a campaign's reserve, if it keeps one."""
    return f"campaign/{campaign}/reserve"
