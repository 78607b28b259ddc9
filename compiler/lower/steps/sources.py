"""The steps of a campaign, however it says what fires: by a trigger, by tasks, or as a journey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ....dsl import tree
from ....dsl.diagnostics.diagnostic import Label
from ... import plan
from ...check.context import Context
from ...codes import journeys as words
from ...codes import names
from ...plan.steps import UNNAMED
from ..triggers import trigger, triggering_event
from .journeys import journey_steps
from .source import Source, of_parts
from .tasks import tasks

_FORMS = {tree.Trigger: "trigger", tree.Tasks: "tasks", tree.Journey: "journey"}


def written_steps(
    c: Context, node: tree.Campaign, start: date | None, experiment: plan.Experiment | None
) -> tuple[Source, ...]:
    """The steps in the order of the file; none where nothing says what fires.

    `start`: the first day on which the campaign is active. `experiment`: the campaign's.
    """
    several = _of_several(node)
    _report_forms(c, node)
    if isinstance(several, tree.Journey):
        return journey_steps(c, several, start, experiment)
    if several is not None:
        for clause in node.clauses:
            if isinstance(clause, tree.Reward | tree.Message):
                c.report(words.PART_OUTSIDE, clause, clause=_first_word(clause))
        return tasks(c, several)
    fires = next((one for one in node.clauses if isinstance(one, tree.Trigger)), None)
    event = triggering_event(c, fires) if fires else None
    lowered = trigger(c, fires, start) if fires else None
    return (of_parts(UNNAMED, node, lowered, event, parts_of(node)),)


def is_of_several(node: tree.Campaign) -> bool:
    """Whether it has several steps, each with its own reward and messages."""
    return _of_several(node) is not None


def parts_of(node: tree.Campaign) -> tuple[tree.Reward | tree.Message, ...]:
    """Every reward and message of a campaign, in the order of the file."""
    return tuple(_parts(node))


def _parts(node: tree.Campaign) -> Iterator[tree.Reward | tree.Message]:
    for clause in node.clauses:
        match clause:
            case tree.Reward() | tree.Message():
                yield clause
            case tree.Tasks():
                for statement in clause.statements:
                    yield from statement.parts
            case tree.Journey():
                steps = (one for one in clause.statements if isinstance(one, tree.JourneyStep))
                for part in (part for step in steps for part in step.parts):
                    if not isinstance(part, tree.OneAtATime):
                        yield part
            case _:
                pass


def _of_several(node: tree.Campaign) -> tree.Tasks | tree.Journey | None:
    found = (one for one in node.clauses if isinstance(one, tree.Tasks | tree.Journey))
    return next(found, None)


def _report_forms(c: Context, node: tree.Campaign) -> None:
    """Report a campaign that says in two ways what fires."""
    found = [one for one in node.clauses if isinstance(one, tuple(_FORMS))]
    first = next(iter(found), None)
    for other in found[1:]:
        if first is not None and type(other) is not type(first):
            label = Label(first.span.place, names.DECLARED_FIRST)
            told = {"name": node.name.text, "first": _FORMS[type(first)]}
            c.report(words.TWO_FORMS, other, label, **told, second=_FORMS[type(other)])


def _first_word(node: tree.Node) -> str:
    return node.span.text.split(maxsplit=1)[0]
