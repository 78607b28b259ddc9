"""What one engine's SQL says in its own way; everything else is common to all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlglot import exp

from ..types import ValueType
from ..values import Length


class Dialect(Protocol):
    """An engine. Instants are zoneless timestamps in UTC; every argument may be used once only."""

    @property
    def name(self) -> str:
        """As sqlglot calls it."""

    def type_of(self, type_: ValueType) -> exp.DataType:
        """The column type that holds values of a plan's type exactly."""

    def text_type(self) -> exp.DataType:
        """Text of any length."""

    def timestamp(self, instant: datetime) -> exp.Expr:
        """An instant (aware), as a zoneless timestamp in UTC."""

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        """`2026-01-31T02:00:00.000000Z`."""

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        """The value as this type, NULL where it does not fit; aggregates may be in it."""

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        """The body over values that are computed once, however often the body uses them.

        They come to the body in their order; their names tell them apart where SQL must name them.
        """

    def or_unknown(self, expression: exp.Expr) -> exp.Expr:
        """NULL instead of the error that a number out of its range, or a division by zero, is."""

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        """An exact decimal, rounded half-even to `scale` digits after the point."""

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        """A whole number as an integer of at least 38 digits (or an error)."""

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Of wide integers: the quotient, cut off towards zero."""

    def remainder(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """What `whole_quotient` leaves, with the sign of the left operand."""

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        """What a wall clock of the zone shows at an instant, as a zoneless timestamp."""

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        """The instant at which a wall clock of the zone shows this: see `meaning.at_clock`.

        `overlaps`: by how many seconds clocks of the zone may have been put back.
        """

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        """A zoneless timestamp so much later; a day that the month does not have is its last."""

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        """A date so much later (days, weeks, months, years), likewise."""

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        """From one date to another, a 64-bit integer."""

    def truncated(self, unit: str, timestamp: exp.Expr) -> exp.Expr:
        """The first moment of its day, week (from Monday), month, quarter or year."""

    def contains(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether the part is in the text, letter by letter."""

    def starts_with(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether the text begins with the part, letter by letter."""

    def joined(self, *parts: exp.Expr) -> exp.Expr:
        """Pieces of text, one after the other."""

    def md5(self, text: exp.Expr) -> exp.Expr:
        """The hash of the UTF-8 text, 32 lower-case hexadecimal digits."""

    def picked(self, which: str, value: exp.Expr, order: Sequence[exp.Expr]) -> exp.Expr:
        """The aggregate that takes `value` (also NULL) from the `first` or `last` row in order."""
