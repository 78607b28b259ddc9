"""The events that claim offers: which campaign's offers, and which of their options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ...compiler.plan import Claims, Plan, Step
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.expressions import EventValue, Expression, walk
from ...compiler.plan.steps import StepKey, steps_of
from .claims import ClaimEvent, ClaimIdentity
from .facts import Row, holds, moment
from .patterns.counting import EventFacts
from .received import Ranks

_COMMAS = re.compile("[,，、]")


@dataclass(frozen=True, slots=True)
class Claimer:
    """A campaign whose offers an event claims."""

    key: StepKey
    claims: Claims
    zone: ZoneInfo

    @property
    def event(self) -> str:
        """The kind of event that claims."""
        return self.claims.event

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the event that `read` reads."""
        return frozenset({self.claims.field, *fields_asked(self.claims.where)})

    def read(self, customer: str, row: Row) -> ClaimEvent | None:
        """Return the claim that an event makes; `None` if it fails the campaign's `where`."""
        at, key = moment(row)
        if not holds(self.claims.where, EventFacts(row, WallClock(at, self.zone))):
            return None
        named = row[self.claims.field]
        chosen = chosen_of(named if isinstance(named, str) else "")
        return ClaimEvent(ClaimIdentity(*self.key, customer, key), at, chosen)


def fields_asked(where: Expression | None) -> Iterator[str]:
    """Yield the fields of an event that a condition reads."""
    nodes = () if where is None else walk(where)
    return (one.field for one in nodes if isinstance(one, EventValue))


def claims_from(step: Step) -> Claims | None:
    """Return how events claim the step's offers; `None` if no event does."""
    return None if step.reward is None else step.reward.claims


def claimers(plan: Plan) -> tuple[Claimer, ...]:
    """Return the campaigns whose offers events claim, in the order of an instant."""
    zone, ranks = ZoneInfo(plan.time_zone), Ranks(plan)
    found = [
        Claimer(key, claims, zone)
        for key, _, step in steps_of(plan)
        if (claims := claims_from(step)) is not None
    ]
    return tuple(sorted(found, key=lambda one: ranks.rank(one.key)))


def chosen_of(text: str) -> tuple[str, ...]:
    """Split a field into the names that it chooses, at commas (Chinese ones too)."""
    parts = (part.strip() for part in _COMMAS.split(text))
    return tuple(part for part in parts if part)
