"""Reviews over both stores: sums at an instant, reversals, waiting lists, and costs by account."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from campaigner.runtime.ledger import Ledger

from .ledgers import DIGEST, account, ask, gift
from .reviewed import EVER, assert_adds_up, assert_parts, reviewed

TOTAL = "campaign/gift/total"
PLAN = gift(account(TOTAL, "25"))
DECISIONS = [
    ask("ann", "2026-01-10 10:00", "10 cash"),
    ask("bob", "2026-01-10 23:30", "10 cash"),
    ask("cid", "2026-01-11 10:00", "10 cash"),
    ask("dan", "2026-01-11 10:00", "10 cash", held_out=True),
    ask("ann", "2026-01-12 10:00", "10 cash"),
]


def test_a_review_has_refusals_and_the_end_of_the_budget(ledger: Ledger) -> None:
    ledger.decide(PLAN, DECISIONS, DIGEST)
    ledger.decide(PLAN, [ask("eve", "2026-01-13 10:00", "10 cash")], "another plan")
    found = reviewed(ledger, PLAN, "gift")
    assert dict(found.outcomes) == {"granted": 2, "over_budget": 3, "held_out": 1}
    assert [(one.outcome, one.account, one.count) for one in found.refused] == [
        ("over_budget", TOTAL, 3),
        ("held_out", None, 1),
    ]
    (use,) = found.uses
    assert (use.own, use.used, use.left) == (Decimal(20), Decimal(20), Decimal(5))
    assert use.ran_out == datetime(2026, 1, 11, 2, tzinfo=UTC)
    assert [(str(day), value) for day, value in use.curve] == [("2026-01-10", Decimal(20))]
    assert_adds_up(ledger, PLAN)


def test_a_review_of_an_instant_knows_nothing_of_what_came_later(ledger: Ledger) -> None:
    ledger.decide(PLAN, DECISIONS, DIGEST)
    number = next(iter(ledger.grants())).number
    ledger.reverse([number], "a mistake", datetime(2026, 1, 15, 4, tzinfo=UTC))
    before = reviewed(ledger, PLAN, "gift", datetime(2026, 1, 10, 3, tzinfo=UTC))
    assert dict(before.outcomes) == {"granted": 1}
    assert (before.whole.spent, before.whole.customers) == (Decimal(10), 1)
    assert before.uses[0].ran_out is None
    later = reviewed(ledger, PLAN, "gift", datetime(2026, 1, 14, tzinfo=UTC))
    assert (later.whole.spent, later.whole.customers) == (Decimal(20), 2)
    last = reviewed(ledger, PLAN, "gift", EVER)
    assert (last.whole.spent, last.whole.customers) == (Decimal(10), 1)
    assert [(one.kind, one.count) for one in last.became] == [("reversed", 1)]
    assert str(last.days[-1].day) == "2026-01-15"
    assert last.days[-1].spent == Decimal(-10)
    for found in (before, later, last):
        assert_parts(found)


def test_what_waited_is_granted_at_the_instant_it_was_served(ledger: Ledger) -> None:
    plan = gift(account(TOTAL, "15"), exhausted="waitlist")
    ledger.decide(plan, DECISIONS[:2], DIGEST)
    before = reviewed(ledger, plan, "gift")
    assert dict(before.outcomes) == {"granted": 1, "waitlisted": 1}
    more = gift(account(TOTAL, "40"), exhausted="waitlist")
    ledger.serve(more, DIGEST, datetime(2026, 1, 20, 4, tzinfo=UTC))
    between = reviewed(ledger, more, "gift", datetime(2026, 1, 19, tzinfo=UTC))
    assert dict(between.outcomes) == {"granted": 1, "waitlisted": 1}
    assert (between.whole.spent, between.whole.customers) == (Decimal(10), 1)
    after = reviewed(ledger, more, "gift")
    assert dict(after.outcomes) == {"granted": 2}
    assert after.whole.spent == Decimal(20)
    assert_adds_up(ledger, more)


def test_costs_that_no_budget_of_money_pays_are_in_the_review(ledger: Ledger) -> None:
    plan = gift(account("campaign/gift/first", "5"))
    ledger.decide(plan, DECISIONS[:3], DIGEST)
    found = reviewed(ledger, plan, "gift")
    assert found.whole.spent == sum(row.cost for row in ledger.grants())
    ledger.reverse([next(iter(ledger.grants())).number], "x", datetime(2026, 1, 15, tzinfo=UTC))
    assert reviewed(ledger, plan, "gift").whole.spent == Decimal(20)


def test_a_campaign_that_the_ledger_does_not_know_has_nothing(ledger: Ledger) -> None:
    found = reviewed(ledger, PLAN, "gift")
    assert (found.decisions, found.phases, found.days) == (0, (), ())
    assert [(one.used, one.left, one.curve) for one in found.uses] == [(0, Decimal(25), ())]
