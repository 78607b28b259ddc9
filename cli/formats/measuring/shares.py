"""Shares in cells of tables: percentages, and of few a count."""

from __future__ import annotations

from fractions import Fraction

from ....dsl.diagnostics.diagnostic import Phrase


def percent(share: Fraction) -> str:
    """A share with one digit after the point."""
    return f"{float(share * 100):.1f}%"


def few_of(count: int, total: int) -> Phrase:
    """A share of few, as how many of how many."""
    return Phrase("lifecycle.of", count=f"{count:,}", of=f"{total:,}")
