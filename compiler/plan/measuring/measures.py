"""Measures: what is asked of the customers whom a campaign reached, and of those held out.

A measure looks at a window that begins right after the customer's exposure and ends so much later,
its end included. Its conditions are about the fields of one event alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ..expressions import Expression, Origin
from ..value import Span


@dataclass(frozen=True, slots=True)
class Conversion:
    """Whether an event that meets `where` came within the window."""

    event: str
    where: Expression | None
    within: Span
    origin: Origin
    kind: Literal["conversion"] = "conversion"


@dataclass(frozen=True, slots=True)
class RevenuePart:
    """`factor` times the total of `field` over the events that meet `where`, or times their count.

    The product is money in the project's currency.
    """

    event: str
    field: str | None
    where: Expression | None
    factor: Decimal
    origin: Origin


@dataclass(frozen=True, slots=True)
class Revenue:
    """The sum of its parts, over the events within the window."""

    parts: tuple[RevenuePart, ...]
    within: Span
    origin: Origin
    kind: Literal["revenue"] = "revenue"


@dataclass(frozen=True, slots=True)
class Success:
    """Whether the customer is in the stage at the end of the window, and was not at its start."""

    condition: Expression
    within: Span
    origin: Origin
    kind: Literal["success"] = "success"


@dataclass(frozen=True, slots=True)
class Guard:
    """Whether an event came that should come to a share of at most `most` of the customers."""

    most: Decimal
    event: str
    where: Expression | None
    within: Span
    origin: Origin
    kind: Literal["guard"] = "guard"


Measured = Conversion | Revenue | Success | Guard
"""A measure of a campaign; the first of a campaign is the primary one."""
