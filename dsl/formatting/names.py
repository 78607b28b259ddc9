"""Names that need backticks because a phrase would swallow them: `on festival at 10:00`.

The language reads phrases of several words (`expires after`, `budget over`) wherever they occur.
So the need for backticks can depend on the neighbouring words.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from ..parsing.grammar import grammar
from ..parsing.keywords import PHRASES, spelled
from .layout import Align, Doc, Group, Indent, Join, Word

_LONGEST = 4
_NAMES_ELSEWHERE = frozenset({"CALL"})
"""Phrases of one word that stand where no name can: the parser reads them as names elsewhere."""


class _Spot(NamedTuple):
    """A word of the document: its number, and where it starts and ends in the plain text."""

    number: int
    word: Word
    start: int
    end: int


def misread(doc: Doc) -> frozenset[int]:
    """The numbers of the words that are bare names of the document and need backticks."""
    text, spots = _written(doc)
    found: set[int] = set()
    recent: deque[_Spot] = deque(maxlen=_LONGEST)
    for spot in spots:
        recent.append(spot)
        if spot.word.name and any(_phrase_covers(text, first, spot) for first in recent):
            found.add(spot.number)
    return frozenset(found)


def _phrase_covers(text: str, first: _Spot, name: _Spot) -> bool:
    patterns = _phrases().get(first.word.text, ())
    matches = (pattern.match(text, first.start) for pattern in patterns)
    return any(match is not None and match.end() >= name.end for match in matches)


@cache
def _phrases() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """The phrases of the grammar, by their first word."""
    by_word: dict[str, tuple[re.Pattern[str], ...]] = {}
    for terminal in grammar().terminals:
        if terminal.name in PHRASES - _NAMES_ELSEWHERE:
            first = spelled(terminal.name).split()[0]
            pattern = re.compile(terminal.pattern.to_regexp())
            by_word[first] = (*by_word.get(first, ()), pattern)
    return MappingProxyType(by_word)


def _written(doc: Doc) -> tuple[str, list[_Spot]]:
    """The document in plain text, one space where it has any."""
    parts: list[str] = []
    spots: list[_Spot] = []
    at = 0
    for part in _leaves(doc):
        text = part.text if isinstance(part, Word) else " "
        if isinstance(part, Word):
            spots.append(_Spot(len(spots), part, at, at + len(text)))
        parts.append(text)
        at += len(text)
    return "".join(parts), spots


def _leaves(doc: Doc) -> Iterator[Doc]:
    stack: list[Doc] = [doc]
    while stack:
        part = stack.pop()
        match part:
            case Join(parts):
                stack.extend(reversed(parts))
            case Group(body) | Align(body) | Indent(body):
                stack.append(body)
            case _:
                yield part
