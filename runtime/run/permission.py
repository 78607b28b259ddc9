"""Compliance at delivery: whether a message may still go to a customer.

Conditions on the customer are evaluated against the warehouse now, so withdrawn consent stops a
message. Conditions on the triggering event or on past grants cannot change after the decision, and
are not evaluated again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

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


def still_allowed(plan: Plan, warehouse: Warehouse, at: datetime) -> StillAllowed:
    """Return the check that `deliver` uses, on the warehouse's current data, with `at` as now."""
    known: dict[str, bool] = {}
    allowed = Distinct()

    def ask(campaign: str, recipients: Collection[str]) -> set[str]:
        if campaign not in known:
            query = _query(plan, warehouse, campaign, at)
            known[campaign] = query is not None
            if query is not None:
                customer = query.columns.index("customer")
                rows = warehouse.ask(query.sql).rows()
                allowed.add_all(campaign, (row[customer] for row in rows))
        return allowed.among(campaign, recipients) if known[campaign] else set(recipients)

    return ask


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
    return candidates_query(only, campaign, Due(at, at, (at,)), warehouse.dialect.name)


def _of_the_customer(index: Index, condition: Expression) -> bool:
    """Whether the condition depends on the customer alone, not on an event or the ledger."""
    asks_event = any(kind == "event" for kind, _ in index.closure([condition]))
    return not asks_event and not index.asks_ledger(condition)
