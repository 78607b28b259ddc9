"""The text of a message as a tree, which `reading.py` reads.

There are no loops, calls or calculations, so a message takes time in proportion to its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..plan.values import Value

Operator = Literal["eq", "ne", "lt", "lteq", "gt", "gteq", "in", "notin"]


@dataclass(frozen=True, slots=True)
class Literally:
    """A value that the message itself says."""

    value: Value


@dataclass(frozen=True, slots=True)
class Variable:
    """`customer.city`; or a name without a point, which no message has."""

    name: str


@dataclass(frozen=True, slots=True)
class Filtered:
    """A term put through a filter."""

    name: str
    term: Term
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """`left or right`."""

    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Both:
    """`left and right`."""

    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Denied:
    """`not term`."""

    term: Term


@dataclass(frozen=True, slots=True)
class Compared:
    """`first < second <= third`: each pair must hold."""

    first: Term
    others: tuple[tuple[Operator, Term], ...]


Term = Literally | Variable | Filtered | Either | Both | Denied | Compared


@dataclass(frozen=True, slots=True)
class Words:
    """Text outside of the braces."""

    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """`{{ term }}`."""

    term: Term


@dataclass(frozen=True, slots=True)
class Chosen:
    """`{% if condition %} then {% else %} otherwise {% endif %}`."""

    condition: Term
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


Part = Words | Output | Chosen


def storable(text: str) -> bool:
    """Whether a text is UTF-8 without NUL, which databases refuse."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def terms(parts: tuple[Part, ...]) -> Iterator[Term]:
    """Every term of the parts, outer ones first."""
    for part in parts:
        match part:
            case Words():
                pass
            case Output(term):
                yield from _inside(term)
            case Chosen(condition, then, otherwise):
                yield from _inside(condition)
                yield from terms(then)
                yield from terms(otherwise)


def _inside(term: Term) -> Iterator[Term]:
    yield term
    match term:
        case Literally() | Variable():
            pass
        case Filtered(_, inner, _) | Denied(inner):
            yield from _inside(inner)
        case Either(left, right) | Both(left, right):
            yield from _inside(left)
            yield from _inside(right)
        case Compared(first, others):
            yield from _inside(first)
            for _, other in others:
                yield from _inside(other)
