"""Reasons why a line is not an event.

No message quotes a value of a line: it may be a customer's secret.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import NoReturn

from ....dsl.diagnostics.diagnostic import Phrase

_SHOWN = 60
"""The most letters of a name that a message shows."""


class Unusable(Exception):  # noqa: N818  (never leaves this folder)
    """The reason why a line is not an event, and the nearest valid name, if any."""

    def __init__(self, reason: Phrase, nearest: str | None = None) -> None:
        super().__init__(reason.key)
        self.reason = reason
        self.nearest = nearest


def refuse(phrase: Phrase, known: Collection[str] = (), **values: str | Phrase) -> NoReturn:
    """Raise `Unusable`, with the nearest of the `known` names to `name`."""
    name = str(values.get("name", ""))
    # JSON may contain half of a surrogate pair, which no output can encode.
    whole = name[: _SHOWN + 1].encode("utf-8", "replace").decode()
    shown = whole if len(whole) <= _SHOWN else whole[:_SHOWN] + "…"
    said = phrase.filled(**{**values, "name": shown})
    near = get_close_matches(shown, known, n=1, cutoff=0.6)
    raise Unusable(said, near[0] if near else None)
