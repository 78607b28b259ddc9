"""The accounts that a grant is charged to, and the amounts.

    plan + decision ──▶ {(account, period, key): units}

Units are minor units of the project's currency for money, and a count for everything else.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, assert_never, get_args
from zoneinfo import ZoneInfo

from ...compiler.plan import RESERVE, Account, Period, Plan, Step, account_id
from ...compiler.plan.chance import joined
from ...compiler.plan.types import from_minor, minor_unit, to_minor
from .decisions import Decision, Line
from .keys import LONGEST_KEY

MOST = 2**63 - 1
"""No balance, and no grant's cost in minor units, is above this: what a store's integers hold."""

UNKNOWN = "unknown/"
"""The prefix of a balance's key if the value that counts is unknown; the customer's key follows."""

DIGEST = "sha256/"
"""The prefix of a key for a value that is too long for one, or that could pass for another."""

Slot = tuple[str, str, str]
"""One balance: account id, calendar period (empty: none), key value (empty: one for all).

Of a limit by two fields the key value is both, as `chance.joined` joins them.
"""

_NO_LABELS: dict[Period, str] = {}


def period_label(period: Period, clock: datetime) -> str:
    """The unit that a wall clock (with its offset) is in.

    `2026-01-10T09+08:00`, `2026-01-10`, `2026-W02` (from Monday), `2026-01`, `2026-Q1`, `2026`. An
    hour that is shown twice, because clocks go back, is two hours.
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
        case "quarter":
            return f"{clock.year:04}-Q{(clock.month + 2) // 3}"
        case "year":
            return f"{clock.year:04}"
        case _:
            assert_never(period)


def to_units(account: Account, currency: str) -> int:
    """Convert an account's cap to units: minor units for money, rounded down; otherwise a count."""
    scale = minor_unit(currency) if account.measure == "money" else 0
    return min(int(account.cap.scaleb(scale)), MOST)


def from_units(account: Account, units: int, currency: str) -> Decimal:
    """Convert units of an account back to a decimal amount; the inverse of `to_units`."""
    return from_minor(units, currency) if account.measure == "money" else Decimal(units)


def cost_of(lines: Iterable[Line], currency: str) -> int:
    """Sum the costs of the lines, in minor units of the project's currency."""
    return sum(to_minor(line.cost, currency) for line in lines)


@dataclass(frozen=True, slots=True)
class _Meter:
    """A charge of a step, joined with its account."""

    account: str
    of_money: bool
    period: Period | None
    keys: tuple[str, ...]
    share: int | None
    benefit: str | None


class _Item(NamedTuple):
    """One row of a tariff: an account is charged `each + of_cost * cost` units."""

    account: str
    period: Period | None
    keys: tuple[str, ...]
    each: int
    of_cost: int


class Tariff(NamedTuple):
    """The charges of a bundle before its cost is known, in the order of the checks."""

    items: tuple[_Item, ...]
    periodic: bool


class Charging:
    """The charges of every step of a plan, prepared for many decisions."""

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
                account.keys,
                charge.share,
                charge.benefit,
            )
            for account, charge in charged
            if account.measure != "messages"
        )

    def charges(self, decision: Decision, lines: tuple[Line, ...], cost: int) -> dict[Slot, int]:
        """Return the units that these lines charge to each balance, in the order of the checks.

        `cost` is `cost_of(lines)`.

        An account that concerns the decision is listed even if it is charged 0. Points cost a
        budget nothing, for example, but an exhausted budget refuses them as well. A benefit's stock
        concerns only decisions that give the benefit. A share of the budget concerns only the
        decisions that it pays for.
        """
        identity, benefits = decision.identity, tuple(line.benefit for line in lines)
        tariff = self.tariff(identity.campaign, identity.step, decision.share, benefits)
        return dict(self.charged(decision, tariff, cost))

    def charged(self, decision: Decision, tariff: Tariff, cost: int) -> list[tuple[Slot, int]]:
        """`charges` of lines that have this tariff, each balance once."""
        labels = self.labels(decision.at) if tariff.periodic else _NO_LABELS
        return [
            (
                (
                    account,
                    "" if period is None else labels[period],
                    key_of(keys, decision) if keys else "",
                ),
                each + of_cost * cost,
            )
            for account, period, keys, each, of_cost in tariff.items
        ]

    def tariff(
        self, campaign: str, step: str, share: int | None, benefits: tuple[str | None, ...]
    ) -> Tariff:
        """Return the tariff of lines with these benefits, paid by this share (an index;

        `None`: the rest).
        """
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
            items[meter.account] = _Item(meter.account, meter.period, meter.keys, each, of_cost)
        return Tariff(
            tuple(items.values()), any(item.period is not None for item in items.values())
        )

    def stocks(self, benefits: Iterable[str], at: datetime) -> dict[Slot, int]:
        """Return the units that these benefits, given at an instant, take from their stocks."""
        given = Counter(benefits)
        labels = self.labels(at)
        return {
            (account.id, "" if account.period is None else labels[account.period], ""): number
            for account in self.accounts.values()
            if account.owner_kind == "benefit" and (number := given[account.owner])
        }

    def from_reserve(
        self, decision: Decision, lines: tuple[Line, ...], cost: int
    ) -> dict[Slot, int] | None:
        """Return `charges` with the campaign's reserve in place of its budget;

        `None` without a reserve.
        """
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

    def labels(self, at: datetime) -> dict[Period, str]:
        """The units of the calendar that an instant is in."""
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

    def amount_text(self, account: Account, units: int) -> str:
        """Format a balance as text: money with its minor digits, otherwise a whole number."""
        return f"{from_units(account, units, self.currency):f}"


def key_of(keys: tuple[str, ...], decision: Decision) -> str:
    """The value by which an account with these keys counts a decision."""
    if keys == ("customer",):
        return decision.identity.recipient
    return joined(*(_key_value(key, decision) for key in keys))


def _key_value(key: str, decision: Decision) -> str:
    """Return the value of a key of an account; values that differ never get the same text."""
    match key:
        case "customer":
            return decision.identity.recipient
        case "customer.key":
            return decision.customer
        case "event.key":
            return decision.keys.get("event.key") or decision.identity.occurrence
    value = decision.keys.get(key)
    if value is None:
        return f"{UNKNOWN}{decision.customer}"
    if len(value) > LONGEST_KEY or value.startswith((UNKNOWN, DIGEST)):
        return f"{DIGEST}{hashlib.sha256(value.encode()).hexdigest()}"
    return value


def charged_accounts(plan: Plan, campaign: str) -> frozenset[str]:
    """Return the ids of the accounts that a campaign's grants, also manual ones, may charge."""
    charged = frozenset(
        charge.account
        for each in plan.campaigns
        if each.name == campaign
        for step in each.steps
        for charge in step.charges
    )
    return charged | {reserve_of(campaign)}


def reserve_of(campaign: str) -> str:
    """Return the id of the account of a campaign's reserve; the account need not exist."""
    return account_id("campaign", campaign, RESERVE)
