"""Benefits, rewards and the caps on them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .expressions import Expression, Origin, unless


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    label: str
    condition: Expression
    origin: Origin


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Every kind is lowered to this: a customer is in the first stage whose condition holds."""

    name: str
    label: str
    stages: tuple[Stage, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Audience:
    name: str
    label: str
    condition: Expression
    origin: Origin


Period = Literal["hour", "day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Span:
    """A duration: `count` calendar units, or exact hours or minutes."""

    count: int
    unit: Literal["minute", "hour", "day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class CodeTable:
    """A table of the warehouse, and its column of codes. `name` is what the catalog calls it."""

    name: str
    table: str
    column: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Benefit:
    """`returns`: whether the value returns to the budget on expiry, or `None` if unspecified.

    `computed`: each reward says how much it is; `value` and `cost` are the most that it can be.
    `codes`: each grant takes a code of this table, which no other grant has.
    """

    name: str
    label: str
    form: str
    value: Decimal
    cost: Decimal
    expires_after: Span | None
    origin: Origin
    returns: bool | None = None
    computed: bool = unless(False)
    codes: CodeTable | None = unless(None)


Measure = Literal["money", "grants", "messages"]
Refusal = Literal["over_limit", "out_of_stock", "over_budget"]


RESERVE = "reserve"
"""The name of the account of what a campaign's budget holds back."""


def account_id(kind: str, owner: str, name: str) -> str:
    """The id of an account, from the kind and the name of its owner and its own name."""
    return f"{kind}/{owner}/{name}"


@dataclass(frozen=True, slots=True)
class Account:
    """A cap, as an account that grants are charged to.

    Each combination of account, calendar `period` and value of `key` has a balance. `key` is
    `None` (one balance for all), `customer` (the recipient), or a field of the event such as
    `device_id`. It may also be a field of the customer, `customer.email`, or one of the keys
    `customer.key` and `event.key`. `also` is a second one. `window`, for message caps, is a rolling
    window instead of a period. `cap` is in the project's currency for `money`, else a count. `id`
    is the `account_id`.
    """

    id: str
    owner_kind: Literal["campaign", "pool", "benefit", "policy"]
    owner: str
    name: str
    measure: Measure
    cap: Decimal
    period: Period | None
    key: str | None
    window: Span | None
    refusal: Refusal
    alerts: tuple[Decimal, ...]
    origin: Origin
    also: str | None = unless(None)

    @property
    def keys(self) -> tuple[str, ...]:
        """`key` and `also`, as far as they are there."""
        return tuple(one for one in (self.key, self.also) if one is not None)


@dataclass(frozen=True, slots=True)
class Charge:
    """An account that a grant is charged to. `share` counts from 0: only grants of that share.

    `benefit`: only where the grant gives this benefit (its stock).
    """

    account: str
    share: int | None = None
    benefit: str | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    name: str
    label: str
    parent: str | None
    origin: Origin
