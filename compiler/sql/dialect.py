"""What one engine's SQL says in its own way; everything else is common to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    def let(
        self, value: exp.Expression, body: Callable[[exp.Expression], exp.Expression]
    ) -> exp.Expression:
        """The body over a value that is computed once, however often the body uses it."""

    def or_unknown(self, expression: exp.Expression) -> exp.Expression:
        """NULL instead of the error that a number out of its range, or a division by zero, is."""

    def round_even(self, value: exp.Expression, scale: int) -> exp.Expression:
        """An exact decimal, rounded half-even to `scale` digits after the point."""

    def wide_integer(self, value: exp.Expression) -> exp.Expression:
        """A whole number as an integer of at least 38 digits (or an error)."""

    def whole_quotient(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        """Of wide integers: the quotient, cut off towards zero."""

    def remainder(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        """What `whole_quotient` leaves, with the sign of the left operand."""

    def clock(self, zone: str, instant: exp.Expression) -> exp.Expression:
        """What a wall clock of the zone shows at an instant, as a zoneless timestamp."""

    def instant(self, zone: str, clock: exp.Expression, overlaps: Sequence[int]) -> exp.Expression:
        """The instant at which a wall clock of the zone shows this: see `meaning.at_clock`.

        `overlaps`: by how many seconds clocks of the zone may have been put back.
        """

    def moved(self, timestamp: exp.Expression, length: Length, sign: int) -> exp.Expression:
        """A zoneless timestamp so much later; a day that the month does not have is its last."""

    def moved_date(self, day: exp.Expression, length: Length, sign: int) -> exp.Expression:
        """A date so much later (days, weeks, months, years), likewise."""

    def days_between(self, start: exp.Expression, end: exp.Expression) -> exp.Expression:
        """From one date to another, a 64-bit integer."""

    def truncated(self, unit: str, timestamp: exp.Expression) -> exp.Expression:
        """The first moment of its day, week (from Monday), month, quarter or year."""

    def contains(self, text: exp.Expression, part: exp.Expression) -> exp.Expression:
        """Whether the part is in the text, letter by letter."""

    def starts_with(self, text: exp.Expression, part: exp.Expression) -> exp.Expression:
        """Whether the text begins with the part, letter by letter."""

    def md5(self, text: exp.Expression) -> exp.Expression:
        """The hash of the UTF-8 text, 32 lower-case hexadecimal digits."""

    def picked(
        self, which: str, value: exp.Expression, order: Sequence[exp.Expression]
    ) -> exp.Expression:
        """The aggregate that takes `value` (also NULL) from the `first` or `last` row in order."""
