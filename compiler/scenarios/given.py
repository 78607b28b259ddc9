"""The beginning of a scenario: customers, earlier events, spent budgets and wallets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Label
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.tree import scenarios as nodes
from ..codes import logic
from ..codes import scenarios as codes
from ..plan import Branch, Column, Reward, WalletLine
from ..plan.data import KEY, SINCE
from ..plan.expressions import Constant, Origin
from ..plan.types import TEXT
from ..rewards.table import kind_of
from .model import GivenCustomer, GivenEvent, Received, Wallet
from .reader import ONLY, Reader
from .values import given_values


@dataclass(slots=True)
class Known:
    """All that is given so far. `numbers` counts the events of each kind, for their keys."""

    customers: list[GivenCustomer] = field(default_factory=list)
    earlier: list[GivenEvent] = field(default_factory=list)
    held_out: set[str] = field(default_factory=set)
    prize: str | None = None
    has_prize: bool = False
    arm: str | None = None
    has_arm: bool = False
    spent: Decimal = Decimal(0)
    wallets: list[Wallet] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


def give(reader: Reader, known: Known, node: nodes.Given) -> None:
    """Add what a statement gives."""
    match node:
        case nodes.GivenNow():
            pass  # The clock was set before all others: values may be measured from it.
        case nodes.GivenCustomer():
            _customer(reader, known, node)
        case nodes.GivenEvent(_, _, at, _):
            found = event_of(reader, known, node, _before(reader, at))
            if found is not None:
                known.earlier.append(found)
        case nodes.GivenReceived():
            _received(reader, known, node)
        case nodes.GivenHeldOut(customer):
            _held_out(reader, known, node, customer)
        case nodes.GivenArm(arm):
            _arm(reader, known, node, arm)
        case nodes.GivenPrize(prize):
            _prize(reader, known, node, prize)
        case nodes.GivenSpent(amount):
            _spent(reader, known, node, amount)
        case nodes.GivenBalance(wallet, amount, customer):
            who = reader.customer(customer, node)
            if is_wallet(reader, wallet) and who is not None:
                known.wallets.append(Wallet(who, wallet.text, int(amount.value)))


def _before(reader: Reader, at: nodes.Distance | nodes.Day) -> datetime:
    """The instant of something before the clock begins; a later one is reported."""
    instant = reader.distance(at) if isinstance(at, nodes.Distance) else reader.instant(at)
    if instant >= reader.clock:
        now = reader.shown(reader.clock)
        reader.report(codes.TIME_BACKWARDS, at, at=reader.shown(instant), now=now)
    return instant


def _received(reader: Reader, known: Known, node: nodes.GivenReceived) -> None:
    at, who = _before(reader, node.at), reader.customer(node.customer, node)
    campaigns = {one.renamed or one.name: one.name for one in reader.plan.campaigns}
    benefits, name = {one.name for one in reader.plan.benefits}, node.name.text
    if name not in campaigns and name not in benefits:
        values = {"name": name, **suggestions(name, {*campaigns, *benefits})}
        reader.report(codes.CAMPAIGN_UNKNOWN, node.name, **values)
    elif who is not None:
        benefit = None if name in campaigns else name
        known.received.append(Received(who, campaigns.get(name), benefit, at))


def _customer(reader: Reader, known: Known, node: nodes.GivenCustomer) -> None:
    name = ONLY if node.customer is None else node.customer.text
    if name in reader.customers:
        label = Label(reader.customers[name].span.place, codes.DECLARED_FIRST)
        shown = "given customer" if node.customer is None else name
        reader.report(codes.GIVEN_TWICE, node.customer or node, label, name=f"`{shown}`")
        return
    reader.customers[name] = node.customer or node
    columns = reader.plan.customers.fields
    pasts = tuple(one.fields[0] for one in reader.plan.events if one.past_of is not None)
    own = tuple(column for column in columns if column.name != KEY)
    values = given_values(reader, node.fields, (*own, *pasts), codes.of_customer())
    since = next((one.column for one in own if one.name == SINCE), None)
    for column in own:
        if column.column == since and column.name in values:
            values.setdefault(SINCE, values[column.name])
    known.customers.append(GivenCustomer(name, values, node.span.place))


def event_of(
    reader: Reader, known: Known, node: nodes.GivenEvent | nodes.WhenEvent, at: datetime
) -> GivenEvent | None:
    """The event that a statement names, at an instant; `None` if it cannot be."""
    kinds = {one.name: one for one in reader.plan.events if one.past_of is None}
    kind = kinds.get(node.event.text)
    who = reader.customer(node.customer, node)
    if kind is None:
        values = {"name": node.event.text, **suggestions(node.event.text, kinds)}
        reader.report(codes.EVENT_UNKNOWN, node.event, **values)
        return None
    columns = kind.fields
    if all(column.name != KEY for column in columns):
        columns = (*columns, _key_column())
    found = given_values(reader, node.fields, columns, codes.of_event(kind.name))
    number = known.numbers.get(kind.name, 0) + 1
    known.numbers[kind.name] = number
    key = found.pop(KEY, None) if all(one.name != KEY for one in kind.fields) else None
    own = str(key) if key is not None else f"{kind.name}-{number:03d}"
    if who is None:
        return None
    return GivenEvent(kind.name, own, who, at, found, node.span.place)


def _key_column() -> Column:
    """The key of an event, as a field that a scenario may give."""
    return Column(KEY, KEY, TEXT, False, None, None, "C1", Origin("", 0, 0, ""))


def _held_out(
    reader: Reader, known: Known, node: nodes.GivenHeldOut, customer: tree.Name | None
) -> None:
    who = reader.customer(customer, node)
    if not reader.campaign.holds_out:
        reader.report(codes.NOBODY_HELD_OUT, node, campaign=shown(reader))
    elif who is not None:
        known.held_out.add(who)


def _arm(reader: Reader, known: Known, node: nodes.GivenArm, arm: tree.Name) -> None:
    if known.has_arm:
        reader.report(codes.GIVEN_TWICE, node, name="`given arm`")
    known.has_arm, known.arm = True, arm.text
    experiment = reader.campaign.experiment
    if experiment is None or not experiment.arms:
        reader.report(logic.NO_EXPERIMENT, node, name=arm.text)
        return
    arms = [one.name for one in experiment.arms]
    if arm.text not in arms:
        near = suggestions(arm.text, arms)
        reader.report(logic.UNKNOWN_ARM, arm, name=arm.text, experiment=experiment.name, **near)


def _prize(reader: Reader, known: Known, node: nodes.GivenPrize, prize: tree.Name | None) -> None:
    if known.has_prize:
        reader.report(codes.GIVEN_TWICE, node, name="`given prize`")
    known.has_prize = True
    draws = [one for one in rewards_of(reader) if one.draws]
    found = {name for draw in draws for name in _prizes(draw)}
    if prize is None:
        ends = [draw.branches[-1].chance for draw in draws]
        if not draws or any(end is not None and end >= 1 for end in ends):
            values = {"name": "no prize", **suggestions("", found)}
            reader.report(codes.PRIZE_UNKNOWN, node, campaign=shown(reader), **values)
        return
    named = prize.text if node.count is None else f"{node.count.value:f} {prize.text}"
    known.prize = named
    if named not in found:
        values = {"name": named, **suggestions(named, found)}
        reader.report(codes.PRIZE_UNKNOWN, prize, campaign=shown(reader), **values)


def _prizes(reward: Reward) -> set[str]:
    """The names of what a draw gives."""
    return {name for branch in reward.branches for name in names_of_prize(branch)}


def names_of_prize(branch: Branch) -> tuple[str, ...]:
    """By which a scenario may call a branch: its gifts, and points with their number, `8 cut`."""
    given = [line for line in branch.lines if kind_of(line).does(line) == "give"]
    counted = (
        f"{line.amount.value} {line.wallet}"
        for line in given
        if isinstance(line, WalletLine) and isinstance(line.amount, Constant)
    )
    return (*(kind_of(line).name(line) for line in given), *counted)


def _spent(reader: Reader, known: Known, node: nodes.GivenSpent, amount: tree.Money) -> None:
    own = {charge.account for step in reader.campaign.steps for charge in step.charges}
    money = any(one.measure == "money" and one.id in own for one in reader.plan.accounts)
    if not money or amount.currency != reader.plan.currency:
        values = {"campaign": shown(reader), "currency": reader.plan.currency}
        reader.report(codes.BUDGET_MISSING, node, **values)
        return
    known.spent += amount.amount


def is_wallet(reader: Reader, wallet: tree.Name) -> bool:
    """Whether a campaign of the project moves a wallet of that name; if not, it is reported."""
    names = {
        line.wallet
        for campaign in reader.plan.campaigns
        for lines in (
            *(
                branch.lines
                for step in campaign.steps
                if step.reward
                for branch in step.reward.branches
            ),
            campaign.when_exhausted.lines,
        )
        for line in lines
        if line.kind == "wallet"
    }
    if wallet.text in names:
        return True
    values = {"name": wallet.text, **suggestions(wallet.text, names)}
    reader.report(codes.WALLET_UNKNOWN, wallet, **values)
    return False


def rewards_of(reader: Reader) -> list[Reward]:
    """The rewards of the campaign's steps."""
    return [step.reward for step in reader.campaign.steps if step.reward is not None]


def shown(reader: Reader) -> str:
    """The campaign's name in the file."""
    return reader.campaign.renamed or reader.campaign.name
