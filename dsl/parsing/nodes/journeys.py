"""Journeys and their steps (see `builder`)."""

from __future__ import annotations

from typing import Any

from ...tree import (
    ByDate,
    ByMonth,
    BySpan,
    DateLiteral,
    DayAfterStep,
    Journey,
    JourneyStep,
    Leave,
    Limit,
    Name,
    OneAtATime,
    RemovedStep,
    TimestampLiteral,
    While,
)
from ..tokens import covering


class JourneyBuilder:
    """Journeys and their steps."""

    @staticmethod
    def journey(children: list[Any]) -> Journey:
        """`journey { step … leave on … }`."""
        kept = tuple(one for one in children[2:-1] if one is not None)
        return Journey(kept, span=covering(children))

    @staticmethod
    def step(children: list[Any]) -> JourneyStep:
        """`step nudge 7 days after ticket at 10:00 unless upgrade message push "…"`."""
        _, name, label, former, after, form, by, unless, _, condition, *parts = children
        limits = tuple(one for one in parts if isinstance(one, Limit))
        kept = tuple(one for one in parts if one is not None and one not in limits)
        renamed = None if former is None else former.campaign
        span = covering(children)
        return JourneyStep(
            *(name, label, renamed, after or (), form, by, unless, condition),
            limits=limits,
            parts=kept,
            span=span,
        )

    @staticmethod
    def after_steps(children: list[Any]) -> tuple[Name, ...]:
        """`after ticket, upgrade`."""
        return tuple(children[1::2])

    @staticmethod
    def day_after_step(children: list[Any]) -> DayAfterStep:
        """`on day 5 of month 2 after ticket at 10:00`."""
        _, day, _, months, _, step, _, at = children
        return DayAfterStep(day, months, step, at, span=covering(children))

    @staticmethod
    def by_span(children: list[Any]) -> BySpan:
        """`by 30 days after ticket`."""
        _, duration, _, step = children
        return BySpan(duration, step, span=covering(children))

    @staticmethod
    def by_month(children: list[Any]) -> ByMonth:
        """`by end of month 1 after ticket`."""
        _, months, _, step = children
        return ByMonth(months, step, span=covering(children))

    @staticmethod
    def by_date(children: list[Any]) -> ByDate:
        """`by 2026-06-30`."""
        day: DateLiteral | TimestampLiteral = children[1]
        return ByDate(day, span=covering(children))

    @staticmethod
    def one_at_a_time(children: list[Any]) -> OneAtATime:
        """`one at a time`."""
        return OneAtATime(span=covering(children))

    @staticmethod
    def leave(children: list[Any]) -> Leave:
        """`leave on account_closed where …`."""
        _, event, _, where = children
        return Leave(event, where, span=covering(children))

    @staticmethod
    def while_(children: list[Any]) -> While:
        """`while consent_marketing`."""
        return While(children[1], span=covering(children))

    @staticmethod
    def removed(children: list[Any]) -> RemovedStep:
        """`removed hello: pass`."""
        _, step, _, does = children
        return RemovedStep(step, does, span=covering(children))
