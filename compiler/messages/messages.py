"""Messages: every variable checked and typed, and what compliance forbids or demands."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial

from jinja2 import nodes

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Label, Phrase, names_listed
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.diagnostics.source import Place, Span
from .. import plan
from ..check.context import Context, find_column, origin
from ..check.scope import customer_value
from ..codes import compliance as words
from ..codes import names
from ..plan import Column
from ..plan.expressions import EventValue, Expression
from ..plan.types import TEXT, TIMESTAMP, BooleanType, EnumType, ValueType
from ..project.channels import LONGEST, SmtpSettings, field_of
from .compliance import CLASSES, Demand, Subject
from .phrases import Phrase as Forbidden
from .reading import NotAllowedError, UnreadableError, read
from .renderings import MAYBE_EMPTY, UNKNOWN, Way, always_says, least_length, may_say
from .templates import Part
from .typing import Types
from .uses import Use, uses

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


def messages(
    c: Context,
    subject: Subject,
    written: tuple[tree.Message, ...],
    texts: tuple[Demand, ...],
    campaign_texts: CampaignTexts,
) -> tuple[plan.Message, ...]:
    """The messages of a campaign; every mistake in them is reported."""
    found = []
    for node in written:
        _report_order(c, node)
    for node in (part for one in written for part in (one, *one.otherwise)):
        if node.channel.text not in c.channels:
            known = suggestions(node.channel.text, c.channels)
            c.report(
                names.UNKNOWN_DECLARATION,
                node.channel,
                kind=names.CHANNEL,
                name=node.channel.text,
                **known,
            )
        lowered = _message(c, subject, node, texts, campaign_texts)
        if lowered is not None:
            is_next = not any(node is one for one in written)
            found.append(replace(lowered, otherwise=True) if is_next else lowered)
    return tuple(found)


def _report_order(c: Context, node: tree.Message) -> None:
    """Report what cannot stand behind `otherwise`: the same channel again, or one for staff."""
    seen: set[str] = set()
    for part in (node, *node.otherwise):
        name = part.channel.text
        if name in seen or (node.otherwise and name in c.staff):
            c.report(words.NO_NEXT_CHANNEL, part.channel, name=name)
        seen.add(name)


def _consent(c: Context, channel: tree.Name) -> str | None:
    """The customer's field that the channel asks; reported where it is none of yes and no."""
    name = c.consents.get(channel.text)
    if name is None:
        return None
    column = c.customer_field(name)
    if column is None or not isinstance(column.type, BooleanType):
        c.report(words.NO_CONSENT, channel, name=channel.text, field=name)
        return None
    return name


def _message(
    c: Context,
    subject: Subject,
    node: tree.Message,
    texts: tuple[Demand, ...],
    campaign_texts: CampaignTexts,
) -> plan.Message | None:
    try:
        parts = read(node.template.value)
    except UnreadableError:
        c.report(words.BAD_TEMPLATE, node.template)
        return None
    except NotAllowedError as found:
        c.report(words.TEMPLATE_TOO_CLEVER, node.template, what=_named(found.node))
        return None
    used = tuple(uses(parts))
    variables = _variables(c, subject, node, used, campaign_texts)
    known = {name: _type_of(one) for name, one in variables.items()}
    Types(known.get, partial(c.report, at=node.template)).check(parts)
    longest = c.longest.get(node.channel.text, LONGEST)
    least = least_length(parts)
    if least > longest:
        c.report(words.LONG_MESSAGE, node.template, length=str(least), longest=str(longest))
    _report_gaps(c, used, variables)
    for demand in texts:
        _weigh(c, node, demand, parts, used, variables, campaign_texts)
    values = {one.name: one.value for one in variables.values() if one.value is not None}
    data = tuple(plan.MessageValue(name, values[name]) for name in sorted(values))
    forbidden = _forbidden(texts)
    at = origin(node.span)
    staff, consent = node.channel.text in c.staff, _consent(c, node.channel)
    channel = c.channels.get(node.channel.text)
    if staff and isinstance(channel, SmtpSettings) and field_of(channel.address.text):
        c.report(words.STAFF_AT_CUSTOMERS, node.channel, name=node.channel.text)
    return plan.Message(
        node.channel.text,
        node.template.value,
        data,
        at,
        forbidden,
        longest,
        staff=staff,
        consent=consent,
    )


def _forbidden(texts: tuple[Demand, ...]) -> tuple[str, ...]:
    stated = (one.statement for one in texts)
    phrases = (one.phrases for one in stated if isinstance(one, tree.ForbidPhrase))
    return tuple(sorted({phrase.value for group in phrases for phrase in group}))


def _type_of(variable: Variable) -> ValueType:
    if variable.name.startswith(("reward.", "campaign.")):
        return TEXT
    assert variable.value is not None
    return variable.value.type


def _report_gaps(c: Context, used: tuple[Use, ...], variables: dict[str, Variable]) -> None:
    """Warn of each variable that may leave a gap in the text."""
    bare = dict.fromkeys(one.name for one in used if not one.guarded)
    for name in bare:
        variable = variables.get(name)
        if variable is not None and variable.column is not None and variable.column.optional:
            c.report(words.MAY_BE_UNKNOWN, variable.place, name=name)


def _named(node: nodes.Node | None) -> Phrase:
    """The name of a template construct for authors of messages."""
    match node:
        case None:
            return words.TOO_DEEP
        case nodes.For():
            return words.LOOP
        case nodes.Call():
            return words.CALL
        case nodes.Getitem() | nodes.Slice() | nodes.List() | nodes.Dict() | nodes.Tuple():
            return words.PART
        case nodes.BinExpr() | nodes.UnaryExpr() | nodes.Concat():
            return words.ARITHMETIC
        case nodes.Assign() | nodes.AssignBlock():
            return words.SETTING
        case _:
            return words.OTHER_BLOCK


# --- variables ----------------------------------------------------------------------------------


def _variables(
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
        else:
            variable = _from_data(c, subject, node, name, place)
            if variable is None:
                _unknown(c, subject, name, place)
            elif _is_private_to_sender(c, variable, campaign_texts):
                continue
            else:
                found[name] = variable
    return found


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


# --- compliance ---------------------------------------------------------------------------------


def _weigh(
    c: Context,
    node: tree.Message,
    demand: Demand,
    parts: tuple[Part, ...],
    used: tuple[Use, ...],
    variables: dict[str, Variable],
    campaign_texts: CampaignTexts,
) -> None:
    match demand.statement:
        case tree.ForbidPhrase(phrases):
            for phrase in phrases:
                if may_say(
                    parts, Forbidden(phrase.value), partial(_ways, variables, campaign_texts)
                ):
                    place = _phrase_place(node, phrase.value)
                    _report_phrase(c, demand, phrase.value, place)
        case tree.ForbidField(limit):
            _weigh_fields(c, demand, limit, used, variables)
        case tree.Disclose(text):
            if not always_says(parts, text.value):
                required = Label(demand.statement.span.place, words.REQUIRED_HERE)
                c.report(
                    words.NOT_DISCLOSED,
                    node.template,
                    required,
                    policy=demand.author,
                    text=text.value,
                )
        case _:
            pass


def _report_phrase(c: Context, demand: Demand, phrase: str, place: Place) -> None:
    forbidden = Label(demand.statement.span.place, words.FORBIDDEN_HERE)
    c.report(words.FORBIDDEN_PHRASE, place, forbidden, policy=demand.author, phrase=phrase)


def _ways(
    variables: dict[str, Variable], campaign_texts: CampaignTexts, name: str
) -> tuple[Way, ...]:
    """The texts that a variable can be, as far as they are known without data."""
    match name:
        case "campaign.label":
            return ((campaign_texts.label,),)
        case "campaign.appeal":
            return ((campaign_texts.appeal or "",),)
        case "reward.label":
            return campaign_texts.rewards
        case "reward.amount" | "reward.code":
            return UNKNOWN
        case "reward.expires_at":
            return MAYBE_EMPTY
    variable = variables.get(name)
    if variable is None or variable.column is None:
        return UNKNOWN
    type_ = variable.column.type
    known = tuple((word,) for word in type_.values) if isinstance(type_, EnumType) else UNKNOWN
    return (*known, ()) if variable.column.optional else known


def report_labels(
    c: Context,
    texts: tuple[Demand, ...],
    shown: tuple[tuple[str, Place], ...],
    channels: tuple[str, ...],
) -> None:
    """Report a forbidden phrase in a text that customers see without a message, or around one.

    `shown`: labels and the like, and where they are declared; `channels`: those of the messages,
    of which mail has a subject.
    """
    settings = (c.channels.get(name) for name in channels)
    subjects = [one.subject for one in settings if isinstance(one, SmtpSettings)]
    every = dict.fromkeys((*shown, *((one.text, one.place) for one in subjects)))
    for demand in texts:
        if isinstance(demand.statement, tree.ForbidPhrase):
            for phrase in demand.statement.phrases:
                forbidden = Forbidden(phrase.value)
                for text, place in every:
                    if forbidden.is_in(text):
                        label = Label(demand.statement.span.place, words.FORBIDDEN_HERE)
                        values = {"policy": demand.author, "phrase": phrase.value}
                        c.report(words.PHRASE_IN_LABEL, place, label, **values)


def _weigh_fields(
    c: Context,
    demand: Demand,
    limit: tree.Name,
    used: tuple[Use, ...],
    variables: dict[str, Variable],
) -> None:
    if limit.text not in CLASSES:
        c.report(words.BAD_CLASS, limit, name=limit.text)
        return
    for name in dict.fromkeys(one.name for one in used):
        variable = variables.get(name)
        column = None if variable is None else variable.column
        if variable is None or column is None or column.sensitivity < limit.text:
            continue
        masked = all(one.masked for one in used if one.name == name)
        if not (masked and column.sensitivity == "C2"):
            c.report(
                words.FORBIDDEN_FIELD,
                variable.place,
                Label(demand.statement.span.place, words.FORBIDDEN_HERE),
                policy=demand.author,
                limit=limit.text,
                field=variable.name,
                found=column.sensitivity,
            )


def _phrase_place(node: tree.Message, phrase: str) -> Place:
    span = node.template.span
    at = span.text.find(phrase)
    if at < 0:
        return span.place
    return Span(span.source, span.start + at, span.start + at + len(phrase)).place
