"""A scenario as values: who there is, what happens when, and what should come of it.

Instants are aware, in UTC. Values are typed as the catalog says. Customers and events have keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ...dsl.diagnostics.source import Place
from ..plan.values import Value

Values = Mapping[str, Value | None]
"""The fields that are given, by name; `None` is unknown."""


@dataclass(frozen=True, slots=True)
class GivenCustomer:
    """A customer. Fields that are not in `values` were not given."""

    key: str
    values: Values
    place: Place


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """An event, before the scenario or in it."""

    event: str
    key: str
    customer: str
    at: datetime
    values: Values
    place: Place


@dataclass(frozen=True, slots=True)
class Wallet:
    """Units in a customer's wallet."""

    customer: str
    wallet: str
    units: int


@dataclass(frozen=True, slots=True)
class Received:
    """An earlier grant of a campaign, by the name that the ledger knows, or of a `benefit`."""

    customer: str
    campaign: str | None
    benefit: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a reward; `amount` is `None` of a benefit without one."""

    reward: str
    amount: Decimal | None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectedReward:
    """A bundle that comes, at `at` if that is set. `text` is what the file says."""

    customer: str | None
    lines: tuple[Line, ...]
    at: datetime | None
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class ExpectedMessage:
    """A message that goes out on a channel; `said` and `at` if they are set."""

    customer: str | None
    channel: str
    said: str | None
    at: datetime | None
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class ExpectedOutcome:
    """A decision that ends so; `step` if it is set."""

    customer: str | None
    outcome: str
    step: str | None
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class ExpectedStage:
    """The stage of a lifecycle that a customer is in now."""

    customer: str
    lifecycle: str
    stage: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class ExpectedBalance:
    """The units that a customer can spend of a wallet now."""

    customer: str
    wallet: str
    units: int
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class ExpectedNothing:
    """No reward, message or step; `because` is the clause that says why, if it is set."""

    customer: str | None
    because: str | None
    text: str
    place: Place


Expected = (
    ExpectedReward
    | ExpectedMessage
    | ExpectedOutcome
    | ExpectedStage
    | ExpectedBalance
    | ExpectedNothing
)


@dataclass(frozen=True, slots=True)
class Turn:
    """An event, or a wallet that is filled, or (both `None`) time that passes until `at`.

    `expected`: what the scenario says of it; without `is_checked` it says nothing.
    """

    event: GivenEvent | None
    at: datetime
    expected: tuple[Expected, ...]
    place: Place
    filled: Wallet | None = None

    @property
    def is_checked(self) -> bool:
        """Whether the scenario says what came of it."""
        return bool(self.expected)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario of a campaign, under the name by which the plan has that.

    `prize`: what every draw gives; `None` where it gives nothing. `arm`: that of all customers who
    are not held out. `spent`: of the campaign's budget
    before it begins.
    """

    title: str
    campaign: str
    now: datetime
    customers: tuple[GivenCustomer, ...]
    earlier: tuple[GivenEvent, ...]
    held_out: frozenset[str]
    prize: str | None
    spent: Decimal
    wallets: tuple[Wallet, ...]
    received: tuple[Received, ...]
    turns: tuple[Turn, ...]
    place: Place
    arm: str | None = None
