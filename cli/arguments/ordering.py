"""The event of a project that is an order, and its money: as options name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ...dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose, names_listed
from ...runtime.codes import lifecycles as codes
from ..nearest import misspelt

if TYPE_CHECKING:
    from ...compiler.plan import Column, EventTable, Plan
    from ...runtime.lifecycle.lifecycle import Ordering


def ordering_of(
    plan: Plan, event: str | None, amount: str | None, cohorts: str | None
) -> Ordering | Phrase:
    """The event that is an order, or why none is known.

    The only event of a project needs no name, nor does its only field of money. Raise `CannotRun`
    for a name that the catalog has not.
    """
    from ...runtime.lifecycle.lifecycle import Ordering

    if cohorts == "since" and not plan.customers.since:
        raise CannotRun(diagnose(codes.NO_SINCE, None))
    events = [one for one in plan.events if one.past_of is None]
    names = [one.name for one in events]
    if event is not None and event not in names:
        raise CannotRun(misspelt(codes.UNKNOWN_EVENT, event, names, name=event))
    cancelling = {one.cancelled_by.event for one in events if one.cancelled_by is not None}
    chosen = [one for one in events if one.name == event]
    if event is None:
        chosen = [one for one in events if one.name not in cancelling]
    if len(chosen) != 1:
        return Phrase("lifecycle.which_event", events=names_listed(names) if names else "-")
    began: Literal["since", "first"] = "since" if plan.customers.since else "first"
    return Ordering(
        chosen[0].name, _money(chosen[0], amount), "first" if cohorts == "first" else began
    )


def _money(event: EventTable, amount: str | None) -> Column | None:
    """The field of money of that name, or the only one; `None` if there are several, or none."""
    fields = [one for one in event.fields if one.type.kind == "money"]
    if amount is None:
        return fields[0] if len(fields) == 1 else None
    names = [one.name for one in fields]
    if amount not in names:
        raise CannotRun(misspelt(codes.NO_MONEY, amount, names, name=amount, event=event.name))
    return next(one for one in fields if one.name == amount)
