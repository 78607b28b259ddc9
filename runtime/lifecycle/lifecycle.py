"""The lifecycles of a project over a period: asked of the warehouse, with what campaigns did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.lifecycle.orders import Began, Orders
from ...compiler.plan import Column, CustomerField, Lifecycle, Plan
from ...compiler.plan.data import KEY, SINCE
from ...compiler.plan.demands import Index
from ...compiler.plan.types import MoneyType
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose, joined
from ..codes import lifecycles as codes
from ..decide.facts import named
from ..due.periods import Between
from ..simulate.history import past
from ..warehouse.bad_rows import LeftOut, sound
from ..warehouse.check import used_events
from ..warehouse.contract import Warehouse
from .asking import words
from .counting import Tally
from .model import History
from .orders import OrderHistory, order_history
from .touches import Touches


@dataclass(frozen=True, slots=True)
class Ordering:
    """The event that is an order, its field of money if any, and when cohorts begin."""

    event: str
    amount: Column | None
    began: Began


@dataclass(frozen=True, slots=True)
class Lifecycles:
    """The history of each lifecycle that was asked, and of orders if an event is known for one."""

    histories: tuple[History, ...]
    orders: OrderHistory | None
    warnings: tuple[Diagnostic, ...]
    left_out: tuple[LeftOut, ...]


def lifecycles(
    plan: Plan,
    warehouse: Warehouse,
    bad_share: Decimal | None,
    chosen: Sequence[Lifecycle],
    instants: Sequence[datetime],
    touches: Touches,
    ordering: Ordering | None = None,
) -> Lifecycles:
    """Follow all customers through the chosen lifecycles, from each instant to the next.

    Raise `Unfit` (a `CannotRun`) if the warehouse does not match the catalog. Raise `CannotRun` if
    a stage asks the ledger. Raise it too if the period has none of the events that stages read.
    """
    own = _own(plan, chosen)
    found = sound(warehouse, own, _events(own, ordering), bad_share)
    opened = found.opened(warehouse)
    warnings: list[Diagnostic] = []
    if len(instants) > 1:
        seen = past(opened, warehouse, Between(instants[0], instants[-1]))
        seen.require_events()
        warnings += _without_history(own)
    tallies = [Tally(one, tuple(instants), touches) for one in chosen]
    for customers, every in words(opened, chosen, instants, warehouse):
        for tally, each in zip(tallies, every, strict=True):
            tally.add(customers, each)
    zone = ZoneInfo(plan.time_zone)
    histories = tuple(one.history(zone) for one in tallies)
    orders = None if ordering is None else _orders(opened, warehouse, ordering, instants)
    return Lifecycles(histories, orders, (*warnings, *found.warnings), found.left_out)


def _events(own: Plan, ordering: Ordering | None) -> set[str]:
    """The events that are read."""
    found = set(used_events(own))
    if ordering is not None:
        event = named(own.events, ordering.event)
        found |= {event.name} | ({event.cancelled_by.event} if event.cancelled_by else set())
    return found


def _orders(
    opened: Plan, warehouse: Warehouse, ordering: Ordering, instants: Sequence[datetime]
) -> OrderHistory:
    amount = ordering.amount
    asked = Orders(
        opened,
        named(opened.events, ordering.event),
        None if amount is None else amount.name,
        instants[-1],
    )
    currency = amount.type.currency if amount and isinstance(amount.type, MoneyType) else None
    return order_history(asked, ordering.began, instants[0], currency, warehouse)


def _own(plan: Plan, chosen: Sequence[Lifecycle]) -> Plan:
    """The plan without campaigns, and with the facts alone on which these lifecycles rest."""
    index = Index(plan)
    for one in chosen:
        for stage in one.stages:
            if index.asks_ledger(stage.condition):
                name = f"{one.name}.{stage.name}"
                raise CannotRun(diagnose(codes.ASKS_LEDGER, None, stage=name))
    keys = index.with_basis(("stage", one.name) for one in chosen)
    names = {name for kind, name in keys if kind == "feature"}
    features = tuple(one for one in plan.features if one.id in names)
    return replace(plan, campaigns=(), features=features)


def _without_history(own: Plan) -> Iterator[Diagnostic]:
    """Yield one warning that names the fields which stages read as they are today."""
    read = {one.field for one in own.features if isinstance(one, CustomerField)} - {KEY, SINCE}
    names = [f"`{one.name}`" for one in own.customers.fields if one.name in read]
    if names:
        yield diagnose(codes.WITHOUT_HISTORY, None, fields=joined("blocks.comma", names))
