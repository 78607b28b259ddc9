"""Diagrams of the site: the steps of a journey or of tasks, and the stages of a lifecycle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from ....compiler.plan import AllDoneTrigger, Campaign, Lifecycle, Step
from ....compiler.wording.clauses import sentence
from ....compiler.wording.conditions import said
from ....compiler.wording.names import Names
from ....compiler.wording.triggers import trigger
from ....dsl.diagnostics.diagnostic import Language, Phrase, in_language
from .layout import Arrow, Box, diagram

if TYPE_CHECKING:
    from markupsafe import Markup


def of_steps(names: Names, campaign: Campaign, language: Language) -> Markup | None:
    """The steps of a campaign, each below those that it follows; `None` of a single one."""
    if len(campaign.steps) < 2:
        return None
    names = names.of_campaign(campaign)
    boxes = [_box(names, step, language) for step in campaign.steps]
    title = in_language(Phrase("site.steps"), language)
    return diagram(title, campaign.label, boxes, [*_arrows(campaign)])


def _box(names: Names, step: Step, language: Language) -> Box:
    words = Phrase("wording.sentence", words=trigger(names.of_step(step), step.trigger))
    follows = step.follows
    if follows is not None and follows.leaves:
        title, kind = in_language(Phrase("site.leaves"), language), "leaves"
    else:
        title = names.step_label(step.name)
        kind = "gives" if step.reward is not None else "says" if step.messages else "marks"
    return Box(step.name, title, sentence(words, language), kind)


def _arrows(campaign: Campaign) -> Iterator[Arrow]:
    for step in campaign.steps:
        follows = step.follows
        if follows is not None and not follows.leaves:
            yield from (Arrow(one, step.name) for one in follows.steps)
        if follows is not None:
            yield from (Arrow(one, step.name, dashed=True) for one in follows.unless_reached)
        if step.trigger.task is not None and step.trigger.task.after is not None:
            yield Arrow(step.trigger.task.after, step.name)
        if isinstance(step.trigger, AllDoneTrigger):
            yield from (Arrow(one, step.name) for one in step.trigger.tasks)


def of_stages(names: Names, lifecycle: Lifecycle, language: Language) -> Markup:
    """The stages of a lifecycle in the order in which they are asked."""
    boxes = [
        Box(
            stage.name,
            stage.label,
            sentence(Phrase("wording.sentence", words=said(names, stage.condition)), language),
            "stage",
        )
        for stage in lifecycle.stages
    ]
    order = [one.id for one in boxes]
    arrows = [Arrow(one, other) for one, other in pairwise(order)]
    title = in_language(Phrase("site.stages"), language)
    return diagram(title, lifecycle.label, boxes, arrows)
