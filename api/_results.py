"""Results and errors of the Python interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .dsl.diagnostics.diagnostic import CannotRun, Diagnostic, has_errors

__all__ = [
    "CampaignResult",
    "CannotRun",
    "Decided",
    "Decision",
    "Diagnostic",
    "Mistakes",
    "Reward",
    "RunResult",
    "refuse_mistakes",
]


class Mistakes(CannotRun):
    """A project, or its warehouse, has mistakes: `diagnostics` has every one, warnings too."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(next(one for one in diagnostics if has_errors([one])))
        self.diagnostics = diagnostics


def refuse_mistakes(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Raise `Mistakes` if there is an error among them."""
    if has_errors(diagnostics):
        raise Mistakes(diagnostics)


@dataclass(frozen=True, slots=True)
class Reward:
    """One unit of value: `name` is that of a benefit or a wallet, `cash`, or `choice`.

    `currency` is that of `amount`; a wallet's name counts as one. `cost` is what a budget is
    charged, in the project's currency. `expires_at` is an aware instant.
    """

    name: str
    amount: Decimal
    currency: str
    cost: Decimal
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A customer who is eligible at an instant, before limits and budgets are asked.

    `customer` met the rules, and `recipient` gets the rewards. `occurrence` is the key of the
    event, or the instant of the schedule. `at` and `deliver_at` are in UTC. `arm`: the customer's,
    of the campaign's experiment; `None` if held out, or without arms.
    """

    campaign: str
    step: str
    customer: str
    recipient: str
    occurrence: str
    at: datetime
    deliver_at: datetime
    held_out: bool
    rewards: tuple[Reward, ...]
    arm: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions, in the order in which a run takes them.

    `problems` has a diagnostic for each row or event that was left out, and why.
    """

    decisions: tuple[Decision, ...]
    problems: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """The result of a run for one step of a campaign, with the fields of `run` in docs/json.md."""

    campaign: str
    step: str
    looked: int
    reached: int
    granted: int
    repeated: int
    changed: int
    outcomes: Mapping[str, int]
    claims: Mapping[str, int]
    kept_back: Mapping[str, int]
    spent: Decimal | None
    budget: Decimal | None
    left: Decimal | None


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run from `start` to `end` (UTC), with the fields of `run` in docs/json.md.

    `left_out`: bad rows by table. `delivered`, `suppressed`, `failed`, `dead` and `waiting` count
    messages by channel.
    """

    start: datetime
    end: datetime
    dry_run: bool
    campaigns: tuple[CampaignResult, ...]
    ended: int
    left_out: Mapping[str, int]
    delivered: Mapping[str, int]
    suppressed: Mapping[str, int]
    failed: Mapping[str, int]
    dead: Mapping[str, int]
    waiting: Mapping[str, int]
    warnings: tuple[Diagnostic, ...]
