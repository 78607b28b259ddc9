"""Chance without randomness: a documented hash against a threshold, the same on every engine."""

from __future__ import annotations

from decimal import Decimal

DIGITS = 8
"""So many hexadecimal digits of a hash are looked at, as text."""

_ALL = "g"  # comes after every text of hexadecimal digits


def threshold(part: Decimal) -> str:
    """The text before which `part` (0 to 1) of all eight digits come, to 1 in 4,294,967,296."""
    return _ALL if part >= 1 else format(int(part * 16**DIGITS), f"0{DIGITS}x")
