"""The table of meaning: one row per operator and type signature.

The checker, the interpreter, the event path and every dialect of SQL read this table; nobody else
knows what an operator means. Adding an operator is adding a row, its Python in
`python_meaning.py`, its SQL in `sql_meaning.py` or `sql_time.py`, and a line of `sql_column.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, assert_never

from ..plan.types import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT, TIMESTAMP, Kind, ValueType
from . import python_meaning, rounding
from .codegen import FORMS, Inline

Unknown = Literal["false", "unknown", "own"]
"""With an unknown operand: the result is false, is unknown, or the function sees to it itself."""

Family = Kind | Literal["number", "any"]
"""A kind of type, or several: `number` is integer or decimal."""

Result = Callable[[tuple[ValueType, ...]], ValueType]


@dataclass(frozen=True, slots=True)
class Operator:
    """One row. `variadic`: the last parameter may come any number of times, once at least.

    `partial`: the result may be unknown though all operands are known (division, overflow).
    """

    key: str
    words: str
    parameters: tuple[Family, ...]
    result: Result
    unknown: Unknown
    python: Callable[..., Any]
    variadic: bool = False
    partial: bool = False

    @property
    def inline(self) -> Inline | None:
        """The meaning as code of its own, where it is one expression of Python."""
        return FORMS.get(self.python)

    def accepts(self, kinds: tuple[Kind, ...]) -> bool:
        """Whether operands of these kinds fit the row (currencies are not compared here)."""
        count = len(self.parameters)
        if len(kinds) < count or (len(kinds) > count and not self.variadic):
            return False
        wanted = self.parameters + self.parameters[-1:] * (len(kinds) - count)
        return all(is_of(kind, family) for kind, family in zip(kinds, wanted, strict=True))

    def may_be_unknown(self, operands: Sequence[bool]) -> bool:
        """Whether the result can be unknown; `operands` say of each operand whether it can be."""
        match self.unknown:
            case "false":
                return False
            case "unknown":
                return self.partial or any(operands)
            case "own":
                return self.key == "else" and all(operands)
            case _:
                assert_never(self.unknown)


def is_of(kind: Kind, family: Family) -> bool:
    """Whether a kind of type belongs to a family."""
    match family:
        case "any":
            return True
        case "number":
            return kind in ("integer", "decimal")
        case _:
            return kind == family


def _always(type_: ValueType) -> Result:
    return lambda _: type_


def _first(types: tuple[ValueType, ...]) -> ValueType:
    return types[0]


def _second(types: tuple[ValueType, ...]) -> ValueType:
    return types[1]


def _last(types: tuple[ValueType, ...]) -> ValueType:
    return types[-1]


def _wider(types: tuple[ValueType, ...]) -> ValueType:
    """The common type of mixed numbers: decimal if any is, else the type of the first."""
    return DECIMAL if DECIMAL in types else types[0]


ORDERED: tuple[Family, ...] = ("number", "money", "date", "timestamp", "time")
EQUATABLE: tuple[Family, ...] = (*ORDERED, "text", "enum", "boolean")


def _comparison(
    key: str, words: str, families: tuple[Family, ...], python: Any
) -> tuple[Operator, ...]:
    return tuple(
        Operator(key, words, (family, family), _always(BOOLEAN), "false", python)
        for family in families
    )


def _row(
    key: str,
    words: str,
    parameters: tuple[Family, ...],
    result: Result | ValueType,
    unknown: Unknown,
    python: Any,
    *,
    variadic: bool = False,
    partial: bool = False,
) -> Operator:
    returns = result if callable(result) else _always(result)
    return Operator(key, words, parameters, returns, unknown, python, variadic, partial)


LOGIC = (
    _row("and", "and", ("boolean",), BOOLEAN, "own", python_meaning.all_of, variadic=True),
    _row("or", "or", ("boolean",), BOOLEAN, "own", python_meaning.any_of, variadic=True),
    _row("not", "not", ("boolean",), BOOLEAN, "own", python_meaning.negation),
    _row("holds", "", ("boolean",), BOOLEAN, "false", python_meaning.holds),
    _row("is_known", "is known", ("any",), BOOLEAN, "own", python_meaning.is_known),
)

_TEXTS: tuple[Family, ...] = ("text", "text")

COMPARISONS = (
    *_comparison("equal", "=", EQUATABLE, python_meaning.equal),
    *_comparison("not_equal", "!=", EQUATABLE, python_meaning.not_equal),
    *_comparison("less", "<", ORDERED, python_meaning.less),
    *_comparison("at_most", "<=", ORDERED, python_meaning.at_most),
    *_comparison("greater", ">", ORDERED, python_meaning.greater),
    *_comparison("at_least", ">=", ORDERED, python_meaning.at_least),
    *(
        _row("in", "in", (f, f), BOOLEAN, "false", python_meaning.one_of, variadic=True)
        for f in EQUATABLE
    ),
    _row("contains", "contains", _TEXTS, BOOLEAN, "false", python_meaning.contains),
    _row("starts_with", "starts with", _TEXTS, BOOLEAN, "false", python_meaning.starts_with),
    _row("folded", "ignoring case", _TEXTS, TEXT, "unknown", python_meaning.folded),
)

_ARM: tuple[Family, ...] = ("text", "text", "text", "enum")
"""The customer's key, the experiment's name, the ends of the arms' hashes, and the arms."""

CHANCE = (_row("arm", "arm", _ARM, _last, "unknown", python_meaning.arm, variadic=True),)


def _arithmetic(
    key: str, words: str, python: Any, more: tuple[Operator, ...]
) -> tuple[Operator, ...]:
    numbers = tuple(
        _row(key, words, (family, family), _wider, "unknown", python, partial=True)
        for family in ("integer", "number")
    )
    return numbers + more


_A, _S, _M, _D = (
    python_meaning.add,
    python_meaning.subtract,
    python_meaning.multiply,
    python_meaning.divide,
)
_ADD_MONEY = _row("add", "+", ("money", "money"), _first, "unknown", _A, partial=True)
_SUB_MONEY = _row("subtract", "-", ("money", "money"), _first, "unknown", _S, partial=True)

ARITHMETIC = (
    *_arithmetic("add", "+", _A, (_ADD_MONEY,)),
    *_arithmetic("subtract", "-", _S, (_SUB_MONEY,)),
    *_arithmetic(
        "multiply",
        "*",
        _M,
        (
            _row(
                "multiply",
                "*",
                ("money", "number"),
                _first,
                "unknown",
                _M,
                partial=True,
            ),
            _row(
                "multiply",
                "*",
                ("number", "money"),
                _second,
                "unknown",
                _M,
                partial=True,
            ),
        ),
    ),
    _row("divide", "/", ("number", "number"), DECIMAL, "unknown", _D, partial=True),
    _row("divide", "/", ("money", "number"), _first, "unknown", _D, partial=True),
    _row("divide", "/", ("money", "money"), DECIMAL, "unknown", _D, partial=True),
    *(
        _row("negate", "-", (f,), _first, "unknown", python_meaning.negate, partial=True)
        for f in ("integer", "decimal", "money")
    ),
    *(
        _row(
            "else",
            "else",
            (f, f),
            _wider,
            "own",
            python_meaning.first_known,
            variadic=True,
        )
        for f in EQUATABLE
    ),
    *(
        _row(
            "least",
            "min",
            (f, f),
            _wider,
            "unknown",
            python_meaning.least,
            variadic=True,
        )
        for f in ORDERED
    ),
    *(
        _row(
            "greatest",
            "max",
            (f, f),
            _wider,
            "unknown",
            python_meaning.greatest,
            variadic=True,
        )
        for f in ORDERED
    ),
)

_IN_CONDITIONS: Mapping[str, Callable[..., Any]] = {
    "add": python_meaning.bounded_add,
    "subtract": python_meaning.bounded_subtract,
    "multiply": python_meaning.bounded_multiply,
    "divide": python_meaning.bounded_divide,
    "negate": python_meaning.bounded_negate,
}

BOUNDED = {key: f"bounded_{key}" for key in _IN_CONDITIONS}
"""Arithmetic has two forms on overflow.

A value becomes unknown, so that no customer is paid a limit. An operand of a condition becomes
the limit, so that the condition is still decided.
"""

LIMITED = (
    *(
        replace(
            row,
            key=BOUNDED[row.key],
            python=_IN_CONDITIONS[row.key],
            partial=row.key == "divide",
        )
        for row in ARITHMETIC
        if row.key in BOUNDED
    ),
    *(
        _row(
            "within",
            "",
            (f,),
            _first,
            "unknown",
            python_meaning.within,
            partial=True,
        )
        for f in ("integer", "decimal", "money")
    ),
)

_MOMENTS: tuple[Family, ...] = ("date", "timestamp")

TIME = (
    _row(
        "date_of",
        "the date of",
        ("timestamp",),
        DATE,
        "unknown",
        python_meaning.date_of,
    ),
    _row("add", "+", ("date", "duration"), DATE, "unknown", python_meaning.later),
    _row("add", "+", ("timestamp", "duration"), TIMESTAMP, "unknown", python_meaning.later),
    _row("subtract", "-", ("date", "duration"), DATE, "unknown", python_meaning.earlier),
    _row(
        "subtract",
        "-",
        ("timestamp", "duration"),
        TIMESTAMP,
        "unknown",
        python_meaning.earlier,
    ),
    *(
        row
        for moment in _MOMENTS
        for row in (
            _row(
                "within_last",
                "within last",
                (moment, "duration"),
                BOOLEAN,
                "false",
                python_meaning.within_last,
            ),
            _row(
                "within_next",
                "within next",
                (moment, "duration"),
                BOOLEAN,
                "false",
                python_meaning.within_next,
            ),
            _row(
                "days_since",
                "days since",
                (moment,),
                INTEGER,
                "unknown",
                python_meaning.days_since,
            ),
            _row(
                "days_until",
                "days until",
                (moment,),
                INTEGER,
                "unknown",
                python_meaning.days_until,
            ),
            _row(
                "anniversary_today",
                "anniversary of",
                (moment,),
                BOOLEAN,
                "false",
                python_meaning.anniversary_today,
            ),
            _row(
                "anniversary_within",
                "anniversary of",
                (moment, "duration"),
                BOOLEAN,
                "false",
                python_meaning.anniversary_within,
            ),
        )
    ),
)

_COUNTED: tuple[Family, ...] = ("number", "money")

ROUNDING = (
    _row("floor", "rounded down", ("number",), INTEGER, "unknown", rounding.floor),
    _row("ceil", "rounded up", ("number",), INTEGER, "unknown", rounding.ceil),
    _row("round", "rounded half up", ("number",), INTEGER, "unknown", rounding.half_up),
    *(
        _row("whole_times", "per", (f, f), INTEGER, "unknown", rounding.whole_times, partial=True)
        for f in _COUNTED
    ),
)

_PLAIN = (*LOGIC, *COMPARISONS, *CHANCE)

OPERATORS: tuple[Operator, ...] = (*_PLAIN, *ARITHMETIC, *LIMITED, *TIME, *ROUNDING)
"""Every row; where several accept the same operands the first one counts."""


def find(key: str, types: tuple[ValueType, ...]) -> Operator | None:
    """The row for an operator over operands of these types; `None` without one."""
    return _find(key, tuple(type_.kind for type_ in types))


@cache
def _find(key: str, kinds: tuple[Kind, ...]) -> Operator | None:
    return next((row for row in OPERATORS if row.key == key and row.accepts(kinds)), None)
