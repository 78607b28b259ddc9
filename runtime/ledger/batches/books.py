"""A plan as the ledger uses it: charges, messages and rules of each step, prepared once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from ....compiler.plan import Account, Campaign, EventTrigger, Plan, Step
from ....compiler.plan.types import minor_unit, to_minor
from ...decide.charges import Charging, Slot, Tariff, cost_of
from ...decide.decisions import Decision, Line
from ...rendering.messages import Messages
from ..chain import quoted, quoted_or_null, text
from ..contract import Channels
from ..instants import instant_text
from .balances import Balance, cap_of
from .entries import something_becomes
from .wallets import Moves, in_wallets

REWARDS = "rewards"
ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class StepBook:
    """A step with its campaign; `caps` are the message caps that its messages count for.

    `told`: their names in an entry of the chain; `tariffs`, what there was to be charged so far.
    """

    campaign: Campaign
    step: Step
    caps: tuple[Account, ...]
    told: str
    tariffs: dict[tuple[int | None, tuple[str | None, ...]], Tariff]

    @property
    def of_messages_alone(self) -> bool:
        """Whether it gives nothing but words."""
        return self.step.reward is None


@dataclass(frozen=True, slots=True)
class StepEvent:
    """The event that a step waits for, or that claims from it.

    `for_each`: everybody of a group gets something for an event of one of them.
    """

    name: str
    for_each: bool

    def customer(self, decision: Decision) -> str | None:
        """Whose event a decision is about; `None` if that is not known."""
        return decision.event_customer if self.for_each else decision.customer


@dataclass(frozen=True, slots=True)
class Kept:
    """A line as it is kept: `until` when it ends, `settled` the same where something moves then.

    `told`: how it stands in an entry of the chain, before and after the instant of its delivery.
    """

    until: str | None
    returns: bool
    settled: str | None
    told: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The lines of a reward as the ledger keeps them.

    A line is its reward, its benefit, amount and currency, and its cost in minor units; `cost` is
    that of all. `content` is a hash, so that a retry that asks for something else is noticed.
    `wallets`: how the recipient's wallets move, one entry a wallet; `spends`: the names of those
    that give something; `drains`: whether a line takes what is there and no more.
    """

    lines: tuple[tuple[str, str | None, str, str, int], ...]
    kept: tuple[Kept, ...]
    benefits: tuple[str | None, ...]
    cost: int
    content: str
    wallets: tuple[Moves, ...]
    spends: tuple[str, ...]
    drains: bool


def bundle(lines: tuple[Line, ...], currency: str) -> Bundle:
    """The lines in the project's currency."""
    worth = tuple(
        (line.reward, line.benefit, exact_text(line), line.currency, to_minor(line.cost, currency))
        for line in lines
    )
    drains = any(line.drains for line in lines)
    told = "\n".join(
        f"{reward}\0{amount}\0{unit}\0{cost}{_offered(line)}"
        for (reward, _, amount, unit, cost), line in zip(worth, lines, strict=True)
    ) + ("\0drains" if drains else "")
    wallets = in_wallets(lines)
    return Bundle(
        lines=worth,
        kept=tuple(
            _kept(index, *each) for index, each in enumerate(zip(lines, worth, strict=True))
        ),
        benefits=tuple(line.benefit for line in lines),
        cost=cost_of(lines, currency),
        content=hashlib.blake2b(told.encode(), digest_size=16).hexdigest(),
        wallets=wallets,
        spends=tuple(one.wallet for one in wallets if one.owed or one.drained),
        drains=drains,
    )


def _kept(index: int, line: Line, worth: tuple[str, str | None, str, str, int]) -> Kept:
    until = None if line.expires_at is None else instant_text(line.expires_at)
    before = text((index, *worth))[:-1]
    after = f",{quoted_or_null(until)}{',1' if line.returns else ''}]"
    settled = until if something_becomes(line) else None
    return Kept(until, line.returns, settled, (f"{before},", after))


def _offered(line: Line) -> str:
    """What there is to choose from, as far as the line is an offer."""
    if line.choice is None:
        return ""
    options = (f"\0{one.benefit}\0{one.value}\0{one.cost}" for one in line.choice.options)
    prices = (f"\0{wallet}\0{amount}" for wallet, amount in line.choice.prices)
    return "".join((*options, *prices))


def exact_text(line: Line) -> str:
    """A line's amount: money with its minor unit's digits, a wallet's units as a whole number."""
    digits = 0 if line.reward == line.currency else minor_unit(line.currency)
    return f"{line.amount:.{digits}f}"


def _events(plan: Plan) -> Iterator[tuple[tuple[str, str], StepEvent]]:
    """The event of each step that has one, and of each step of claims."""
    for campaign in plan.campaigns:
        for step in campaign.steps:
            reward = step.reward
            if isinstance(step.trigger, EventTrigger):
                each = reward is not None and reward.each
                yield (campaign.name, step.name), StepEvent(step.trigger.event, each)
            if reward is not None and reward.claims is not None:
                claims = StepEvent(reward.claims.event, for_each=False)
                yield (campaign.name, f"{step.name}/claim"), claims


class Books:
    """All that a batch needs to know of a plan."""

    def __init__(self, plan: Plan, digest: str, channels: Channels) -> None:
        self.plan = plan
        self.digest = digest
        self.zone = ZoneInfo(plan.time_zone)
        self.charging = Charging(plan)
        self.messages = Messages(plan)
        # Most grants of a campaign are alike.
        self.bundle = lru_cache(4_096)(partial(bundle, currency=plan.currency))
        self.tells_rewards = REWARDS in channels
        self.tells_alerts = ALERTS in channels
        self.told = quoted(digest)
        accounts = self.charging.accounts
        caps = self.charging.caps
        self.events = dict(_events(plan))
        self._caps = {id_: cap_of(account, caps[id_]) for id_, account in accounts.items()}
        self.steps = {
            (campaign.name, step.name): StepBook(
                campaign,
                step,
                tuple(accounts[id_] for id_ in campaign.message_caps) if step.messages else (),
                f"{quoted(campaign.name)},{quoted(step.name)}",
                {},
            )
            for campaign in plan.campaigns
            for step in campaign.steps
        }

    def balance(self, slot: Slot) -> Balance:
        """A balance under the plan, before it is known how it stands."""
        return Balance(self._caps[slot[0]], slot)

    def tariff(self, book: StepBook, share: int | None, bundle: Bundle) -> Tariff:
        """What a bundle of a step is charged, where this share pays."""
        found = book.tariffs.get((share, bundle.benefits))
        if found is None:
            names = book.campaign.name, book.step.name
            found = self.charging.tariff(*names, share, bundle.benefits)
            book.tariffs[share, bundle.benefits] = found
        return found
