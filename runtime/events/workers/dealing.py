"""The worker of a line: always the same one for a customer, by a hash.

A line is not parsed here as a worker parses it. A pattern finds the names of an ordinary line, and
JSON those of any other. Dealing takes 1.4 µs a line by the pattern, and 4.5 by JSON. Only the names
of valid events must be right: any other line may go anywhere.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from ..owners import REMEMBERED, forget_first
from ..part import place_of

_ORDINARY = re.compile(
    rb'\s*\{\s*"event"\s*:\s*"([^"\\]*)"\s*,\s*"key"\s*:\s*"([^"\\]*)"\s*,'
    rb'\s*"customer"\s*:\s*"([^"\\]*)"\s*[,}]'
)


class Names(NamedTuple):
    """The kind and the key of an event, and its customer, in UTF-8."""

    event: bytes
    key: bytes
    customer: bytes


def names_of(content: bytes | None, *, plain: bool = False) -> Names | None:
    """Return the names in a line; `None` if it cannot be an event."""
    if content is None:
        return None
    found = None if plain else _ORDINARY.match(content)
    return _parsed(content) if found is None else Names(*found.groups())


def _parsed(content: bytes) -> Names | None:
    try:
        entries = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(entries, dict):
        return None
    event, key, customer = (_text(entries.get(name)) for name in Names._fields)
    if event is None or key is None or customer is None:
        return None
    return Names(event, key, customer)


def _text(given: object) -> bytes | None:
    """Return a name in UTF-8; numbers become their digits."""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    return given.encode("utf-8", "surrogatepass") if isinstance(given, str) else None


class Dealer:
    """Deals lines to `count` workers, by number from 0.

    It remembers to whom the latest keys went. A key names one event, so a worker that gets it again
    with another customer can tell.
    """

    def __init__(self, count: int, remembered: int = REMEMBERED) -> None:
        self._count = count
        self._remembered = remembered
        self._first: dict[int, int] = {}

    def place(self, names: Names | None, content: bytes | None) -> int:
        """Return the worker of a customer; of any other line, whichever."""
        return place_of((content or b"") if names is None else names.customer, self._count)

    def first(self, names: Names, place: int) -> int:
        """Return the worker to which the key went first: `place` if it is new."""
        first = self._first.setdefault(_number(names), place)
        forget_first(self._first, self._remembered)
        return first

    def forget(self, names: Names) -> None:
        """Forget to whom a key went, because its line was not an event."""
        self._first.pop(_number(names), None)


def _number(names: Names) -> int:
    # A number takes a quarter of the room of the names.
    return hash((names.event, names.key))
