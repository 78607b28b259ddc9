"""The review of a campaign, as values. Money is exact, in the project's currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ...compiler.plan import Target
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.decisions import Outcome
from ..ledger.brakes.held import Brake
from ..ledger.totals.of_campaign import Became, Posted
from ..ledger.units.codes import CodeCount
from ..measure.results import Result

PhaseName = Literal["warm_up", "peak", "close", "all"]
State = Literal["not_begun", "running", "over"]
By = Literal["file", "spend", "grants", "nothing"]
"""The source of the phases: the clause `peak`, a curve, or nothing, if there is no curve."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the campaign. `first` and `last` are its days, both in; `None` if it has none.

    `customers` are new in it: their first grant lies there. `is_open`: it goes on.
    """

    name: PhaseName
    first: date | None
    last: date | None
    customers: int
    granted: int
    refused: int
    spent: Decimal
    is_open: bool


@dataclass(frozen=True, slots=True)
class DayOf:
    """A calendar day in the project's zone. Cost that came back is taken off `spent`."""

    day: date
    customers: int
    granted: int
    refused: int
    spent: Decimal


@dataclass(frozen=True, slots=True)
class Refused:
    """So many decisions had an outcome that gives nothing; `account` is the cap, if one refused."""

    outcome: Outcome
    account: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Use:
    """The use of an account that the campaign charged, over all of its periods.

    `own` is what this campaign used, `used` what all of them did. `curve` is `used` so far, by day.
    `cap` is the ledger's last one; of one for each period, that of a period. `left` is `None` then.
    `ran_out`: the first instant at which it refused; `periods` counts those in which it did.
    """

    account: str
    name: str
    owner_kind: str
    owner: str
    measure: str
    cap: Decimal
    own: Decimal
    used: Decimal
    left: Decimal | None
    ran_out: datetime | None
    periods_out: int
    curve: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Reaching:
    """A target and what was reached of it; `reached` is `None` if `why` says why it is unknown."""

    target: Target
    reached: Decimal | None

    @property
    def part(self) -> Decimal | None:
        """The part that was reached, 1 for all of it."""
        return None if self.reached is None else self.reached / self.target.amount


@dataclass(frozen=True, slots=True)
class Complaints:
    """So many events of a kind, by customers whom the campaign had reached."""

    event: str
    events: int
    customers: int


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that ledger and outbox have of a campaign at an instant.

    `name` is that of the file, `kept` the ledger's. `in_plan`: the project still has it. `outcomes`
    counts every decision. `measured`: `None` if the campaign has no measures. `days` are those on
    which something came, in order.
    """

    name: str
    kept: str
    label: str
    at: datetime
    in_plan: bool
    state: State
    active: tuple[datetime | None, datetime | None]
    phases_by: By
    phases: tuple[Phase, ...]
    whole: Phase
    goal: str | None
    reaching: Reaching | None
    days: tuple[DayOf, ...]
    outcomes: tuple[tuple[Outcome, int], ...]
    refused: tuple[Refused, ...]
    uses: tuple[Use, ...]
    posted: tuple[Posted, ...]
    became: tuple[Became, ...]
    codes: tuple[CodeCount, ...]
    brakes: tuple[Brake, ...]
    complaints: tuple[Complaints, ...]
    measured: Result | None
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def decisions(self) -> int:
        """The number of all decisions."""
        return sum(count for _, count in self.outcomes)
