"""What could have stood at a place, in a few plain words."""

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
    ("NAME", Phrase("a name", "名称")),
    ("TEXT", Phrase('a text between `"`', '用 `"` 括起的文本')),
    ("NUMBER", Phrase("a number", "数字")),
    ("PERCENT", Phrase("a percentage, such as `5%`", "百分比（例如 `5%`）")),
    ("MONEY", Phrase("an amount, such as `60 CNY`", "金额（例如 `60 CNY`）")),
    ("DURATION", Phrase("a duration, such as `30 days`", "时长（例如 `30 days`）")),
    ("DATE", Phrase("a date, such as `2026-01-31`", "日期（例如 `2026-01-31`）")),
    (
        "TIMESTAMP",
        Phrase(
            "a day and time, such as `2026-01-31 10:00`", "日期和时刻（例如 `2026-01-31 10:00`）"
        ),
    ),
    ("TIME", Phrase("a time, such as `10:00`", "时刻（例如 `10:00`）")),
    ("FIELD", Phrase("a field, such as `event.device_id`", "字段（例如 `event.device_id`）")),
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
_CONDITION = Phrase("a condition", "条件")
_VALUE = Phrase("a value", "取值")
_WHAT = Phrase("what it is, such as `points` or `as cash`", "单位，例如 `points` 或 `as cash`")
_REWARD = Phrase("a reward", "奖励")
_PRIZE = Phrase("odds, such as `5%:`", "中奖概率（例如 `5%:`）")
_COMPARISON = Phrase("a comparison, such as `>=`", "比较符（例如 `>=`）")
_NEXT_CLAUSE = Phrase("the next clause", "下一个子句")
_DECLARATION = Phrase("a declaration, such as `campaign`", "声明（例如 `campaign`）")
_END = Phrase("the end of the file", "文件结尾")


def expected(machine: Machine) -> Phrase:
    """What the machine would take, most telling first."""
    choices: list[Phrase] = []
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


def _values(machine: Machine) -> list[Phrase]:
    if machine.accepts("BY"):
        return [_REWARD]
    if machine.accepts("HAS"):
        return [_CONDITION]
    if machine.accepts("NAME") and machine.accepts("OPEN_BRACKET"):
        return [_VALUE]
    if machine.accepts("NAME") and machine.accepts("AS"):
        return [_WHAT]
    values = [phrase for kind, phrase in _LITERALS if machine.accepts(kind)]
    return [*values, _COMPARISON] if machine.accepts("EQUAL") else values


def _words(machine: Machine) -> list[Phrase]:
    if machine.accepts("HAS") or machine.accepts("BY") or machine.accepts("AS"):
        return []
    is_value = machine.accepts("NAME")
    return [
        _word(kind)
        for kind in _WORDS
        if machine.accepts(kind) and not (is_value and kind == "OPEN_BRACKET")
    ]


def _word(kind: str) -> Phrase:
    text = f"`{spelled(kind)}`"
    return Phrase(text, text)


def found(token: Token) -> Phrase:
    """What stands there, as a message shows it."""
    if not token.text:
        return _END
    text = f"`{shortened(token.text)}`"
    return Phrase(text, text)


def missing(tokens: list[Token], at: int, what: Phrase, name: str | None = None) -> Diagnostic:
    """That something else should stand at `at`: where the line goes on there, or else before it.

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
