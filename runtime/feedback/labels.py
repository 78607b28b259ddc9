"""The customers of audiences and stages at an instant, as labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ...compiler.plan import CustomerField, EventAggregate, EventPick, Feature, Plan
from ...compiler.plan.demands import Index, feature_expressions
from ...compiler.plan.expressions import RowValue, walk
from ...compiler.sql.campaign import candidates_query
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import feedback as codes
from ..decide.facts import named
from ..preview.groups import Group, asking
from ..warehouse.bad_rows import Sound, sound
from ..warehouse.check import used_events
from ..warehouse.contract import Warehouse

IN = "in"
"""The value of a customer who is in an audience."""


class Place(NamedTuple):
    """The place of a label in its target; of a stage, `name` is its lifecycle."""

    kind: str
    name: str
    customer: str


def place_of(group: Group, customer: str) -> tuple[Place, str]:
    """Return the label of a customer who is in a group: its place, and its value."""
    if group.kind == "audience":
        return Place("audience", group.name, customer), IN
    lifecycle, _, stage = group.name.rpartition(".")
    return Place("stage", lifecycle, customer), stage


def labels(
    plan: Plan,
    warehouse: Warehouse,
    groups: Sequence[Group],
    at: datetime,
    bad_share: Decimal | None,
) -> tuple[dict[Place, str], Sound]:
    """Return the labels of these groups at an instant, and the rows that were left out.

    Raise `Unfit` if the warehouse does not match the catalog. Raise `CannotRun` if a group asks the
    ledger, or rests upon a field of class C3.
    """
    for group in groups:
        _refuse(plan, group)
    found_sound = sound(warehouse, plan, used_events(plan), bad_share)
    opened = found_sound.opened(warehouse)
    found: dict[Place, str] = {}
    for group in groups:
        asked, dues = asking(opened, (group,), at)
        only = replace(asked, campaigns=asked.campaigns[-1:])
        name = group.key.campaign
        query = candidates_query(only, name, dues[group.key], warehouse.dialect.name)
        column = query.columns.index("customer")
        for row in warehouse.ask(query.sql).rows():
            place, value = place_of(group, str(row[column]))
            found[place] = value
    return found, found_sound


def _refuse(plan: Plan, group: Group) -> None:
    """Raise `CannotRun` if the group may not leave, or cannot be asked of the warehouse."""
    index = Index(plan)
    if index.asks_ledger(group.condition):
        raise CannotRun(diagnose(codes.ASKS_LEDGER, None, name=group.name))
    keys = index.closure([group.condition])
    for kind, name in keys:
        if kind == "feature":
            for field in _private(plan, index.features[name]):
                raise CannotRun(diagnose(codes.PRIVATE, None, name=group.name, field=field))


def _private(plan: Plan, feature: Feature) -> Iterator[str]:
    """Yield the fields of class C3 that a feature rests upon."""
    match feature:
        case CustomerField(field=field):
            yield from _of_class(plan, None, {field})
        case EventAggregate() | EventPick():
            nodes = (node for one in feature_expressions(feature) for node in walk(one))
            read = {node.field for node in nodes if isinstance(node, RowValue)}
            picked = {feature.field} if isinstance(feature, EventPick) else set()
            yield from _of_class(plan, feature.event, read | picked)
        case _:
            return


def _of_class(plan: Plan, event: str | None, fields: set[str]) -> Iterator[str]:
    columns = plan.customers.fields if event is None else named(plan.events, event).fields
    owner = "customer" if event is None else event
    for column in columns:
        if column.name in fields and column.sensitivity == "C3":
            yield f"{owner}.{column.name}"
