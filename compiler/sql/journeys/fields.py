"""Fields of the steps of a journey: which of them later steps ask for."""

from __future__ import annotations

from dataclasses import dataclass

from ...plan import BeforeEventWindow, Campaign, EventAggregate, EventPick, Feature, Step
from ...plan.demands import Index
from ...plan.due import Due
from ...plan.steps import CUSTOMER_KEY, followed_by
from ...plan.triggers import TIMES
from ..ctes import Job
from ..decisions import needs_to_run
from ..facts import needed

OF_EVERY_STEP = ("at", "key")
"""Fields that every step has, whatever it waits for."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields that the steps of a campaign ask for, by the step that asks.

    `kept`: those of them that are asked once a step has come. `by_order`: the steps that ask which
    events were before theirs.
    """

    campaign: Campaign
    asked: dict[str, tuple[str, ...]]
    kept: dict[str, tuple[str, ...]]
    by_order: frozenset[str]

    @staticmethod
    def of(index: Index, campaign: Campaign, due: Due) -> Fields:
        """Those of all steps of the campaign."""
        asked: dict[str, tuple[str, ...]] = {}
        kept: dict[str, tuple[str, ...]] = {}
        by_order: set[str] = set()
        for one in campaign.steps:
            keys = needed(index, [needs_to_run(index, Job(campaign, one, due))])
            kept[one.name] = tuple(name for kind, name in keys if kind == "event")
            asked[one.name] = tuple(dict.fromkeys((*kept[one.name], *_by_trigger(index, one))))
            if any(_is_by_order(index.features[name]) for kind, name in keys if kind == "feature"):
                by_order.add(one.name)
        return Fields(campaign, asked, kept, frozenset(by_order))

    def own(self, step: Step) -> tuple[str, ...]:
        """The fields of the step's event that it asks for itself, or a later step does."""
        begin = f"{step.name}."
        mine = [field for field in self.asked[step.name] if "." not in field]
        theirs = [field.removeprefix(begin) for field in self._all() if field.startswith(begin)]
        known = (*OF_EVERY_STEP, *((TIMES,) if step.trigger.pattern is not None else ()))
        known = (*known, *self.as_of(step))
        return tuple(one for one in dict.fromkeys((*mine, *theirs)) if one not in known)

    def left(self, step: Step) -> tuple[str, ...]:
        """The fields of its event that are asked once the step has come; its key may be one."""
        own = [field for field in self.kept[step.name] if "." not in field]
        keys = ["key"] if step.name in self.by_order else []
        theirs = [one for one in self.passed_on(step) if one not in self.as_of(step)]
        every = dict.fromkeys((*own, *keys, *theirs))
        return tuple(one for one in every if one != "at")

    def as_of(self, step: Step) -> tuple[str, ...]:
        """The fields of the customer at the step's moment that a later step asks for."""
        begin, journey = f"{step.name}.", self.campaign.journey
        known = () if journey is None else journey.as_of
        return tuple(one.removeprefix(begin) for one in known if one.startswith(begin))

    def passed_on(self, step: Step) -> tuple[str, ...]:
        """The fields of the step, without its name, that a later step asks for."""
        begin = f"{step.name}."
        found = [one.removeprefix(begin) for one in self._all() if one.startswith(begin)]
        return tuple(one for one in found if one != "at")

    def carried(self, step: Step) -> tuple[str, ...]:
        """The fields of the steps before it that a step carries on: all moments, and what any asks
        for."""
        before = followed_by(self.campaign, step)
        moments = [f"{name}.at" for name in before]
        others = [one for one in self._all() if one.partition(".")[0] in before]
        return tuple(dict.fromkeys((*moments, *others, *(self.key if before else ()))))

    @property
    def key(self) -> tuple[str, ...]:
        """The customer's key, if a step asks for it as a field of its event."""
        return (CUSTOMER_KEY,) if CUSTOMER_KEY in self._all() else ()

    def _all(self) -> tuple[str, ...]:
        """The fields of steps before it that any step asks for, each once."""
        every = (field for fields in self.asked.values() for field in fields if "." in field)
        return tuple(dict.fromkeys(every))


def _by_trigger(index: Index, step: Step) -> list[str]:
    """The fields of its event and of the steps before it that the trigger of a step asks for."""
    trigger, follows = step.trigger, step.follows
    absent = () if follows is None else follows.unless_event
    asked = [trigger.where, *(one.where for one in absent)]
    keys = index.closure(one for one in asked if one is not None)
    found = [name for kind, name in keys if kind == "event"]
    if trigger.pattern is not None and trigger.pattern.field is not None:
        found.append(trigger.pattern.field)
    return found


def _is_by_order(feature: Feature) -> bool:
    """Whether the key of the step's event tells which events were before it."""
    match feature:
        case EventAggregate() | EventPick():
            return isinstance(feature.window, BeforeEventWindow)
        case _:
            return False
