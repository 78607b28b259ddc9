"""The questions that measures put to the warehouse, each once for all campaigns.

A campaign has at most a few lengths of windows. Its exposures bring the end of each along, as
`until_1` and so on. Campaigns that ask for the same events in the window of the same number share
a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from ..plan import Campaign, Conversion, Guard, Measured, Plan, Revenue, Span, Success
from ..plan.demands import Index
from ..plan.expressions import Expression, without_origins

BEFORE = Span(30, "day")
"""The time before the exposure that says how customers were anyway."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The number of events that meet `where`, or the total of a field of theirs."""

    event: str
    where: Expression | None
    field: str | None


@dataclass(frozen=True, slots=True)
class After:
    """A count or total within the window that ends with `until_{slot}`, and in the days before."""

    counted: Counted
    slot: int


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether a customer came to meet the condition by the end of the window `slot`."""

    condition: Expression
    slot: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A part of a revenue: a count or a total, times a factor."""

    after: After
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Asked:
    """A measure with what it asks. `slot` is the number of its window.

    `happened`: of a conversion or guard. `amounts`: of a revenue. `reached`: of a success.
    """

    measure: Measured
    slot: int
    happened: After | None = None
    amounts: tuple[Amount, ...] = ()
    reached: Reached | None = None


@dataclass(frozen=True, slots=True)
class Asks:
    """The measures of campaigns: `campaigns` in their order, and what each measure asks.

    `spans` are the distinct lengths of each campaign's windows, shortest first as written.
    """

    campaigns: tuple[Campaign, ...]
    spans: tuple[tuple[Span, ...], ...] = field(init=False)
    asked: tuple[tuple[Asked, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        spans = tuple(
            tuple(dict.fromkeys(one.within for one in campaign.measures))
            for campaign in self.campaigns
        )
        object.__setattr__(self, "spans", spans)
        asked = tuple(
            tuple(_asked(one, own.index(one.within) + 1) for one in campaign.measures)
            for campaign, own in zip(self.campaigns, spans, strict=True)
        )
        object.__setattr__(self, "asked", asked)

    @property
    def slots(self) -> int:
        """The most windows that a campaign has."""
        return max((len(own) for own in self.spans), default=0)

    def counts(self) -> tuple[After, ...]:
        """Every count and total that a measure asks for, each once."""
        return tuple(dict.fromkeys(self._counts()))

    def _counts(self) -> Iterator[After]:
        for one in self._every():
            if one.happened is not None:
                yield one.happened
            yield from (amount.after for amount in one.amounts)

    def happenings(self) -> tuple[After, ...]:
        """Those of which is asked only whether there were any."""
        found = (one.happened for one in self._every() if one.happened is not None)
        return tuple(dict.fromkeys(found))

    def revenues(self) -> tuple[tuple[After, ...], ...]:
        """The counts and totals that make up a revenue together, each set once."""
        found = (tuple(a.after for a in one.amounts) for one in self._every() if one.amounts)
        return tuple(dict.fromkeys(found))

    def successes(self) -> tuple[Reached, ...]:
        """The stages that customers are to come to."""
        found = (one.reached for one in self._every() if one.reached is not None)
        return tuple(dict.fromkeys(found))

    def _every(self) -> Iterable[Asked]:
        return (one for every in self.asked for one in every)


def asks_of(plan: Plan, only: str | None = None) -> Asks:
    """The questions of the campaigns of a plan that have measures; `only` that one."""
    chosen = (one for one in plan.campaigns if one.measures and only in (None, one.name))
    return Asks(tuple(chosen))


def _asked(measure: Measured, slot: int) -> Asked:
    match measure:
        case Conversion(event=event, where=where) | Guard(event=event, where=where):
            return Asked(measure, slot, happened=After(Counted(event, _plain(where), None), slot))
        case Revenue(parts=parts):
            amounts = tuple(
                Amount(After(Counted(one.event, _plain(one.where), one.field), slot), one.factor)
                for one in parts
            )
            return Asked(measure, slot, amounts=amounts)
        case Success(condition=condition):
            return Asked(measure, slot, reached=Reached(without_origins(condition), slot))


def _plain(where: Expression | None) -> Expression | None:
    return None if where is None else without_origins(where)


def events_of(plan: Plan, asks: Asks) -> tuple[str, ...]:
    """The kinds of events that the measures read, and those that cancel them."""
    index = Index(plan)
    read = {one.counted.event for one in asks.counts()}
    cancels = (index.events[name].cancelled_by for name in read)
    read |= {one.event for one in cancels if one is not None}
    read.update(index.events_read(one.condition for one in asks.successes()))
    return tuple(sorted(read))
