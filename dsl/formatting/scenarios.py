"""Format scenarios: made-up customers, what happens, and what should come of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ..tree import Money, Name, TimeLiteral
from ..tree import scenarios as tree
from .expressions import stage_ref
from .layout import (
    NOTHING,
    Align,
    Doc,
    Gap,
    Group,
    Indent,
    Line,
    Word,
    block,
    join,
    listed,
    phrase,
)
from .literals import after_number, literal, name


def scenario(node: tree.Scenario) -> Doc:
    """`scenario "…" for welcome_gift { … }`."""
    head = Indent(phrase("scenario", literal(node.title), "for", name(node.campaign)))
    return phrase(head, block([_statement(one) for one in node.statements]))


def _statement(node: tree.ScenarioStatement) -> Doc:
    match node:
        case (
            tree.GivenNow()
            | tree.GivenCustomer()
            | tree.GivenEvent()
            | tree.GivenReceived()
            | tree.GivenHeldOut()
            | tree.GivenArm()
            | tree.GivenPrize()
            | tree.GivenSpent()
            | tree.GivenBalance()
        ):
            return _given(node)
        case tree.WhenEvent(event, customer, fields):
            return _in_column("when", name(event), _who("of", customer), _fields(fields))
        case tree.WhenFilled(wallet, amount, customer):
            held = phrase(_balance(wallet), "=", literal(amount))
            return _in_column("when", held, _who("of", customer))
        case tree.AfterSpan(duration, at):
            return phrase("after", literal(duration), _clock(at))
        case tree.UntilDay(day):
            return phrase("until", literal(day))
        case _:
            return _then(node)


def _given(node: tree.Given) -> Doc:
    match node:
        case tree.GivenNow(day):
            return phrase("given now", literal(day))
        case tree.GivenCustomer(customer, fields):
            return phrase("given customer", _who("", customer), _fields(fields))
        case tree.GivenEvent(event, customer, at, fields):
            return phrase("given", name(event), _who("of", customer), _moment(at), _fields(fields))
        case tree.GivenReceived(received, customer, at):
            return phrase("given received", name(received), _who("of", customer), _moment(at))
        case tree.GivenHeldOut(customer):
            return phrase("given held out", _who("", customer))
        case tree.GivenArm(arm):
            return phrase("given arm", name(arm))
        case tree.GivenPrize(prize, count):
            if prize is None:
                return phrase("given no prize")
            return phrase("given prize", "" if count is None else literal(count), name(prize))
        case tree.GivenSpent(amount):
            return phrase("given spent", literal(amount))
        case tree.GivenBalance(wallet, amount, customer):
            held = phrase(_balance(wallet), "=", literal(amount))
            return phrase("given", held, _who("of", customer))
    assert_never(node)


def _then(node: tree.Expectation) -> Doc:
    match node:
        case tree.ThenReward(lines, customer, at):
            given = _joined([_line(one) for one in lines])
            return _in_column("then", "reward", given, _who("to", customer), _day(at))
        case tree.ThenMessage(channel, text, customer, at):
            said = NOTHING if text is None else literal(text)
            return _in_column(
                "then", "message", name(channel), said, _who("to", customer), _day(at)
            )
        case tree.ThenStage(stage, customer):
            return _in_column("then", "stage", stage_ref(stage), _who("of", customer))
        case tree.ThenBalance(wallet, amount, customer):
            held = phrase(_balance(wallet), "=", literal(amount))
            return _in_column("then", held, _who("of", customer))
        case tree.ThenOutcome(outcome, step, customer):
            return _in_column("then", name(outcome), _who("", step), _who("of", customer))
        case tree.ThenNothing(customer, because):
            why = NOTHING if because is None else phrase("because", literal(because))
            return _in_column("then", "nothing", _who("to", customer), why)
    assert_never(node)


def _line(node: tree.ExpectedLine) -> Doc:
    if node.choices and node.amount is not None:
        names = listed([name(one) for one in node.choices])
        return phrase("choose", _value(node.amount), "of", names)
    if node.name is None:
        return NOTHING
    if node.amount is None:
        return name(node.name)
    if isinstance(node.amount, Money):
        return phrase(literal(node.amount), "as", name(node.name))
    return phrase(_value(node.amount), after_number(node.name))


def _joined(lines: Sequence[Doc]) -> Doc:
    first, *more = lines
    return phrase(first, *(phrase("and", one) for one in more))


def _fields(fields: tree.Fields) -> Doc:
    """`{ employee: no, city: "杭州" }`, one field below the other where the line is full."""
    if not fields:
        return NOTHING
    first, *more = (_field(one) for one in fields)
    parts = [first]
    for one in more:
        parts += [Word(","), Line(), one]
    return phrase("{", Group(Align(join(*parts))), Word("}", closes=True))


def _field(node: tree.GivenField) -> Doc:
    return phrase(join(name(node.name), Word(":")), _value(node.value))


def _value(node: tree.GivenValue) -> Doc:
    match node:
        case tree.Distance():
            return _distance(node)
        case tree.MinusAmount(amount):
            return join(Word("-"), literal(amount))
        case Name("unknown"):
            return Word("unknown")
        case Name():
            return name(node)
        case _:
            return literal(node)


def _moment(at: tree.Distance | tree.Day) -> Doc:
    return _distance(at) if isinstance(at, tree.Distance) else phrase("at", literal(at))


def _distance(node: tree.Distance) -> Doc:
    if node.ahead:
        return phrase("in", literal(node.duration), _clock(node.at))
    return phrase(literal(node.duration), "ago", _clock(node.at))


def _clock(at: TimeLiteral | None) -> Doc:
    return NOTHING if at is None else phrase("at", literal(at))


def _day(at: tree.Day | None) -> Doc:
    return NOTHING if at is None else phrase("at", literal(at))


def _who(word: str, node: Name | None) -> Doc:
    return NOTHING if node is None else phrase(word, name(node))


def _in_column(keyword: str, *parts: str | Doc) -> Doc:
    """The statement, its second word in the column of those after `given` and `after`."""
    return join(Word(keyword), Gap(2), phrase(*parts))


def _balance(wallet: Name) -> Doc:
    return join(Word("balance"), Word("("), name(wallet), Word(")"))
