"""Chance without randomness: a documented hash against a threshold, the same on every engine."""

from __future__ import annotations

from decimal import Decimal
from hashlib import md5

DIGITS = 8
"""So many hexadecimal digits of a hash are looked at, as text."""

ESCAPES = (("%", "%25"), ("/", "%2F"))
"""Escapes of a part that another part follows, applied in this order."""

_ALL = "g"  # comes after every text of hexadecimal digits


def threshold(part: Decimal) -> str:
    """The text before which `part` (0 to 1) of all eight digits come, to 1 in 4,294,967,296."""
    return _ALL if part >= 1 else format(int(part * 16**DIGITS), f"0{DIGITS}x")


def joined(*parts: str) -> str:
    """The text that is hashed: the parts between slashes, so that no two lists of parts share one.

    Only the last part may hold a `/` as it is. In the others `%` and `/` are `%25` and `%2F`, so
    keys without them give the plain text.
    """
    *before, last = parts
    return "/".join([*map(_escaped, before), last])


def digest(*parts: str) -> str:
    """Return the hash by which all engines order and choose: MD5 of the joined parts, as hex."""
    return md5(joined(*parts).encode(), usedforsecurity=False).hexdigest()


def _escaped(part: str) -> str:
    for found, written in ESCAPES:
        part = part.replace(found, written)
    return part
