"""From the text of a literal to its node, and what can be wrong with it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from os.path import commonprefix
from types import MappingProxyType
from typing import get_args

from ..codes import literals as written
from ..codes import text as codes
from ..diagnostics.diagnostic import Diagnostic, Fix, diagnose
from ..diagnostics.source import Span
from ..tree import (
    DateLiteral,
    Duration,
    DurationUnit,
    Money,
    Node,
    Number,
    Percent,
    Text,
    TimeLiteral,
    TimestampLiteral,
)
from ..years import YEARS

Report = Callable[[Diagnostic], None]
"""Where a mistake goes; the literal still gets a node, so that parsing goes on."""

LARGEST = 2**63 - 1
MOST_DECIMALS = 10
LONGEST_YEARS = 100

_PER_YEAR: Mapping[DurationUnit, int] = MappingProxyType(
    {"minute": 527_040, "hour": 8_784, "day": 366, "week": 53, "month": 12, "year": 1}
)
_UNITS: Mapping[str, DurationUnit] = MappingProxyType(
    {unit: unit for unit in get_args(DurationUnit)}
)
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_ESCAPE = re.compile(r"\\([\s\S])")
_NUMBER = re.compile(r"[0-9_.]+")
_DATE = re.compile(r"([0-9]+)([-/])([0-9]+)[-/]([0-9]+)")
_INDENTATION = re.compile(r"[^\S\n]*(?=\S)")


def _decimal(text: str, span: Span, report: Report) -> Decimal:
    """The number at the start of the text."""
    match = _NUMBER.match(text)
    digits = "0" if match is None else match[0].replace("_", "")
    value = Decimal(digits)
    decimals = len(digits.partition(".")[2])
    if value > LARGEST:
        report(diagnose(written.NUMBER_TOO_LARGE, span.place, limit=f"{LARGEST:_}"))
        return Decimal(LARGEST)
    if decimals > MOST_DECIMALS:
        found, limit = str(decimals), str(MOST_DECIMALS)
        report(diagnose(written.TOO_MANY_DECIMALS, span.place, found=found, limit=limit))
        return Decimal(digits[: MOST_DECIMALS - decimals])
    return value


def number(text: str, span: Span, report: Report) -> Number:
    """`42`, `3.5`, `600_000`."""
    return Number(_decimal(text, span, report), "." not in text, span=span)


def percent(text: str, span: Span, report: Report) -> Percent:
    """`5%`."""
    return Percent(_decimal(text, span, report), span=span)


def money(text: str, span: Span, report: Report) -> Money:
    """`60 CNY`."""
    return Money(_decimal(text, span, report), text[-3:], span=span)


def duration(text: str, span: Span, report: Report) -> Duration:
    """`30 days`; whole, and not so long that no calendar reaches there."""
    word = re.sub(r"[\s0-9_.]+", "", text)
    unit = _UNITS[word.removesuffix("s")]
    value = _decimal(text, span, report)
    longest = LONGEST_YEARS * _PER_YEAR[unit]
    if value != value.to_integral_value() or value > longest:
        limit = str(LONGEST_YEARS)
        report(diagnose(written.BAD_DURATION, span.place, found=shortened(text), limit=limit))
        return Duration(1, unit, span=span)
    return Duration(int(value), unit, span=span)


def a_date(text: str, span: Span, report: Report) -> DateLiteral:
    """`2026-01-31`."""
    return DateLiteral(_date(text, span, report), span=span)


def a_time(text: str, span: Span, report: Report) -> TimeLiteral:
    """`10:00`, `10:00:30`."""
    return TimeLiteral(_time(text, span, report), span=span)


def timestamp(text: str, span: Span, report: Report) -> TimestampLiteral:
    """`2026-01-31 10:00`, each part with its own place for its own mistake."""
    match = re.match(r"([0-9/-]+)[T\s]+", text)
    cut, rest = (len(match[1]), match.end()) if match else (0, 0)
    day = _date(text[:cut], Span(span.source, span.start, span.start + cut), report)
    clock = _time(text[rest:], Span(span.source, span.start + rest, span.end), report)
    return TimestampLiteral(datetime.combine(day, clock), span=span)


def _date(text: str, span: Span, report: Report) -> date:
    match = _DATE.fullmatch(text)
    year, month, day = (int(match[1]), int(match[3]), int(match[4])) if match else (0, 0, 0)
    right = f"{year:04}-{month:02}-{day:02}"
    if year < 1 or not 1 <= month <= 12:
        report(diagnose(written.NOT_A_DATE, span.place, found=text))
        return date(2000, 1, 1)
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        end = f"{year:04}-{month:02}-{last:02}"
        report(diagnose(written.NOT_A_DATE, span.place, found=text, last=end))
        return date(year, month, last)
    if year not in YEARS:
        first, end = f"{YEARS[0]:04}", f"{YEARS[-1]:04}"
        report(diagnose(codes.FAR_DATE, span.place, found=text, first=first, last=end))
        return date(2000, 1, 1)
    if text != right:
        fix = Fix(span.place, right, "safe")
        report(diagnose(written.DATE_FORM, span.place, fix=fix, found=text, right=right))
    return date(year, month, day)


def _time(text: str, span: Span, report: Report) -> time:
    hour, minute, second = (*(int(part) for part in text.split(":")), 0)[:3]
    if hour > 23 or minute > 59 or second > 59:
        report(diagnose(written.NOT_A_TIME, span.place, found=text))
        return time(0, 0)
    return time(hour, minute, second)


def text_literal(text: str, span: Span, report: Report) -> Text:
    """`"…"`, without its quotes and escapes."""
    return Text(_unescaped(text[1:-1], span, report), span=span)


def block_text(text: str, span: Span, report: Report) -> Text:
    '''`"""…"""`: a text of one or more lines.

    A text that begins on a line of its own is indented. Its first line break, the indentation that
    all lines share and a blank last line are layout, not text.
    '''
    inner = text[3:-3].replace("\r\n", "\n")
    first, break_, rest = inner.partition("\n")
    if break_ and not first.strip():
        inner = _dedented(rest)
    return Text(_unescaped(inner, span, report), span=span)


def _dedented(text: str) -> str:
    lines = text.split("\n")
    if not lines[-1].strip():
        lines.pop()
    indents = [match[0] for line in lines if (match := _INDENTATION.match(line))]
    shared = commonprefix(indents)  # noqa: RUF071  (the characters are what is meant)
    return "\n".join(line.removeprefix(shared) if line.strip() else "" for line in lines)


def _unescaped(text: str, span: Span, report: Report) -> str:
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        return _ESCAPES.get(match[1], match[0])

    for match in _ESCAPE.finditer(span.text):
        if match[1] not in _ESCAPES:
            start = span.start + match.start()
            place = Span(span.source, start, start + 2).place
            fix = Fix(place, f"\\{match[0]}")
            found = match[0].replace("\n", " ")
            report(diagnose(codes.UNKNOWN_ESCAPE, place, fix=fix, found=found))
    return _ESCAPE.sub(character, text)


def shortened(text: str) -> str:
    """The text in a message: its first line, and not more of it than a reader takes in."""
    line = (text.splitlines() or [""])[0]
    return line if len(line) <= 30 else line[:29] + "…"


READERS: Mapping[str, Callable[[str, Span, Report], Node]] = MappingProxyType(
    {
        "NUMBER": number,
        "PERCENT": percent,
        "MONEY": money,
        "DURATION": duration,
        "DAYS": duration,
        "DATE": a_date,
        "TIME": a_time,
        "TIMESTAMP": timestamp,
        "TEXT": text_literal,
        "BLOCK_TEXT": block_text,
    }
)
"""How each kind of literal is read."""
