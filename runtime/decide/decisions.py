"""A decision on its way: what a warehouse or the event path found, before the ledger speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from ...compiler.plan import Span

Outcome = Literal[
    "other_customer",
    "held_out",
    "not_eligible",
    "already_granted",
    "over_limit",
    "insufficient_balance",
    "out_of_stock",
    "over_budget",
    "waitlisted",
    "granted",
]
"""In the order of precedence: the first that applies to a decision is its outcome.

`other_customer`: the event's key belongs to another customer; such a decision is not kept.
"""


class Identity(NamedTuple):
    """What makes a decision one and the same, however often it is taken.

    This and `Decision` are tuples: the event path makes a million of them a second.
    """

    campaign: str
    step: str
    recipient: str
    occurrence: str


@dataclass(frozen=True, slots=True)
class Option:
    """A benefit that is offered: what it is worth and costs, in the project's currency.

    Once chosen it ends after `expires_after`, and `returns` says what becomes of its value then.
    """

    benefit: str
    value: Decimal
    cost: Decimal
    expires_after: Span | None
    returns: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """So many (`count`) of the options, together worth `worth` at most where that is said.

    `prices`: what the recipient pays for it when it is claimed, from which wallet.
    """

    count: int
    worth: Decimal | None
    options: tuple[Option, ...]
    prices: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of value: `reward` is a benefit's name, a wallet's, `cash`, or `choice`.

    `amount` in `currency` (a wallet's name counts as one); `cost` is what the budget is charged,
    in the project's currency. `expires_at` is an instant, or nothing; `returns`: whether what is
    not redeemed by then goes back to the accounts. A price that the recipient pays is a line of a
    wallet with an amount below zero; one that only `drains` the wallet takes what is there, up to
    that. `choice`: what an offer, which costs the most that can be chosen until it is claimed, lets
    its recipient choose.
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


class Decision(NamedTuple):
    """An eligible customer at an occurrence, `at` its instant (aware, UTC).

    `customer` is whom the rules looked at, `identity.recipient` who gets it. `fallback` is the
    bundle given where the budget is exhausted and the campaign says so. `share` is the index of
    the campaign's share that pays (nothing: what the shares leave). `keys` holds the values of the
    event's fields that limits count by; `values` the message variables that come from data.
    `event_customer` did the event, where everybody of a group gets something for it; `None` if
    that is not known.
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


class Result(NamedTuple):
    """What became of a decision (a tuple, because batches have thousands).

    `account` is the id of the account that refused it.

    `repeated`: it had been decided before, and this is what it was then; `changed`: it was
    decided before with other content, which stands. `kept_back`: why messages of the grant do not
    go out, a reason each, as they could not be written or may not say what they say.
    """

    identity: Identity
    outcome: Outcome
    account: str | None = None
    repeated: bool = False
    changed: bool = False
    kept_back: tuple[str, ...] = ()
