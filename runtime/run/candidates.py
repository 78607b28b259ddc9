"""Candidates: turn rows of the candidates' query into decisions.

The query decides eligibility, branch and amounts. This module adds the lines, with costs and
expiries. Conditions on past grants (`received(…)`) are missing in the query, and are evaluated on
the row before the decision is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Plan, Reward, RewardLine, Step
from ...compiler.plan.calendar import WallClock
from ...compiler.plan.expressions import Expression
from ...compiler.plan.steps import StepKey, step_of
from ...compiler.plan.types import TEXT
from ...compiler.plan.values import Value, decode
from ...compiler.rewards.payouts import Goods, goods_of
from ...compiler.rewards.table import payout
from ...compiler.sql.all.campaigns import QueryOfAll
from ...compiler.sql.decisions import ENDED_COLUMN, TIMES_COLUMN
from ..decide.deciding import leaving
from ..decide.decisions import Decision, Identity, Line
from ..decide.drawing import arm_in
from ..decide.expiry import deliver_at
from ..decide.facts import holds, named
from ..decide.grant_gate import Count, GrantFacts
from ..decide.lines import bundle, by_times, is_timeless, line_of
from ..warehouse.rows import from_warehouse

_MOST_BUNDLES = 4_096


@dataclass(frozen=True, slots=True)
class Candidate:
    """A decision found by the warehouse, and the values that conditions on past grants need.

    `asks`: a journey ends with it only if past grants say so.
    """

    decision: Decision
    row: Mapping[str, Any]
    asks: bool = False


class Candidates:
    """Reads the rows of the query of one step (see `step_of`). `columns`: the query's columns."""

    def __init__(
        self, plan: Plan, campaign: str, columns: tuple[str, ...], *, step: str | None = None
    ) -> None:
        self.campaign: Campaign = named(plan.campaigns, campaign)
        self._step: Step = step_of(self.campaign, step)
        self._columns = columns
        self._zone = ZoneInfo(plan.time_zone)
        self._goods = goods_of(plan)
        self._names = value_names(self._step)
        self._bundles: dict[tuple[str, ...], tuple[Line, ...]] = {}
        pattern = self._step.trigger.pattern
        self._has_times = pattern is not None and pattern.crosses_several
        self._keys = tuple(name[4:] for name in columns if name.startswith("key_"))

    def read(self, values: tuple[Any, ...]) -> Candidate:
        """Return the candidate in a row of the query."""
        row = dict(zip(self._columns, values, strict=True))
        at = row["at"].replace(tzinfo=UTC)
        clock = WallClock(at, self._zone)
        step, campaign = self._step, self.campaign
        who = Identity(campaign.name, step.name, row["recipient"], row["occurrence"])
        ended = row.get(ENDED_COLUMN, False)
        if ended is None or ended:
            return Candidate(leaving(who, at), row, asks=ended is None)
        decision = Decision(
            identity=who,
            customer=row["customer"],
            at=at,
            held_out=row["held_out"],
            lines=self._reward_lines(row, clock),
            fallback=self._instead(row, clock),
            deliver_at=deliver_at(step.reward, clock),
            share=row["share"],
            keys={key: row[f"key_{key}"] for key in self._keys},
            values=self._values(row),
            times=row[TIMES_COLUMN] if self._has_times else None,
            arm=arm_in(campaign, row["customer"], held_out=row["held_out"]),
        )
        return Candidate(decision, row)

    def _reward_lines(self, row: Mapping[str, Any], clock: WallClock) -> tuple[Line, ...]:
        """Return the bundle of the branch that the query chose; empty without a reward."""
        reward, branch = self._step.reward, row["branch"]
        if reward is None or branch is None:
            return ()
        return self._bundle(reward.branches[branch].lines, f"amount_{branch}", row, clock)

    def _instead(self, row: Mapping[str, Any], clock: WallClock) -> tuple[Line, ...]:
        """Return the bundle of `when exhausted`; empty if an amount of it is not positive."""
        return self._bundle(self.campaign.when_exhausted.lines, "fallback", row, clock)

    def _bundle(
        self, lines: Sequence[RewardLine], amounts: str, row: Mapping[str, Any], clock: WallClock
    ) -> tuple[Line, ...]:
        """Return the lines of these amounts; most rows share theirs with an earlier one."""
        if not lines:
            return ()
        values = [row.get(f"{amounts}_{index}") for index in range(len(lines))]
        # As texts, since equal amounts may differ in their digits.
        key = (amounts, *map(str, values))
        known = self._bundles.get(key)
        if known is not None:
            return known
        whole, is_lasting = bundle_at(self._step.reward, lines, values, self._goods, clock)
        if is_lasting:
            if len(self._bundles) >= _MOST_BUNDLES:
                self._bundles.clear()
            self._bundles[key] = whole
        return whole

    def _values(self, row: Mapping[str, Any]) -> dict[str, str]:
        """Return the known variables of messages."""
        seen = ((name, row[f"value_{index}"]) for index, name in enumerate(self._names))
        return {name: value for name, value in seen if value is not None}


class AllCandidates:
    """Reads the rows of the query over all campaigns."""

    def __init__(self, plan: Plan, query: QueryOfAll) -> None:
        self._shared, own = len(query.shared), query.shared[len(StepKey._fields) :]
        self._readers = {
            key: Candidates(plan, key.campaign, (*own, *(name for name, _ in more)), step=key.step)
            for key, more in query.further.items()
        }
        self._types = {
            key: tuple(type_ for _, type_ in more) for key, more in query.further.items()
        }

    def read(self, values: tuple[Any, ...]) -> Candidate:
        """The candidate in a row of the query."""
        campaign, step, *shared = values[: self._shared]
        key, cells = StepKey(campaign, step), values[self._shared :]
        known = (
            None if cell is None else decode(type_, cell)
            for type_, cell in zip(self._types[key], cells, strict=False)
        )
        return self._readers[key].read((*shared, *known))


def bundle_at(
    reward: Reward | None,
    lines: Sequence[RewardLine],
    values: Sequence[Value | None],
    goods: Goods,
    clock: WallClock,
) -> tuple[tuple[Line, ...], bool]:
    """Return the bundle of these amounts, and whether it is the same at every instant.

    It is empty if an amount gives nothing.
    """
    found = [payout(line, value, goods) for line, value in zip(lines, values, strict=True)]
    made = [
        None if one is None else line_of(reward, one, clock, times=by_times(line))
        for line, one in zip(lines, found, strict=True)
    ]
    return bundle(made) or (), all(one is None or is_timeless(reward, one) for one in found)


def value_names(step: Step) -> tuple[str, ...]:
    """Return the variables that all messages of a step take from data, each once, sorted."""
    return tuple(sorted({value.name for message in step.messages for value in message.values}))


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """The facts in a candidate's row (`facts.Facts`): the columns that its conditions need."""

    plan: Plan
    candidate: Candidate

    @property
    def clock(self) -> WallClock:
        """The decision's instant and the project's zone."""
        return WallClock(self.candidate.decision.at, ZoneInfo(self.plan.time_zone))

    def feature(self, id_: str) -> Value | None:
        """A column of the row."""
        feature = next(feature for feature in self.plan.features if feature.id == id_)
        return from_warehouse(self.candidate.row[f"feature_{id_}"], feature.type)

    def event(self, name: str) -> Value | None:
        """A field of the triggering event."""
        who = self.candidate.decision.identity
        trigger = step_of(named(self.plan.campaigns, who.campaign), who.step).trigger
        event = trigger.event
        fields = () if event is None else named(self.plan.events, event).fields
        type_ = next((one.type for one in fields if one.name == name), TEXT)
        return from_warehouse(self.candidate.row[f"event_{name}"], type_)

    def row(self, name: str) -> Value | None:
        """Raise `LookupError`: the query has computed all aggregates."""
        raise LookupError(f"{name} is a field of a past event, and no history is being read")

    def stage(self, lifecycle: str) -> str | None:
        """The first stage whose condition holds."""
        stages = named(self.plan.lifecycles, lifecycle).stages
        return next((stage.name for stage in stages if holds(stage.condition, self)), None)

    def audience(self, name: str) -> bool:
        """Whether the audience's condition holds."""
        return holds(named(self.plan.audiences, name).condition, self)


def passes(
    plan: Plan, conditions: Sequence[Expression], candidate: Candidate, count: Count
) -> bool:
    """Whether the conditions missing in the query hold, given a count of past grants."""
    if not conditions:
        return True
    own = CandidateFacts(plan, candidate)
    facts = GrantFacts(plan, own, candidate.decision.customer, count)
    return all(holds(condition, facts) for condition in conditions)
