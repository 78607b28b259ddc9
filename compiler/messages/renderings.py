"""Forbidden phrases and disclosures in all that a message can say, whatever the data are."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import assert_never

from ..plan.values import Value, encode
from .filters import FILTERS, Filter, TooLongError, accepts
from .phrases import Hunt, Phrase
from .templates import (
    Both,
    Chosen,
    Compared,
    Denied,
    Either,
    Filtered,
    Literally,
    Output,
    Part,
    Term,
    Variable,
    Words,
)

Way = tuple[str | None, ...]
"""One of the texts that a term may be: its parts, `None` for words that only data know."""

Ways = Callable[[str], tuple[Way, ...]]
"""The texts that a variable may be."""

UNKNOWN: tuple[Way, ...] = ((None,),)
MAYBE_EMPTY: tuple[Way, ...] = ((None,), ())


def may_say(parts: tuple[Part, ...], phrase: Phrase, ways: Ways) -> bool:
    """Whether the message can say the phrase by what it says itself."""
    hunt = Hunt(phrase)
    _read(parts, hunt, ways)
    return bool(phrase.letters) and hunt.met


def _read(parts: tuple[Part, ...], hunt: Hunt, ways: Ways) -> None:
    for part in parts:
        match part:
            case Words(text):
                hunt.read(text)
            case Output(term):
                found = []
                for way in _ways(term, ways):
                    fork = hunt.fork()
                    for piece in way:
                        fork.skip() if piece is None else fork.read(piece)
                    found.append(fork)
                hunt.join(found)
            case Chosen(_, then, otherwise):
                forks = (hunt.fork(), hunt.fork())
                for branch, fork in zip((then, otherwise), forks, strict=True):
                    _read(branch, fork, ways)
                hunt.join(forks)
            case _:
                assert_never(part)


def _ways(term: Term, ways: Ways) -> tuple[Way, ...]:
    match term:
        case Literally(value):
            return ((encode(value),),)
        case Variable(name):
            return ways(name)
        case Filtered(name, inner, arguments):
            found = _ways(inner, ways)
            row = FILTERS.get(name)
            if row is None or not accepts(row, arguments):
                return found
            if name in ("default", "d"):
                return (*found, (encode(arguments[0]),))
            return tuple(_put_through(row, way, arguments) for way in found)
        case Either(left, right) | Both(left, right):
            return tuple(dict.fromkeys((*_ways(left, ways), *_ways(right, ways))))
        case Denied() | Compared():
            return UNKNOWN
        case _:
            assert_never(term)


def _put_through(row: Filter, way: Way, arguments: tuple[Value, ...]) -> Way:
    texts = [piece for piece in way if piece is not None]
    if len(texts) != len(way) or row.takes == "number":
        return (None,) if way else ()
    try:
        return (encode(row.apply("".join(texts), *arguments)),)
    except TooLongError:
        return (None,)


def always_says(parts: tuple[Part, ...], text: str) -> bool:
    """Whether the message says the text whatever the data are."""
    wanted, said = _plain(text), ""
    for part in parts:
        match part:
            case Words(words):
                said += _plain(words)
            case Output():
                said += "\0"
            case Chosen(_, then, otherwise):
                if always_says(then, text) and always_says(otherwise, text):
                    return True
                said += "\0"
            case _:
                assert_never(part)
    return wanted in said


def _plain(text: str) -> str:
    """Text as a disclosure is compared: width, case and white space make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def least_length(parts: tuple[Part, ...]) -> int:
    """Bytes of UTF-8 that the message has at least."""
    size = 0
    for part in parts:
        match part:
            case Words(text):
                size += len(text.encode())
            case Output():
                pass
            case Chosen(_, then, otherwise):
                size += min(least_length(then), least_length(otherwise))
            case _:
                assert_never(part)
    return size
