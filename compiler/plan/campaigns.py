"""Campaigns: when a step fires, whom it may reach, what it gives and says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Literal

from .brakes import Brake
from .experiments import Experiment
from .expressions import Expression, Origin, unless
from .measuring.goals import Peak, Target
from .measuring.measures import Measured
from .triggers import Following, Journey, Trigger
from .value import Charge, Span


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """One of a benefit. If its value is computed: `amount` as money, at most `cap`."""

    benefit: str
    origin: Origin
    kind: Literal["benefit"] = "benefit"
    amount: Expression | None = unless(None)
    cap: Decimal | None = unless(None)


@dataclass(frozen=True, slots=True)
class WalletLine:
    """So many of a wallet's units: an integer expression; unknown or below one gives nothing.

    `does`: they are given; or paid, the price of the other lines; or taken, as far as there are.
    """

    wallet: str
    amount: Expression
    origin: Origin
    does: Literal["give", "pay", "take"] = "give"
    kind: Literal["wallet"] = "wallet"


@dataclass(frozen=True, slots=True)
class CashLine:
    """Money, rounded half-even to the minor unit, at most `cap`; unknown, or not above 0: none."""

    amount: Expression
    cap: Decimal | None
    currency: str
    origin: Origin
    kind: Literal["cash"] = "cash"


CASH = "cash"
"""The ledger's name for money."""

CHOICE = "choice"
"""The ledger's name for an offer from which nothing is chosen yet."""


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """An offer: the recipient may claim `count` of the benefits later.

    The value of the chosen benefits is at most `worth`, if set. Until the claim, the offer
    counts as the most that can be chosen: `value` is the largest total value, `cost` the largest
    total cost. The two maxima may come from different choices. The offer is open for
    `expires_after`, unless the reward sets a period.
    """

    options: tuple[str, ...]
    count: int
    worth: Decimal | None
    value: Decimal
    cost: Decimal
    expires_after: Span
    origin: Origin
    kind: Literal["choice"] = "choice"

    @property
    def amount(self) -> None:
        """It is worth the same for everybody."""


RewardLine = BenefitLine | WalletLine | CashLine | ChoiceLine
"""`amount` is the expression that differs by customer or event, or `None` if nothing does.

The meaning of each is a row of the table of rewards, `compiler/rewards/table.py`.
"""


@dataclass(frozen=True, slots=True)
class Branch:
    """A bundle and its condition: the first branch whose condition holds is used; `None` always
    holds.

    A bundle is all or nothing: if one of its lines gives nothing, there is no decision.
    `chance`: in a draw, the cumulative share of hashes up to and including this prize.
    """

    condition: Expression | None
    lines: tuple[RewardLine, ...]
    chance: Decimal | None = None

    @property
    def always(self) -> bool:
        """Whether it is the one wherever none before it is."""
        return self.condition is None and (self.chance is None or self.chance >= 1)


@dataclass(frozen=True, slots=True)
class DeliveryDay:
    """The `day` (clipped to the month's last) of the month `months` after the decision's."""

    day: int
    months: int


@dataclass(frozen=True, slots=True)
class Claims:
    """By which events the offers of a reward are claimed: those that meet `where`.

    `field` is the field of the event whose text names the choice, several parted by commas.
    """

    event: str
    where: Expression | None
    field: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Reward:
    """The reward of a step.

    `recipient`: an expression over the event, or `None` for the customer. `returns`: as for a
    benefit, of `expires_after`. `each`: every member of the completed group is the customer, one
    after the other. `claims`: the events that claim its offers, or `None`.

    `asks`: conditions of compliance on the fields of the recipient, if that is a customer. All
    other conditions are checked for the recipient at delivery only.
    """

    branches: tuple[Branch, ...]
    recipient: Expression | None
    deliver_on: DeliveryDay | None
    expires_after: Span | None
    origin: Origin
    returns: bool | None = None
    each: bool = False
    claims: Claims | None = None
    asks: tuple[Check, ...] = ()

    @property
    def draws(self) -> bool:
        """Whether a ticket decides what it gives."""
        return any(one.chance is not None and not one.always for one in self.branches)


@dataclass(frozen=True, slots=True)
class Share:
    audience: str
    percent: Decimal
    origin: Origin


@dataclass(frozen=True, slots=True)
class WhenExhausted:
    """The effect of a refusal as over_budget: none, a place in the queue, or another bundle."""

    action: Literal["stop", "waitlist", "reward"]
    lines: tuple[RewardLine, ...]


@dataclass(frozen=True, slots=True)
class MessageValue:
    """A variable of a message that comes from data: `customer.city`, `event.amount`."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Message:
    """A Jinja2 text; `values` are those of its variables that come from data.

    `forbidden`: phrases that it may not say whatever the values are; `longest`: so many bytes of
    UTF-8 it has at most. One that breaks either is kept back, and the grant is made. `staff`: it
    goes to people of the house, so that caps, quiet hours and consent of customers do not apply.
    `otherwise`: it goes out only where the one before it could not. `consent`: the customer's field
    that says whether messages may go out on the channel.
    """

    channel: str
    template: str
    values: tuple[MessageValue, ...]
    origin: Origin
    forbidden: tuple[str, ...] = ()
    longest: int = 65_536
    staff: bool = unless(False)
    otherwise: bool = unless(False)
    consent: str | None = unless(None)


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that compliance demands, held at decision and again at delivery."""

    policy: str
    condition: Expression
    because: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No message is delivered from `start` (in) to `end` (out); it may span midnight."""

    policy: str
    start: time
    end: time
    origin: Origin


@dataclass(frozen=True, slots=True)
class Within:
    """A span before the end of a run: anything older is too late."""

    span: Span
    origin: Origin


@dataclass(frozen=True, slots=True)
class Proportion:
    """How much a reversal takes back: the total of `part`, of the reversing events so far, by
    `whole`, of the event that was granted. Both are numbers, or money of one currency."""

    part: str
    whole: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Reversal:
    """The events that take back what a campaign granted: those that meet `where`.

    `field` is the field of the event whose text is the key of the event that was granted. All that
    this event was granted is taken back, or as much as the `proportion` says.
    """

    event: str
    where: Expression | None
    field: str
    proportion: Proportion | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Step:
    """`charges` are in the order in which they are checked: limits, then stock, then budgets.

    `checks`: compliance of the step alone, which depends on its event; of a later step of a
    journey, which has `follows`, all of it. `label` is what people call it.
    """

    name: str
    trigger: Trigger
    reward: Reward | None
    messages: tuple[Message, ...]
    charges: tuple[Charge, ...]
    origin: Origin
    follows: Following | None = unless(None)
    checks: tuple[Check, ...] = unless(())
    label: str | None = unless(None)

    @property
    def gives_nothing(self) -> bool:
        """Whether it neither gives nor says anything: it marks a moment."""
        return self.reward is None and not self.messages


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A clause that a customer must satisfy, in the order of the brief."""

    clause: Literal["stage", "audience", "exclusive", "while", "if"]
    condition: Expression
    origin: Origin


@dataclass(frozen=True, slots=True)
class Campaign:
    """`active`: first and last instant, both in (UTC), either may be open. `holdout` is 0 to 1.

    `name` is the one under which the ledger knows it; `renamed` the one in the file, if another.
    `late_events`: before the end of its last run, of events that no run has read. `catch_up`:
    before the end of the run that comes to an instant of its schedule. `while_paused`: whether what
    comes while it is paused is decided later, or gives nothing. `target`, `peak` and `measures`
    decide nothing. `brakes`: any of them pauses it.
    `project_holdout` is the part of all customers whom no campaign of the project reaches.
    """

    name: str
    label: str
    owner: str | None
    goal: str | None
    active_from: datetime | None
    active_to: datetime | None
    eligibility: tuple[Eligibility, ...]
    checks: tuple[Check, ...]
    steps: tuple[Step, ...]
    shares: tuple[Share, ...]
    when_exhausted: WhenExhausted
    quiet_hours: tuple[QuietHours, ...]
    message_caps: tuple[str, ...]
    holdout: Decimal
    priority: int
    policies: tuple[str, ...]
    appeal: str | None
    settled_days: int | None
    settled_working: bool
    origin: Origin
    renamed: str | None = None
    late_events: Within | None = unless(None)
    catch_up: Within | None = unless(None)
    while_paused: Literal["lapse", "resume"] = unless("resume")
    target: Target | None = unless(None)
    peak: Peak | None = unless(None)
    journey: Journey | None = unless(None)
    reversal: Reversal | None = unless(None)
    measures: tuple[Measured, ...] = unless(())
    experiment: Experiment | None = unless(None)
    project_holdout: Decimal = unless(Decimal(0))
    brakes: tuple[Brake, ...] = unless(())

    @property
    def holds_out(self) -> bool:
        """Whether it holds out anybody, by itself or with the whole project."""
        return self.holdout > 0 or self.project_holdout > 0

    @property
    def draws(self) -> bool:
        """Whether a ticket decides what a step of it gives."""
        return any(step.reward is not None and step.reward.draws for step in self.steps)
