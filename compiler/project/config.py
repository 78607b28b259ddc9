"""The settings of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..files.environment import Setting
from ..plan import LANGUAGE
from ..plan.currencies import NO_CURRENCY
from .channels import Channel, EventSource

CLUSTER = "spark://host:7077/database"
"""The suggested form for an address of Spark Connect, `sc://…`."""


@dataclass(frozen=True, slots=True)
class OwnDays:
    """The project's days of a festival: by year, and the month and day of all other years."""

    by_year: Mapping[int, date] = field(default_factory=dict)
    every_year: tuple[int, int] | None = None

    def day(self, year: int) -> date | None:
        """The day in a year; `None` if it is not the project's, or the year lacks it."""
        if year in self.by_year or self.every_year is None:
            return self.by_year.get(year)
        try:
            return date(year, *self.every_year)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Organiser:
    """The organiser as customers know it. `contact` is for questions and complaints."""

    name: str
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The project's settings. A faulty setting is replaced by a valid default.

    The defaults are `UTC` for the zone and `XXX` (ISO 4217: no currency) for the currency.
    `catalog` is its path relative to the project's folder, for display. `warehouse`, `ledger`
    (URLs) and the paths of channels are as written; `environment.expand` makes them absolute.
    `seed` is the secret of the project's draws, as written: a variable of the environment.
    `bad_share`: the share of a table's rows that may be skipped; `None` to stop at the first.
    `reread_seconds`: how long a worker may use what it read from the warehouse.
    `longest`: the limit of bytes of a message on a channel. `festivals`: the project's own days
    of festivals, from `[calendar]`. `staff`: the channels to people of the house. `consents`:
    the customer's field that a channel asks, by channel. `ingest`: the sources of events.
    `organiser`: the one that the public rules name. `holdout`: the part of all customers whom no
    campaign reaches.
    """

    name: str
    language: int
    time_zone: str
    currency: str
    catalog: str
    warehouse: Setting | None = None
    ledger: Setting | None = None
    seed: Setting | None = None
    channels: Mapping[str, Channel] = field(default_factory=dict)
    longest: Mapping[str, int] = field(default_factory=dict)
    staff: frozenset[str] = frozenset()
    consents: Mapping[str, str] = field(default_factory=dict)
    festivals: Mapping[str, OwnDays] = field(default_factory=dict)
    bad_share: Decimal | None = Decimal("0.01")
    reread_seconds: int = 0
    ingest: Mapping[str, EventSource] = field(default_factory=dict)
    organiser: Organiser | None = None
    holdout: Decimal = Decimal(0)


def config_without_file() -> Config:
    """The settings for a project whose campaigner.toml cannot be read."""
    return Config("unnamed", LANGUAGE, "UTC", NO_CURRENCY, "catalog.yaml")
