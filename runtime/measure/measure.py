"""Measure campaigns: exposures of the ledger against the events of the warehouse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.measures.asks import Asked, Asks, asks_of, events_of
from ...compiler.measures.exposed import Exposure, line_of
from ...compiler.measures.query import measure_query
from ...compiler.plan import Guard, Plan, Revenue
from ...dsl.diagnostics.diagnostic import Phrase
from ..ledger.totals.exposures import Exposing
from ..statistics.differences import Difference, difference
from ..statistics.proportions import wilson
from ..warehouse.bad_rows import sound
from ..warehouse.contract import Warehouse
from . import judging
from .exposures import Crowd, Looking
from .figures import Answers, Summed
from .results import (
    HELD_OUT,
    Count,
    Estimate,
    Kept,
    Line,
    Refusal,
    Report,
    Result,
    Return,
    Variant,
    Versus,
)

KEPT = "campaigner_exposed"
"""The table of the session that has the exposures."""


@dataclass(frozen=True, slots=True)
class Question:
    """The measures of a plan at an instant; `only` those of one campaign.

    `closed_only`: customers whose windows are still open are left out, not refused.
    """

    plan: Plan
    at: datetime
    only: str | None = None
    closed_only: bool = False


def measured(
    question: Question, warehouse: Warehouse, ledger: Exposing, bad_share: Decimal | None
) -> Report:
    """The results of every campaign with measures.

    Raise `Unfit` (a `CannotRun`) if the warehouse does not match the catalog.
    """
    events = events_of(question.plan, asks_of(question.plan, question.only))
    found = sound(warehouse, question.plan, events, bad_share)
    question = replace(question, plan=found.opened(warehouse))
    plan, zone = question.plan, ZoneInfo(question.plan.time_zone)
    asks = asks_of(plan, question.only)
    looking = Looking(asks, zone, question.at, question.closed_only)
    crowds = looking.crowds()
    answers = _answers(question, asks, warehouse, looking.exposures(ledger, crowds))
    costs = _Costs.of(question, ledger, crowds)
    results = [
        _Campaign(question, zone, number, crowds[one.name], asks.asked[number], answers, costs)
        for number, one in enumerate(asks.campaigns)
    ]
    return Report(question.at, plan.currency, plan.time_zone, [one.result() for one in results])


def _answers(
    question: Question, asks: Asks, warehouse: Warehouse, exposures: Iterator[Exposure]
) -> Answers:
    """Hand the exposures to the warehouse, and ask it for all measures at once."""
    since = [question.at]

    def lines() -> Iterator[str]:
        for unit, one in enumerate(exposures):
            since[0] = min(since[0], one.begins)
            yield line_of(unit, one, asks.slots)

    if not asks.campaigns:
        return Answers({})
    warehouse.keep(KEPT, lines())
    stretch = (since[0], question.at)
    query = measure_query(question.plan, asks, stretch, warehouse.dialect.name, KEPT)
    return Answers.of(query, warehouse.ask(query.sql).rows())


@dataclass(frozen=True, slots=True)
class _Costs:
    """The cost of each campaign by variant, and the campaigns that paid in other currencies."""

    by_variant: Mapping[tuple[str, int], Decimal]
    foreign: Mapping[str, str]

    @staticmethod
    def of(question: Question, ledger: Exposing, crowds: Mapping[str, Crowd]) -> _Costs:
        """Add up the costs of the customers that count."""
        found: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for one in ledger.spent(question.at):
            crowd = crowds.get(one.campaign)
            variant = None if crowd is None else crowd.variants.get(one.customer)
            if variant is not None:
                found[one.campaign, variant] += one.cost
        return _Costs(found, dict(ledger.foreign_costs(question.plan.currency)))


@dataclass(frozen=True, slots=True)
class _Campaign:
    """One campaign with all that its result is made of."""

    question: Question
    zone: ZoneInfo
    number: int
    crowd: Crowd
    asked: tuple[Asked, ...]
    answers: Answers
    costs: _Costs

    def result(self) -> Result:
        """The result; its numbers are there only if nothing refuses them."""
        crowd, campaign = self.crowd, self.crowd.campaign
        partial = self.question.closed_only and crowd.open > 0
        refused = tuple(judging.refusals(crowd, self.zone, closed_only=self.question.closed_only))
        lines = () if refused else tuple(map(self._line, range(len(self.asked)), self.asked))
        before = [one.before or 0 for line in lines[:1] for one in line.counts]
        notes = [] if refused else [*judging.notes(crowd, before)]
        if partial and not refused:
            notes.insert(0, self._partly())
        return Result(
            campaign.renamed or campaign.name,
            campaign.label,
            self._variants(),
            refused,
            tuple(notes),
            lines,
            tuple(self._returns(lines)) if lines else (),
            partial,
            crowd.open,
            crowd.closes,
        )

    def _partly(self) -> Phrase:
        closes = self.crowd.closes or self.question.at
        values = {"count": f"{self.crowd.open:,}", "until": judging.shown(closes, self.zone)}
        return Phrase("measure.partly", **values)

    # --- variants -------------------------------------------------------------------------------

    @property
    def _numbers(self) -> tuple[int, ...]:
        """The variants of the campaign, by number; that of the held out only where one is."""
        held = judging.held_part(self.crowd.campaign) > 0 or self.crowd.counts[HELD_OUT] > 0
        return (*((HELD_OUT,) if held else ()), *range(1, 1 + len(self._names)))

    @property
    def _names(self) -> tuple[str, ...]:
        """The names of the arms; one name for all who were reached if there are none."""
        experiment = self.crowd.campaign.experiment
        arms = () if experiment is None else experiment.arms
        return tuple(one.name for one in arms) or ("reached",)

    @property
    def _against(self) -> int | None:
        """The variant that the others are compared with; `None` if there is none."""
        first, *others = self._numbers
        return first if others else None

    def _variants(self) -> tuple[Variant, ...]:
        name = self.crowd.campaign.name
        return tuple(
            Variant(
                one,
                "held_out" if one == HELD_OUT else self._names[one - 1],
                self.crowd.counts[one],
                self.costs.by_variant.get((name, one), Decimal(0)),
            )
            for one in self._numbers
        )

    # --- measures -------------------------------------------------------------------------------

    def _line(self, place: int, asked: Asked) -> Line:
        summed = {one: self.answers.summed(self.number, one, asked) for one in self._numbers}
        counts = tuple(self._count(one, each) for one, each in summed.items())
        versus = tuple(
            self._versus(one, summed, asked) for one in self._numbers if one != self._against
        )
        kept = tuple(
            (one, _kept(asked.measure, each))
            for one, each in summed.items()
            if isinstance(asked.measure, Guard) and one != HELD_OUT
        )
        return Line(asked.measure, place == 0, counts, versus, kept)

    def _count(self, variant: int, one: Summed) -> Count:
        customers = self.crowd.counts[variant]
        enough = customers >= judging.LEAST
        interval = None
        if enough and one.count is not None:
            interval = wilson(one.count, customers)
        rate = one.moments.mean if enough else None
        return Count(variant, customers, one.count, one.total, rate, interval, one.before)

    def _versus(self, variant: int, summed: Mapping[int, Summed], asked: Asked) -> Versus:
        against = self._against
        refused = judging.comparison(self.crowd.counts, variant, against)
        if refused is None and against is not None:
            pair = summed[variant], summed[against]
            refused = _too_few(pair, asked)
            if refused is None:
                found = difference(pair[0].moments, pair[1].moments)
                return Versus(variant, against, found)
        return Versus(variant, HELD_OUT if against is None else against, None, refused)

    # --- what it cost ---------------------------------------------------------------------------

    def _returns(self, lines: tuple[Line, ...]) -> Iterator[Return]:
        """The return of every variant but that which the others are compared with."""
        for variant in self._variants():
            if variant.number == self._against:
                continue
            primary = next((one for one in lines if one.primary), None)
            counted = primary if primary is not None and primary.counts[0].total is None else None
            revenue = next((one for one in lines if isinstance(one.measure, Revenue)), None)
            more = self._more(counted, variant)
            yield Return(
                variant.number,
                variant.cost,
                more,
                self._each(more, variant),
                self._roi(revenue, variant),
            )

    def _more(self, line: Line | None, variant: Variant) -> Estimate | Refusal:
        """The customers who did it because of the campaign."""
        if line is None:
            return Refusal("no_conversion", Phrase("measure.no_conversion"))
        found = _versus_of(line, variant.number)
        if found.difference is None:
            return found.refused or Refusal("not_clear", Phrase("measure.not_clear"))
        return _times(found.difference, variant.customers)

    def _each(self, more: Estimate | Refusal, variant: Variant) -> Estimate | Refusal:
        refused = self._unpaid(variant)
        if refused is not None:
            return refused
        if isinstance(more, Refusal):
            return more
        if more.low <= 0:
            return Refusal("not_clear", Phrase("measure.not_clear"))
        cost = float(variant.cost)
        return Estimate(cost / more.value, cost / more.high, cost / more.low)

    def _roi(self, line: Line | None, variant: Variant) -> Estimate | Refusal:
        refused = self._unpaid(variant)
        if refused is not None:
            return refused
        if line is None:
            return Refusal("no_conversion", Phrase("measure.no_revenue"))
        found = _versus_of(line, variant.number)
        if found.difference is None:
            return found.refused or Refusal("not_clear", Phrase("measure.not_clear"))
        more, cost = _times(found.difference, variant.customers), float(variant.cost)
        ends = [(one - cost) / cost for one in (more.value, more.low, more.high)]
        return Estimate(*ends)

    def _unpaid(self, variant: Variant) -> Refusal | None:
        """Why nothing can be held against the cost; `None` if it can."""
        currency = self.costs.foreign.get(self.crowd.campaign.name)
        if currency is not None:
            values = {"currency": currency, "own": self.question.plan.currency}
            return Refusal("other_currency", Phrase("measure.other_currency", **values))
        if variant.cost <= 0:
            return Refusal("costs_nothing", Phrase("measure.costs_nothing"))
        return None


def _too_few(pair: tuple[Summed, Summed], asked: Asked) -> Refusal | None:
    """Why a difference of hardly any customers is not given."""
    customers = sum(one.moments.count for one in pair)
    if asked.amounts:
        spread = sum(one.moments.variance > 0 for one in pair)
        return None if spread == 2 else Refusal("too_few_events", Phrase("measure.no_spread"))
    return judging.too_few(sum(one.count or 0 for one in pair), customers)


def _versus_of(line: Line, variant: int) -> Versus:
    return next(one for one in line.versus if one.variant == variant)


def _times(found: Difference, customers: int) -> Estimate:
    low, high = found.always
    return Estimate(found.value * customers, low * customers, high * customers)


def _kept(guard: Guard, one: Summed) -> Kept:
    """Whether the share of customers is at most what the guard lets be."""
    customers, most = one.moments.count, float(guard.most)
    if customers < judging.LEAST:
        return "unclear"
    low, high = wilson(one.count or 0, customers)
    return "broken" if low > most else "kept" if high <= most else "unclear"
