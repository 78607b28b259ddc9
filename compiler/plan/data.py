"""The warehouse as the plan sees it, and the facts about a customer that rules need."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from .expressions import Expression, Origin, unless
from .types import ValueType


@dataclass(frozen=True, slots=True)
class Column:
    """A field and its column in the warehouse. `zone`: the zone of a timestamp column without
    one.

    `minimum` and `maximum` are inclusive bounds that the data team promises for a number, money
    or a date. They are text, as in a constant; `None` for an open end. `shared`: messages to
    other customers may show it, if they are sent on behalf of its owner. `labels`: values of an
    enum, with what people call them.
    """

    name: str
    column: str
    type: ValueType
    optional: bool
    zone: str | None
    label: str | None
    sensitivity: Literal["C1", "C2", "C3"]
    origin: Origin
    minimum: str | None = None
    maximum: str | None = None
    shared: bool = False
    labels: tuple[tuple[str, str], ...] = unless(default=())


KEY = "key"
"""The name of the customer's field that is the key, as text, in a plan that asks for it."""

SINCE = "since"
"""The name of the customer's field that says since when there is the customer."""


@dataclass(frozen=True, slots=True)
class CustomerTable:
    """The customers, and the fields of which the table has what is true now.

    `since`: the field of that name says since when there is the customer.
    """

    table: str
    key: str
    fields: tuple[Column, ...]
    origin: Origin
    since: bool = unless(default=False)


CANCELLED = "#cancelled"
"""The name under which an expression reads since when an event is cancelled; unknown if it is not.

No row of a warehouse has it: whoever reads events adds it, of kinds with `cancelled_by` alone.
"""


@dataclass(frozen=True, slots=True)
class CancelledBy:
    """An `event` of the same customer cancels the event whose key is in its `field`, a text."""

    event: str
    field: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class EventTable:
    """One kind of event: its table, the columns of its key, its customer and its time.

    `past_of`: its rows are the values of this field of the customer, each from its time on. They
    have no key of their own, so `key` is the customer's column. The first of `fields` is the value;
    a second one, `to`, is the instant up to which it is true, NULL for no end. `label` is what
    people call it.

    `cancelled_by`: what cancels an event. From the first instant of one on it is not counted.
    """

    name: str
    table: str
    key: str
    customer: str
    at: Column
    fields: tuple[Column, ...]
    origin: Origin
    past_of: str | None = unless(None)
    label: str | None = unless(None)
    cancelled_by: CancelledBy | None = unless(None)

    @property
    def word(self) -> str:
        """Its name as a part of the names of a query."""
        return self.name.replace(".", "_")


@dataclass(frozen=True, slots=True)
class CostTable:
    """The costs of acquisition: a row has what was spent on a `channel` on a `day`.

    `channel` is the column with the channel's word, and `field` the customer's field that has the
    same words.
    """

    table: str
    channel: str
    field: str
    day: Column
    amount: Column
    origin: Origin


TO = "to"
"""The end of a value in the past of a field."""


@dataclass(frozen=True, slots=True)
class LastWindow:
    """(now − count units, now]."""

    count: int
    unit: Literal["minute", "hour", "day", "week", "month", "year"]
    kind: Literal["last"] = "last"


@dataclass(frozen=True, slots=True)
class CalendarWindow:
    """From the first moment of this unit to now; or (`previous`) all of the unit before it."""

    unit: Literal["day", "week", "month", "quarter", "year"]
    previous: bool
    kind: Literal["calendar"] = "calendar"


@dataclass(frozen=True, slots=True)
class BeforeEventWindow:
    """All that came before the triggering event, in the order of (time, event key)."""

    kind: Literal["before_event"] = "before_event"


@dataclass(frozen=True, slots=True)
class SinceWindow:
    """From an instant (a timestamp, or a date's first moment) to now, both in; unknown: nothing."""

    start: Expression
    kind: Literal["since"] = "since"


Window = LastWindow | CalendarWindow | BeforeEventWindow | SinceWindow


@dataclass(frozen=True, slots=True)
class CustomerField:
    id: str
    field: str
    type: ValueType
    optional: bool
    kind: Literal["customer_field"] = "customer_field"


@dataclass(frozen=True, slots=True)
class EventAggregate:
    """`count` of events (no `value`), or an aggregate of `value` over those where it is known.

    `where` and `value` are expressions over `RowValue`s, customer features and the triggering
    event. No window: all up to now. Only `min`, `max` and `average` can be unknown.
    """

    id: str
    event: str
    function: Literal["count", "count_distinct", "sum", "average", "min", "max"]
    value: Expression | None
    where: Expression | None
    window: Window | None
    type: ValueType
    optional: bool
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["aggregate"] = "aggregate"


@dataclass(frozen=True, slots=True)
class EventPick:
    """A field of the first or last event in order of (time, event key); unknown over nothing."""

    id: str
    event: str
    which: Literal["first", "last"]
    field: str
    where: Expression | None
    window: Window | None
    type: ValueType
    optional: bool = True
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["pick"] = "pick"


@dataclass(frozen=True, slots=True)
class GrantCount:
    """How many grants of a campaign or of a benefit the customer received: asks the ledger.

    `name` of one step of a campaign has both names: `lift.bonus`.
    """

    id: str
    of: Literal["campaign", "benefit"]
    name: str
    window: Window | None
    type: ValueType
    optional: bool = False
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["grant_count"] = "grant_count"

    @property
    def campaign(self) -> str | None:
        """The campaign's name; `None` of a benefit."""
        return self.name.partition(".")[0] if self.of == "campaign" else None

    @property
    def step(self) -> str | None:
        """The name of the campaign's step, if it asks for one."""
        return self.name.partition(".")[2] or None if self.of == "campaign" else None


@dataclass(frozen=True, slots=True)
class WalletBalance:
    """The units in the customer's wallet that can be spent at the instant: asks the ledger."""

    id: str
    wallet: str
    type: ValueType
    optional: bool = False
    origin: Origin | None = dataclasses.field(default=None, compare=False)
    kind: Literal["wallet_balance"] = "wallet_balance"

    @property
    def window(self) -> None:
        """`None`: a balance is of one instant."""


LedgerFeature = GrantCount | WalletBalance
"""Features that the ledger answers, at the decision's turn; no query of a warehouse does."""

Feature = CustomerField | EventAggregate | EventPick | GrantCount | WalletBalance
