"""Events, and the customers whom they concern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..decide.facts import Row, moment
from ..due.known import Name
from .compiled.dispatch import Matcher


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a customer. `row` has its fields, `at` and `key` (`facts.Row`)."""

    name: str
    customer: str
    row: Row


def name_of(event: Event) -> Name:
    """Return the kind of an event with its key."""
    return event.name, moment(event.row)[1]


class Concern(NamedTuple):
    """A customer for whom rules are evaluated: at which event, and as which occurrence.

    `event` brings the rules up. It is the one with this `row`, or one that came late before it.
    """

    event: Event
    matcher: Matcher
    row: Row
    customer: str
    occurrence: str
