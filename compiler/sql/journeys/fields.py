"""Fields of the steps of a journey: which of them later steps ask for."""

from __future__ import annotations

from dataclasses import dataclass

from ...plan import Campaign, Step
from ...plan.demands import Index
from ...plan.due import Due
from ...plan.steps import followed_by
from ..ctes import Job
from ..decisions import needs_to_run
from ..facts import needed

OF_EVERY_STEP = ("at", "key")
"""Fields that every step has, whatever it waits for."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields that the steps of a campaign ask for, by the step that asks."""

    campaign: Campaign
    asked: dict[str, tuple[str, ...]]

    @staticmethod
    def of(index: Index, campaign: Campaign, due: Due) -> Fields:
        """Those of all steps of the campaign."""
        asked = {one.name: _asked(index, Job(campaign, one, due)) for one in campaign.steps}
        return Fields(campaign, asked)

    def own(self, step: Step) -> tuple[str, ...]:
        """The fields of the step's event that it asks for itself, or a later step does."""
        begin = f"{step.name}."
        mine = [field for field in self.asked[step.name] if "." not in field]
        theirs = [field.removeprefix(begin) for field in self._all() if field.startswith(begin)]
        return tuple(one for one in dict.fromkeys((*mine, *theirs)) if one not in OF_EVERY_STEP)

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
        return tuple(dict.fromkeys((*moments, *others)))

    def _all(self) -> tuple[str, ...]:
        """The fields of steps before it that any step asks for, each once."""
        every = (field for fields in self.asked.values() for field in fields if "." in field)
        return tuple(dict.fromkeys(every))


def _asked(index: Index, job: Job) -> tuple[str, ...]:
    """The fields of its event and of the steps before it that a step asks for."""
    trigger, follows = job.step.trigger, job.step.follows
    every = list(needed(index, [needs_to_run(index, job)]))
    absent = () if follows is None else follows.unless_event
    every += index.closure(one.where for one in absent if one.where is not None)
    found = [name for kind, name in every if kind == "event"]
    if trigger.where is not None:
        found += [name for kind, name in index.closure([trigger.where]) if kind == "event"]
    if trigger.pattern is not None and trigger.pattern.field is not None:
        found.append(trigger.pattern.field)
    return tuple(dict.fromkeys(found))
