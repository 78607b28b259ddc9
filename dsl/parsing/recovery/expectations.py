"""The tokens that are valid at a place, in a few plain words."""

from __future__ import annotations

from ...codes import text as codes
from ...diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ..keywords import spelled
from ..lexer import END
from ..literals import shortened
from ..tokens import Token
from .blocks import either
from .machine import Machine

_MOST = 4

_LITERALS = (
    ("NAME", Phrase("expectations.a_name")),
    ("TEXT", Phrase("expectations.a_text_between")),
    ("NUMBER", Phrase("expectations.a_number")),
    ("PERCENT", Phrase("expectations.a_percentage_such_as_5")),
    ("MONEY", Phrase("expectations.an_amount_such_as_60")),
    ("DURATION", Phrase("expectations.a_duration_such_as_30")),
    ("DATE", Phrase("expectations.a_date_such_as_2026")),
    (
        "TIMESTAMP",
        Phrase("expectations.a_day_and_time_such"),
    ),
    ("TIME", Phrase("expectations.a_time_such_as_10")),
    ("FIELD", Phrase("expectations.a_field_such_as_event")),
)
_WORDS = (
    "OPEN_BRACE",
    "CLOSE_BRACKET",
    "COLON",
    "OPEN_BRACKET",
    "COMMA",
    "AND",
    "TO",
    "AT",
    "ON",
    "FOR",
    "FROM",
    "WHEN",
    "OF_EVERY_MONTH",
    "OF_EVERY_QUARTER",
    "AT_MINUTE",
    "OF_MONTH",
    "AFTER_EVENT",
    "FROM_DAY",
    "TO_DAY",
    "WORKING_DAYS",
    "MESSAGES_PER",
    "PER_CUSTOMER",
    "IN_MESSAGES",
    "IS_TODAY",
    "EVENT_HAS",
    "GOAL_IS",
    "BUDGET_OVER",
    "STOP",
    "WAITLIST",
    "EVERY_DAY",
    "REWARD",
)
_CONDITION = Phrase("expectations.condition")
_VALUE = Phrase("expectations.value")
_WHAT = Phrase("expectations.what")
_REWARD = Phrase("expectations.reward")
_PRIZE = Phrase("expectations.prize")
_COMPARISON = Phrase("expectations.comparison")
_NEXT_CLAUSE = Phrase("expectations.next_clause")
_DECLARATION = Phrase("expectations.declaration")
_END = Phrase("expectations.end")


def expected(machine: Machine) -> str | Phrase:
    """The tokens that the parser accepts, most informative first."""
    choices: list[str | Phrase] = []
    if machine.accepts("CLOSE_BRACE"):
        words = ("CLOSE_BRACKET", "COMMA", "AND")
        choices = [_word(word) for word in words if machine.accepts(word)]
        if machine.accepts("REST"):
            return either([*choices, _PRIZE, _word("REST"), _word("CLOSE_BRACE")])
        return either([*choices, _NEXT_CLAUSE, _word("CLOSE_BRACE")])
    if machine.accepts("CAMPAIGN"):
        choices = [_word("AND")] if machine.accepts("AND") else []
        return either([*choices, _DECLARATION])
    choices = [*_values(machine), *_words(machine)]
    return either(choices[:_MOST] or [_NEXT_CLAUSE])


def _values(machine: Machine) -> list[str | Phrase]:
    if machine.accepts("BY"):
        return [_REWARD]
    if machine.accepts("HAS"):
        return [_CONDITION]
    if machine.accepts("NAME") and machine.accepts("OPEN_BRACKET"):
        return [_VALUE]
    if machine.accepts("NAME") and machine.accepts("AS"):
        return [_WHAT]
    values: list[str | Phrase] = [phrase for kind, phrase in _LITERALS if machine.accepts(kind)]
    return [*values, _COMPARISON] if machine.accepts("EQUAL") else values


def _words(machine: Machine) -> list[str | Phrase]:
    if machine.accepts("HAS") or machine.accepts("BY") or machine.accepts("AS"):
        return []
    is_value = machine.accepts("NAME")
    return [
        _word(kind)
        for kind in _WORDS
        if machine.accepts(kind) and not (is_value and kind == "OPEN_BRACKET")
    ]


def _word(kind: str) -> str:
    return f"`{spelled(kind)}`"


def found(token: Token) -> str | Phrase:
    """The token at that place, as a message shows it."""
    if not token.text:
        return _END
    return f"`{shortened(token.text)}`"


def missing(
    tokens: list[Token], at: int, what: str | Phrase, name: str | None = None
) -> Diagnostic:
    """A diagnostic that something else is expected at `at`.

    Its place is there if the line goes on, or else before it.

    `name`: the keyword that may have been meant as a name.
    """
    token = tokens[at]
    values: dict[str, str | Phrase] = {"expected": what}
    if name is not None:
        values["name"] = name
    if at and (token.starts_line or token.type in ("CLOSE_BRACE", END)):
        before = tokens[at - 1]
        code, place, values["before"] = codes.INCOMPLETE, before.span.place, found(before)
    else:
        code, place, values["found"] = codes.UNEXPECTED, token.span.place, found(token)
    return diagnose(code, place, labels=(), fix=None, **values)
