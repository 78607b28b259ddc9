"""The functions that SQL for SQLite needs in addition to SQLite's own: exact decimals, and MD5.

Register them on a connection before running that SQL. A decimal is text (`19.90`); NULL is
unknown.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from hashlib import md5

from ..plan import arithmetic
from ..plan.types import DECIMAL_DIGITS
from . import python_meaning
from . import rounding as whole

Cell = int | float | str | None
"""A value as SQLite hands it over."""

_DIGITS = Context(prec=8 * DECIMAL_DIGITS)


def register(connection: sqlite3.Connection) -> None:
    """Make the functions, the aggregate EXACT_SUM and the collation `exact` known."""
    for name, (count, function) in _FUNCTIONS.items():
        connection.create_function(name, count, function, deterministic=True)
    # The stubs of the standard library know of aggregates of integers only.
    connection.create_aggregate("EXACT_SUM", 1, ExactSum)  # type: ignore[arg-type]
    connection.create_collation("exact", compare)


def _number(cell: int | float | str) -> int | Decimal:
    """A number of the language; a REAL becomes its shortest decimal."""
    return cell if isinstance(cell, int) else Decimal(str(cell))


def _cell(value: int | Decimal | None) -> Cell:
    return format(value, "f") if isinstance(value, Decimal) else value


def compare(left: str, right: str) -> int:
    """Two decimals by what they are worth."""
    first, second = Decimal(left), Decimal(right)
    return (first > second) - (first < second)


def _operation(python: Callable[..., int | Decimal | None]) -> Callable[..., Cell]:
    """An operation of the language; its functions need no clock."""

    def run(*cells: Cell) -> Cell:
        known = [_number(cell) for cell in cells if cell is not None]
        return _cell(python(None, *known)) if len(known) == len(cells) else None

    return run


def compared(left: Cell, right: Cell) -> Cell:
    """-1, 0 or 1, as the first number is less than, the same as or greater than the second."""
    if left is None or right is None:
        return None
    first, second = _number(left), _number(right)
    return (first > second) - (first < second)


def among(cell: Cell, *choices: Cell) -> Cell:
    """Whether a number is one of several; NULL if any of them is."""
    if cell is None or None in choices:
        return None
    return _number(cell) in [_number(one) for one in choices if one is not None]


def _extreme(choose: Callable[..., Cell]) -> Callable[..., Cell]:
    """The least or greatest of numbers, as it was written; NULL if any of them is."""

    def run(*cells: Cell) -> Cell:
        known = [cell for cell in cells if cell is not None]
        return choose(known, key=_number) if len(known) == len(cells) else None

    return run


def read(cell: Cell, scale: int) -> Cell:
    """A column's number with so many digits after the point."""
    return None if cell is None else _quantized(Decimal(str(cell)), scale, ROUND_HALF_UP)


def rounded(cell: Cell, scale: int) -> Cell:
    """Half-even to so many digits after the point."""
    return None if cell is None else _quantized(Decimal(str(cell)), scale, ROUND_HALF_EVEN)


def fit(cell: Cell, *sizes: int) -> Cell:
    """A 64-bit integer; with sizes a decimal of so many digits, so many of them after the point."""
    if cell is None:
        return None
    value = Decimal(str(cell))
    if not sizes:
        whole = int(value.to_integral_value(ROUND_HALF_UP, _DIGITS))
        return whole if arithmetic.INTEGER_MIN <= whole <= arithmetic.INTEGER_MAX else None
    digits, scale = sizes
    found = _quantized(value, scale, ROUND_HALF_UP)
    return found if abs(Decimal(found)) < Decimal(10) ** (digits - scale) else None


def _quantized(value: Decimal, scale: int, rounding: str) -> str:
    return format(value.quantize(Decimal(1).scaleb(-scale), rounding, _DIGITS), "f")


class ExactSum:
    """The sum of integers and decimals; NULL over nothing."""

    def __init__(self) -> None:
        self._total: int | Decimal | None = None

    def step(self, cell: Cell) -> None:
        """One more row."""
        if cell is None:
            return
        with localcontext(_DIGITS):
            before = 0 if self._total is None else self._total
            self._total = before + _number(cell)

    def finalize(self) -> Cell:
        """A whole number of more than 64 bits comes as text."""
        total = self._total
        if isinstance(total, int) and not arithmetic.INTEGER_MIN <= total <= arithmetic.INTEGER_MAX:
            return str(total)
        return _cell(total)


def hashed(cell: Cell) -> Cell:
    """The MD5 of the UTF-8 text, lower-case hexadecimal."""
    if cell is None:
        return None
    return md5(str(cell).encode(), usedforsecurity=False).hexdigest()


def anniversary(day: Cell, first: Cell, last: Cell) -> Cell:
    """Whether an anniversary of a date is after the first of two others and up to the last."""
    if day is None or first is None or last is None:
        return None
    born, after, end = (date.fromisoformat(str(one)[:10]) for one in (day, first, last))
    return python_meaning.has_anniversary(born, after, end)


def translated(cell: Cell, old: str, new: str) -> Cell:
    """The text with other letters."""
    return None if cell is None else str(cell).translate(str.maketrans(old, new))


_FUNCTIONS: dict[str, tuple[int, Callable[..., Cell]]] = {
    "MD5": (1, hashed),
    "TRANSLATE": (3, translated),
    "ANNIVERSARY": (3, anniversary),
    "EXACT_READ": (2, read),
    "EXACT_FIT": (-1, fit),
    "EXACT_ROUND": (2, rounded),
    "EXACT_COMPARE": (2, compared),
    "EXACT_AMONG": (-1, among),
    "EXACT_LEAST": (-1, _extreme(min)),
    "EXACT_GREATEST": (-1, _extreme(max)),
    "EXACT_ADD": (2, _operation(python_meaning.add)),
    "EXACT_SUBTRACT": (2, _operation(python_meaning.subtract)),
    "EXACT_MULTIPLY": (2, _operation(python_meaning.multiply)),
    "EXACT_DIVIDE": (2, _operation(python_meaning.divide)),
    "EXACT_NEGATE": (1, _operation(python_meaning.negate)),
    "EXACT_FLOOR": (1, _operation(whole.floor)),
    "EXACT_CEIL": (1, _operation(whole.ceil)),
    "EXACT_HALF_UP": (1, _operation(whole.half_up)),
    "EXACT_BOUNDED_ADD": (2, _operation(python_meaning.bounded_add)),
    "EXACT_BOUNDED_SUBTRACT": (2, _operation(python_meaning.bounded_subtract)),
    "EXACT_BOUNDED_MULTIPLY": (2, _operation(python_meaning.bounded_multiply)),
    "EXACT_BOUNDED_DIVIDE": (2, _operation(python_meaning.bounded_divide)),
    "EXACT_BOUNDED_NEGATE": (1, _operation(python_meaning.bounded_negate)),
}
