"""Letters without their case: a table of Unicode's simple case folding, one letter to one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def table() -> Mapping[str, str]:
    """Letters, each with the one that is compared instead; `folding.json` names their source."""
    known = json.loads(files(__package__).joinpath("folding.json").read_text(encoding="utf-8"))
    return dict(zip(known["from"], known["to"], strict=True))


def pairs(kept: str) -> tuple[str, str]:
    """The letters that become one of `kept`, or any one if that is empty; and what they become."""
    known = table()
    old = "".join(letter for letter in known if not kept or known[letter] in kept)
    return old, "".join(known[letter] for letter in old)


@cache
def _translation(kept: str) -> dict[int, int]:
    return str.maketrans(*pairs(kept))


def fold(text: str, kept: str = "") -> str:
    """The text without the case of its letters, of those that become one of `kept`."""
    return text.translate(_translation(kept))
