"""The step that a command is about, of a campaign that may have several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import CannotRun
from ..codes import commands
from ..nearest import misspelt
from .usage import missing

if TYPE_CHECKING:
    from ...compiler.plan import Plan


def require_step(plan: Plan, campaign: str, name: str | None) -> str:
    """The step of a campaign of the plan that has this name; without a name the only one.

    `CannotRun` if there is none, or if several could be meant.
    """
    known = [step.name for each in plan.campaigns if each.name == campaign for step in each.steps]
    if name is None and len(known) == 1:
        return known[0]
    if name is None:
        raise missing("--step", steps=known)
    if name not in known:
        raise CannotRun(misspelt(commands.UNKNOWN_STEP, name, known, name=name, campaign=campaign))
    return name
