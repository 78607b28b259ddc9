"""Expectations of a scenario, and whether its campaign can meet them at all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.tree import scenarios as nodes
from ..codes import scenarios as codes
from ..plan import CHOICE, BenefitLine, ChoiceLine, RewardLine
from ..plan.types import minor_unit
from ..rewards.table import kind_of
from .given import is_wallet, rewards_of, shown
from .model import (
    Expected,
    ExpectedBalance,
    ExpectedMessage,
    ExpectedNothing,
    ExpectedOutcome,
    ExpectedReward,
    ExpectedStage,
    Line,
)
from .outcomes import OUTCOMES, possible_outcomes
from .reader import Reader


def expected(reader: Reader, node: nodes.Expectation) -> Expected | None:
    """The expectation as values; `None`, reported, if it can never be met."""
    text, place = " ".join(node.span.text.split()), node.span.place
    match node:
        case nodes.ThenReward(lines, customer, at):
            found = [_line(reader, one) for one in lines]
            given = tuple(one for one in found if one is not None)
            if len(given) < len(lines):
                return None
            instant = None if at is None else reader.instant(at)
            return ExpectedReward(reader.whom(customer, node), given, instant, text, place)
        case nodes.ThenMessage(channel, said, customer, at):
            _report_channel(reader, channel)
            who, instant = reader.whom(customer, node), None if at is None else reader.instant(at)
            words = None if said is None else said.value
            return ExpectedMessage(who, channel.text, words, instant, text, place)
        case nodes.ThenStage(stage, customer):
            return _stage(reader, node, stage, customer, text)
        case nodes.ThenBalance(wallet, amount, customer):
            who = reader.customer(customer, node)
            if not is_wallet(reader, wallet) or who is None:
                return None
            return ExpectedBalance(who, wallet.text, int(amount.value), text, place)
        case nodes.ThenOutcome(outcome, step, customer):
            _report_outcome(reader, outcome, step)
            name = None if step is None else step.text
            return ExpectedOutcome(reader.whom(customer, node), outcome.text, name, text, place)
        case nodes.ThenNothing(customer, because):
            why = None if because is None else " ".join(because.value.split())
            return ExpectedNothing(reader.whom(customer, node), why, text, place)


# --- rewards ------------------------------------------------------------------------------------


def lines_of(reader: Reader) -> Iterator[RewardLine]:
    """Every line that the campaign can give or take."""
    for reward in rewards_of(reader):
        for branch in reward.branches:
            yield from branch.lines
    yield from reader.campaign.when_exhausted.lines


def _names(reader: Reader) -> set[str]:
    """The names of what the campaign can give, the benefits of its offers among them."""
    found = set()
    for line in lines_of(reader):
        kind = kind_of(line)
        found |= {kind.name(line), *kind.benefits(line)}
    return found - {CHOICE}


def _line(reader: Reader, node: nodes.ExpectedLine) -> Line | None:
    if node.choices:
        names = tuple(one.text for one in node.choices)
        offers = [one for one in lines_of(reader) if isinstance(one, ChoiceLine)]
        if not any(one.options == names for one in offers):
            _impossible(reader, node, ", ".join(names), set())
            return None
        assert isinstance(node.amount, tree.Number)
        return Line(CHOICE, node.amount.value, names)
    if node.name is None:
        return None
    name, known = node.name.text, _names(reader)
    if name not in known:
        _impossible(reader, node.name, name, known)
        return None
    amount = _amount(node)
    own = [one for one in lines_of(reader) if kind_of(one).name(one) == name]
    by_amount = [one for one in own if not isinstance(one, BenefitLine) or one.amount is not None]
    if (amount is None and own and len(by_amount) == len(own)) or (
        amount is not None and not by_amount
    ):
        _impossible(reader, node, " ".join(node.span.text.split()), known)
        return None
    return Line(name, amount)


def _amount(node: nodes.ExpectedLine) -> Decimal | None:
    match node.amount:
        case None:
            return None
        case tree.Money(amount, currency):
            return round(amount, minor_unit(currency))
        case tree.Number(value):
            return value
        case nodes.MinusAmount(tree.Number(value)):
            return -value
        case _:
            return None


def _impossible(reader: Reader, at: tree.Node, name: str, known: set[str]) -> None:
    values = {"name": name, "campaign": shown(reader), **suggestions(name, known)}
    reader.report(codes.REWARD_IMPOSSIBLE, at, **values)


# --- messages, stages, outcomes -----------------------------------------------------------------


def _report_channel(reader: Reader, channel: tree.Name) -> None:
    used = {one.channel for step in reader.campaign.steps for one in step.messages}
    if channel.text not in used:
        values = {"name": channel.text, "campaign": shown(reader)}
        reader.report(
            codes.CHANNEL_IMPOSSIBLE, channel, **values, **suggestions(channel.text, used)
        )


def _stage(
    reader: Reader,
    node: nodes.ThenStage,
    stage: tree.StageRef,
    customer: tree.Name | None,
    text: str,
) -> ExpectedStage | None:
    owners = [
        one.name
        for one in reader.plan.lifecycles
        if stage.lifecycle is None or one.name == stage.lifecycle.text
        if any(own.name == stage.stage.text for own in one.stages)
    ]
    if len(owners) != 1:
        known = [f"{one.name}.{own.name}" for one in reader.plan.lifecycles for own in one.stages]
        name = stage.stage.text if stage.lifecycle is None else stage.span.text
        reader.report(codes.STAGE_UNKNOWN, stage, name=name, **suggestions(name, known))
        return None
    who = reader.customer(customer, node)
    if who is None:
        return None
    return ExpectedStage(who, owners[0], stage.stage.text, text, node.span.place)


def _report_outcome(reader: Reader, outcome: tree.Name, step: tree.Name | None) -> None:
    steps = [one.name for one in reader.campaign.steps]
    if step is not None and step.text not in steps:
        values = {"name": step.text, "campaign": shown(reader), **suggestions(step.text, steps)}
        reader.report(codes.STEP_UNKNOWN, step, **values)
    possible = possible_outcomes(reader.plan, reader.campaign)
    if outcome.text not in OUTCOMES:
        values = {"name": outcome.text, **suggestions(outcome.text, possible)}
        reader.report(codes.OUTCOME_UNKNOWN, outcome, **values)
    elif outcome.text not in possible:
        values = {"name": outcome.text, "campaign": shown(reader)}
        reader.report(
            codes.OUTCOME_IMPOSSIBLE, outcome, **values, **suggestions(outcome.text, possible)
        )
