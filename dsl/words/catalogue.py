"""The texts by key and language, from the JSON files of this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

ENGLISH = "en"
"""The language that has every text; others fall back to it."""

_FOLDER = Path(__file__).parent


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file, English first: `("en", "zh")`."""
    found = sorted(path.stem for path in _FOLDER.glob("*.json"))
    return (ENGLISH, *(name for name in found if name != ENGLISH))


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its key: `E120.title`, `places.the_ledger`."""
    data = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return MappingProxyType(data)


def text(key: str, language: str) -> str:
    """The text of a key, in English if the language has none; `KeyError` for an unknown key."""
    found = texts(language).get(key) if language != ENGLISH else None
    return texts(ENGLISH)[key] if found is None else found


def is_known(key: str) -> bool:
    """Whether there is a text of that key."""
    return key in texts(ENGLISH)


def of_locale(locale: str) -> str:
    """The language of a locale such as `zh_CN.UTF-8`: the longest that it begins with, or English.

    `pt_BR` has `pt_br.json` if that is there, else `pt.json`.
    """
    wanted = locale.lower().replace("-", "_")
    fitting = [name for name in languages() if wanted.startswith(name.lower())]
    return max(fitting, key=len, default=ENGLISH)
