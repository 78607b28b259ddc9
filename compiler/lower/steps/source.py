"""One step as a file says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ....dsl import tree
from ... import plan
from ...check.scope import Scope
from ...plan import EventTable
from ...plan.steps import UNNAMED


@dataclass(frozen=True, slots=True)
class Source:
    """A step: its trigger (`None` after a mistake), and the clauses that are its own.

    `event` is the one whose fields it may ask, `limits` are those without a reward. Of a later step
    of a journey `steps` are those before it with their events, `unsure` all others. `former` is the
    name by which the ledger knows the step, if it was renamed.
    """

    name: str
    node: tree.Node
    fires: plan.Trigger | None
    event: EventTable | None
    reward: tree.Reward | None
    messages: tuple[tree.Message, ...]
    limits: tuple[tree.Limit, ...] = ()
    former: str | None = None
    follows: plan.Following | None = None
    steps: Mapping[str, EventTable | None] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()

    @property
    def scope(self) -> Scope:
        """Where its names have their meaning."""
        return Scope(event=self.event, steps=self.steps, unsure=self.unsure)

    @property
    def label(self) -> str | None:
        """The words by which people know it, if the file has some."""
        match self.node:
            case tree.Task(label=tree.Text(value)) | tree.JourneyStep(label=tree.Text(value)):
                return value
            case _:
                return None

    @property
    def modifiers(self) -> tuple[tree.RewardModifier, ...]:
        """Its own limits, and the modifiers of its reward."""
        return (*self.limits, *(() if self.reward is None else self.reward.modifiers))

    @property
    def scope_of_reward(self) -> Scope:
        """The scope of its reward: a trigger with multiples has `times` in it."""
        match self.fires:
            case None:
                return Scope(event=self.event, times=True)
            case plan.EventTrigger(pattern=plan.Pattern(every=True), task=None):
                return Scope(event=self.event, times=True)
            case _:
                return self.scope

    @property
    def prefix(self) -> str:
        """The beginning of the names of its caps; empty for a step without a name."""
        name = self.former or self.name
        return "" if name == UNNAMED else name


def of_parts(
    name: str,
    node: tree.Node,
    fires: plan.Trigger | None,
    event: EventTable | None,
    parts: tuple[tree.Node, ...],
) -> Source:
    """The step that has these rewards and messages: of several rewards the first."""
    given = next((one for one in parts if isinstance(one, tree.Reward)), None)
    said = tuple(one for one in parts if isinstance(one, tree.Message))
    return Source(name, node, fires, event, given, said)
