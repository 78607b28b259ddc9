"""Policies (see `builder`)."""

from __future__ import annotations

from typing import Any

from ...tree import (
    ApprovalBy,
    ApprovedBy,
    AtMostMessages,
    AtMostMoney,
    BudgetOver,
    Disclose,
    EventHas,
    ForbidField,
    ForbidPhrase,
    GoalIs,
    HoldoutAtLeast,
    Policy,
    QuietHours,
    Require,
    Text,
)
from ..tokens import covering
from .rewards import period_of


class PolicyBuilder:
    """Builds policies."""

    @staticmethod
    def policy(children: list[Any]) -> Policy:
        """`policy cn_retail "…" { … }`."""
        _, name, label, _, *statements, _ = children
        return Policy(name, label, tuple(statements), span=covering(children))

    @staticmethod
    def require(children: list[Any]) -> Require:
        """`require consent when goal is investment because "…"`."""
        _, condition, applies, because = children
        return Require(condition, applies, because, span=covering(children))

    @staticmethod
    def because(children: list[Any]) -> Text:
        """`because "…"`."""
        reason: Text = children[1]
        return reason

    @staticmethod
    def event_has(children: list[Any]) -> EventHas:
        """`when event has product_risk`."""
        return EventHas(children[2], span=covering(children))

    @staticmethod
    def goal_is(children: list[Any]) -> GoalIs:
        """`when goal is investment`."""
        return GoalIs(children[2], span=covering(children))

    @staticmethod
    def budget_over(children: list[Any]) -> BudgetOver:
        """`when budget over 1_000_000 CNY`."""
        return BudgetOver(children[2], span=covering(children))

    @staticmethod
    def forbid_phrase(children: list[Any]) -> ForbidPhrase:
        """`forbid phrase "保本", "零风险"`."""
        return ForbidPhrase(tuple(children[1::2]), span=covering(children))

    @staticmethod
    def forbid_field(children: list[Any]) -> ForbidField:
        """`forbid field from C2 in messages`."""
        return ForbidField(children[1], span=covering(children))

    @staticmethod
    def disclose(children: list[Any]) -> Disclose:
        """`disclose "…" when goal is investment`."""
        _, text, applies = children
        return Disclose(text, applies, span=covering(children))

    @staticmethod
    def quiet_hours(children: list[Any]) -> QuietHours:
        """`quiet hours 21:00 to 08:00`."""
        _, start, _, end = children
        return QuietHours(start, end, span=covering(children))

    @staticmethod
    def at_most_messages(children: list[Any]) -> AtMostMessages:
        """`at most 2 messages per 7 days`."""
        _, count, _, duration = children
        return AtMostMessages(count, duration, span=covering(children))

    @staticmethod
    def at_most_money(children: list[Any]) -> AtMostMoney:
        """`at most 500 CNY per customer per month`."""
        _, amount, _, period = children
        return AtMostMoney(amount, period_of(period), span=covering(children))

    @staticmethod
    def holdout_at_least(children: list[Any]) -> HoldoutAtLeast:
        """`holdout at least 5%`."""
        return HoldoutAtLeast(children[1], span=covering(children))

    @staticmethod
    def approval_by(children: list[Any]) -> ApprovalBy:
        """`approval by "compliance" when budget over 1_000_000 CNY`."""
        _, who, applies = children
        return ApprovalBy(who, applies, span=covering(children))

    @staticmethod
    def approved_by(children: list[Any]) -> ApprovedBy:
        """`approved by "compliance" on 2026-01-15`."""
        _, who, _, day = children
        return ApprovedBy(who, day, span=covering(children))
