"""Leaving a journey: messages that wait are dropped, rewards stay, and no step comes any more."""

from __future__ import annotations

from datetime import datetime

import pytest
from campaigner.runtime.delivery.gate import Gate
from campaigner.runtime.ledger import Ledger
from campaigner.runtime.ledger.outbox import OutboxRow

from .ledgers import DIGEST, ask, clock, play
from .test_journey_outcomes import journey

PLAN = journey(
    "1000",
    one_at_a_time=False,
    messages=[("push", "{{ reward.label }}")],
    quiet=[("21:00", "08:00")],
)
ENTERED = """
    2026-01-10 20:00 | ann | 60 cash | granted | step=joined | occurrence=a1
    2026-01-10 22:00 | ann | 60 cash | granted | step=joined | occurrence=a2
    2026-01-10 22:00 | bob | 60 cash | granted | step=joined | occurrence=a3
"""
Kept = dict[tuple[str, str], tuple[str, str | None]]


@pytest.fixture
def entered(ledger: Ledger) -> Ledger:
    play(ledger, PLAN, ENTERED)
    return ledger


def messages(ledger: Ledger) -> Kept:
    """The state and the reason of each message, by recipient and occurrence."""
    return {
        (one.identity.recipient, one.identity.occurrence): (one.state, one.reason)
        for one in ledger.letters()
        if one.kind == "message"
    }


WAITS, LEFT = ("waiting", None), ("suppressed", "left")


@pytest.mark.parametrize("by", ["leave", "while"])
def test_messages_of_an_ended_instance_are_dropped_and_rewards_stay(
    entered: Ledger, by: str
) -> None:
    """Others of the customer wait, and so does one that was due before the end."""
    step = "leave" if by == "leave" else "seen"
    for occurrence in ("a1", "a2"):
        ends = ask("ann", "2026-01-10 23:00", "-", occurrence=occurrence, step=step)
        (result,) = entered.decide(PLAN, [ends._replace(left=by == "while")], DIGEST)
        assert result.outcome == "left"
    assert messages(entered) == {("ann", "a1"): WAITS, ("ann", "a2"): LEFT, ("bob", "a3"): WAITS}
    assert {one.recipient for one in entered.grants()} == {"ann", "bob"}
    assert entered.verify() == ()
    entered.rewind(clock("2026-01-10 22:30"), "by mistake")
    assert set(messages(entered).values()) == {WAITS}
    assert entered.verify() == ()


def test_messages_and_the_end_of_one_batch(entered: Ledger) -> None:
    both = [
        ask("cem", "2026-01-10 22:00", "60 cash", occurrence="a4", step="joined"),
        ask("cem", "2026-01-10 22:30", "-", occurrence="a4", step="leave"),
    ]
    assert [one.outcome for one in entered.decide(PLAN, both, DIGEST)] == ["granted", "left"]
    assert messages(entered)["cem", "a4"] == LEFT


def test_a_message_that_failed_before_the_end_is_not_tried_again(entered: Ledger) -> None:
    with entered.outbox() as outbox:
        (row, *_) = outbox.waiting("push", clock("2026-01-10 20:30"), 10)
        outbox.fail([(row, "down", clock("2026-01-10 21:00"))], clock("2026-01-10 20:30"))
    leave = ask("ann", "2026-01-10 23:00", "-", occurrence="a1", step="leave")
    entered.decide(PLAN, [leave], DIGEST)
    assert messages(entered)["ann", "a1"] == LEFT


def test_the_gate_stops_what_would_be_sent_after_the_end(entered: Ledger) -> None:
    """The message was due before the end, and its channel was down until after it."""
    leave = ask("ann", "2026-01-10 20:30", "-", occurrence="a1", step="leave")
    entered.decide(PLAN, [leave], DIGEST)

    def stopped(at: datetime) -> list[str]:
        def when(_: OutboxRow) -> datetime:
            return at

        with entered.outbox() as outbox:
            rows = outbox.waiting("push", clock("2026-01-10 20:30"), 10)
            sifted = Gate(PLAN).sift(outbox, rows, when)
            return [row.identity.occurrence for row in sifted.stopped.get("left", ())]

    assert stopped(clock("2026-01-10 20:29")) == []
    assert stopped(clock("2026-01-10 20:30")) == ["a1"]


def test_no_step_comes_after_one_at_which_the_journey_ends(entered: Ledger) -> None:
    """The end counts only if the step at which it came was reached."""
    ends = ask("ann", "2026-01-17 20:00", "-", occurrence="a1", step="seen")
    seen = ask("ann", "2026-01-12 20:00", "-", occurrence="a2", step="thanked")
    after = ask("ann", "2026-01-18 10:00", "coffee", occurrence="a1", step="bought")
    other = ask("ann", "2026-01-18 10:00", "coffee", occurrence="a2", step="bought")
    asked = [ends._replace(left=True), seen._replace(left=True), after, other]
    outcomes = [one.outcome for one in entered.decide(PLAN, asked, DIGEST)]
    assert outcomes == ["left", "not_reached", "not_reached", "granted"]
    again = entered.decide(PLAN, [ends, after, other], DIGEST)
    assert [one.outcome for one in again] == ["left", "not_reached", "already_granted"]
    assert entered.verify() == ()
