"""A walk over the dataclasses of a plan, with the place of each and the events it may name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from ..plan import (
    Campaign,
    Claims,
    Conversion,
    EventAggregate,
    EventPick,
    Guard,
    Plan,
    RevenuePart,
    Reversal,
    Step,
    Unless,
)
from ..plan.steps import events_of_steps

NodeT = TypeVar("NodeT")


@dataclass(frozen=True, slots=True)
class Broken:
    """A part of a plan that breaks an invariant: its place, such as `campaigns/a/steps/main`."""

    place: str
    found: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the plan. `event` is the triggering one, `past` the one that a history reads.

    `steps` are the steps of its journey with their events, if they have any.
    """

    node: object
    place: str
    event: str | None = None
    past: str | None = None
    steps: tuple[tuple[str, str | None], ...] = ()

    def broken(self, found: str) -> Broken:
        """The part, as one that breaks an invariant."""
        return Broken(self.place, found)


@dataclass(frozen=True, slots=True)
class Walked:
    """A plan, and every dataclass in it, from the outside in; expressions with all below them."""

    plan: Plan
    parts: tuple[Part, ...]

    def of(self, kind: type[NodeT]) -> Iterator[tuple[Part, NodeT]]:
        """Every part of a kind."""
        for part in self.parts:
            if isinstance(part.node, kind):
                yield part, part.node


def walk(plan: Plan) -> Walked:
    """Walk through the plan, with a list of what is left instead of the stack."""
    parts, waiting = list[Part](), [Part(plan, "")]
    while waiting:
        part = waiting.pop()
        parts.append(part)
        waiting.extend(reversed(list(_below(_with_event(part)))))
    return Walked(plan, tuple(parts))


def _with_event(part: Part) -> Part:
    match part.node:
        case Campaign(steps=steps) as campaign:
            triggers = (step.trigger for step in steps)
            events = (one.event for one in triggers if one.event is not None)
            known = tuple(events_of_steps(campaign).items()) if campaign.journey else ()
            return replace(part, event=next(events, None), steps=known)
        case Step(trigger=trigger):
            return replace(part, event=trigger.event)
        case Claims(event=event) | Reversal(event=event):
            return replace(part, event=event)
        case (
            EventAggregate(event=event)
            | EventPick(event=event)
            | Unless(event=event)
            | Conversion(event=event)
            | Guard(event=event)
            | RevenuePart(event=event)
        ):
            return replace(part, past=event)
        case _:
            return part


def _below(part: Part) -> Iterator[Part]:
    for name in getattr(part.node, "__dataclass_fields__", ()):
        value = getattr(part.node, name)
        place = f"{part.place}/{name}" if part.place else name
        if isinstance(value, tuple):
            for number, item in enumerate(value):
                if hasattr(item, "__dataclass_fields__"):
                    yield replace(part, node=item, place=f"{place}/{_name(item, number)}")
        elif hasattr(value, "__dataclass_fields__"):
            yield replace(part, node=value, place=place)


def _name(item: object, number: int) -> str:
    return str(getattr(item, "id", None) or getattr(item, "name", None) or number)
