"""A plan prepared for the ledger: the charges, messages and rules of each step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from ....compiler.plan import Account, Campaign, Following, Plan, Step
from ....compiler.plan.types import minor_unit, to_minor
from ....compiler.rewards.lines import filled_by, moved_by
from ...decide.braking.watchers import watched
from ...decide.charges import Charging, Slot, Tariff, cost_of
from ...decide.decisions import Decision, Line
from ...decide.wallets.reached import thresholds
from ...rendering.messages import Messages
from ..chain import quoted, quoted_or_null, text
from ..contract import Channels
from ..instants import instant_text
from ..units.codes import lock_of
from .balances import Balance, cap_of
from .entries import something_becomes
from .hiding import hidden, private_fields
from .kept_texts import alarm_step, claim_step, reversal_step
from .wallets import Moves, in_wallets

REWARDS = "rewards"
ALERTS = "alerts"

_MOST = 16
"""The plans whose books are kept."""


@dataclass(frozen=True, slots=True)
class StepBook:
    """A step with its campaign. `caps` are the message caps for which its messages count.

    `entry_text` is the names of both in an entry of the chain. `tariffs` caches the step's tariffs.
    `private` are the fields whose values are kept as hashes.
    """

    campaign: Campaign
    step: Step
    caps: tuple[Account, ...]
    entry_text: str
    tariffs: dict[tuple[int | None, tuple[str | None, ...]], Tariff]
    private: frozenset[str] = frozenset()

    @property
    def of_messages_alone(self) -> bool:
        """Whether the step gives messages only."""
        return self.step.reward is None

    @property
    def multiple(self) -> Decimal:
        """The amount whose multiples fire; 1 for a trigger without."""
        pattern = self.step.trigger.pattern
        return Decimal(1) if pattern is None else pattern.amount


@dataclass(frozen=True, slots=True)
class StepEvent:
    """The event that triggers a step, or that claims its offers.

    `for_each`: each member of a group is rewarded for the event of one of them.
    """

    name: str
    for_each: bool

    def customer(self, decision: Decision) -> str | None:
        """Return the customer of a decision's event; `None` if unknown."""
        return decision.event_customer if self.for_each else decision.customer


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as the store keeps it. `until` is its expiry.

    `settled` equals `until` if something must be settled then. `entry_text` is the text of its
    entry before and after the instant of delivery.
    """

    until: str | None
    returns: bool
    settled: str | None
    entry_text: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The lines of a reward as the ledger keeps them.

    A line is (reward, benefit, amount, currency, cost); costs are in minor units and `cost` is
    their sum. `content` is a hash by which a retry with other content is noticed. `wallets` has the
    moves of each wallet, and `spends` the names of those that pay. `drains`: a line takes what is
    there.
    """

    lines: tuple[tuple[str, str | None, str, str, int], ...]
    kept: tuple[StoredLine, ...]
    benefits: tuple[str | None, ...]
    cost: int
    content: str
    wallets: tuple[Moves, ...]
    spends: tuple[str, ...]
    drains: bool


def bundle(lines: tuple[Line, ...], currency: str) -> Bundle:
    """Return the bundle of these lines, in the project's currency."""
    worth = tuple(
        (line.reward, line.benefit, exact_text(line), line.currency, to_minor(line.cost, currency))
        for line in lines
    )
    drains = any(line.drains for line in lines)
    content = "\n".join(
        f"{reward}\0{amount}\0{unit}\0{cost}{_offered(line)}"
        for (reward, _, amount, unit, cost), line in zip(worth, lines, strict=True)
    ) + ("\0drains" if drains else "")
    wallets = in_wallets(lines)
    return Bundle(
        lines=worth,
        kept=tuple(
            _stored_line(index, *each) for index, each in enumerate(zip(lines, worth, strict=True))
        ),
        benefits=tuple(line.benefit for line in lines),
        cost=cost_of(lines, currency),
        content=hashlib.blake2b(content.encode(), digest_size=16).hexdigest(),
        wallets=wallets,
        spends=tuple(one.wallet for one in wallets if one.owed or one.drained),
        drains=drains,
    )


def _stored_line(
    index: int, line: Line, worth: tuple[str, str | None, str, str, int]
) -> StoredLine:
    until = None if line.expires_at is None else instant_text(line.expires_at)
    before = text((index, *worth))[:-1]
    after = f",{quoted_or_null(until)}{',1' if line.returns else ''}]"
    settled = until if something_becomes(line) else None
    return StoredLine(until, line.returns, settled, (f"{before},", after))


def _offered(line: Line) -> str:
    """Return the text of a line's choice; empty if it is not an offer."""
    if line.choice is None:
        return ""
    options = (f"\0{one.benefit}\0{one.value}\0{one.cost}" for one in line.choice.options)
    prices = (f"\0{wallet}\0{amount}" for wallet, amount in line.choice.prices)
    return "".join((*options, *prices))


def exact_text(line: Line) -> str:
    """Format a line's amount: money with its minor digits, wallet units as a whole number."""
    digits = 0 if line.reward == line.currency else minor_unit(line.currency)
    return f"{line.amount:.{digits}f}"


def _events(plan: Plan) -> Iterator[tuple[tuple[str, str], StepEvent]]:
    """Yield the event of each step that has one, of its claims, of each reversal and alarm."""
    for campaign in plan.campaigns:
        for step in campaign.steps:
            reward = step.reward
            is_keyed = step.trigger.is_keyed and step.follows is None
            if step.trigger.event is not None and is_keyed:
                each = reward is not None and reward.each
                yield (campaign.name, step.name), StepEvent(step.trigger.event, each)
            if reward is not None and reward.claims is not None:
                claims = StepEvent(reward.claims.event, for_each=False)
                yield (campaign.name, claim_step(step.name)), claims
        if campaign.reversal is not None:
            name = reversal_step(campaign.steps[0].name)
            yield (campaign.name, name), StepEvent(campaign.reversal.event, for_each=False)
        for event in watched(campaign):
            name = alarm_step(campaign.steps[0].name, event)
            yield (campaign.name, name), StepEvent(event, for_each=False)


def _removed(campaign: Campaign) -> Iterator[Step]:
    """Yield the steps that a journey has no more and whose instances end: they give nothing."""
    entry = campaign.steps[0]
    for name in () if campaign.journey is None else campaign.journey.ended:
        origin = campaign.origin
        ends = Following((entry.name,), None, (), None, origin, leaves=True)
        yield Step(name, entry.trigger, None, (), (), origin, ends)


class Books:
    """Everything that a batch needs of a plan. `secret`: the ledger's key for private values.

    `plain`: its batches are decided without columns.
    """

    def __init__(
        self,
        plan: Plan,
        digest: str,
        channels: Channels,
        secret: str = "",
        *,
        plain: bool = False,
    ) -> None:
        self.plan = plan
        self.plain = plain
        self.secret = secret
        self.digest = digest
        self.zone = ZoneInfo(plan.time_zone)
        self.charging = Charging(plan)
        self.messages = Messages(plan)
        # Most grants of a campaign are alike.
        self.bundle = lru_cache(4_096)(partial(bundle, currency=plan.currency))
        self.coded = frozenset(one.name for one in plan.benefits if one.codes is not None)
        self.tells_rewards = REWARDS in channels
        self.tells_alerts = ALERTS in channels
        self.entry_text = quoted(digest)
        accounts = self.charging.accounts
        caps = self.charging.caps
        self.events = dict(_events(plan))
        self.thresholds = thresholds(plan)
        self.caps = {id_: cap_of(account, caps[id_]) for id_, account in accounts.items()}
        self.steps = {
            (campaign.name, step.name): StepBook(
                campaign,
                step,
                tuple(accounts[id_] for id_ in campaign.message_caps) if step.messages else (),
                f"{quoted(campaign.name)},{quoted(step.name)}",
                {},
                private_fields(plan, campaign, step),
            )
            for campaign in plan.campaigns
            for step in (*campaign.steps, *_removed(campaign))
        }

    def fired_by(self, wallet: str) -> set[str]:
        """The names to lock for all that a wallet may fire, the wallet's own among them."""
        names = {f"wallet/{wallet}"}
        for threshold in self.thresholds.get(wallet, ()):
            book = self.steps[threshold.key]
            names |= {f"campaign/{threshold.key.campaign}", *(cap.id for cap in book.caps)}
            names |= {charge.account for charge in book.step.charges}
            names |= {f"wallet/{moved}" for moved in moved_by(book.campaign)}
            names.update(map(lock_of, self.coded))
            for filled in filled_by(book.campaign):
                names |= self.fired_by(filled)
        return names

    def as_kept(self, decision: Decision) -> Decision:
        """Return the decision with hashes for its private values."""
        private = self.steps[decision.identity.key].private
        return hidden(decision, private, self.secret) if private else decision

    def balance(self, slot: Slot) -> Balance:
        """Return a balance under the plan, not yet filled from the store."""
        return Balance(self.caps[slot[0]], slot)

    def tariff(self, book: StepBook, share: int | None, bundle: Bundle) -> Tariff:
        """Return the tariff of a step's bundle, paid by this share."""
        found = book.tariffs.get((share, bundle.benefits))
        if found is None:
            names = book.campaign.name, book.step.name
            found = self.charging.tariff(*names, share, bundle.benefits)
            book.tariffs[share, bundle.benefits] = found
        return found


class Shelf:
    """The books of the plans that a ledger and its copies decide by."""

    def __init__(self, *, plain: bool) -> None:
        self._plain = plain
        self._kept: dict[str, Books] = {}

    def books(
        self, plan: Plan, digest: str, channels: Channels, secret: Callable[[], str]
    ) -> Books:
        """Return the books of a plan under a digest, made if they are not there."""
        found = self._kept.get(digest)
        if found is None or found.plan is not plan:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            found = self._kept[digest] = Books(plan, digest, channels, secret(), plain=self._plain)
        return found
