"""The scores of customers as labels: recency, frequency and money of their orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.lifecycle.orders import Orders, buyers_query
from ...compiler.plan import Plan
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import feedback as codes
from ..decide.facts import named
from ..lifecycle.lifecycle import Ordering
from ..lifecycle.orders import Valued, scores
from ..warehouse.bad_rows import Sound, sound
from ..warehouse.check import used_events
from ..warehouse.contract import Warehouse
from .labels import Place

Bought = tuple[str, int, int, Decimal | None]
"""A customer, the days since the last order, the number of orders, and their money."""


def score_labels(
    plan: Plan, warehouse: Warehouse, ordering: Ordering, at: datetime, bad_share: Decimal | None
) -> tuple[dict[Place, str], Sound]:
    """Return the scores of all customers with an order, and the rows that were left out.

    `545` is the best recency and money, and a frequency of 4; without a field of money there are
    two digits. The cuts are those that `lifecycle` shows. Raise `Unfit` if the warehouse does not
    match the catalog, `CannotRun` if too few customers have ordered.
    """
    event = named(plan.events, ordering.event)
    cancels = {event.cancelled_by.event} if event.cancelled_by else set()
    found = sound(warehouse, plan, {*used_events(plan), event.name, *cancels}, bad_share)
    opened = found.opened(warehouse)
    amount = None if ordering.amount is None else ordering.amount.name
    asked = Orders(opened, named(opened.events, ordering.event), amount, at)
    every = list(_bought(asked, warehouse))
    alike = Counter(one[1:] for one in every)
    values: list[Valued] = [(*value, count) for value, count in alike.items()]
    cut = scores(values, has_money=amount is not None)
    if cut is None:
        raise CannotRun(diagnose(codes.FEW_BUYERS, None, event=event.name))
    labels = {}
    for customer, days, orders, money in every:
        digits = "".join(str(one) for one in cut.of(days, orders, money) if one is not None)
        labels[Place("score", event.name, customer)] = digits
    return labels, found


def _bought(asked: Orders, warehouse: Warehouse) -> Iterator[Bought]:
    today = asked.at.astimezone(ZoneInfo(asked.plan.time_zone)).date()
    query = buyers_query(asked, warehouse.dialect.name)
    for customer, last, orders, money in warehouse.ask(query.sql).rows():
        days = (today - date.fromisoformat(str(last)[:10])).days
        known = None if money is None else Decimal(str(money))
        yield str(customer), days, int(str(orders)), known
