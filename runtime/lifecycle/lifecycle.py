"""The lifecycles of a project over a period: asked of the warehouse, with what campaigns did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.plan import CustomerField, Lifecycle, Plan
from ...compiler.plan.data import KEY, SINCE
from ...compiler.plan.demands import Index
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose, joined
from ..codes import lifecycles as codes
from ..due.periods import Between
from ..simulate.history import past
from ..warehouse.bad_rows import LeftOut, sound
from ..warehouse.check import used_events
from ..warehouse.contract import Warehouse
from .asking import words
from .counting import Tally
from .model import History
from .touches import Touches


@dataclass(frozen=True, slots=True)
class Lifecycles:
    """The history of each lifecycle that was asked, with warnings, and rows that were left out."""

    histories: tuple[History, ...]
    warnings: tuple[Diagnostic, ...]
    left_out: tuple[LeftOut, ...]


def lifecycles(
    plan: Plan,
    warehouse: Warehouse,
    bad_share: Decimal | None,
    chosen: Sequence[Lifecycle],
    instants: Sequence[datetime],
    touches: Touches,
) -> Lifecycles:
    """Follow all customers through the chosen lifecycles, from each instant to the next.

    Raise `Unfit` (a `CannotRun`) if the warehouse does not match the catalog. Raise `CannotRun` if
    a stage asks the ledger. Raise it too if the period has none of the events that stages read.
    """
    own = _own(plan, chosen)
    found = sound(warehouse, own, used_events(own), bad_share)
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
    return Lifecycles(histories, (*warnings, *found.warnings), found.left_out)


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
