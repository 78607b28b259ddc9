"""The forms of triggers, with their patterns, moments and openings (see `builder`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

from ...tree import (
    Entering,
    Every,
    EveryWeeks,
    Hourly,
    Moment,
    Monthly,
    Nth,
    Once,
    OnEvent,
    OnFestival,
    OpenMonthly,
    Pattern,
    PatternPeriod,
    Timer,
    Trigger,
    Unless,
    Weekday,
    Which,
)
from ..tokens import Token, covering
from .expressions import field_name

_WEEKDAYS: dict[str, Weekday] = {day: day for day in get_args(Weekday)}
_PERIODS: dict[str, PatternPeriod] = {one: one for one in get_args(PatternPeriod)}
_WHICH: dict[str, Which] = {which: which for which in get_args(Which)}


class TriggerBuilder:
    """The forms of triggers."""

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
        delay: Timer = children[0]
        return replace(delay, unless=children[1], span=covering(children))

    @staticmethod
    def delay(children: list[Any]) -> Timer:
        """`7 days after ticket at 10:00`."""
        length, word, moment, _, at = children
        before = word.type == "BEFORE"
        return Timer(length, before, moment, at, None, span=covering(children))

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
