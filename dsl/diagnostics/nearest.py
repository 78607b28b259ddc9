"""The nearest of the names that are known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

from .diagnostic import Phrase, listed


def suggestions(name: str, known: Iterable[str]) -> dict[str, str | Phrase]:
    """Values for a message about an unknown name: the `nearest` name, and the `known` ones.

    Only the first names of a long list are compared, so that the cost stays linear in the
    mistakes.
    """
    choices = sorted(islice(known, _LOOKED_AT))
    alike = choices if len(choices) <= _FEW else [one for one in choices if one[:1] == name[:1]]
    near = get_close_matches(name, alike[:_FEW], n=1, cutoff=0.6)
    values: dict[str, str | Phrase] = {"nearest": near[0]} if near else {}
    if choices:
        more = ["…"] if len(choices) > 8 else []
        values["known"] = listed([f"`{choice}`" for choice in choices[:8]] + more)
    return values


_LOOKED_AT = 1_000

_FEW = 100
