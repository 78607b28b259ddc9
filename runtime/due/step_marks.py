"""The later steps of journeys that runs have examined, so that each coming is examined once.

A coming is known to the ledger by the occurrence of the entry and the step's instant. An entry that
comes late brings comings that no run has examined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ...compiler.plan import Plan
from ...compiler.plan.steps import StepKey
from ...compiler.sql.campaign import comings_query
from ..warehouse.contract import Warehouse
from ..warehouse.text_sets import Distinct
from .periods import Period
from .schedule import due


def group_of_comings(key: StepKey) -> str:
    """The name of a step's comings among those of all steps, and among events that were read."""
    return " ".join((*key, "coming"))


def later_steps(periods: Sequence[Period]) -> Iterator[Period]:
    """Yield the periods of steps that follow others."""
    return (one for one in periods if one.step.follows is not None)


def late_comings(periods: Sequence[Period], late: Distinct) -> Iterator[tuple[StepKey, str]]:
    """Yield the comings that were found late, each with its step."""
    for period in later_steps(periods):
        for mark in late.in_order(group_of_comings(period.key)):
            yield period.key, mark


def comings(
    plan: Plan, warehouse: Warehouse, period: Period, start: datetime, end: datetime
) -> Iterator[str]:
    """Yield the marks of a step's comings in [start, end], sorted, also of those not reached."""
    key = period.key
    if start > end:
        return
    stretch = due(plan, key.campaign, start, end, step=key.step, entered=period.entered)
    query = comings_query(plan, key.campaign, stretch, warehouse.dialect.name, step=key.step)
    for (mark,) in warehouse.ask(query).rows():
        yield mark
