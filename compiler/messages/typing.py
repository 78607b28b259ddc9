"""The types of what a message says: which filters and comparisons there are for which values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ...dsl.diagnostics.nearest import suggestions
from ..codes import compliance as words
from ..plan.types import (
    BOOLEAN,
    DECIMAL,
    INTEGER,
    TEXT,
    BooleanType,
    DecimalType,
    DurationType,
    EnumType,
    IntegerType,
    MoneyType,
    ValueType,
)
from .filters import FILTERS, accepts
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

Report = Callable[..., None]
"""Takes a code and the values of its sentence."""

Type = ValueType | Literal["several", "mistaken"]
"""The types of a term; several where it depends, `mistaken` where a mistake in it was reported."""

TypeOf = Callable[[str], ValueType | None]
"""The type of a variable; `None` of one that was reported already."""

_UNORDERED = (BooleanType, DurationType)
_NUMBERS = (IntegerType, DecimalType, MoneyType)
_TAKES = {"text": Phrase("typing.takes.text"), "number": Phrase("typing.takes.number")}
_KINDS = {
    "integer": Phrase("typing.kinds.integer"),
    "decimal": Phrase("typing.kinds.decimal"),
    "money": Phrase("typing.kinds.money"),
    "duration": Phrase("typing.kinds.duration"),
    "date": Phrase("typing.kinds.date"),
    "timestamp": Phrase("typing.kinds.timestamp"),
    "time": Phrase("typing.kinds.time"),
    "boolean": Phrase("typing.kinds.boolean"),
    "text": Phrase("typing.kinds.text"),
    "enum": Phrase("typing.kinds.enum"),
}


class Types:
    """The types of one message's terms; each mistake is reported."""

    def __init__(self, known: TypeOf, report: Report) -> None:
        self._known = known
        self._report = report

    def check(self, parts: tuple[Part, ...]) -> None:
        """Check every term of the parts."""
        for part in parts:
            match part:
                case Words():
                    pass
                case Output(term):
                    self._of(term)
                case Chosen(condition, then, otherwise):
                    self._of(condition)
                    self.check(then)
                    self.check(otherwise)
                case _:
                    assert_never(part)

    def _of(self, term: Term) -> Type:
        match term:
            case Literally(value):
                return _of_constant(value)
            case Variable(name):
                found = self._known(name)
                return "mistaken" if found is None else _plain(found)
            case Filtered():
                return self._filtered(term)
            case Either(left, right) | Both(left, right):
                return _merged(self._of(left), self._of(right))
            case Denied(inner):
                self._of(inner)
                return BOOLEAN
            case Compared(first, others):
                given = self._of(first)
                for operator, other in others:
                    following = self._of(other)
                    self._compare(given, operator, following)
                    given = following
                return BOOLEAN
            case _:
                assert_never(term)

    def _filtered(self, term: Filtered) -> Type:
        given = self._of(term.term)
        row = FILTERS.get(term.name)
        if row is None:
            known = suggestions(term.name, FILTERS)
            self._report(words.UNKNOWN_FILTER, name=term.name, **known)
            return "mistaken"
        if not accepts(row, term.arguments):
            self._report(words.BAD_ARGUMENTS, name=term.name)
            return "mistaken"
        if row.takes != "any" and given != "mistaken" and not _takes(row.takes, given):
            expected, found = _TAKES[row.takes], _called(given)
            self._report(words.WRONG_FILTER, name=term.name, expected=expected, found=found)
            return "mistaken"
        match row.gives:
            case "text":
                return TEXT
            case "number":
                return INTEGER if row.takes == "text" else given
            case "any":
                return _merged(given, _of_constant(term.arguments[0]))
            case _:
                assert_never(row.gives)

    def _compare(self, left: Type, operator: str, right: Type) -> None:
        if "mistaken" in (left, right) or _comparable(left, operator, right):
            return
        self._report(words.NOT_COMPARABLE, left=_called(left), right=_called(right))


def _comparable(left: Type, operator: str, right: Type) -> bool:
    if "several" in (left, right):
        return False
    match operator:
        case "in" | "notin":
            return left == right == TEXT
        case "eq" | "ne":
            return _alike(left, right)
        case _:
            return _alike(left, right) and not isinstance(left, _UNORDERED)


def _alike(left: Type, right: Type) -> bool:
    """Whether values of the two can be equal; a plain number is an amount in any currency."""
    if isinstance(left, MoneyType) and isinstance(right, MoneyType):
        return left == right
    return left == right or (isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS))


def _takes(kind: str, given: Type) -> bool:
    return given == TEXT if kind == "text" else isinstance(given, _NUMBERS)


def _merged(left: Type, right: Type) -> Type:
    if "mistaken" in (left, right):
        return "mistaken"
    if left == right:
        return left
    plain = (IntegerType, DecimalType)
    return DECIMAL if isinstance(left, plain) and isinstance(right, plain) else "several"


def _plain(type_: ValueType) -> ValueType:
    return TEXT if isinstance(type_, EnumType) else type_


def _of_constant(value: object) -> ValueType:
    match value:
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case str():
            return TEXT
        case _:
            return DECIMAL


def _called(type_: Type) -> Phrase:
    if isinstance(type_, str):
        return Phrase("typing.of_several_types")
    return _KINDS[type_.kind]
