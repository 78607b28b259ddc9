"""Compliance at delivery: whether a message may still go to a customer.

Conditions on the customer are evaluated against the warehouse now, so withdrawn consent stops a
message. Conditions on the triggering event or on past grants cannot change after the decision, and
are not evaluated again.

A campaign's checks are asked once for all whose messages wait. So the answer grows with the
messages, not with the customers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from uuid import uuid4

from sqlglot import exp

from ...compiler.plan import Plan
from ...compiler.plan.demands import Index
from ...compiler.plan.due import Due
from ...compiler.plan.expressions import Expression, conjuncts
from ...compiler.sql.campaign import Query, candidates_query
from ...compiler.sql.everybody import asking_everybody
from ..decide.facts import named
from ..delivery import StillAllowed
from ..warehouse.contract import Warehouse
from ..warehouse.text_sets import Distinct


def still_allowed(
    plan: Plan, warehouse: Warehouse, at: datetime, waiting: Iterable[tuple[str, str]]
) -> StillAllowed:
    """Return the check that `deliver` uses, on the warehouse's current data, with `at` as now.

    `waiting`: campaigns and recipients whom it will be asked about. Others are asked for as they
    come, such as those of messages that another worker has added meanwhile.
    """
    views: dict[str, str | None] = {}
    asked, allowed = Distinct(), Distinct()
    for name, recipient in waiting:
        asked.add(name, recipient)

    def ask(campaign: str, recipients: Collection[str]) -> set[str]:
        is_first = campaign not in views
        if is_first:
            views[campaign] = _view(plan, warehouse, campaign, at)
        view = views[campaign]
        if view is None:
            return set(recipients)
        more = set(recipients) - asked.among(campaign, recipients)
        if is_first or more:
            before = asked.in_order(campaign) if is_first else ()
            allowed.add_all(campaign, _found(warehouse, view, chain(before, sorted(more))))
            asked.add_all(campaign, more)
        return allowed.among(campaign, recipients)

    return ask


def _view(plan: Plan, warehouse: Warehouse, campaign: str, at: datetime) -> str | None:
    """Define the view of the customers who meet a campaign's checks; `None` without checks."""
    query = _query(plan, warehouse, campaign, at)
    if query is None:
        return None
    name = _unused("campaigner_allowed")
    warehouse.view(name, query.sql)
    return name


def _found(warehouse: Warehouse, view: str, recipients: Iterable[str]) -> Iterator[str]:
    """Yield those of the recipients who are in a view."""
    kept, dialect = _unused("campaigner_waiting"), warehouse.dialect.sqlglot
    warehouse.keep(kept, recipients)
    wanted = exp.select("occurrence").from_(exp.table_(kept, quoted=True))
    own = exp.select("customer").from_(exp.table_(view, quoted=True))
    own = own.where(exp.column("customer").isin(query=wanted))
    for (one,) in warehouse.ask(own.sql(dialect)).rows():
        yield one


def _unused(prefix: str) -> str:
    """Return a name that the session has not used."""
    return f"{prefix}_{uuid4().hex}"


def _query(plan: Plan, warehouse: Warehouse, campaign: str, at: datetime) -> Query | None:
    """Return the query for the customers who meet the campaign's checks; `None` without checks."""
    chosen = named(plan.campaigns, campaign)
    index = Index(plan)
    checks = tuple(
        replace(check, condition=part)
        for check in chosen.checks
        for part in conjuncts(check.condition)
        if _of_the_customer(index, part)
    )
    if not checks:
        return None
    asked = asking_everybody(chosen.name, chosen.label, at, chosen.origin, checks=checks)
    only = replace(plan, campaigns=(asked,))
    due, dialect = Due(at, at, (at,)), warehouse.dialect.name
    # A view with an order has engines sort everybody before they look for those who wait.
    return candidates_query(only, campaign, due, dialect, in_order=False)


def _of_the_customer(index: Index, condition: Expression) -> bool:
    """Whether the condition depends on the customer alone, not on an event or the ledger."""
    asks_event = any(kind == "event" for kind, _ in index.closure([condition]))
    return not asks_event and not index.asks_ledger(condition)
