"""Encode rows in the text forms of PostgreSQL's COPY and of its arrays.

Others wait while thousands of rows are encoded. So columns are encoded as a whole, and rare
characters (a tab in a name) are searched once in the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
_QUOTED = re.compile(r'["\\]')


def copied(rows: Sequence[tuple[object, ...]]) -> bytes:
    """Encode rows of text, integers, bytes and `None`, all of one length, for COPY."""
    columns = [_column(values) for values in zip(*rows, strict=True)]
    return ("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n").encode()


def _column(values: tuple[object, ...]) -> Iterable[str]:
    first, kinds = values[0], set(map(type, values))
    if len(kinds) == 1 and values.count(first) == len(values):
        return [_cell(first)] * len(values)
    if kinds == {int}:
        return map(str, values)
    if kinds == {str}:
        texts = cast(tuple[str, ...], values)
        return map(_escaped, texts) if _SPECIAL.search("".join(texts)) else texts
    if kinds == {bytes}:
        return [f"\\\\x{value.hex()}" for value in cast(tuple[bytes, ...], values)]
    return map(_cell, values)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _cell(value: object) -> str:
    if type(value) is bytes:
        return "\\\\x" + value.hex()
    if value is None:
        return "\\N"
    return str(value).translate(_ESCAPES)


def array(values: Sequence[object]) -> str:
    """Encode texts, or integers, as a PostgreSQL array."""
    if not values:
        return "{}"
    texts = [str(value) for value in values]
    joined = '","'.join(texts)
    # A name with a quotation mark in it is rare.
    if "\\" in joined or joined.count('"') != 2 * (len(texts) - 1):
        joined = '","'.join([_QUOTED.sub(r"\\\g<0>", text) for text in texts])
    return f'{{"{joined}"}}'
