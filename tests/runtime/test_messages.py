"""Messages as they go out: the value of each name, and values that cannot be written."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from campaigner.compiler.plan import MessageValue
from campaigner.compiler.plan.expressions import Constant
from campaigner.compiler.plan.types import TEXT
from campaigner.runtime.rendering.messages import Messages, Written, amount_text, grant_code

from .ledger.ledgers import ask, gift


def say(template, gives="coffee", values=None, expires=None, known=()):
    """The text for ann, with `known` the message's variables that come from data."""
    project = gift(messages=[("push", template)])
    (campaign,) = project.campaigns
    (step,) = campaign.steps
    named = tuple(MessageValue(name, Constant(TEXT, "")) for name in known or values or ())
    message = replace(step.messages[0], values=named)
    step = replace(step, messages=(message,))
    project = replace(project, campaigns=(replace(campaign, steps=(step,), appeal="95xxx"),))
    decision = ask("ann", "2026-01-10 10:00", gives, values=values or {})
    lines = tuple(replace(line, expires_at=expires) for line in decision.lines)
    (written,) = Messages(project).write(decision, lines)
    assert written.channel == "push"
    return written.text if written.reason is None else written


@pytest.mark.parametrize(
    ("template", "gives", "text"),
    [
        ("{{ reward.label }} for you", "coffee", "Coffee for you"),
        ("{{ reward.label }} for you", "coffee + 50 points", "Coffee and 50 points for you"),
        ("{{ reward.label }}已到账", "coffee + 50 points", "Coffee、50 points已到账"),
        ("{{ reward.label }}", "12.5 cash", "12.5 CNY"),
        ("{{ reward.amount }}", "coffee", "30 CNY"),
        ("{{ reward.amount }}", "coffee + video + 7 points", "55 CNY and 7 points"),
        ("{{ campaign.label }} {{ campaign.appeal }}", "coffee", "<gift> 95xxx"),
        ("a & b < c", "coffee", "a & b < c"),
    ],
)
def test_rewards_and_campaigns(template, gives, text):
    assert say(template, gives) == text


def test_what_comes_from_data():
    values = {"customer.city": "上海", "event.amount": "100 CNY", "claim.tier": "3"}
    text = "{{ customer.city }} {{ event.amount }} {{ claim.tier }}"
    assert say(text, values=values) == "上海 100 CNY 3"
    assert say("{{ customer.items }}", values={"customer.items": "two"}) == "two"


def test_what_is_unknown_is_empty():
    template = "Hello {{ customer.city or 'there' }}{{ customer.city }}"
    assert say(template, known=["customer.city"]) == "Hello there"


def test_when_it_expires_on_the_clock_of_the_zone():
    expires = datetime(2026, 2, 9, 16, 30, tzinfo=UTC)
    assert say("until {{ reward.expires_at }}", expires=expires) == "until 2026-02-10 00:30"
    assert say("until {{ reward.expires_at }}") == "until "


def test_a_code_is_the_grants_own_and_the_same_every_time():
    ann, bob = (ask(who, "2026-01-10 10:00", "coffee").identity for who in ("ann", "bob"))
    assert say("{{ reward.code }}") == grant_code(ann) == grant_code(ann)
    assert grant_code(ann) != grant_code(bob)


@pytest.mark.parametrize(
    "template",
    [
        "{{ customer.phone }}",
        "{{ nobody }}",
        "{{ reward.label.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{{ reward._values }}",
        "{{ reward.label + 1 }}",
    ],
)
def test_a_message_that_cannot_be_written_says_so(template):
    assert say(template) == Written("push", "", "message_failed")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("60", "60 CNY"), ("60.00", "60 CNY"), ("9.90", "9.90 CNY"), ("1e3", "1000 CNY")],
)
def test_amounts(amount, text):
    assert amount_text(Decimal(amount), "CNY") == text
