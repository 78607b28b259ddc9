"""The variables of messages, and the values behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Phrase, names_listed
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.diagnostics.source import Place, Span
from ..check.context import Context, find_column, origin
from ..check.scope import arm_value, customer_value, step_value
from ..codes import compliance as words
from ..codes import journeys, logic
from ..plan import Column
from ..plan.expressions import EventValue, Expression
from ..plan.types import TEXT, TIMESTAMP, ValueType
from .arms import ARM
from .compliance import Subject
from .renderings import Way
from .uses import Use

OF_REWARD = ("reward.label", "reward.amount", "reward.code", "reward.expires_at")
OF_CAMPAIGN = ("campaign.label", "campaign.appeal")


@dataclass(frozen=True, slots=True)
class Variable:
    """`customer.city` as a message says it; the column where it comes from data."""

    name: str
    place: Place
    column: Column | None
    value: Expression | None


@dataclass(frozen=True, slots=True)
class CampaignTexts:
    """The texts of a campaign that its messages can show.

    `rewards`: the labels of each bundle that it may give, `None` for an amount; empty where it
    gives nothing. `to_another`: the recipient is another customer than the one who caused it.
    `of_group`: the recipients are all of a group, of whom one caused it.
    """

    label: str
    appeal: str | None
    rewards: tuple[Way, ...]
    to_another: bool
    of_group: bool = False


def type_of(variable: Variable) -> ValueType:
    """The type of its value; values of the reward and of the campaign are text."""
    if variable.name.startswith(("reward.", "campaign.")):
        return TEXT
    assert variable.value is not None
    return variable.value.type


def variables_of(
    c: Context,
    subject: Subject,
    node: tree.Message,
    used: tuple[Use, ...],
    campaign_texts: CampaignTexts,
) -> dict[str, Variable]:
    """Each variable of the message by its name, but those that were reported."""
    found: dict[str, Variable] = {}
    for name in dict.fromkeys(one.name for one in used):
        place = _place(node, name)
        if name in OF_REWARD and not campaign_texts.rewards:
            c.report(words.NO_SUCH_REWARD, place, campaign=subject.name, name=name)
        elif name in OF_REWARD or name in OF_CAMPAIGN:
            found[name] = Variable(name, place, None, None)
        elif name == ARM:
            found |= _of_arm(c, subject, place)
        elif (step := name.partition(".")[0]) in subject.scope.unsure:
            c.report(journeys.STEP_NOT_SURE, place, name=step)
        else:
            variable = _from_data(c, subject, node, name, place)
            if variable is None:
                _unknown(c, subject, name, place)
            elif _is_private_to_sender(c, variable, campaign_texts):
                continue
            else:
                found[name] = variable
    return found


def _of_arm(c: Context, subject: Subject, place: Place) -> dict[str, Variable]:
    """The arm of the customer, where the campaign has arms; reported where it has none."""
    experiment = subject.scope.experiment
    if experiment is None or not experiment.arms:
        c.report(logic.NO_EXPERIMENT, place, name=ARM)
        return {}
    return {ARM: Variable(ARM, place, None, arm_value(c, experiment))}


def _is_private_to_sender(c: Context, variable: Variable, campaign_texts: CampaignTexts) -> bool:
    """Whether it would show data of one customer to another, which is reported."""
    owner, _, field = variable.name.partition(".")
    column = variable.column
    if owner == "sender" and not campaign_texts.to_another:
        c.report(words.NO_SENDER, variable.place, field=field)
        return True
    if column is None or not (
        campaign_texts.to_another or (campaign_texts.of_group and owner == "event")
    ):
        return False
    if owner == "customer":
        c.report(words.DATA_OF_ANOTHER, variable.place, field=field)
        return True
    if column.shared or (owner == "event" and column.sensitivity == "C1"):
        return False
    c.report(words.NOT_SHARED, variable.place, name=variable.name, field=field)
    return True


def _from_data(
    c: Context, subject: Subject, node: tree.Message, name: str, place: Place
) -> Variable | None:
    owner, _, field = name.partition(".")
    if owner in ("customer", "sender"):
        column = c.customer_field(field)
        if column is None:
            return None
        return Variable(name, place, column, customer_value(c, column, node))
    if owner in subject.scope.steps:
        found = step_value(c, subject.scope, owner, field)
        return None if found is None else Variable(name, place, found[1], found[0])
    event = subject.scope.event
    if owner != "event" or event is None:
        return None
    if field == "at":
        return Variable(name, place, event.at, EventValue("at", TIMESTAMP, optional=False))
    column = find_column(event.fields, field)
    if column is None:
        return None
    value = EventValue(field, column.type, column.optional, origin(node.span))
    return Variable(name, place, column, value)


def _unknown(c: Context, subject: Subject, name: str, place: Place) -> None:
    known = [*OF_REWARD, *OF_CAMPAIGN, *(f"customer.{one.name}" for one in c.customer_fields)]
    event = subject.scope.event
    if event is not None:
        known += [f"event.{column.name}" for column in (*event.fields, event.at)]
    for step, its in subject.scope.steps.items():
        fields = c.customer_fields if its is None else its.fields
        known += [f"{step}.at", *(f"{step}.{column.name}" for column in fields)]
    owner, point, field = name.rpartition(".")
    beside = [one.removeprefix(f"{owner}.") for one in known if one.startswith(f"{owner}.")]
    if not (point and beside):
        c.report(words.UNKNOWN_VARIABLE, place, name=name, **suggestions(name, known))
        return
    # Of `customer.town` the part after the point is unknown: the one before is alike in all.
    near = suggestions(field, beside)
    values: dict[str, str | Phrase] = {
        "known": names_listed(f"{owner}.{one}" for one in sorted(beside)[:8])
    }
    if "nearest" in near:
        values["nearest"] = f"{owner}.{near['nearest']}"
    c.report(words.UNKNOWN_VARIABLE, place, name=name, **values)


def _place(node: tree.Message, name: str) -> Place:
    """The position of a variable in the file, or of the whole text if it is not found."""
    span = node.template.span
    pattern = r"\s*\.\s*".join(re.escape(part) for part in name.split("."))
    found = re.search(rf"\b{pattern}\b", span.text)
    if found is None:
        return span.place
    return Span(span.source, span.start + found.start(), span.start + found.end()).place
