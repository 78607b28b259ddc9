"""One step as a file says it."""

from __future__ import annotations

from dataclasses import dataclass

from ....dsl import tree
from ... import plan
from ...check.scope import Scope
from ...plan import EventTable
from ...plan.steps import UNNAMED


@dataclass(frozen=True, slots=True)
class Source:
    """A step: its trigger (`None` after a mistake), and the clauses that are its own.

    `event` is the one whose fields it may ask.
    """

    name: str
    node: tree.Node
    fires: plan.Trigger | None
    event: EventTable | None
    reward: tree.Reward | None
    messages: tuple[tree.Message, ...]

    @property
    def scope(self) -> Scope:
        """Where its names have their meaning."""
        return Scope(event=self.event)

    @property
    def scope_of_reward(self) -> Scope:
        """Where the names of its reward have their meaning: with multiples there is `times`."""
        match self.fires:
            case None:
                return Scope(event=self.event, times=True)
            case plan.EventTrigger(pattern=plan.Pattern(every=True)):
                return Scope(event=self.event, times=True)
            case _:
                return self.scope

    @property
    def prefix(self) -> str:
        """What the names of its caps begin with; empty for a step without a name."""
        return "" if self.name == UNNAMED else self.name


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
