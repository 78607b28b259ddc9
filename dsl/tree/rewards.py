"""Nodes of benefits, rewards and the budgets that pay for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .base import Duration, Money, Name, Node, Number, Percent, Text
from .expressions import Expression, Member

CapPeriod = Literal["hour", "day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class BenefitKind(Node):
    kind: Name


@dataclass(frozen=True, slots=True)
class Computed(Node):
    """`computed up to 500 CNY`: each reward says how much it is."""

    most: Money


@dataclass(frozen=True, slots=True)
class BenefitValue(Node):
    value: Expression | Computed


@dataclass(frozen=True, slots=True)
class BenefitCost(Node):
    value: Expression


@dataclass(frozen=True, slots=True)
class BenefitCodes(Node):
    """`codes from coffee_codes`: the name that the catalog gives to a table of codes."""

    table: Name


@dataclass(frozen=True, slots=True)
class Stock(Node):
    """`stock 80_000 per month`, in a benefit or in a budget."""

    count: Number
    period: CapPeriod | None


@dataclass(frozen=True, slots=True)
class ExpiresAfter(Node):
    """`expires after 30 days`; `returns`: whether it says `returning to budget` or `forfeited`."""

    duration: Duration
    returns: bool | None


BenefitStatement = BenefitKind | BenefitValue | BenefitCost | BenefitCodes | Stock | ExpiresAfter


@dataclass(frozen=True, slots=True)
class Benefit(Node):
    name: Name
    label: Text | None
    statements: tuple[BenefitStatement, ...]


@dataclass(frozen=True, slots=True)
class BenefitReward(Node):
    """`video_month`."""

    benefit: Name


Rounding = Literal["down", "up", "half up"]


@dataclass(frozen=True, slots=True)
class WalletReward(Node):
    """`100 points`, `20 growth`; the amount is an expression (`2 * count(order) points` too)."""

    amount: Expression
    wallet: Name
    rounding: Rounding | None


@dataclass(frozen=True, slots=True)
class PerReward(Node):
    """`5 points per 100 CNY of event.amount`: the amount for every whole unit of the measure."""

    amount: Expression
    wallet: Name
    unit: Money | Number
    measure: Expression


@dataclass(frozen=True, slots=True)
class CashReward(Node):
    """`5% of event.amount as cash rounded down up to 50 CNY`; `form` may be a benefit."""

    amount: Expression
    form: Name
    rounding: Rounding | None
    cap: Money | None


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`choose 1 of video_month, coffee worth up to 60 CNY`: always alone in its bundle."""

    count: Number
    options: tuple[Name, ...]
    worth: Money | None


RewardLine = BenefitReward | WalletReward | PerReward | CashReward | Choice


@dataclass(frozen=True, slots=True)
class Price(Node):
    """`for 500 points`: the price of the benefit before it, paid by the recipient's wallet."""

    amount: Expression
    wallet: Name
    rounding: Rounding | None


@dataclass(frozen=True, slots=True)
class Bundle(Node):
    """One reward, or several joined with `and`: all or nothing, the price included."""

    lines: tuple[RewardLine, ...]
    price: Price | None


@dataclass(frozen=True, slots=True)
class RewardBranch(Node):
    """One line of `by { … }`; `otherwise` has no condition."""

    condition: Expression | None
    bundle: Bundle


@dataclass(frozen=True, slots=True)
class RewardBy(Node):
    """`price` is that of each branch, besides what a branch says itself."""

    branches: tuple[RewardBranch, ...]
    price: Price | None


@dataclass(frozen=True, slots=True)
class Prize(Node):
    """One line of `draw { … }`; `rest` has no odds."""

    odds: Percent | None
    bundle: Bundle


@dataclass(frozen=True, slots=True)
class RewardDraw(Node):
    """`price` is what a draw costs, whatever the prize."""

    prizes: tuple[Prize, ...]
    price: Price | None


@dataclass(frozen=True, slots=True)
class Take(Node):
    """`take 5 growth`: the opposite of a grant."""

    amount: Expression
    wallet: Name
    rounding: Rounding | None


@dataclass(frozen=True, slots=True)
class RewardTo(Node):
    """`to event.referrer_id`."""

    recipient: Expression


@dataclass(frozen=True, slots=True)
class RewardToEach(Node):
    """`to each`: to everybody of the group that the trigger waits for."""


@dataclass(frozen=True, slots=True)
class Limit(Node):
    """`limit 3 per customer per month`, `limit 1 per event.device_id and customer.email`.

    No `key`: whoever gets the reward.
    """

    count: Number
    key: Member | None
    also: Member | None
    period: CapPeriod | None


@dataclass(frozen=True, slots=True)
class First(Node):
    """`first 80_000 per month`."""

    count: Number
    period: CapPeriod | None


@dataclass(frozen=True, slots=True)
class DeliverOn(Node):
    """`deliver on day 5 of month 2 after event`."""

    day: Number
    months: Number


@dataclass(frozen=True, slots=True)
class ClaimedOn(Node):
    """`claimed on benefit_chosen where channel = "app" by event.benefit`."""

    event: Name
    where: Expression | None
    choice: Member


RewardModifier = RewardTo | RewardToEach | Limit | First | DeliverOn | ClaimedOn | ExpiresAfter


@dataclass(frozen=True, slots=True)
class Reward(Node):
    """A `reward` clause, or the `take` that replaces it."""

    form: Bundle | RewardBy | RewardDraw | Take
    modifiers: tuple[RewardModifier, ...]


@dataclass(frozen=True, slots=True)
class CapTotal(Node):
    amount: Money


@dataclass(frozen=True, slots=True)
class CapPer(Node):
    """`per day 20_000 CNY`."""

    period: CapPeriod
    amount: Money


@dataclass(frozen=True, slots=True)
class CapPerCustomer(Node):
    """`per customer 200 CNY`, `per customer per month 200 CNY`."""

    period: CapPeriod | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Share(Node):
    """`share 40% for high_value`."""

    percent: Percent
    audience: Name


@dataclass(frozen=True, slots=True)
class FromPool(Node):
    pool: Name


@dataclass(frozen=True, slots=True)
class Reserve(Node):
    percent: Percent


@dataclass(frozen=True, slots=True)
class Alert(Node):
    percents: tuple[Percent, ...]


@dataclass(frozen=True, slots=True)
class WhenExhausted(Node):
    """`when exhausted stop | waitlist | reward …`; `bundle` is there for the last."""

    action: Literal["stop", "waitlist", "reward"]
    bundle: Bundle | None


BudgetStatement = (
    CapTotal | CapPer | CapPerCustomer | Stock | Share | FromPool | Reserve | Alert | WhenExhausted
)


@dataclass(frozen=True, slots=True)
class Pool(Node):
    """A budget of its own, that campaigns and other pools draw `from`."""

    name: Name
    label: Text | None
    statements: tuple[BudgetStatement, ...]
