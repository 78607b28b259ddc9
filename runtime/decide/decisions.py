"""Decisions, as a warehouse or the event path finds them, and the ledger's results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from ...compiler.plan.steps import StepKey
from ...compiler.rewards.payouts import Choice

Outcome = Literal[
    "other_customer",
    "stopped",
    "paused",
    "held_out",
    "not_eligible",
    "not_reached",
    "already_inside",
    "already_granted",
    "too_late",
    "reversed",
    "over_limit",
    "insufficient_balance",
    "out_of_stock",
    "over_budget",
    "waitlisted",
    "granted",
    "reached",
    "left",
]
"""In the order of precedence: the first that applies to a decision is its outcome.

`reversed`: the event was taken back before anything was granted. `other_customer`: the event's key
belongs to another customer; such a decision is not kept. `not_reached`: nor is that of a step of a
journey that follows one which was not reached. `reached` is of steps that give nothing, `left` of
steps at which a journey ends.
A `stopped` decision is not kept, and a `paused` one only with `while paused lapse`.
"""


class Identity(NamedTuple):
    """The primary key of a decision: taking it again gives the same identity.

    A named tuple, like `Decision`: the event path creates a million of them a second.
    """

    campaign: str
    step: str
    recipient: str
    occurrence: str

    @property
    def key(self) -> StepKey:
        """The key of the step."""
        return StepKey(self.campaign, self.step)


@dataclass(frozen=True, slots=True)
class Line:
    """One reward of a bundle.

    `reward` is the name of a benefit or of a wallet, `cash`, or `choice`.

    `amount` is in `currency`; for wallets `currency` is the wallet's name. `cost` is charged to the
    budget, in the project's currency. `expires_at` is an instant, or `None`. `returns`: whether the
    value goes back to the accounts if it is not redeemed by then.

    A price is a line of a wallet with a negative amount. With `drains` it takes as much of that as
    the wallet holds. `choice` is the choice of an offer. Until it is claimed, an offer costs the
    most that can be chosen. `by_times`: its amount rests on `Decision.times`.
    """

    reward: str
    amount: Decimal
    currency: str
    cost: Decimal
    benefit: str | None
    expires_at: datetime | None
    drains: bool = False
    returns: bool = False
    choice: Choice | None = None
    by_times: bool = False


class Decision(NamedTuple):
    """An eligible customer at an occurrence. `at` is its instant (aware, UTC).

    The rules are evaluated for `customer`; `identity.recipient` receives the reward. `fallback` is
    the bundle of `when exhausted give`. `share` is the index of the budget share that pays; `None`
    means the rest of the budget. `keys` holds the event fields by which limits count. `values`
    holds the message variables that come from data.

    `event_customer` is the customer of the event, for rewards to each member of a group; `None` if
    unknown. `too_late`: the run came to its instant too late to give anything. `times`: how many
    multiples of a sum the event crossed; `None` for a trigger without. `left`: the journey ends at
    this step, which gives nothing, since a condition of its `while` is false. `arm`: the
    customer's, of the campaign's experiment; `None` if held out, or without arms.
    """

    identity: Identity
    customer: str
    at: datetime
    held_out: bool
    lines: tuple[Line, ...]
    fallback: tuple[Line, ...]
    deliver_at: datetime
    share: int | None
    keys: Mapping[str, str | None]
    values: Mapping[str, str]
    event_customer: str | None = None
    too_late: bool = False
    times: int | None = None
    left: bool = False
    arm: str | None = None


class Result(NamedTuple):
    """The outcome of a decision. A tuple, because batches hold thousands of them.

    `account` is the id of the account that refused the decision. `repeated`: it was decided before,
    and `outcome` is its outcome then. `changed`: it was decided before with other content, which is
    kept. `kept_back` holds a reason for each message of the grant that cannot be sent.
    """

    identity: Identity
    outcome: Outcome
    account: str | None = None
    repeated: bool = False
    changed: bool = False
    kept_back: tuple[str, ...] = ()
