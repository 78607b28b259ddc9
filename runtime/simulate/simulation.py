"""The results of a simulation, as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.decisions import Outcome
from ..warehouse.bad_rows import LeftOut


@dataclass(frozen=True, slots=True)
class Day:
    """The grants of a calendar day in the project's zone, and what they cost.

    Cost that came back on the day is taken off, so `spent` can be negative.
    """

    day: date
    granted: int
    spent: Decimal


@dataclass(frozen=True, slots=True)
class CutOff:
    """So many decisions were refused with an outcome; `account` is the cap, if one refused them."""

    outcome: Outcome
    account: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap that all customers share, for a whole campaign, pool or benefit.

    `spent` and `left` are at the end. `runs_out` is the day on which it was used up; `None` if it
    was not. `periods` are the days, months, … in which a cap of each of them was used up.
    """

    account: str
    owner_kind: Literal["campaign", "pool", "benefit", "policy"]
    owner: str
    name: str
    measure: Literal["money", "grants", "messages"]
    cap: Decimal
    spent: Decimal
    left: Decimal
    runs_out: date | None
    periods: int = 0
    periods_used_up: int = 0


@dataclass(frozen=True, slots=True)
class SimulatedStep:
    """A step of a campaign: the recipients of its grants, its grants, and decisions by outcome."""

    step: str
    shown: str
    reached: int
    granted: int
    spent: Decimal
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class SimulatedCampaign:
    """The results of a campaign.

    `name` is that of the file, `ledger_name` the ledger's. `reached` are the distinct recipients of
    its grants. `days` are all days of the period on which something was granted or came back.
    """

    name: str
    ledger_name: str
    label: str
    reached: int
    granted: int
    spent: Decimal
    steps: tuple[SimulatedStep, ...]
    days: tuple[Day, ...]
    cut_off: tuple[CutOff, ...]
    caps: tuple[Cap, ...]

    @property
    def is_journey(self) -> bool:
        """Whether it has several steps."""
        return len(self.steps) > 1

    @property
    def runs_out(self) -> date | None:
        """The day on which the first of its own budgets was used up."""
        ends = [cap.runs_out for cap in self.caps if cap.measure == "money" and cap.runs_out]
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class Overlap:
    """So many customers were granted something by both campaigns."""

    one: str
    other: str
    customers: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulated period: closed, in UTC.

    `several` counts customers by the number of campaigns that granted them something.
    `with_ledger`: it went on from the grants of the project's ledger. `left_out` are bad rows of
    the warehouse.
    """

    start: datetime
    end: datetime
    campaigns: tuple[SimulatedCampaign, ...]
    shared: tuple[Cap, ...]
    overlaps: tuple[Overlap, ...]
    several: Mapping[int, int]
    with_ledger: bool
    left_out: tuple[LeftOut, ...]
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def days(self) -> tuple[Day, ...]:
        """The days of all campaigns together."""
        granted: Counter[date] = Counter()
        spent: dict[date, Decimal] = {}
        for day in (day for campaign in self.campaigns for day in campaign.days):
            granted[day.day] += day.granted
            spent[day.day] = spent.get(day.day, Decimal(0)) + day.spent
        return tuple(Day(day, granted[day], spent[day]) for day in sorted(spent))
