"""Whole campaigns, and the file that holds all declarations."""

from __future__ import annotations

from dataclasses import dataclass

from .base import Name, Node, Text
from .campaigns import (
    Active,
    Appeal,
    Audience,
    AudienceClause,
    BudgetClause,
    Compliance,
    ExclusiveWith,
    LateWithin,
    Lifecycle,
    Message,
    Owner,
    PauseWhen,
    Priority,
    RenamedFrom,
    ReversedOn,
    SettledWithin,
    StageClause,
    Tasks,
    Trigger,
    WhilePaused,
)
from .experiments import Experiment
from .goals import Goal, Peak
from .journeys import Journey
from .measures import Measures
from .policies import Policy
from .rewards import Benefit, Pool, Reward
from .scenarios import Scenario

CampaignClause = (
    Owner
    | Goal
    | Active
    | Peak
    | StageClause
    | AudienceClause
    | Trigger
    | Tasks
    | Journey
    | Reward
    | BudgetClause
    | Message
    | Compliance
    | Priority
    | ExclusiveWith
    | RenamedFrom
    | Appeal
    | SettledWithin
    | LateWithin
    | WhilePaused
    | PauseWhen
    | ReversedOn
    | Measures
    | Experiment
)


@dataclass(frozen=True, slots=True)
class Campaign(Node):
    """Clauses in the order of the file; which must be there, and how often, the compiler says."""

    name: Name
    label: Text | None
    clauses: tuple[CampaignClause, ...]


Named = Lifecycle | Audience | Benefit | Pool | Policy | Campaign
"""Declarations with a name, by which others may refer to them."""

Declaration = Named | Scenario


@dataclass(frozen=True, slots=True)
class CampaignFile(Node):
    """One `.campaign` file: what of it could be read."""

    declarations: tuple[Declaration, ...]
