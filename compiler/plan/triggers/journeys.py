"""Journeys: which steps a step follows, and until when it can be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..expressions import Expression, Origin, unless
from ..value import Span
from .timers import Unless


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last instant, itself in, at which a step can be taken.

    `span`: so long after the moment of `step`. `months`: the end of the month so many after that
    of the moment; 0 is its own. `at`: the instant itself (UTC).
    """

    step: str | None
    span: Span | None
    months: int | None
    at: datetime | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Following:
    """How a step of a journey comes after others.

    `steps`: those that it follows; it comes after the latest of their moments. `by`: its deadline.
    `condition` is asked at its moment.

    `unless_reached`: steps. If one of them was reached by its moment, it is not taken.
    `unless_event`: neither is it where such an event came after the latest of those moments. There
    a row's field is one of that event, an event's field one of the steps before.

    The fields of the steps before it are fields of its own event: `ticket.level`. So is the key of
    the customer: `customer.key`.

    `leaves`: it ends the journey. It gives nothing, and comes before all others of its instant.
    """

    steps: tuple[str, ...]
    by: Deadline | None
    unless_reached: tuple[str, ...]
    condition: Expression | None
    origin: Origin
    unless_event: tuple[Unless, ...] = unless(())
    leaves: bool = unless(False)

    @property
    def asked(self) -> tuple[Expression, ...]:
        """The condition, if there is one."""
        return () if self.condition is None else (self.condition,)


@dataclass(frozen=True, slots=True)
class Journey:
    """The rules of a journey for all of its steps. The first step is the entry.

    `one_at_a_time`: nobody enters who is inside. `during`: conditions asked at every step; where
    one is false, the instance ends. `removed`: steps that the journey had; whoever is at one goes
    on with what now follows. `ended` are such steps too; the instances that wait for one end.
    `as_of`: fields of the customer that steps ask as they were at the moment of a step before, such
    as `nudge.level`; sorted.
    """

    one_at_a_time: bool
    during: tuple[Expression, ...]
    origin: Origin
    removed: tuple[str, ...] = unless(())
    as_of: tuple[str, ...] = unless(())
    ended: tuple[str, ...] = unless(())
