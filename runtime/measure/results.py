"""The results of measures, campaign by campaign, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ...compiler.plan import Measured
from ...dsl.diagnostics.diagnostic import Phrase
from ..statistics.differences import Difference

HELD_OUT = 0
"""The number of the variant of those who were held out; arms have the numbers after it."""

RefusalKind = Literal[
    "nobody",
    "window_open",
    "assignment_off",
    "contaminated",
    "given_all_the_same",
    "nobody_held_out",
    "variant_empty",
    "too_small",
    "too_few_events",
    "other_currency",
    "costs_unknown",
    "costs_nothing",
    "not_clear",
    "no_conversion",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a number is not given, as a sentence in place of it."""

    kind: RefusalKind
    says: Phrase


@dataclass(frozen=True, slots=True)
class Variant:
    """Customers of one variant, and what they cost. `name` is `held_out`, or the arm's."""

    number: int
    name: str
    customers: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Count:
    """A measure in one variant: customers who did it, or the total of their revenue.

    `rate` is the share of customers, or the revenue a customer; `interval` that of a share.
    `before`: customers who did it in the days before their exposure, which does not count.
    """

    variant: int
    customers: int
    count: int | None
    total: Decimal | None
    rate: float | None
    interval: tuple[float, float] | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Versus:
    """A variant against the one that it is compared with; `refused` in place of the difference."""

    variant: int
    against: int
    difference: Difference | None
    refused: Refusal | None = None


Kept = Literal["kept", "broken", "unclear"]


@dataclass(frozen=True, slots=True)
class Line:
    """A measure of a campaign. `guard`: by variant, whether the share is at most what it may be."""

    measure: Measured
    primary: bool
    counts: tuple[Count, ...]
    versus: tuple[Versus, ...]
    guard: tuple[tuple[int, Kept], ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """The gain of a variant for its cost; a `Refusal` in place of a number that would pretend.

    `more`: customers who did the primary conversion because of the campaign. `each`: the cost of
    one of them. `roi`: the revenue because of the campaign, less the cost, by the cost. Each is
    the estimate with the ends of its interval.
    """

    variant: int
    cost: Decimal
    more: Estimate | Refusal
    each: Estimate | Refusal
    roi: Estimate | Refusal


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a campaign up to an instant.

    With `refused` no measure is shown. `partial`: only customers whose windows have closed are in
    it; `open` are the others, and `closes` is when the last window closes.
    """

    campaign: str
    label: str
    variants: tuple[Variant, ...]
    refused: tuple[Refusal, ...]
    notes: tuple[Phrase, ...]
    lines: tuple[Line, ...]
    returns: tuple[Return, ...]
    partial: bool
    open: int
    closes: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """The results of all campaigns that have measures."""

    at: datetime
    currency: str
    zone: str
    results: Sequence[Result]
