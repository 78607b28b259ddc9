"""Benefits, rewards and budgets (see `builder`)."""

from __future__ import annotations

from typing import Any, get_args

from ...tree import (
    Alert,
    Benefit,
    BenefitCodes,
    BenefitCost,
    BenefitKind,
    BenefitReward,
    BenefitValue,
    Bundle,
    CapPer,
    CapPerCustomer,
    CapPeriod,
    CapTotal,
    CashReward,
    Choice,
    ClaimedOn,
    Computed,
    DeliverOn,
    ExpiresAfter,
    First,
    FromPool,
    Limit,
    PerReward,
    Pool,
    Price,
    Prize,
    Reserve,
    ReversedOn,
    Reward,
    RewardBranch,
    RewardBy,
    RewardDraw,
    RewardTo,
    RewardToEach,
    Rounding,
    Share,
    Stock,
    Take,
    WalletReward,
    WhenBalance,
    WhenExhausted,
)
from ..tokens import Token, covering

_PERIODS: dict[str, CapPeriod] = {period: period for period in get_args(CapPeriod)}


def period_of(word: Token | None) -> CapPeriod | None:
    """`month` of `per month` or `per customer per month`; `None` without a period."""
    return None if word is None else _PERIODS.get(word.text.split()[-1])


_ROUNDINGS: dict[str, Rounding] = {mode: mode for mode in get_args(Rounding)}


def rounding_of(word: Token | None) -> Rounding | None:
    """`half up` of `rounded half up`; `None` without one."""
    return None if word is None else _ROUNDINGS[word.text.partition(" ")[2]]


class RewardBuilder:
    """Builds benefits, rewards and budgets."""

    @staticmethod
    def benefit(children: list[Any]) -> Benefit:
        """`benefit video_month "…" { … }`."""
        _, name, label, _, *statements, _ = children
        return Benefit(name, label, tuple(statements), span=covering(children))

    @staticmethod
    def benefit_kind(children: list[Any]) -> BenefitKind:
        """`kind digital`."""
        return BenefitKind(children[1], span=covering(children))

    @staticmethod
    def computed(children: list[Any]) -> Computed:
        """`computed up to 500 CNY`."""
        return Computed(children[1], span=covering(children))

    @staticmethod
    def benefit_value(children: list[Any]) -> BenefitValue:
        """`value 25 CNY`."""
        return BenefitValue(children[1], span=covering(children))

    @staticmethod
    def benefit_cost(children: list[Any]) -> BenefitCost:
        """`cost 9.90 CNY`."""
        return BenefitCost(children[1], span=covering(children))

    @staticmethod
    def benefit_codes(children: list[Any]) -> BenefitCodes:
        """`codes from coffee_codes`."""
        return BenefitCodes(children[1], span=covering(children))

    @staticmethod
    def stock(children: list[Any]) -> Stock:
        """`stock 80_000 per month`."""
        _, count, period = children
        return Stock(count, period_of(period), span=covering(children))

    @staticmethod
    def expires_after(children: list[Any]) -> ExpiresAfter:
        """`expires after 30 days`, `expires after 30 days returning to budget`."""
        _, duration, word = children
        returns = None if word is None else word.type != "FORFEITED"
        return ExpiresAfter(duration, returns, span=covering(children))

    @staticmethod
    def pool(children: list[Any]) -> Pool:
        """`budget q1_growth "…" { … }`."""
        _, name, label, _, *statements, _ = children
        return Pool(name, label, tuple(statements), span=covering(children))

    @staticmethod
    def cap_total(children: list[Any]) -> CapTotal:
        """`total 600_000 CNY`."""
        return CapTotal(children[1], span=covering(children))

    @staticmethod
    def cap_per(children: list[Any]) -> CapPer:
        """`per day 20_000 CNY`."""
        word, amount = children
        return CapPer(_PERIODS[word.text.split()[-1]], amount, span=covering(children))

    @staticmethod
    def cap_per_customer(children: list[Any]) -> CapPerCustomer:
        """`per customer 200 CNY`, `per customer per month 200 CNY`."""
        word, amount = children
        return CapPerCustomer(period_of(word), amount, span=covering(children))

    @staticmethod
    def share(children: list[Any]) -> Share:
        """`share 40% for high_value`."""
        _, percent, _, audience = children
        return Share(percent, audience, span=covering(children))

    @staticmethod
    def from_pool(children: list[Any]) -> FromPool:
        """`from q1_growth`."""
        return FromPool(children[1], span=covering(children))

    @staticmethod
    def reserve(children: list[Any]) -> Reserve:
        """`reserve 5%`."""
        return Reserve(children[1], span=covering(children))

    @staticmethod
    def alert(children: list[Any]) -> Alert:
        """`alert at 50%, 80%`."""
        return Alert(tuple(children[1::2]), span=covering(children))

    @staticmethod
    def when_exhausted(children: list[Any]) -> WhenExhausted:
        """`when exhausted stop`, `when exhausted waitlist`."""
        return WhenExhausted(children[1].text, None, span=covering(children))

    @staticmethod
    def when_exhausted_reward(children: list[Any]) -> WhenExhausted:
        """`when exhausted reward 10 points`."""
        return WhenExhausted("reward", children[2], span=covering(children))

    @staticmethod
    def reward(children: list[Any]) -> Reward | None:
        """`reward … limit 1 per customer`; `None` if its form could not be read."""
        _, form, *modifiers = children
        if isinstance(form, Token):
            return None
        return Reward(form, tuple(modifiers), span=covering(children))

    @staticmethod
    def bundle(children: list[Any]) -> Bundle:
        """`video_month and 50 points`."""
        *lines, price = children
        return Bundle(tuple(lines[::2]), price, span=covering(children))

    @staticmethod
    def price(children: list[Any]) -> Price:
        """`for 500 points`."""
        _, amount, wallet, rounded = children
        return Price(amount, wallet, rounding_of(rounded), span=covering(children))

    @staticmethod
    def take(children: list[Any]) -> Reward:
        """`take 5 growth limit 1 per customer per month`."""
        word, amount, wallet, rounded, *terms = children
        taken = covering([word, amount, wallet, rounded])
        form = Take(amount, wallet, rounding_of(rounded), span=taken)
        return Reward(form, tuple(terms), span=covering(children))

    @staticmethod
    def benefit_reward(children: list[Any]) -> BenefitReward:
        """`video_month`."""
        return BenefitReward(children[0], span=covering(children))

    @staticmethod
    def when_balance(children: list[Any]) -> WhenBalance:
        """`when balance(growth) reaching 100`."""
        return WhenBalance(children[3], children[6], span=covering(children))

    @staticmethod
    def wallet_reward(children: list[Any]) -> WalletReward:
        """`100 points`, `event.amount / 10 CNY points rounded down`."""
        amount, wallet, rounded = children
        return WalletReward(amount, wallet, rounding_of(rounded), span=covering(children))

    @staticmethod
    def per_reward(children: list[Any]) -> PerReward:
        """`5 points per 100 CNY of event.amount`."""
        amount, wallet, _, unit, _, measure = children
        return PerReward(amount, wallet, unit, measure, span=covering(children))

    @staticmethod
    def cash_reward(children: list[Any]) -> CashReward:
        """`5% of event.amount as cash rounded down up to 50 CNY`."""
        amount, _, form, rounded, _, cap = children
        return CashReward(amount, form, rounding_of(rounded), cap, span=covering(children))

    @staticmethod
    def offer(children: list[Any]) -> Bundle:
        """`choose 1 of video_month, coffee for 500 points`: a bundle of one choice."""
        offered, price = children
        return Bundle((offered,), price, span=covering(children))

    @staticmethod
    def choice(children: list[Any]) -> Choice:
        """`choose 1 of video_month, coffee worth up to 60 CNY`."""
        _, count, _, *options, _, worth = children
        return Choice(count, tuple(options[::2]), worth, span=covering(children))

    @staticmethod
    def reward_by(children: list[Any]) -> RewardBy:
        """`by { when …: coffee  otherwise: 20 points }`."""
        _, _, *branches, _, price = children
        return RewardBy(tuple(branches), price, span=covering(children))

    @staticmethod
    def reward_branch(children: list[Any]) -> RewardBranch:
        """`when aum >= 500_000 CNY: coffee`."""
        _, condition, _, bundle = children
        return RewardBranch(condition, bundle, span=covering(children))

    @staticmethod
    def reward_otherwise(children: list[Any]) -> RewardBranch:
        """`otherwise: 20 points`."""
        return RewardBranch(None, children[2], span=covering(children))

    @staticmethod
    def reward_draw(children: list[Any]) -> RewardDraw:
        """`draw { 1%: phone  9%: coffee  rest: 10 points }`."""
        _, _, *prizes, _, price = children
        return RewardDraw(tuple(prizes), price, span=covering(children))

    @staticmethod
    def prize(children: list[Any]) -> Prize:
        """`1%: phone`."""
        odds, _, bundle = children
        return Prize(odds, bundle, span=covering(children))

    @staticmethod
    def prize_of_rest(children: list[Any]) -> Prize:
        """`rest: 10 points`."""
        return Prize(None, children[2], span=covering(children))

    @staticmethod
    def reward_to_each(children: list[Any]) -> RewardToEach:
        """`to each`."""
        return RewardToEach(span=covering(children))

    @staticmethod
    def reward_to(children: list[Any]) -> RewardTo:
        """`to event.referrer_id`."""
        return RewardTo(children[1], span=covering(children))

    @staticmethod
    def limit_per_customer(children: list[Any]) -> Limit:
        """`limit 3 per customer per month`, `limit 1 per customer and event.bargain_id`."""
        _, count, _, _, also, period = children
        return Limit(count, None, also, period_of(period), span=covering(children))

    @staticmethod
    def limit_per_key(children: list[Any]) -> Limit:
        """`limit 1 per event.device_id`, `limit 1 per customer.key and event.bargain_id`."""
        _, count, _, key, _, also, period = children
        return Limit(count, key, also, period_of(period), span=covering(children))

    @staticmethod
    def first(children: list[Any]) -> First:
        """`first 80_000 per month`."""
        _, count, period = children
        return First(count, period_of(period), span=covering(children))

    @staticmethod
    def deliver_on(children: list[Any]) -> DeliverOn:
        """`deliver on day 5 of month 2 after event`."""
        _, day, _, months, _ = children
        return DeliverOn(day, months, span=covering(children))

    @staticmethod
    def claimed_on(children: list[Any]) -> ClaimedOn:
        """`claimed on benefit_chosen by event.benefit`."""
        _, event, _, where, _, choice = children
        return ClaimedOn(event, where, choice, span=covering(children))

    @staticmethod
    def reversed_on(children: list[Any]) -> ReversedOn:
        """`reversed on refund where … by event.order_id in proportion event.amount to amount`."""
        _, event, _, where, _, order, _, part, _, whole = children
        return ReversedOn(event, where, order, part, whole, span=covering(children))
