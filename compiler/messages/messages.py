"""Messages: every variable checked and typed, and what compliance forbids or demands."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from jinja2 import nodes

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Label, Phrase
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.diagnostics.source import Place, Span
from .. import plan
from ..check.context import Context, origin
from ..codes import compliance as words
from ..codes import logic, names
from ..plan.types import BooleanType, EnumType
from ..project.channels import LONGEST, SmtpSettings, field_of
from .arms import arms_named
from .compliance import CLASSES, Demand, Subject
from .phrases import phrase_of
from .reading import NotAllowedError, UnreadableError, read
from .renderings import MAYBE_EMPTY, UNKNOWN, Way, always_says, least_length, may_say
from .templates import Part
from .typing import Types
from .uses import Use, uses
from .variables import CampaignTexts, Variable, type_of, variables_of


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
    variables = variables_of(c, subject, node, used, campaign_texts)
    known = {name: type_of(one) for name, one in variables.items()}
    Types(known.get, partial(c.report, at=node.template)).check(parts)
    _report_arms(c, subject, node, parts)
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


def _report_arms(c: Context, subject: Subject, node: tree.Message, parts: tuple[Part, ...]) -> None:
    """Report arms that the campaign's experiment does not have."""
    experiment = subject.scope.experiment
    if experiment is None or not experiment.arms:
        return
    known = [arm.name for arm in experiment.arms]
    for name in dict.fromkeys(arms_named(parts)):
        if name not in known:
            near = suggestions(name, known)
            values = {"name": name, "experiment": experiment.name, **near}
            c.report(logic.UNKNOWN_ARM, node.template, **values)


def _forbidden(texts: tuple[Demand, ...]) -> tuple[str, ...]:
    stated = (one.statement for one in texts)
    phrases = (one.phrases for one in stated if isinstance(one, tree.ForbidPhrase))
    return tuple(sorted({phrase.value for group in phrases for phrase in group}))


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
                    parts, phrase_of(phrase.value), partial(_ways, variables, campaign_texts)
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
                forbidden = phrase_of(phrase.value)
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
