"""Lifecycles, audiences, campaigns and the file that holds them (see `builder`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, get_args

from ...tree import (
    Active,
    AllDone,
    Appeal,
    Audience,
    AudienceClause,
    BudgetClause,
    Campaign,
    Compliance,
    DateLiteral,
    Declaration,
    Duration,
    Entering,
    Every,
    EveryWeeks,
    ExclusiveWith,
    Follows,
    Goal,
    Hourly,
    LateWithin,
    Lifecycle,
    Message,
    Moment,
    Monthly,
    Nth,
    Number,
    Once,
    OnEvent,
    OnFestival,
    OpenMonthly,
    Owner,
    Pattern,
    PatternPeriod,
    Priority,
    RenamedFrom,
    SettledWithin,
    Stage,
    StageClause,
    Task,
    TaskPeriod,
    Tasks,
    Timer,
    TimestampLiteral,
    Trigger,
    Unless,
    Weekday,
    Which,
)
from ..tokens import Token, covering
from .expressions import field_name
from .rewards import period_of

_WEEKDAYS: dict[str, Weekday] = {day: day for day in get_args(Weekday)}
_PERIODS: dict[str, PatternPeriod] = {one: one for one in get_args(PatternPeriod)}
_TASK_PERIODS: dict[str, TaskPeriod] = {one: one for one in get_args(TaskPeriod)}
_WHICH: dict[str, Which] = {which: which for which in get_args(Which)}


class CampaignBuilder:
    """Lifecycles, audiences, campaigns and the file."""

    @staticmethod
    def campaign_file(children: list[Declaration]) -> tuple[Declaration, ...]:
        """The declarations that have a name. The parser, which knows the file, makes the node."""
        return tuple(each for each in children if each.name.text)

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
        """`goal activation`."""
        return Goal(children[1], span=covering(children))

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
    def settled_within_days(children: list[Any]) -> SettledWithin:
        """`settled within 3 days`."""
        duration: Duration = children[1].literal
        days = Number(Decimal(duration.count), True, span=duration.span)
        return SettledWithin(days, False, span=covering(children))

    @staticmethod
    def trigger(children: list[Any]) -> Trigger:
        """`trigger on invest open every month …`."""
        _, form, opening = children
        return Trigger(form, opening, span=covering(children))

    @staticmethod
    def on_event(children: list[Any]) -> OnEvent:
        """`on invest where …`."""
        _, event, _, where, pattern = children
        return OnEvent(event, where, pattern, span=covering(children))

    @staticmethod
    def reaching(children: list[Any]) -> Pattern:
        """`reaching 3 customers per team_id within 72 hours`, `reaching 5 times each month`."""
        _, count, of, field, _, key, _, within, each = children
        return Pattern(
            every=False,
            amount=count,
            of=of,
            field=field,
            key=key,
            within=within,
            each=_period(each),
            span=covering(children),
        )

    @staticmethod
    def every_times(children: list[Any]) -> Pattern:
        """`every 5 times each month`, `every 3 different product`."""
        _, count, of, field, _, within, each = children
        return Pattern(
            every=True,
            amount=count,
            of=of,
            field=field,
            within=within,
            each=_period(each),
            span=covering(children),
        )

    @staticmethod
    def pattern_sum(children: list[Any]) -> Pattern:
        """`reaching 5_000 CNY of amount within 30 days`, `every 1_000 CNY of amount`."""
        word, amount, _, field, _, within, each = children
        return Pattern(
            every=word.type == "EVERY",
            amount=amount,
            field=field,
            within=within,
            each=_period(each),
            span=covering(children),
        )

    @staticmethod
    def pattern_days(children: list[Any]) -> Pattern:
        """`reaching 7 days in a row`, `reaching 7 days each month`."""
        word, days, in_a_row, _, within, each = children
        return Pattern(
            every=word.type == "EVERY",
            amount=days,
            in_a_row=in_a_row is not None,
            within=within,
            each=_period(each),
            span=covering(children),
        )

    @staticmethod
    def every(children: list[Any]) -> Every:
        """`every day at 10:00`, `every friday at 09:00`."""
        word, _, at = children
        return Every(_WEEKDAYS.get(word.text.split()[-1], "day"), at, span=covering(children))

    @staticmethod
    def monthly(children: list[Any]) -> Monthly:
        """`on day 10 of every month at 10:00`."""
        _, day, _, _, at = children
        return Monthly(day, at, span=covering(children))

    @staticmethod
    def nth_day(children: list[Any]) -> Nth:
        """`on last day of every month at 18:00`, `on first monday of every quarter at 09:00`."""
        words, period, _, at = children
        _, which, day = words.text.split()
        of: Literal["month", "quarter"] = "month" if period.type == "OF_EVERY_MONTH" else "quarter"
        span = covering(children)
        return Nth(_WHICH[which], _WEEKDAYS.get(day, "day"), of, at, span=span)

    @staticmethod
    def hourly(children: list[Any]) -> Hourly:
        """`every hour at :15`."""
        return Hourly(int(children[1].text.partition(":")[2]), span=covering(children))

    @staticmethod
    def every_weeks(children: list[Any]) -> EveryWeeks:
        """`every 2 weeks on friday at 09:00`."""
        _, length, _, day, _, at = children
        return EveryWeeks(length, day, at, span=covering(children))

    @staticmethod
    def once(children: list[Any]) -> Once:
        """`at 2026-02-17 08:00`."""
        return Once(children[1], span=covering(children))

    @staticmethod
    def on_festival(children: list[Any]) -> OnFestival:
        """`on festival mid_autumn at 09:00`."""
        _, festival, _, at = children
        return OnFestival(festival, at, span=covering(children))

    @staticmethod
    def timer(children: list[Any]) -> Timer:
        """`24 hours after register unless invest`."""
        length, word, moment, _, at, unless = children
        before = word.type == "BEFORE"
        return Timer(length, before, moment, at, unless, span=covering(children))

    @staticmethod
    def moment(children: list[Any]) -> Moment:
        """`register`."""
        return Moment(None, children[0], anniversary=False, span=covering(children))

    @staticmethod
    def moment_of(children: list[Any]) -> Moment:
        """`invest.matures_on`."""
        owner, field = children
        return Moment(owner, field_name(field), anniversary=False, span=covering(children))

    @staticmethod
    def moment_of_year(children: list[Any]) -> Moment:
        """`anniversary of birth_date`, `anniversary of customer.birth_date`."""
        _, name, field = children
        owner, named = (None, name) if field is None else (name, field_name(field))
        return Moment(owner, named, anniversary=True, span=covering(children))

    @staticmethod
    def unless(children: list[Any]) -> Unless:
        """`unless invest where renews = event.key`."""
        _, event, _, where = children
        return Unless(event, where, span=covering(children))

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

    @staticmethod
    def entering(children: list[Any]) -> Entering:
        """`when entering stage retail.dormant for 3 days, every day at 06:00`."""
        word, _, of, _, lasting, _, schedule = children
        leaving = word.text.endswith("leaving")
        return Entering(leaving, of, lasting, schedule, span=covering(children))

    @staticmethod
    def open_monthly(children: list[Any]) -> OpenMonthly:
        """`open every month from day 10 at 10:00 to day 31`."""
        _, _, from_day, _, at, _, to_day = children
        return OpenMonthly(from_day, at, to_day, span=covering(children))


def _period(token: Token | None) -> PatternPeriod | None:
    """The period of `each month`."""
    return None if token is None else _PERIODS[token.text.split()[-1]]
