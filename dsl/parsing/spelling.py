"""Words that are spelled wrong but whose meaning is plain: reported, and read as they are meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from unicodedata import normalize

from ..codes import literals as written
from ..codes import text as codes
from ..diagnostics.diagnostic import Fix, Phrase, Safety, diagnose
from ..diagnostics.fixes import in_place_of
from ..diagnostics.source import Span
from ..tree import Text
from .amounts import amount
from .characters import SIGNS
from .literals import Report, block_text, money, number, percent, shortened, text_literal
from .tokens import Token

_CURRENCIES = {
    "元": "CNY",
    "块": "CNY",
    "rmb": "CNY",
    "yuan": "CNY",
    "¥": "CNY",
    "￥": "CNY",
    "$": "USD",
} | {
    "€": "EUR",
    "£": "GBP",
}
_SHARED = frozenset("¥￥$£")
"""Signs of several currencies: `¥` is the yuan and the yen."""
_NUMBER = "0123456789_."


def _safety(unit: str) -> Safety:
    return "look" if unit in _SHARED else "safe"


def sign(word: Token, report: Report) -> list[Token]:
    """`==` as `=`."""
    kind, right = SIGNS[word.text]
    # In other languages `!` denies less than `not` does: `!a = b`.
    fix = in_place_of(word.span, right, "look" if kind == "NOT" else "safe")
    report(diagnose(codes.FOREIGN_SIGN, word.span.place, fix=fix, found=word.text, right=right))
    return [word._replace(type=kind, text=right)]


def spaced_percent(word: Token, report: Report) -> list[Token]:
    """`5 %` as `5%`."""
    right = "".join(word.text.split())
    place = word.span.place
    fix = Fix(place, right, "safe")
    report(diagnose(written.SPACED_PERCENT, place, fix=fix, found=word.text, right=right))
    return [word._replace(type="PERCENT", text=right, literal=percent(right, word.span, report))]


def foreign_money(word: Token, report: Report) -> list[Token]:
    """`60 cny`, `60元`, `¥60` as `60 CNY`."""
    number = "".join(character for character in word.text if character in _NUMBER)
    unit = "".join(word.text.replace(number, "").split())
    right = f"{number} {_CURRENCIES.get(unit, unit.upper())}"
    place = word.span.place
    fix = Fix(place, right, _safety(unit))
    report(diagnose(written.CURRENCY_FORM, place, fix=fix, found=shortened(word.text), right=right))
    return [word._replace(type="MONEY", text=right, literal=money(right, word.span, report))]


def loose_number(word: Token, report: Report) -> list[Token]:
    """`10万` as the number, `1.5m CNY`, `10,000 CNY`, `¥10.000,50` as the amount that it is."""
    right, unit = amount(word.text)
    place, found = word.span.place, shortened(word.text)
    if not unit:
        fix = Fix(place, right, _safety(""))
        report(diagnose(written.NUMBER_FORM, place, fix=fix, found=found, right=right))
        return [word._replace(type="NUMBER", text=right, literal=number(right, word.span, report))]
    right = f"{right} {_CURRENCIES.get(unit, unit.upper())}"
    fix = Fix(place, right, _safety(unit))
    report(diagnose(written.CURRENCY_FORM, place, fix=fix, found=found, right=right))
    return [word._replace(type="MONEY", text=right, literal=money(right, word.span, report))]


def unclosed_text(word: Token, report: Report) -> list[Token]:
    """`"…` up to the end of its line, without the closing braces at the end."""
    text = word.text.rstrip(" \t}")
    tail = word.text[len(text) :]
    span = Span(word.source, word.start, word.start + len(text))
    report(diagnose(codes.UNCLOSED_TEXT, span.place, quote='"'))
    node = text_literal(text + '"', span, report)
    braces = [
        Token("CLOSE_BRACE", "}", word.source, span.end + at, span.end + at + 1, False)
        for at, character in enumerate(tail)
        if character == "}"
    ]
    return [word._replace(type="TEXT", text=text, end=span.end, literal=node), *braces]


def unclosed_block_text(word: Token, report: Report) -> list[Token]:
    '''`"""…` up to the next declaration or the end of the file.'''
    place = Span(word.source, word.start, word.start + 3).place
    report(diagnose(codes.UNCLOSED_TEXT, place, quote='"""'))
    node = block_text(word.text + '"""', word.span, report)
    return [word._replace(type="TEXT", literal=node)]


def text_over_lines(word: Token, report: Report) -> list[Token]:
    """`"…"` with line breaks in it."""
    first = word.text.splitlines()[0]
    place = Span(word.source, word.start, word.start + len(first)).place
    report(diagnose(codes.TEXT_OVER_LINES, place))
    return [word._replace(type="TEXT", literal=Text(word.text[1:-1], span=word.span))]


def name(word: Token, report: Report) -> list[Token]:
    """A name in other letters than the Latin ones, which can be none: `½`."""
    if word.text.isascii() or normalize("NFKC", word.text).isidentifier():
        return [word]
    (better,) = quoted_name(word._replace(text=f"`{word.text}`"), report)
    return [better._replace(text="_")]


def quoted_name(word: Token, report: Report) -> list[Token]:
    """A name between backticks, which must be one word."""
    meant = normalize("NFKC", word.text[1:-1])
    if meant.isidentifier():
        return [word]
    found = f"`{meant}`" if meant.strip() else _NOTHING
    report(diagnose(codes.BAD_NAME, word.span.place, found=found))
    return [word._replace(text="`_`")]


def field(word: Token, report: Report) -> list[Token]:
    """`.amount`: the part after the point is a name, with or without backticks."""
    rest = word._replace(text=word.text[1:], start=word.start + 1)
    (better,) = quoted_name(rest, report) if rest.text[0] == "`" else name(rest, report)
    return [word._replace(text=f".{better.text}")]


def unclosed_name(word: Token, report: Report) -> list[Token]:
    """A backtick that no other closes, and the word after it."""
    right = f"{word.text}`" if len(word.text) > 1 else "`…`"
    fix = Fix(word.span.place, right) if len(word.text) > 1 else None
    report(diagnose(codes.UNCLOSED_NAME, word.span.place, fix=fix, right=right))
    return [
        word._replace(type="QUOTED_NAME", text=f"{word.text}`" if len(word.text) > 1 else "`_`")
    ]


_NOTHING = Phrase("spelling.nothing")

Correction = Callable[[Token, Report], list[Token]]

CORRECTED: Mapping[str, Correction] = MappingProxyType(
    {
        "WRONG_SIGN": sign,
        "SPACED_PERCENT": spaced_percent,
        "FOREIGN_MONEY": foreign_money,
        "LOOSE_NUMBER": loose_number,
        "UNCLOSED_TEXT": unclosed_text,
        "UNCLOSED_BLOCK_TEXT": unclosed_block_text,
        "TEXT_OVER_LINES": text_over_lines,
        "NAME": name,
        "QUOTED_NAME": quoted_name,
        "FIELD": field,
        "UNCLOSED_NAME": unclosed_name,
    }
)
"""The correction for each kind of token that can be wrong; correct tokens pass unchanged."""
