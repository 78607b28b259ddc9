"""Warnings about clauses that compile and yet do nothing, or more than their author can have meant.

Each rule is one function of a campaign. They read the finished plan, so they say nothing about a
project that has mistakes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import prod
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Phrase
from .. import plan
from ..codes import schedules
from ..codes import silence as words
from ..plan import Campaign, Plan
from ..plan.expressions import (
    AudienceValue,
    Constant,
    Expression,
    FeatureValue,
    Operation,
    Origin,
    StageValue,
    walk,
    where,
)
from ..plan.steps import eligibility_of
from ..plan.types import DecimalType, IntegerType
from ..rewards.lines import lines_of, lines_of_campaign
from ..rewards.table import kind_of

REWARDS, ALERTS = "rewards", "alerts"


def silent_clauses(
    made: Plan, channels: Collection[str], today: date | None
) -> tuple[Diagnostic, ...]:
    """Every such clause of the plan. Without `today` no campaign counts as ended."""
    look = _Look(made, channels, today, _Index.of(made))
    found: list[Diagnostic] = []
    for campaign in made.campaigns:
        for rule in (_ended, _never_fires, _daily, _cash, _order, _quiet, _settled, _drawn):
            found.extend(rule(look, campaign))
    found.extend(_uncarried(look))
    found.extend(_unheard(look))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Index:
    """The parts of a plan by their names: a project may have thousands of campaigns.

    `owned` are the accounts of each owner, `charging` the campaigns that charge each account.
    """

    accounts: Mapping[str, plan.Account]
    owned: Mapping[str, Sequence[plan.Account]]
    charging: Mapping[str, Sequence[Campaign]]
    features: Mapping[str, plan.Feature]
    audiences: Mapping[str, Expression]
    stages: Mapping[str, tuple[Expression, ...]]

    @classmethod
    def of(cls, made: Plan) -> _Index:
        """The index of a plan."""
        owned: dict[str, list[plan.Account]] = defaultdict(list)
        charging: dict[str, list[Campaign]] = defaultdict(list)
        for account in made.accounts:
            owned[account.owner].append(account)
        for campaign in made.campaigns:
            for charge in (charge for step in campaign.steps for charge in step.charges):
                charging[charge.account].append(campaign)
        return cls(
            {account.id: account for account in made.accounts},
            owned,
            charging,
            {feature.id: feature for feature in made.features},
            {audience.name: audience.condition for audience in made.audiences},
            {one.name: tuple(stage.condition for stage in one.stages) for one in made.lifecycles},
        )


@dataclass(frozen=True, slots=True)
class _Look:
    plan: Plan
    channels: Collection[str]
    today: date | None
    index: _Index

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.plan.time_zone)

    def days(self, campaign: Campaign) -> tuple[date | None, date | None]:
        """The first and the last day of the campaign on the project's clock."""
        start, end = campaign.active_from, campaign.active_to
        return (
            start.astimezone(self.zone).date() if start else None,
            end.astimezone(self.zone).date() if end else None,
        )


def _warning(code: Code, origin: Origin, /, **values: str | Phrase) -> Diagnostic:
    return Diagnostic(code, where(origin), tuple(sorted(values.items())), ())


# --- chance ------------------------------------------------------------------------------------


def _drawn(look: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    for step in campaign.steps:
        if step.reward is not None and step.reward.draws and not look.plan.seeded:
            yield _warning(words.FORESEEABLE, step.reward.origin, campaign=campaign.name)


# --- when it fires ------------------------------------------------------------------------------


def _ended(look: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    _, end = look.days(campaign)
    only = [step.trigger.once for step in campaign.steps]
    last = max((at for at in only if at is not None), default=None)
    if last is not None and None not in only:
        once = last.astimezone(look.zone).date()
        end = once if end is None else min(end, once)
    if look.today is not None and end is not None and end < look.today:
        yield _warning(words.ENDED, campaign.origin, campaign=campaign.name, end=str(end))


def _never_fires(look: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    first, last = campaign.active_from, campaign.active_to
    if first is None or last is None:
        yield from _never_open(look, campaign)
        return
    start, end = look.days(campaign)
    for step in campaign.steps:
        if not step.trigger.may_fire(look.zone, look.plan.holidays, first, last):
            yield _warning(
                words.NEVER_FIRES,
                step.trigger.origin,
                campaign=campaign.name,
                start=str(start),
                end=str(end),
            )


_CYCLE = datetime(2012, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
"""After so many years dates fall on the same weekdays."""


def _never_open(look: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    """Warn of schedules without an end that lie outside of their own opening."""
    for step in campaign.steps:
        fires = step.trigger
        if fires.opening is not None and not fires.may_fire(look.zone, look.plan.holidays, *_CYCLE):
            yield _warning(schedules.NEVER_OPEN, fires.origin, campaign=campaign.name)


def _quiet(look: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    for step in campaign.steps:
        clocks = step.trigger.clocks(look.zone)
        if not clocks or all(message.staff for message in step.messages):
            continue
        for hours in campaign.quiet_hours:
            if all(_within(at, hours.start, hours.end) for at in clocks):
                at = min(clocks)
                yield _warning(
                    words.ALWAYS_QUIET,
                    step.trigger.origin,
                    campaign=campaign.name,
                    policy=hours.policy,
                    at=f"{at:%H:%M}",
                    start=f"{hours.start:%H:%M}",
                    end=f"{hours.end:%H:%M}",
                )


def _within(at: time, start: time, end: time) -> bool:
    return start <= at < end if start <= end else at >= start or at < end


# --- what it gives ------------------------------------------------------------------------------


def _daily(look: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    for step in campaign.steps:
        if not step.trigger.is_daily or step.reward is None or _only_takes(step.reward):
            continue
        limited = (look.index.accounts[charge.account] for charge in step.charges)
        if not any(one.key is not None and one.measure != "messages" for one in limited):
            yield _warning(words.DAILY_WITHOUT_LIMIT, step.reward.origin, campaign=campaign.name)


def _only_takes(reward: plan.Reward) -> bool:
    return all(kind_of(line).does(line) != "give" for line in lines_of(reward))


def _cash(_: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    for line in lines_of_campaign(campaign):
        open_ended = kind_of(line).open_ended(line)
        if open_ended and line.amount is not None and _factor(line.amount) > 1:
            yield _warning(words.CASH_WITHOUT_BOUND, line.origin, text=line.origin.text)


def _factor(amount: Expression) -> Decimal:
    """How many times what differs by event or customer an amount may come to; 0 of a literal."""
    if isinstance(amount, Constant):
        return Decimal(0)
    if not isinstance(amount, Operation):
        return Decimal(1)
    parts = amount.arguments
    factors = [_factor(one) for one in parts]
    match amount.operator:
        case "multiply":
            by = [number for number in map(_number, parts) if number is not None]
            rest = [one for one, part in zip(factors, parts, strict=True) if _number(part) is None]
            return prod(by, start=Decimal(1)) * max(rest, default=Decimal(0))
        case "divide":
            by_what = _number(parts[1])
            return factors[0] if not by_what else factors[0] / by_what
        case "add":
            return sum(factors, start=Decimal(0))
        case "subtract":
            return factors[0]
        case "least":
            return min(factors)
        case _:
            return max(factors)


def _number(value: Expression) -> Decimal | None:
    if isinstance(value, Constant) and isinstance(value.type, IntegerType | DecimalType):
        return Decimal(value.value)
    return None


def _carried(campaign: Campaign) -> plan.RewardLine | None:
    """The first line that somebody outside of the ledger has to hand out; wallets are its own."""
    lines = lines_of_campaign(campaign)
    return next((line for line in lines if kind_of(line).wallet(line) is None), None)


def _uncarried(look: _Look) -> Iterator[Diagnostic]:
    """One warning for the project, at the first campaign that gives such a thing."""
    if REWARDS in look.channels:
        return
    for campaign in look.plan.campaigns:
        line = _carried(campaign)
        if line is not None:
            yield _warning(words.NO_REWARDS_CHANNEL, line.origin, campaign=campaign.name)
            return


def _unheard(look: _Look) -> Iterator[Diagnostic]:
    """One warning for the project, at the first budget that has a threshold."""
    if ALERTS not in look.channels:
        for account in look.plan.accounts:
            if account.alerts:
                yield _warning(words.NO_ALERTS_CHANNEL, account.origin)
                return


def _settled(look: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    days = campaign.settled_days
    if days is None:
        return
    said = {"campaign": campaign.name, "days": str(days)}
    if REWARDS not in look.channels and _carried(campaign) is not None:
        yield _warning(words.SETTLED_BY_NOBODY, campaign.origin, reason=words.NO_CHANNEL, **said)
    for step in campaign.steps:
        later = step.reward.deliver_on if step.reward is not None else None
        # A day of the month after next is at least 28 days away, whatever the decision's day.
        if later is not None and later.months > 0 and (later.months - 1) * 28 + later.day > days:
            yield _warning(
                words.SETTLED_BY_NOBODY, campaign.origin, reason=words.DELIVERED_LATER, **said
            )


# --- in which order -----------------------------------------------------------------------------


def _order(look: _Look, campaign: Campaign) -> Iterator[Diagnostic]:
    """Campaigns of one priority, of which one asks what the other granted at the same instant."""
    for asked, at in _asked_grants(look, campaign):
        for other in look.plan.campaigns:
            if other.name == campaign.name or other.priority != campaign.priority:
                continue
            if _grants(other, asked) and _coincide(look, campaign, other):
                yield _warning(
                    words.ORDER_BY_NAME, at, text=at.text, campaign=campaign.name, other=other.name
                )
    for account, other in _paired(look.index, campaign):
        if other.priority == campaign.priority and _coincide(look, campaign, other):
            at, names = account.origin, {"campaign": campaign.name, "other": other.name}
            yield _warning(words.ORDER_BY_NAME, at, text=at.text, **names)


def _paired(index: _Index, campaign: Campaign) -> Iterator[tuple[plan.Account, Campaign]]:
    """The accounts of the campaign by which it excludes others per event, each with the other."""
    for account in index.owned.get(campaign.name, ()):
        if account.keys == ("customer.key", "event.key"):
            for other in index.charging.get(account.id, ()):
                if other.name != campaign.name:
                    yield account, other


def _asked_grants(look: _Look, campaign: Campaign) -> Iterator[tuple[plan.GrantCount, Origin]]:
    index = look.index
    seen: set[str] = set()
    waiting: list[tuple[Expression, Origin | None]] = [
        (one.condition, one.origin if one.clause == "exclusive" else None)
        for one in dict.fromkeys(
            clause for step in campaign.steps for clause in eligibility_of(campaign, step)
        )
        if one.clause != "exclusive" or _is_written_in(look.plan, campaign, one.origin)
    ]
    while waiting:
        condition, named_at = waiting.pop()
        for node in walk(condition):
            match node:
                case AudienceValue(name) if name not in seen:
                    seen.add(name)
                    at = named_at or node.origin
                    waiting.append((index.audiences[name], at))
                case StageValue(name) if f"stage {name}" not in seen:
                    seen.add(f"stage {name}")
                    at = named_at or node.origin
                    waiting.extend((one, at) for one in index.stages[name])
                case FeatureValue(feature=key):
                    feature = index.features[key]
                    at = named_at or node.origin
                    if isinstance(feature, plan.GrantCount) and at is not None:
                        yield feature, at
                case _:
                    continue


def _is_written_in(made: Plan, campaign: Campaign, at: Origin) -> bool:
    """Whether a clause is the campaign's own: `exclusive` is also a clause of the other one."""
    before = [
        one.origin
        for one in made.campaigns
        if one.origin.file == at.file
        and (one.origin.line, one.origin.column) <= (at.line, at.column)
    ]
    last = max(before, key=lambda origin: (origin.line, origin.column), default=None)
    return last == campaign.origin


def _grants(campaign: Campaign, asked: plan.GrantCount) -> bool:
    if asked.of == "campaign":
        return asked.campaign == campaign.name
    rows = ((kind_of(line), line) for line in lines_of_campaign(campaign))
    return any(not row.offers and asked.name in row.benefits(line) for row, line in rows)


def _coincide(look: _Look, one: Campaign, other: Campaign) -> bool:
    """Whether both can fire at one instant: on the same event, or at the same time of a day."""
    pairs = ((a.trigger, b.trigger) for a in one.steps for b in other.steps)
    return any(_meet(look.zone, a, b) for a, b in pairs)


def _meet(zone: ZoneInfo, one: plan.Trigger, other: plan.Trigger) -> bool:
    if one.event is not None or other.event is not None:
        return one.event == other.event
    if one.once is not None and other.once is not None:
        return one.once == other.once
    return not one.clocks(zone).isdisjoint(other.clocks(zone))
