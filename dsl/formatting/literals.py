"""Names and literals in their one spelling."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import time
from decimal import Decimal
from typing import TypeAlias, assert_never

from ..parsing.lexer import KEYWORDS
from ..tree import (
    Boolean,
    DateLiteral,
    Duration,
    Money,
    Name,
    Number,
    Percent,
    Text,
    TimeLiteral,
    TimestampLiteral,
)
from .layout import Doc, Word, between, join, phrase

Literal: TypeAlias = (
    Number
    | Percent
    | Money
    | Duration
    | DateLiteral
    | TimestampLiteral
    | TimeLiteral
    | Boolean
    | Text
)


_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_UNIT = re.compile(r"[A-Z]{3}|(?:minute|hour|day|week|month|year)s?")


def name(node: Name, also: Container[str] = ()) -> Doc:
    """The identifier; between backticks where it would be read as a keyword, or is in `also`."""
    if node.text in KEYWORDS or node.text in also:
        return Word(f"`{node.text}`")
    return _bare(node)


def after_number(node: Name) -> Doc:
    """The identifier after a number: in backticks where both were money or a stretch of time."""
    looks_like_unit = _UNIT.fullmatch(node.text)
    return name(node, also=(node.text,) if looks_like_unit else ())


def owner(node: Name) -> Doc:
    """The name before a field. The keyword `event` may be a name there."""
    return _bare(node) if node.text == "event" else name(node)


def field_of(node: Name) -> Doc:
    """`.amount`; after the point there are no keywords (`last(order).at`)."""
    return join(Word("."), _bare(node))


def _bare(node: Name) -> Doc:
    fits = _IDENTIFIER.fullmatch(node.text)
    return Word(node.text, name=True) if fits else Word(f"`{node.text}`")


def label(node: Text | None) -> Doc:
    """The label; empty if there is none."""
    return between(join(), [] if node is None else [literal(node)])


def titled(keyword: str, named: Name, labelled: Text | None) -> Doc:
    """`campaign welcome_gift "新客见面礼"`."""
    return phrase(keyword, name(named), label(labelled))


def literal(node: Literal) -> Doc:
    """The literal with its unit."""
    match node:
        case Number(value, whole):
            text = grouped(value, least=5)
            return Word(text if whole or "." in text else text + ".0")
        case Percent(value):
            return Word(grouped(value, least=5) + "%")
        case Money(amount, currency):
            return phrase(grouped(amount, least=4), currency)
        case Duration(count, unit):
            return phrase(grouped(Decimal(count), least=5), unit if count == 1 else unit + "s")
        case DateLiteral(value):
            return Word(value.isoformat())
        case TimestampLiteral(value):
            return phrase(value.date().isoformat(), _clock(value.time()))
        case TimeLiteral(value):
            return Word(_clock(value))
        case Boolean(value):
            return Word("yes" if value else "no")
        case Text(value):
            return Word(quoted(value))
    assert_never(node)


def grouped(value: Decimal, least: int) -> str:
    """The number with an underscore before every three digits where it has `least` or more.

    Money has them from 1_000 on, for amounts are read in thousands; other numbers from 10_000 on,
    so that a year stays a year.
    """
    whole, point, fraction = format(value, "f").partition(".")
    return (f"{int(whole):_}" if len(whole) >= least else whole) + point + fraction


def _clock(value: time) -> str:
    return value.isoformat("seconds" if value.second else "minutes")


_PLACE_OF_ESCAPE = re.compile(r'[\\"\t\n]')
_PLACE_OF_ESCAPE_IN_BLOCK = re.compile(r'\\|\t|"(?="")')
_ESCAPES = {"\t": "\\t", "\n": "\\n"}


def quoted(value: str) -> str:
    """The text between quotes, on one line."""
    quote = '"""' if "\r" in value else '"'
    return quote + _PLACE_OF_ESCAPE.sub(_escaped, value) + quote


def paragraph(node: Text) -> Doc:
    """A text at the end of its statement; several lines become an indented block."""
    lines = node.value.split("\n")
    if len(lines) == 1 or not _can_be_indented(lines):
        return literal(node)
    inside = _PLACE_OF_ESCAPE_IN_BLOCK.sub(_escaped, node.value)
    return Word(f'"""\n{inside}\n"""')


def _can_be_indented(lines: list[str]) -> bool:
    """Whether taking away what all lines are indented by gives these lines back."""
    full = [line for line in lines if line.strip()]
    return (
        all(line == "" for line in lines if line not in full)
        and any(not line[0].isspace() or line[0] == "\t" for line in full)
        and not any("\r" in line for line in lines)
    )


def _escaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], "\\" + match[0])
