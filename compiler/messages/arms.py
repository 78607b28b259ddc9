"""The arms that a message names: `{% if arm == "a" %}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from .templates import (
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

ARM = "arm"
"""The variable that is the arm of the campaign's experiment in which the customer is."""


def arms_named(parts: tuple[Part, ...]) -> Iterator[str]:
    """Every text that the arm is compared with, in the order of the message."""
    for part in parts:
        match part:
            case Words():
                pass
            case Output(term):
                yield from _in_term(term)
            case Chosen(condition, then, otherwise):
                yield from _in_term(condition)
                yield from arms_named(then)
                yield from arms_named(otherwise)
            case _:
                assert_never(part)


def _in_term(term: Term) -> Iterator[str]:
    match term:
        case Literally() | Variable():
            pass
        case Filtered(term=inner) | Denied(inner):
            yield from _in_term(inner)
        case Either(left, right) | Both(left, right):
            yield from _in_term(left)
            yield from _in_term(right)
        case Compared(first, others):
            terms = (first, *(other for _, other in others))
            if Variable(ARM) in terms:
                yield from _texts(terms)
        case _:
            assert_never(term)


def _texts(terms: tuple[Term, ...]) -> Iterator[str]:
    for one in terms:
        if isinstance(one, Literally) and isinstance(one.value, str):
            yield one.value
