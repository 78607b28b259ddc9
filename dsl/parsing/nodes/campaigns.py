"""Lifecycles, audiences, campaigns and the file that holds them (see `builder`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, get_args

from ...tree import (
    Active,
    AllDone,
    Appeal,
    Arm,
    Audience,
    AudienceClause,
    BudgetClause,
    Campaign,
    Compliance,
    DateLiteral,
    Declaration,
    Duration,
    ExclusiveWith,
    Experiment,
    Follows,
    Goal,
    GoalCount,
    GoalSum,
    Holdout,
    LateWithin,
    Lifecycle,
    Message,
    Number,
    OnEvent,
    Owner,
    PauseWhen,
    Peak,
    Priority,
    RenamedFrom,
    Scenario,
    SettledWithin,
    Split,
    Stage,
    StageClause,
    Task,
    TaskPeriod,
    Tasks,
    TimestampLiteral,
    WhilePaused,
)
from ..tokens import covering
from .rewards import period_of

_TASK_PERIODS: dict[str, TaskPeriod] = {one: one for one in get_args(TaskPeriod)}


class CampaignBuilder:
    """Lifecycles, audiences, campaigns and the file."""

    @staticmethod
    def campaign_file(children: list[Declaration]) -> tuple[Declaration, ...]:
        """The declarations that have a name. The parser, which knows the file, makes the node."""
        return tuple(each for each in children if _is_there(each))

    @staticmethod
    def lifecycle_by_conditions(children: list[Any]) -> Lifecycle:
        """`lifecycle retail "…" { stage … when … }`."""
        _, name, label, _, *stages, _ = children
        span = covering(children)
        return Lifecycle(name, label, "conditions", None, tuple(stages), span=span)

    @staticmethod
    def ladder(children: list[Any]) -> Lifecycle:
        """`lifecycle shop ladder { stage … from … }`."""
        _, name, label, _, _, *stages, _ = children
        return Lifecycle(name, label, "ladder", None, tuple(stages), span=covering(children))

    @staticmethod
    def lifecycle_by_score(children: list[Any]) -> Lifecycle:
        """`lifecycle vip by score … { stage … from 10 }`."""
        _, name, label, _, score, _, *stages, _ = children
        return Lifecycle(name, label, "score", score, tuple(stages), span=covering(children))

    @staticmethod
    def stage_when(children: list[Any]) -> Stage:
        """`stage prospect "…" when no invest`."""
        _, name, label, _, condition = children
        return Stage(name, label, condition=condition, span=covering(children))

    @staticmethod
    def stage_from(children: list[Any]) -> Stage:
        """`stage growing "…" from count(order) >= 2`."""
        return CampaignBuilder.stage_when(children)

    @staticmethod
    def stage_of_score(children: list[Any]) -> Stage:
        """`stage v1 from 10`."""
        _, name, label, _, threshold = children
        return Stage(name, label, threshold=threshold, span=covering(children))

    @staticmethod
    def audience(children: list[Any]) -> Audience:
        """`audience high_value "…" aum >= 500_000 CNY`."""
        _, name, label, condition = children
        return Audience(name, label, condition, span=covering(children))

    @staticmethod
    def campaign(children: list[Any]) -> Campaign:
        """`campaign welcome_gift "…" { … }`."""
        _, name, label, _, *clauses, _ = children
        kept = tuple(clause for clause in clauses if clause is not None)
        return Campaign(name, label, kept, span=covering(children))

    @staticmethod
    def owner(children: list[Any]) -> Owner:
        """`owner "retail-growth"`."""
        return Owner(children[1], span=covering(children))

    @staticmethod
    def goal(children: list[Any]) -> Goal:
        """`goal activation`, `goal activation 3_000 customers`."""
        return Goal(*children[1:], span=covering(children))

    @staticmethod
    def goal_count(children: list[Any]) -> GoalCount:
        """`3_000 customers`, `500 invest`."""
        return GoalCount(*children, span=covering(children))

    @staticmethod
    def goal_sum(children: list[Any]) -> GoalSum:
        """`500_000 CNY of invest.amount`."""
        money, _, of = children
        return GoalSum(money, of, span=covering(children))

    @staticmethod
    def peak(children: list[Any]) -> Peak:
        """`peak 2026-01-06 to 2026-01-20`."""
        return Peak(children[1], children[3], span=covering(children))

    @staticmethod
    def active(children: list[Any]) -> Active:
        """`active 2026-01-01 to 2026-12-31`."""
        start: DateLiteral | TimestampLiteral = children[1]
        end: DateLiteral | TimestampLiteral = children[3]
        return Active(start, end, span=covering(children))

    @staticmethod
    def stage_clause(children: list[Any]) -> StageClause:
        """`stage retail.prospect, retail.growing`."""
        return StageClause(tuple(children[1::2]), span=covering(children))

    @staticmethod
    def audience_clause(children: list[Any]) -> AudienceClause:
        """`audience not employee and …`."""
        return AudienceClause(children[1], span=covering(children))

    @staticmethod
    def budget_clause(children: list[Any]) -> BudgetClause:
        """`budget { … }`."""
        return BudgetClause(tuple(children[2:-1]), span=covering(children))

    @staticmethod
    def message(children: list[Any]) -> Message:
        """`message push "…"`, `message push "…" otherwise sms "…"`."""
        written = [
            Message(children[at + 1], children[at + 2], span=covering(children[at : at + 3]))
            for at in range(0, len(children), 3)
        ]
        first, *others = written
        return Message(first.channel, first.template, tuple(others), span=covering(children))

    @staticmethod
    def experiment(children: list[Any]) -> Experiment:
        """`experiment spring { holdout 10%  split a 50%, b 50% }`."""
        _, name, _, *statements, _ = children
        kept = tuple(one for one in statements if one is not None)
        return Experiment(name, kept, span=covering(children))

    @staticmethod
    def holdout(children: list[Any]) -> Holdout:
        """`holdout 10%`."""
        return Holdout(children[1], span=covering(children))

    @staticmethod
    def split(children: list[Any]) -> Split:
        """`split a 50%, b 50%`."""
        return Split(tuple(children[1::2]), span=covering(children))

    @staticmethod
    def arm(children: list[Any]) -> Arm:
        """`a 50%`."""
        return Arm(children[0], children[1], span=covering(children))

    @staticmethod
    def compliance(children: list[Any]) -> Compliance:
        """`compliance { follows cn_retail }`."""
        return Compliance(tuple(children[2:-1]), span=covering(children))

    @staticmethod
    def follows(children: list[Any]) -> Follows:
        """`follows cn_retail, cn_funds`."""
        return Follows(tuple(children[1::2]), span=covering(children))

    @staticmethod
    def priority(children: list[Any]) -> Priority:
        """`priority 10`."""
        return Priority(children[1], span=covering(children))

    @staticmethod
    def exclusive_with(children: list[Any]) -> ExclusiveWith:
        """`exclusive with other_campaign`, `exclusive with a, b per event`."""
        *listed, per_event = children
        return ExclusiveWith(tuple(listed[1::2]), per_event is not None, span=covering(children))

    @staticmethod
    def renamed_from(children: list[Any]) -> RenamedFrom:
        """`renamed from old_campaign`."""
        return RenamedFrom(children[1], span=covering(children))

    @staticmethod
    def appeal(children: list[Any]) -> Appeal:
        """`appeal "95xxx"`."""
        return Appeal(children[1], span=covering(children))

    @staticmethod
    def settled_within_working_days(children: list[Any]) -> SettledWithin:
        """`settled within 3 working days`."""
        return SettledWithin(children[1], True, span=covering(children))

    @staticmethod
    def late_within(children: list[Any]) -> LateWithin:
        """`late events within 2 days`, `catch up within 1 day`."""
        word, duration = children
        of: Literal["late events", "catch up"] = (
            "late events" if word.type == "LATE_EVENTS_WITHIN" else "catch up"
        )
        return LateWithin(of, duration, span=covering(children))

    @staticmethod
    def while_paused(children: list[Any]) -> WhilePaused:
        """`while paused lapse`, `while paused resume`."""
        lapses = children[0].text.endswith("lapse")
        return WhilePaused("lapse" if lapses else "resume", span=covering(children))

    @staticmethod
    def pause_when_share(children: list[Any]) -> PauseWhen:
        """`pause when failures over 5% of at least 100 within 10 minutes call "Lin"`."""
        _, measure, _, over, _, at_least, _, within, _, call = children
        return PauseWhen(measure, over, at_least, within, call, span=covering(children))

    @staticmethod
    def pause_when_yesterday(children: list[Any]) -> PauseWhen:
        """`pause when spend over 150% of yesterday call "Lin"`."""
        _, measure, _, over, _, _, call = children
        return PauseWhen(measure, over, None, None, call, span=covering(children))

    @staticmethod
    def pause_when_count(children: list[Any]) -> PauseWhen:
        """`pause when complaint over 20 within 1 hour call "Lin"`."""
        _, measure, _, over, _, within, _, call = children
        return PauseWhen(measure, over, None, within, call, span=covering(children))

    @staticmethod
    def settled_within_days(children: list[Any]) -> SettledWithin:
        """`settled within 3 days`."""
        duration: Duration = children[1].literal
        days = Number(Decimal(duration.count), True, span=duration.span)
        return SettledWithin(days, False, span=covering(children))

    @staticmethod
    def tasks(children: list[Any]) -> Tasks:
        """`tasks { task … all done … }`."""
        kept = tuple(one for one in children[2:-1] if one is not None)
        return Tasks(kept, span=covering(children))

    @staticmethod
    def task(children: list[Any]) -> Task:
        """`task try_it "…" weekly on invest where … after checkin reward 20 points`."""
        _, name, label, word, event, _, where, pattern, _, after, *parts = children
        period = _TASK_PERIODS.get(word.text.partition(" ")[0])
        at = [one for one in (word, event, where, pattern) if one is not None]
        form = OnEvent(event, where, pattern, span=covering(at))
        kept = tuple(one for one in parts if one is not None)
        return Task(name, label, period, form, after, kept, span=covering(children))

    @staticmethod
    def all_done(children: list[Any]) -> AllDone:
        """`all done per week reward coupon_10`."""
        _, period, *parts = children
        kept = tuple(one for one in parts if one is not None)
        return AllDone(period_of(period), kept, span=covering(children))


def _is_there(declaration: Declaration) -> bool:
    """Whether it has a name; a scenario is of a campaign that has one."""
    if isinstance(declaration, Scenario):
        return bool(declaration.campaign.text)
    return bool(declaration.name.text)
