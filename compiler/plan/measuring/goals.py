"""The target of a goal, and the days of the peak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ..expressions import Origin, unless


@dataclass(frozen=True, slots=True)
class Target:
    """How much a campaign is to reach, above zero.

    `of`: `customers` to whom it grants something; `events` named `event` of these customers; or
    `money`, the sum of their events' `field`, in `currency`. Events count from the customer's first
    grant on, that instant in, up to the end of the active period.
    """

    of: Literal["customers", "events", "money"]
    amount: Decimal
    origin: Origin
    event: str | None = unless(None)
    field: str | None = unless(None)
    currency: str | None = unless(None)


@dataclass(frozen=True, slots=True)
class Peak:
    """The first and the last instant of the peak, both in (UTC)."""

    start: datetime
    end: datetime
    origin: Origin
