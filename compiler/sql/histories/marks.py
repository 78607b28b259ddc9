"""The marks of a row of a field's history: its beginning and its end, of its customer.

A row has no key of its own, so that runs know it by these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from sqlglot import exp

from ...dialects.common.dialect import Dialect
from ...dialects.common.terms import text
from ...plan.data import TO

AT = "at"
_INSTANT = len("2026-01-31T02:00:00.000000Z")
_WORDS = {AT: " from ", TO: " to "}

T = TypeVar("T")


def boundaries(known: Mapping[str, T]) -> Iterator[tuple[str, T]]:
    """Yield the boundaries of a history with what is known of each, by name: `at`, `to`."""
    yield from ((name, known[name]) for name in _WORDS if name in known)


def begins(mark: str) -> bool:
    """Whether a mark is that of a beginning."""
    return mark.startswith(_WORDS[AT], _INSTANT)


def mark(dialect: Dialect, boundary: str, instant: exp.Expr, customer: exp.Expr) -> exp.Expr:
    """The mark: `2026-01-31T02:00:00.000000Z from ann`."""
    return dialect.joined(dialect.instant_text(instant), text(_WORDS[boundary]), customer)
