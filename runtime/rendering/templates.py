"""A message's template, filled for one decision. An unknown value is `None`: it shows nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from ...compiler.messages.filters import FILTERS, TooLongError
from ...compiler.messages.templates import (
    Both,
    Chosen,
    Compared,
    Denied,
    Either,
    Filtered,
    Literally,
    Output,
    Part,
    Term,
    Variable,
    Words,
)
from ...compiler.plan.values import Value, encode

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}


def fill(parts: tuple[Part, ...], values: Mapping[str, Value | None], longest: int) -> str:
    """Return the filled-in text. Raise `TooLongError` if it exceeds `longest` bytes of UTF-8.

    Raise `LookupError`, `TypeError`, `ValueError` or `ArithmeticError` if the template does not fit
    the values. A template that passed `check` always fits values of its types.
    """
    written: list[str] = []
    _write(parts, values, written, longest)
    text = "".join(written)
    if len(text.encode("utf-8", "surrogatepass")) > longest:
        raise TooLongError
    return text


def _write(
    parts: tuple[Part, ...], values: Mapping[str, Value | None], written: list[str], longest: int
) -> None:
    for part in parts:
        match part:
            case Words(text):
                written.append(text)
            case Output(term):
                value = evaluate(term, values)
                text = "" if value is None else encode(value)
                if len(text) > longest:
                    raise TooLongError
                written.append(text)
            case Chosen(condition, then, otherwise):
                chosen = then if evaluate(condition, values) else otherwise
                _write(chosen, values, written, longest)
            case _:
                assert_never(part)


def evaluate(term: Term, values: Mapping[str, Value | None]) -> Value | None:
    """Return the value of a term. A comparison with an unknown value is false."""
    match term:
        case Literally(value):
            return value
        case Variable(name):
            return values[name]
        case Filtered(name, inner, arguments):
            return _filtered(name, evaluate(inner, values), arguments)
        case Either(left, right):
            return evaluate(left, values) or evaluate(right, values)
        case Both(left, right):
            return evaluate(left, values) and evaluate(right, values)
        case Denied(inner):
            return not evaluate(inner, values)
        case Compared():
            return _compared(term, values)
        case _:
            assert_never(term)


def _filtered(name: str, value: Value | None, arguments: tuple[Value, ...]) -> Value | None:
    if name in ("default", "d"):
        falls_back = not value if True in arguments[1:] else value is None
        return arguments[0] if falls_back else value
    return None if value is None else FILTERS[name].apply(value, *arguments)


def _compared(term: Compared, values: Mapping[str, Value | None]) -> bool:
    left = evaluate(term.first, values)
    for sign, other in term.others:
        right = evaluate(other, values)
        if left is None or right is None or not _COMPARE[sign](left, right):
            return False
        left = right
    return True
