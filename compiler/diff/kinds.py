"""The kinds of change. `docs/planning.md` lists what belongs to each."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal[
    "project",
    "calendar",
    "data",
    "lifecycle",
    "audience",
    "benefit",
    "campaign",
    "window",
    "trigger",
    "journey",
    "reward",
    "chance",
    "budget",
    "spend",
    "cap",
    "policy",
    "holdout",
    "experiment",
    "goal",
    "priority",
    "lateness",
    "reversal",
    "measure",
    "brake",
    "message",
    "other",
]
"""A kind of change. `other` is for all that has no kind of its own."""

Owner = Literal[
    "project", "field", "lifecycle", "audience", "benefit", "pool", "policy", "campaign"
]


class Subject(NamedTuple):
    """The thing that changed: `("campaign", "win_back", "")`.

    `step`: one of the campaign's steps, if it has several.
    """

    owner: Owner
    name: str
    step: str = ""
