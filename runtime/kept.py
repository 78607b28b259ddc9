"""Texts that the ledger keeps, read back. What another program has put there is one named error."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from ..dsl.diagnostics.diagnostic import CannotRun, diagnose
from .codes import ledger as codes

P = ParamSpec("P")
T = TypeVar("T")

_NOT_OURS = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    RecursionError,
)
"""How a text of another shape shows, whatever its damage."""


def unreadable() -> CannotRun:
    """The error of a text that this program did not write. It shows nothing of the text."""
    return CannotRun(diagnose(codes.TEXT_UNREADABLE, None))


def kept(read: Callable[P, T]) -> Callable[P, T]:
    """Let a function that does nothing but read a kept text raise `CannotRun` if it cannot."""

    @wraps(read)
    def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except _NOT_OURS as error:
            raise unreadable() from error

    return reading


@kept
def entries(text: str) -> dict[str, Any]:
    """The entries of a kept JSON object. Raise `CannotRun` if it is none."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise unreadable()
    return found


def kept_number(text: str) -> Decimal:
    """A kept number. Raise `CannotRun` if it is none."""
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise unreadable() from error
    if not found.is_finite():
        raise unreadable()
    return found
