"""The events that take back what campaigns granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, Plan, Reversal, Step
from ....compiler.plan.calendar import WallClock
from ....compiler.plan.steps import StepKey
from ..claimers import fields_asked
from ..facts import Row, holds, moment
from ..patterns.counting import EventFacts
from ..received import Ranks
from .events import ReversalEvent, ReversalIdentity


@dataclass(frozen=True, slots=True)
class Reverser:
    """A campaign whose grants an event takes back. `key` is that of its first step."""

    key: StepKey
    reversal: Reversal
    zone: ZoneInfo

    @property
    def event(self) -> str:
        """The kind of event that takes back."""
        return self.reversal.event

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the event that `read` reads."""
        proportion = self.reversal.proportion
        parts = () if proportion is None else (proportion.part,)
        return frozenset({self.reversal.field, *parts, *fields_asked(self.reversal.where)})

    def read(self, customer: str, row: Row) -> ReversalEvent | None:
        """Return what an event takes back; `None` if it fails the campaign's `where`."""
        at, key = moment(row)
        reversal = self.reversal
        if not holds(reversal.where, EventFacts(row, WallClock(at, self.zone))):
            return None
        of = row[reversal.field]
        part = None if reversal.proportion is None else row[reversal.proportion.part]
        number = Decimal(part) if isinstance(part, Decimal | int) else None
        named = of if isinstance(of, str) else None
        return ReversalEvent(
            ReversalIdentity(*self.key, customer, key), at, self.event, named, number
        )


def is_reversing(campaign: Campaign, step: Step) -> bool:
    """Whether the step is the one under which the campaign's reversals go."""
    return campaign.reversal is not None and step is campaign.steps[0]


def reversers(plan: Plan) -> tuple[Reverser, ...]:
    """Return the campaigns with reversals, in the order of an instant."""
    zone, ranks = ZoneInfo(plan.time_zone), Ranks(plan)
    found = [
        Reverser(StepKey(campaign.name, campaign.steps[0].name), campaign.reversal, zone)
        for campaign in plan.campaigns
        if campaign.reversal is not None
    ]
    return tuple(sorted(found, key=lambda one: ranks.rank(one.key)))


def ratio_of(
    reversal: Reversal | None,
    parts: Iterable[Decimal | None],
    keys: Mapping[str, str | None],
) -> Fraction:
    """Return how much of a grant reversals with these parts take back: 0 to 1.

    `keys` are the fields that the decision kept. Without a proportion, or if nothing can be a part
    of the event's field, it is all.
    """
    if reversal is None or reversal.proportion is None:
        return Fraction(1)
    whole = amount_of(keys.get(f"event.{reversal.proportion.whole}"))
    if whole is None or whole <= 0:
        return Fraction(1)
    total = sum((part for part in parts if part is not None), Decimal(0))
    return max(min(Fraction(total) / Fraction(whole), Fraction(1)), Fraction(0))


def amount_of(text: str | None) -> Decimal | None:
    """Return a number that was kept as text; `None` if it is unknown."""
    return None if text is None else Decimal(text)
