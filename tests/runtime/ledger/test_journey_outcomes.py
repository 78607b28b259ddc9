"""The outcomes of steps of journeys as a ledger that people can read."""

from dataclasses import replace

from campaigner.compiler.plan import (
    AfterStep,
    Charge,
    Deadline,
    EventTrigger,
    Following,
    Journey,
    Message,
    Plan,
    Reward,
    Span,
    SpanAfterStep,
    Step,
)
from campaigner.runtime.ledger import Ledger

from .ledgers import HERE, account, balances, gift, messages_cap, play

TOTAL = "campaign/gift/total"
GIVES = Reward((), None, None, None, HERE)


def later(
    name: str, trigger: EventTrigger | AfterStep, follows: str, *, gives: bool = False
) -> Step:
    """A step up to 30 days after the entry, which it follows through another."""
    by = Deadline("joined", Span(30, "day"), None, None, HERE)
    following = Following((follows,), by, (), None, HERE)
    charges = (Charge(TOTAL),) if gives else ()
    return Step(name, trigger, GIVES if gives else None, (), charges, HERE, following)


def on(event: str) -> EventTrigger:
    return EventTrigger(event, None, None, HERE)


def journey(total: str, *, one_at_a_time: bool = True, **more: object) -> Plan:
    """`joined`, then `bought`, then `thanked`, a day after; `seen` a week after the entry."""
    project = gift(account(TOTAL, total), event="account", **more)
    (campaign,) = project.campaigns
    (main,) = campaign.steps
    leave = Following(("joined",), None, (), None, HERE, leaves=True)
    steps = (
        replace(main, name="joined"),
        later("bought", on("order"), "joined", gives=True),
        later("thanked", SpanAfterStep("bought", Span(1, "day"), None, HERE), "bought"),
        later("seen", SpanAfterStep("joined", Span(7, "day"), None, HERE), "joined"),
        Step("leave", on("refund"), None, (), (), HERE, leave),
    )
    rules = Journey(one_at_a_time, (), HERE)
    return replace(project, campaigns=(replace(campaign, steps=steps, journey=rules),))


def test_each_step_follows_one_that_was_reached(ledger: Ledger):
    play(
        ledger,
        journey("1000"),
        """
        2026-01-10 10:00 | ann | 60 cash | granted         | step=joined | occurrence=a1
        2026-01-12 10:00 | ann | coffee  | granted         | step=bought | occurrence=a1
        2026-01-13 10:00 | ann | -       | reached         | step=thanked | occurrence=a1
        2026-01-13 10:00 | ann | -       | reached         | step=thanked | occurrence=a1
        2026-01-12 10:00 | ann | coffee  | already_granted | step=bought | occurrence=a1
        2026-01-12 10:00 | bob | coffee  | not_reached     | step=bought | occurrence=a2
        """,
    )
    assert ledger.outcomes() == {("gift", "granted"): 2, ("gift", "reached"): 1}


def test_a_step_that_was_refused_is_not_reached_and_one_without_reward_is(ledger: Ledger):
    """A refusal is kept; what follows it is not."""
    project = journey("70")
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted              | step=joined | occurrence=a1
        2026-01-10 11:00 | bob | 60 cash | over_budget by total | step=joined | occurrence=a2
        2026-01-12 10:00 | ann | coffee  | over_budget by total | step=bought | occurrence=a1
        2026-01-12 11:00 | bob | coffee  | not_reached          | step=bought | occurrence=a2
        2026-01-13 10:00 | ann | -       | not_reached          | step=thanked | occurrence=a1
        2026-01-17 10:00 | ann | -       | reached              | step=seen | occurrence=a1
        2026-01-17 11:00 | bob | -       | not_reached          | step=seen | occurrence=a2
        """,
    )
    assert balances(ledger, project) == ["total: 60.00 of 70.00 !"]


def test_nobody_enters_who_is_inside(ledger: Ledger):
    """From the last instant at which a step can come, the 30 days of `bought`, they may again."""
    play(
        ledger,
        journey("1000"),
        """
        2026-01-10 10:00 | ann | 60 cash | granted        | step=joined | occurrence=a1
        2026-01-11 10:00 | ann | 60 cash | already_inside | step=joined | occurrence=a2
        2026-01-11 10:00 | ann | 60 cash | already_inside | step=joined | occurrence=a2
        2026-01-11 10:00 | bob | 60 cash | granted        | step=joined | occurrence=a3
        2026-01-12 10:00 | ann | 60 cash | held_out       | step=joined | occurrence=a4 | held_out
        2026-02-09 10:00 | ann | 60 cash | already_inside | step=joined | occurrence=a5
        2026-02-09 10:01 | ann | 60 cash | granted        | step=joined | occurrence=a6
        2026-01-12 10:00 | ann | coffee  | not_reached    | step=bought | occurrence=a2
        """,
    )


def test_who_is_held_out_comes_to_no_step(ledger: Ledger):
    play(
        ledger,
        journey("1000"),
        """
        2026-01-10 10:00 | ann | 60 cash | held_out    | step=joined | occurrence=a1 | held_out
        2026-01-12 10:00 | ann | coffee  | not_reached | step=bought | occurrence=a1 | held_out
        2026-01-12 10:00 | ann | -       | not_reached | step=leave | occurrence=a1
        """,
    )


def test_who_has_left_comes_to_no_later_step_and_keeps_what_was_given(ledger: Ledger):
    project = journey("1000")
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted     | step=joined | occurrence=a1
        2026-01-11 10:00 | ann | -       | left        | step=leave | occurrence=a1
        2026-01-11 10:00 | ann | coffee  | not_reached | step=bought | occurrence=a1
        2026-01-10 11:00 | ann | coffee  | granted     | step=bought | occurrence=a1
        2026-01-17 10:00 | ann | -       | not_reached | step=seen | occurrence=a1
        2026-01-18 10:00 | ann | 60 cash | granted     | step=joined | occurrence=a2
        """,
    )
    assert balances(ledger, project) == ["total: 132.50 of 1000.00"]


def test_without_one_at_a_time_each_entry_is_an_instance(ledger: Ledger):
    play(
        ledger,
        journey("1000", one_at_a_time=False),
        """
        2026-01-10 10:00 | ann | 60 cash | granted     | step=joined | occurrence=a1
        2026-01-11 10:00 | ann | 60 cash | granted     | step=joined | occurrence=a2
        2026-01-12 10:00 | ann | -       | left        | step=leave | occurrence=a1
        2026-01-12 11:00 | ann | coffee  | granted     | step=bought | occurrence=a2
        2026-01-12 11:00 | ann | coffee  | not_reached | step=bought | occurrence=a1
        """,
    )


def test_a_step_of_messages_that_a_cap_keeps_back_is_followed(ledger: Ledger):
    """A message cap refuses `told`, its own limit `again`; what follows them comes all the same."""
    cap = messages_cap("policy/care/messages", 1, Span(7, "day"))
    limit = account("campaign/gift/limit again", "1", key="customer")
    project = gift(account(TOTAL, "1000"), cap, limit, event="account")
    (campaign,) = project.campaigns
    push = (Message("push", "hello", (), HERE),)
    steps = (
        replace(campaign.steps[0], name="joined", charges=(Charge(TOTAL),)),
        replace(after("told", "joined"), messages=push),
        replace(after("again", "told"), charges=(Charge(limit.id),)),
        after("ended", "again"),
    )
    project = replace(
        project,
        campaigns=(replace(campaign, steps=steps, journey=Journey(False, (), HERE)),),
    )
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted | step=joined | occurrence=a1
        2026-01-11 10:00 | ann | -       | granted | step=told | occurrence=a1
        2026-01-12 10:00 | ann | -       | reached | step=again | occurrence=a1
        2026-01-13 10:00 | ann | -       | reached | step=ended | occurrence=a1
        2026-01-11 10:00 | ann | 60 cash | granted | step=joined | occurrence=a2
        2026-01-12 10:00 | ann | -       | over_limit by messages | step=told | occurrence=a2
        2026-01-13 10:00 | ann | -       | over_limit by limit again | step=again | occurrence=a2
        2026-01-14 10:00 | ann | -       | reached | step=ended | occurrence=a2
        """,
    )


def after(name: str, follows: str) -> Step:
    """A step a day after another that it follows."""
    return later(name, SpanAfterStep(follows, Span(1, "day"), None, HERE), follows)
