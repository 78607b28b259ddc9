"""The parts of SQL in which engines differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal, Protocol

from sqlglot import exp

from ...plan.types import ValueType
from ...plan.values import Length
from .terms import Term

Operation = Literal[
    "add",
    "subtract",
    "multiply",
    "divide",
    "negate",
    "bounded_add",
    "bounded_subtract",
    "bounded_multiply",
    "bounded_divide",
    "bounded_negate",
    "floor",
    "ceil",
    "half_up",
]


class Dialect(Protocol):
    """An engine. Instants are zoneless timestamps in UTC; every argument may be used once only."""

    @property
    def name(self) -> str:
        """As its people call it."""

    @property
    def sqlglot(self) -> str:
        """As sqlglot calls it."""

    @property
    def longest_name(self) -> int | None:
        """The engine's limit for the bytes of a name; `None` if it has none."""

    @property
    def joins_using(self) -> bool:
        """Whether columns that were joined with USING still have their relation's name."""

    @property
    def reads_what_it_hides(self) -> bool:
        """Whether a CTE may read the table whose name it has."""

    @property
    def least_is_strict(self) -> bool:
        """Whether the least of several values is NULL as soon as one of them is."""

    @property
    def takes_tables_for_rows(self) -> bool:
        """Whether a table and a column of one name are taken for each other."""

    @property
    def widest_integer(self) -> int:
        """The number of digits of its wide integers."""

    @property
    def folds_up(self) -> bool:
        """Whether a name without quotes is one in capitals."""

    @property
    def sizes_decimals(self) -> bool:
        """Whether a decimal result is made as wide as its operands ask for, at its scale's cost."""

    @property
    def materializes(self) -> bool:
        """Whether `AS MATERIALIZED` makes it compute a CTE once, however often that is used."""

    @property
    def keys_are_alike(self) -> bool:
        """Whether two keys of one column are equal just where they are as text, only quicker."""

    @property
    def narrows_joins(self) -> bool:
        """Whether the engine itself pushes a join's range down to the scan."""

    @property
    def counts_truths(self) -> bool:
        """Whether it has an aggregate that counts where something holds, quicker than a CASE."""

    @property
    def sorts_apart(self) -> bool:
        """Whether a CTE must be MATERIALIZED before a large ORDER BY so that the sort can spill."""

    @property
    def lists(self) -> bool:
        """Whether it has `each_known`."""

    def of_many(self) -> Dialect:
        """The same engine, as statements of many campaigns are best written for it."""

    def is_too_deep(self, expression: exp.Expr) -> bool:
        """Whether the engine's parser would give up on it."""

    def finished(self, query: exp.Select) -> exp.Select:
        """The whole query, with names and texts such that the engine takes them as they are."""

    # --- types and literals ---------------------------------------------------------------------

    def type_of(self, type_: ValueType) -> exp.DataType:
        """The column type that holds values of a plan's type exactly."""

    def text_type(self) -> exp.DataType:
        """Text of any length."""

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        """A column of the warehouse as the exact type of the plan."""

    def timestamp(self, instant: datetime) -> exp.Expr:
        """An instant (aware), as a zoneless timestamp in UTC."""

    def date(self, day: date) -> exp.Expr:
        """A date."""

    def time(self, clock: time) -> exp.Expr:
        """A time of day."""

    def decimal(self, value: Decimal) -> exp.Expr:
        """An exact decimal; it keeps its point, whatever its value."""

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        """`2026-01-31T02:00:00.000000Z`."""

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        """A number, a date or a time of day as `values.encode` writes it."""

    def seed(self, number: int) -> exp.Expr:
        """A parameter of the statement that is text: the seed of that number, from 1."""

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        """The body over values that are computed once, however often the body uses them.

        They come to the body in their order; their names tell them apart where SQL must name them.
        """

    def table_of(
        self, name: str, titles: Sequence[str], rows: Sequence[Sequence[exp.Expr]]
    ) -> exp.Select:
        """A table of literals."""

    def filtered(self, aggregate: exp.Expr, looked: exp.Expr) -> exp.Expr:
        """An aggregate over those rows alone for which this holds."""

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        """The aggregate that takes `value` (also NULL) from the `first` or `last` row in order.

        The order is that of an instant and a text; `looked` as for `filtered`.
        """

    def each_known(self, groups: Sequence[tuple[exp.Expr | None, Sequence[exp.Expr]]]) -> exp.Expr:
        """A set-returning column: one row per number that is not NULL.

        A group with a condition contributes only if the condition holds.
        """

    def ordered(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        """The value such that =, <, MIN, DISTINCT and ORDER BY take numbers for what they are
        worth, and text code point by code point."""

    def compared(self, kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """A comparison, such as `exp.LT`; numbers on the left come from `ordered`."""

    def among(self, value: exp.Expr, choices: Sequence[exp.Expr]) -> exp.Expr:
        """Whether the value, as for `compared`, is one of several."""

    def alike(self, terms: Sequence[Term]) -> list[exp.Expr]:
        """Operands of one comparison, or alternatives of one value, in one form."""

    def least(self, values: Sequence[exp.Expr]) -> exp.Expr:
        """The smallest of values none of which is NULL."""

    def greatest(self, values: Sequence[exp.Expr]) -> exp.Expr:
        """The largest of values none of which is NULL."""

    def earliest(self, instants: Sequence[exp.Expr]) -> exp.Expr:
        """The first of several instants; those that are NULL do not count."""

    def prelude(self, trees: Iterable[exp.Expr]) -> list[tuple[str, exp.Select]]:
        """The CTEs that what was written in these trees looks at."""

    # --- numbers --------------------------------------------------------------------------------

    def arithmetic(self, operation: Operation, *terms: Term) -> exp.Expr | None:
        """The whole operation, unknown (of those that are `bounded`, the limit) where it must be,
        where the engine has its own way."""

    def units(self, value: Term, digits: int) -> exp.Expr | None:
        """A number times 10^`digits`, which makes it whole, as a wide integer, where the engine
        has its own way."""

    def total(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        """The exact sum of a column."""

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        """The value as this type, NULL where it does not fit; aggregates may be in it."""

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        """An operation on 64-bit integers, NULL where the result is none."""

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        """An exact decimal as this type, NULL where it is too large."""

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        """An exact decimal, rounded half-even to `scale` digits after the point."""

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        """A whole number as an integer of at least 38 digits (or an error)."""

    def wide_decimal(self, value: exp.Expr, scale: int) -> exp.Expr:
        """A number as the widest exact decimal that has so many digits after the point."""

    def of_units(self, units: exp.Expr, scale: int) -> exp.Expr:
        """The decimal that has so many (a wide integer) of the last of `scale` digits."""

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """The quotient of wide integers, truncated towards zero."""

    def remainder(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """The remainder of `whole_quotient`, with the sign of the left operand."""

    # --- time -----------------------------------------------------------------------------------

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        """The local time of the zone at an instant, as a zoneless timestamp."""

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        """The instant at which a wall clock of the zone shows this: see `meaning.at_clock`.

        `overlaps`: by how many seconds clocks of the zone may have been put back.
        """

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        """A zoneless timestamp so much later; a day that the month does not have is its last."""

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        """A date moved by a length (days, weeks, months, years); a missing day is the last of
        its month."""

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """From one date to another, a 64-bit integer."""

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        """The first moment of its day, week (from Monday), month, quarter or year."""

    def date_of(self, timestamp: exp.Expr) -> exp.Expr:
        """The date that a zoneless timestamp shows."""

    def midnight(self, day: exp.Expr) -> exp.Expr:
        """The zoneless timestamp at which a date begins."""

    def month(self, day: exp.Expr) -> exp.Expr:
        """1 to 12."""

    def day_of_month(self, day: exp.Expr) -> exp.Expr:
        """1 to 31."""

    def last_of_month(self, day: exp.Expr) -> exp.Expr:
        """The last date of its month."""

    def anniversary(self, day: exp.Expr, first: exp.Expr, last: exp.Expr) -> exp.Expr | None:
        """Whether an anniversary of a date is after the first and up to the last of two others,
        where the engine has its own way."""

    # --- text -----------------------------------------------------------------------------------

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether the part is in the text, letter by letter."""

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether the text begins with the part, letter by letter."""

    def translated(self, text: exp.Expr, old: str, new: str) -> exp.Expr:
        """The text with other letters: each one of `old` becomes the one at its place in `new`."""

    def joined(self, *parts: exp.Expr) -> exp.Expr:
        """Pieces of text, one after the other."""

    def md5(self, text: exp.Expr) -> exp.Expr:
        """The hash of the UTF-8 text, 32 lower-case hexadecimal digits."""
