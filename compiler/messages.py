"""Messages: every variable checked, and what compliance forbids or demands of the words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from ..dsl import tree
from ..dsl.codes import compliance as words
from ..dsl.codes import names
from ..dsl.diagnostics import Label, Phrase
from ..dsl.source import Place, Span
from . import plan
from .context import Context, find_column, origin
from .expressions import EventValue, Expression
from .lower_policies import CLASSES, Demand, Subject
from .names import suggestions
from .plan import Column
from .scope import customer_value
from .types import TIMESTAMP

OF_REWARD = ("reward.label", "reward.amount", "reward.code", "reward.expires_at")
OF_CAMPAIGN = ("campaign.label", "campaign.appeal")

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Getattr,
    nodes.Name,
    nodes.If,
    nodes.Filter,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)


@dataclass(frozen=True, slots=True)
class Variable:
    """`customer.city` as a message says it; the column where it comes from data."""

    name: str
    place: Place
    column: Column | None
    value: Expression | None


def messages(
    c: Context,
    subject: Subject,
    written: tuple[tree.Message, ...],
    texts: tuple[Demand, ...],
    *,
    rewarded: bool,
) -> tuple[plan.Message, ...]:
    """The messages of a campaign; every mistake in them is reported."""
    environment = SandboxedEnvironment()
    found = []
    for node in written:
        if node.channel.text not in c.channels:
            known = suggestions(node.channel.text, c.channels)
            c.report(
                names.UNKNOWN_DECLARATION,
                node.channel,
                kind=names.CHANNEL,
                name=node.channel.text,
                **known,
            )
        lowered = _message(c, subject, node, texts, environment, rewarded=rewarded)
        if lowered is not None:
            found.append(lowered)
    return tuple(found)


def _message(
    c: Context,
    subject: Subject,
    node: tree.Message,
    texts: tuple[Demand, ...],
    environment: SandboxedEnvironment,
    *,
    rewarded: bool,
) -> plan.Message | None:
    try:
        template = environment.parse(node.template.value)
    except TemplateError:
        c.report(words.BAD_TEMPLATE, node.template)
        return None
    for applied in template.find_all(nodes.Filter):
        if applied.name not in environment.filters:
            known = suggestions(applied.name, environment.filters)
            c.report(words.UNKNOWN_FILTER, node.template, name=applied.name, **known)
    strange = next((one for one in _all(template) if not isinstance(one, _ALLOWED)), None)
    if strange is not None:
        c.report(words.TEMPLATE_TOO_CLEVER, node.template, what=_named(strange))
        return None
    variables = tuple(_variables(c, subject, node, template, rewarded=rewarded))
    for demand in texts:
        _weigh(c, node, demand, variables)
    values = {one.name: one.value for one in variables if one.value is not None}
    data = tuple(plan.MessageValue(name, values[name]) for name in sorted(values))
    return plan.Message(node.channel.text, node.template.value, data, origin(node.span))


def _named(node: nodes.Node) -> Phrase:
    """What a writer of messages calls it."""
    match node:
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


def _all(template: nodes.Node) -> Iterator[nodes.Node]:
    yield template
    for child in template.iter_child_nodes():
        yield from _all(child)


# --- variables ----------------------------------------------------------------------------------


def _variables(
    c: Context,
    subject: Subject,
    node: tree.Message,
    template: nodes.Template,
    *,
    rewarded: bool,
) -> Iterator[Variable]:
    owned = {id(one.node) for one in template.find_all(nodes.Getattr)}
    for bare in template.find_all(nodes.Name):
        if id(bare) not in owned:
            _unknown(c, subject, bare.name, _place(node, bare.name))
    for dotted in template.find_all(nodes.Getattr):
        name = _dotted(dotted)
        place = _place(node, name)
        if name in OF_REWARD and not rewarded:
            c.report(words.NO_SUCH_REWARD, place, campaign=subject.name, name=name)
        elif name in OF_REWARD or name in OF_CAMPAIGN:
            yield Variable(name, place, None, None)
        else:
            variable = _from_data(c, subject, node, name, place)
            if variable is not None:
                yield variable
            else:
                _unknown(c, subject, name, place)


def _dotted(node: nodes.Getattr) -> str:
    owner = node.node.name if isinstance(node.node, nodes.Name) else "…"
    return f"{owner}.{node.attr}"


def _from_data(
    c: Context, subject: Subject, node: tree.Message, name: str, place: Place
) -> Variable | None:
    owner, _, field = name.partition(".")
    if owner == "customer":
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
    known = [*OF_REWARD, *OF_CAMPAIGN, *(f"customer.{one.name}" for one in c.customers.fields)]
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
    told = {"known": ", ".join(f"`{owner}.{one}`" for one in sorted(beside)[:8])}
    if "nearest" in near:
        told["nearest"] = f"{owner}.{near['nearest']}"
    c.report(words.UNKNOWN_VARIABLE, place, name=name, **told)


def _place(node: tree.Message, name: str) -> Place:
    """Where a variable stands in the file: in the text as written, or else the whole text."""
    span = node.template.span
    pattern = r"\s*\.\s*".join(re.escape(part) for part in name.split("."))
    found = re.search(rf"\b{pattern}\b", span.text)
    if found is None:
        return span.place
    return Span(span.source, span.start + found.start(), span.start + found.end()).place


# --- compliance ---------------------------------------------------------------------------------


def _weigh(c: Context, node: tree.Message, demand: Demand, variables: tuple[Variable, ...]) -> None:
    forbidden = Label(demand.statement.span.place, words.FORBIDDEN_HERE)
    match demand.statement:
        case tree.ForbidPhrase(phrases):
            for phrase in phrases:
                if _plain(phrase.value) in _plain(node.template.value):
                    c.report(
                        words.FORBIDDEN_PHRASE,
                        _phrase_place(node, phrase.value),
                        forbidden,
                        policy=demand.said,
                        phrase=phrase.value,
                    )
        case tree.ForbidField(limit):
            _weigh_fields(c, demand, limit, variables)
        case tree.Disclose(text):
            if _plain(text.value) not in _plain(node.template.value):
                required = Label(demand.statement.span.place, words.REQUIRED_HERE)
                c.report(
                    words.NOT_DISCLOSED,
                    node.template,
                    required,
                    policy=demand.said,
                    text=text.value,
                )
        case _:
            pass


def _weigh_fields(
    c: Context, demand: Demand, limit: tree.Name, variables: tuple[Variable, ...]
) -> None:
    if limit.text not in CLASSES:
        c.report(words.BAD_CLASS, limit, name=limit.text)
        return
    for variable in variables:
        column = variable.column
        if column is not None and column.sensitivity >= limit.text:
            c.report(
                words.FORBIDDEN_FIELD,
                variable.place,
                Label(demand.statement.span.place, words.FORBIDDEN_HERE),
                policy=demand.said,
                limit=limit.text,
                field=variable.name,
                found=column.sensitivity,
            )


def _plain(text: str) -> str:
    """Text as it is compared: width, case and white space do not hide a phrase."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _phrase_place(node: tree.Message, phrase: str) -> Place:
    span = node.template.span
    at = span.text.find(phrase)
    if at < 0:
        return span.place
    return Span(span.source, span.start + at, span.start + at + len(phrase)).place
