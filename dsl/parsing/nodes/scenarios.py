"""Scenarios (see `builder`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...tree import Node
from ...tree import scenarios as tree
from ..tokens import covering


@dataclass(frozen=True, slots=True)
class _Braces(Node):
    """The fields between braces, which become part of their statement."""

    fields: tree.Fields


class ScenarioBuilder:
    """Builds scenarios."""

    @staticmethod
    def scenario(children: list[Any]) -> tree.Scenario:
        """`scenario "…" for welcome_gift { … }`."""
        _, title, _, campaign, _, *statements, _ = children
        return tree.Scenario(title, campaign, tuple(statements), span=covering(children))

    @staticmethod
    def given_now(children: list[Any]) -> tree.GivenNow:
        """`given now 2026-03-01 10:00`."""
        return tree.GivenNow(children[1], span=covering(children))

    @staticmethod
    def given_customer(children: list[Any]) -> tree.GivenCustomer:
        """`given customer ann { employee: no }`."""
        _, customer, fields = children
        return tree.GivenCustomer(customer, _fields(fields), span=covering(children))

    @staticmethod
    def given_event(children: list[Any]) -> tree.GivenEvent:
        """`given order of ann 3 days ago { amount: 5 CNY }`."""
        _, event, _, customer, *at, fields = children
        moment = at[-1]
        return tree.GivenEvent(event, customer, moment, _fields(fields), span=covering(children))

    @staticmethod
    def given_received(children: list[Any]) -> tree.GivenReceived:
        """`given received win_back of ann 3 days ago`."""
        _, _, name, _, customer, *at = children
        return tree.GivenReceived(name, customer, at[-1], span=covering(children))

    @staticmethod
    def given_held_out(children: list[Any]) -> tree.GivenHeldOut:
        """`given held out ann`."""
        return tree.GivenHeldOut(children[1], span=covering(children))

    @staticmethod
    def given_arm(children: list[Any]) -> tree.GivenArm:
        """`given arm a`."""
        return tree.GivenArm(children[1], span=covering(children))

    @staticmethod
    def given_prize(children: list[Any]) -> tree.GivenPrize:
        """`given prize coffee`, `given prize 8 cut`."""
        _, count, prize = children
        return tree.GivenPrize(prize, count, span=covering(children))

    @staticmethod
    def given_no_prize(children: list[Any]) -> tree.GivenPrize:
        """`given no prize`."""
        return tree.GivenPrize(None, None, span=covering(children))

    @staticmethod
    def given_spent(children: list[Any]) -> tree.GivenSpent:
        """`given spent 90 CNY`."""
        return tree.GivenSpent(children[1], span=covering(children))

    @staticmethod
    def given_balance(children: list[Any]) -> tree.GivenBalance:
        """`given balance(points) = 120 of ann`."""
        _, _, _, wallet, _, _, amount, _, customer = children
        return tree.GivenBalance(wallet, amount, customer, span=covering(children))

    @staticmethod
    def when_event(children: list[Any]) -> tree.WhenEvent:
        """`when order of ann { amount: 5 CNY }`."""
        _, event, _, customer, fields = children
        return tree.WhenEvent(event, customer, _fields(fields), span=covering(children))

    @staticmethod
    def when_filled(children: list[Any]) -> tree.WhenFilled:
        """`when balance(points) = 100 of ann`."""
        _, _, _, wallet, _, _, amount, _, customer = children
        return tree.WhenFilled(wallet, amount, customer, span=covering(children))

    @staticmethod
    def after_span(children: list[Any]) -> tree.AfterSpan:
        """`after 40 days at 09:00`."""
        _, duration, _, at = children
        return tree.AfterSpan(duration, at, span=covering(children))

    @staticmethod
    def until_day(children: list[Any]) -> tree.UntilDay:
        """`until 2026-05-01`."""
        return tree.UntilDay(children[1], span=covering(children))

    @staticmethod
    def then_reward(children: list[Any]) -> tree.ThenReward:
        """`then reward coffee and 50 points to ann at 2026-03-01 10:00`."""
        _, _, *lines, _, customer, _, at = children
        found = tuple(one for one in lines if isinstance(one, tree.ExpectedLine))
        return tree.ThenReward(found, customer, at, span=covering(children))

    @staticmethod
    def expected_benefit(children: list[Any]) -> tree.ExpectedLine:
        """`coffee`."""
        return tree.ExpectedLine(None, children[0], span=covering(children))

    @staticmethod
    def expected_amount(children: list[Any]) -> tree.ExpectedLine:
        """`50 points`, `30 CNY as cash`."""
        return tree.ExpectedLine(children[0], children[-1], span=covering(children))

    @staticmethod
    def expected_choice(children: list[Any]) -> tree.ExpectedLine:
        """`choose 1 of video_month, coffee`."""
        _, count, _, *names = children
        return tree.ExpectedLine(count, None, tuple(names[::2]), span=covering(children))

    @staticmethod
    def then_message(children: list[Any]) -> tree.ThenMessage:
        """`then message push "…" to ann at 2026-03-01 10:00`."""
        _, _, channel, text, _, customer, _, at = children
        return tree.ThenMessage(channel, text, customer, at, span=covering(children))

    @staticmethod
    def then_stage(children: list[Any]) -> tree.ThenStage:
        """`then stage retail.growing of ann`."""
        _, _, stage, _, customer = children
        return tree.ThenStage(stage, customer, span=covering(children))

    @staticmethod
    def then_balance(children: list[Any]) -> tree.ThenBalance:
        """`then balance(points) = 50 of ann`."""
        _, _, _, wallet, _, _, amount, _, customer = children
        return tree.ThenBalance(wallet, amount, customer, span=covering(children))

    @staticmethod
    def then_outcome(children: list[Any]) -> tree.ThenOutcome:
        """`then over_limit of ann`."""
        _, outcome, step, _, customer = children
        return tree.ThenOutcome(outcome, step, customer, span=covering(children))

    @staticmethod
    def then_nothing(children: list[Any]) -> tree.ThenNothing:
        """`then nothing to ann because "…"`."""
        _, _, customer, because = children
        return tree.ThenNothing(customer, because, span=covering(children))

    @staticmethod
    def given_fields(children: list[Any]) -> _Braces:
        """`{ employee: no, city: "杭州" }`."""
        found = tuple(one for one in children if isinstance(one, tree.GivenField))
        return _Braces(found, span=covering(children))

    @staticmethod
    def given_field(children: list[Any]) -> tree.GivenField:
        """`employee: no`."""
        name, _, value = children
        return tree.GivenField(name, value, span=covering(children))

    @staticmethod
    def ago(children: list[Any]) -> tree.Distance:
        """`10 days ago at 09:00`."""
        duration, _, _, at = children
        return tree.Distance(duration, ahead=False, at=at, span=covering(children))

    @staticmethod
    def ahead(children: list[Any]) -> tree.Distance:
        """`in 10 days at 09:00`."""
        _, duration, _, at = children
        return tree.Distance(duration, ahead=True, at=at, span=covering(children))

    @staticmethod
    def minus_amount(children: list[Any]) -> tree.MinusAmount:
        """`-3`."""
        return tree.MinusAmount(children[1], span=covering(children))


def _fields(braces: _Braces | None) -> tree.Fields:
    return () if braces is None else braces.fields
