"""A walk over the dataclasses of a plan, with the place of each and the events it may name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from ..plan import Campaign, Claims, EventAggregate, EventPick, Plan, Step

NodeT = TypeVar("NodeT")


@dataclass(frozen=True, slots=True)
class Broken:
    """A part of a plan that breaks an invariant: its place, such as `campaigns/a/steps/main`."""

    place: str
    found: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A part of the plan. `event` is the triggering one, `past` the one that a history reads."""

    node: object
    place: str
    event: str | None = None
    past: str | None = None

    def broken(self, found: str) -> Broken:
        """The part, as one that breaks an invariant."""
        return Broken(self.place, found)


@dataclass(frozen=True, slots=True)
class Walked:
    """A plan, and every dataclass in it, from the outside in; expressions with all below them."""

    plan: Plan
    parts: tuple[Seen, ...]

    def of(self, kind: type[NodeT]) -> Iterator[tuple[Seen, NodeT]]:
        """Every part of a kind."""
        for seen in self.parts:
            if isinstance(seen.node, kind):
                yield seen, seen.node


def walk(plan: Plan) -> Walked:
    """Walk through the plan, with a list of what is left instead of the stack."""
    parts, waiting = list[Seen](), [Seen(plan, "")]
    while waiting:
        seen = waiting.pop()
        parts.append(seen)
        waiting.extend(reversed(list(_below(_with_event(seen)))))
    return Walked(plan, tuple(parts))


def _with_event(seen: Seen) -> Seen:
    match seen.node:
        case Campaign(steps=steps):
            triggers = (step.trigger for step in steps)
            events = (one.event for one in triggers if one.event is not None)
            return replace(seen, event=next(events, None))
        case Step(trigger=trigger):
            return replace(seen, event=trigger.event)
        case Claims(event=event):
            return replace(seen, event=event)
        case EventAggregate(event=event) | EventPick(event=event):
            return replace(seen, past=event)
        case _:
            return seen


def _below(seen: Seen) -> Iterator[Seen]:
    for name in getattr(seen.node, "__dataclass_fields__", ()):
        value = getattr(seen.node, name)
        place = f"{seen.place}/{name}" if seen.place else name
        if isinstance(value, tuple):
            for number, item in enumerate(value):
                if hasattr(item, "__dataclass_fields__"):
                    yield Seen(item, f"{place}/{_name(item, number)}", seen.event, seen.past)
        elif hasattr(value, "__dataclass_fields__"):
            yield Seen(value, place, seen.event, seen.past)


def _name(item: object, number: int) -> str:
    return str(getattr(item, "id", None) or getattr(item, "name", None) or number)
