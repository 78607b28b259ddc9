"""How a message uses its variables: shown as they are, masked, or only where they are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from .filters import FILTERS
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


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a variable. `guarded`: an unknown value leaves no gap in the text."""

    name: str
    masked: bool
    guarded: bool


@dataclass(frozen=True, slots=True)
class _Around:
    """The surroundings of a term: `known` variables have a value here."""

    known: frozenset[str] = frozenset()
    masked: bool = False
    guarded: bool = False


def uses(parts: tuple[Part, ...]) -> Iterator[Use]:
    """Every use of a variable, in the order of the text."""
    yield from _of_parts(parts, _Around())


def _of_parts(parts: tuple[Part, ...], around: _Around) -> Iterator[Use]:
    for part in parts:
        match part:
            case Words():
                pass
            case Output(term):
                yield from _of_term(term, around)
            case Chosen(condition, then, otherwise):
                yield from _of_term(condition, replace(around, guarded=True))
                yield from _of_parts(then, _where(around, _if_true(condition)))
                yield from _of_parts(otherwise, _where(around, _if_false(condition)))
            case _:
                assert_never(part)


def _of_term(term: Term, around: _Around) -> Iterator[Use]:
    guarded = replace(around, guarded=True)
    match term:
        case Literally():
            pass
        case Variable(name):
            yield Use(name, around.masked, around.guarded or name in around.known)
        case Filtered(name, inner, _):
            row = FILTERS.get(name)
            # A mask looks at the form of the value; what another filter has put there first, say an
            # `@` before all digits, would let a mask show it.
            fallback = name in ("default", "d")
            as_it_is = fallback or name == "string"
            masked = (row is not None and row.masks) or (around.masked and as_it_is)
            falls_back = around.guarded or fallback
            yield from _of_term(inner, replace(around, masked=masked, guarded=falls_back))
        case Either(left, right):
            yield from _of_term(left, guarded)
            yield from _of_term(right, _where(around, _if_false(left)))
        case Both(left, right):
            yield from _of_term(left, guarded)
            yield from _of_term(right, _where(around, _if_true(left)))
        case Denied(inner):
            yield from _of_term(inner, guarded)
        case Compared(first, others):
            for one in (first, *(other for _, other in others)):
                yield from _of_term(one, guarded)
        case _:
            assert_never(term)


def _where(around: _Around, known: frozenset[str]) -> _Around:
    return replace(around, known=around.known | known)


def _if_true(term: Term) -> frozenset[str]:
    """The variables that are known where the term holds."""
    match term:
        case Variable(name):
            return frozenset({name})
        case Both(left, right):
            return _if_true(left) | _if_true(right)
        case Denied(inner):
            return _if_false(inner)
        case Compared(first, others):
            sides = (first, *(other for _, other in others))
            return frozenset(one.name for one in sides if isinstance(one, Variable))
        case _:
            return frozenset()


def _if_false(term: Term) -> frozenset[str]:
    """The variables that are known where the term does not hold."""
    match term:
        case Denied(inner):
            return _if_true(inner)
        case Either(left, right):
            return _if_false(left) | _if_false(right)
        case _:
            return frozenset()
