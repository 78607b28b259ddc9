"""Clauses of a plan's parts: what is compared, with the words that a person reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from ..plan.expressions import Expression, Origin, conjuncts
from ..plan.plan_json import plain
from .normal import Normals, digest

EXPRESSIONS = Expression.__args__
_NO_PARTS = (Origin, type)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: `key` is its normal form, `text` its words in the file.

    `detail` tells two clauses of the same words apart. `about` is the part of the plan.
    """

    key: str
    text: str
    detail: str = ""
    about: object = ()

    @property
    def expressions(self) -> Iterator[Expression]:
        """The expressions in it. Few clauses are asked: only those that changed without a word."""
        return expressions_in(self.about)


@dataclass(frozen=True, slots=True)
class Facet:
    """All clauses of one kind of a subject; `ordered` where their order has a meaning.

    `whole`: the normal form of all conditions together, however they are parted into clauses.
    """

    clauses: tuple[Clause, ...]
    ordered: bool = False
    whole: frozenset[str] = frozenset()


def clause(normals: Normals, value: object, text: str, detail: str = "") -> Clause:
    """The clause that is this part of the plan."""
    return Clause(digest(normals.of(value)), text, detail, value)


def written(normals: Normals, value: Any, detail: str = "") -> Clause:  # noqa: ANN401
    """The clause that is this part of the plan, in the words of its origin."""
    return clause(normals, value, value.origin.text, detail)


def conditions(normals: Normals, condition: Expression, words: str) -> Iterator[Clause]:
    """Each condition that `and` joins; `words` where one has none of its own."""
    for one in conjuncts(condition):
        yield Clause(normals.key(one), text_of(one, words), about=one)


def text_of(expression: Expression, words: str = "") -> str:
    """The words of an expression in its file."""
    return words if expression.origin is None else expression.origin.text


def expressions_in(value: object) -> Iterator[Expression]:
    """The expressions in a part of a plan, the outermost of each."""
    if isinstance(value, EXPRESSIONS):
        yield cast(Expression, value)
    elif isinstance(value, tuple):
        for one in value:
            yield from expressions_in(one)
    elif not isinstance(value, _NO_PARTS):
        for name in fields_of(cast(Hashable, type(value))):
            yield from expressions_in(getattr(value, name))


@cache
def fields_of(kind: Hashable) -> tuple[str, ...]:
    """The names of a dataclass's fields; none of another class."""
    is_made_of_fields = dataclasses.is_dataclass(kind)
    return (
        tuple(one.name for one in dataclasses.fields(cast(Any, kind))) if is_made_of_fields else ()
    )


def value_clause(name: str, value: object) -> Clause:
    """A setting and its value."""
    shown = str(plain(value))
    return Clause(f"{name}={shown}", f"{name} {shown}")


def settings(pairs: Iterable[tuple[str, object]]) -> Iterator[Clause]:
    """The settings that have a value."""
    return (value_clause(name, value) for name, value in pairs if value not in (None, False, ()))
