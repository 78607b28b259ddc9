"""The filters that a message may put a value through, one row each.

Each takes time and room that are bounded by its input's and by `LONGEST`.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Literal
from urllib.parse import quote

from ..plan.values import Value, encode
from ..project.channels import LONGEST
from . import masks

Kind = Literal["text", "number", "any"]
Argument = Literal["text", "count", "digits", "any", "flag"]

_WIDE = Context(prec=2_000)


class TooLongError(Exception):
    """A text has become longer than any message may be."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter: `takes` and `gives` are kinds of values (`any` given: the one it took).

    `arguments` are those that may follow, of which the first `needed` must.
    """

    takes: Kind
    gives: Kind
    apply: Callable[..., Value]
    arguments: tuple[Argument, ...] = ()
    needed: int = 0
    masks: bool = False


def _bounded(text: str) -> str:
    if len(text) > LONGEST:
        raise TooLongError
    return text


def _replace(text: str, old: str, new: str) -> str:
    grown = text.count(old) * (len(new) - len(old))
    if len(text) + grown > LONGEST:
        raise TooLongError
    return text.replace(old, new)


def _truncate(text: str, length: int = 255) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _round(number: int | Decimal, digits: int = 0) -> Decimal:
    unit = Decimal(1).scaleb(-digits)
    return Decimal(number).quantize(unit, rounding=ROUND_HALF_UP, context=_WIDE)


def _absolute(number: int | Decimal) -> int | Decimal:
    # Not abs, which rounds a decimal to the digits of the context.
    return number.copy_abs() if isinstance(number, Decimal) else abs(number)


def _whole(number: int | Decimal) -> Decimal:
    return Decimal(number).quantize(Decimal(1), rounding=ROUND_DOWN, context=_WIDE)


def _text(apply: Callable[[str], str], *, masks: bool = False) -> Filter:
    return Filter("text", "text", lambda text: _bounded(apply(_bounded(text))), masks=masks)


_LENGTH = Filter("text", "number", len)
_ESCAPE = _text(html.escape)
_DEFAULT = Filter("any", "any", lambda value, *_: value, ("any", "flag"), 1)

FILTERS: Mapping[str, Filter] = {
    "abs": Filter("number", "number", _absolute),
    "capitalize": _text(str.capitalize),
    "count": _LENGTH,
    "d": _DEFAULT,
    "default": _DEFAULT,
    "e": _ESCAPE,
    "escape": _ESCAPE,
    "first": _text(lambda text: text[:1]),
    "int": Filter("number", "number", _whole),
    "last": Filter("text", "text", lambda text: text[-1:]),
    "length": _LENGTH,
    "lower": _text(str.lower),
    "masked": _text(masks.masked, masks=True),
    "masked_account": _text(masks.masked_account, masks=True),
    "masked_mail": _text(masks.masked_mail, masks=True),
    "masked_name": _text(masks.masked_name, masks=True),
    "masked_phone": _text(masks.masked_phone, masks=True),
    "replace": Filter("text", "text", _replace, ("text", "text"), 2),
    "round": Filter("number", "number", _round, ("digits",)),
    "string": Filter("any", "text", lambda value: _bounded(encode(value))),
    "title": _text(str.title),
    "trim": _text(str.strip),
    "truncate": Filter("text", "text", _truncate, ("count",)),
    "upper": _text(str.upper),
    "urlencode": _text(lambda text: quote(text, safe="/")),
}


def fits(argument: Argument, value: Value) -> bool:
    """Whether a filter may be given this."""
    match argument:
        case "text":
            return isinstance(value, str) and value != ""
        case "count":
            return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST
        case "digits":
            return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10
        case "flag":
            return isinstance(value, bool)
        case "any":
            return True


def accepts(row: Filter, arguments: tuple[Value, ...]) -> bool:
    """Whether a filter may be given these arguments."""
    enough = row.needed <= len(arguments) <= len(row.arguments)
    pairs = zip(row.arguments, arguments, strict=False)
    return enough and all(fits(kind, value) for kind, value in pairs)
