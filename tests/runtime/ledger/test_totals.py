"""Sums over what a plan decided, on both stores: `Totalling`."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

from campaigner.runtime.simulate.summing import summed

from .ledgers import DIGEST, account, ask, gift

PLAN = gift(account("campaign/gift/total", "25"))
DECISIONS = [
    ask("ann", "2026-01-10 10:00", "10 cash"),
    ask("bob", "2026-01-10 23:30", "10 cash"),
    ask("cid", "2026-01-11 10:00", "10 cash"),
    ask("dan", "2026-01-11 10:00", "10 cash", held_out=True),
    ask("ann", "2026-01-12 10:00", "10 cash"),
]


def test_decisions_are_summed_by_outcome_account_and_minute(ledger):
    ledger.decide(PLAN, DECISIONS, DIGEST)
    ledger.decide(PLAN, [ask("eve", "2026-01-12 10:00", "10 cash")], "another plan")
    found = Counter()
    for one in ledger.decided(DIGEST):
        found[one.at.date().isoformat(), one.outcome, one.account] += one.count
    total = "campaign/gift/total"
    assert found == {
        ("2026-01-10", "granted", None): 2,
        ("2026-01-11", "over_budget", total): 1,
        ("2026-01-11", "held_out", None): 1,
        ("2026-01-12", "over_budget", total): 1,
    }
    assert sorted(ledger.recipients(DIGEST)) == [("gift", "main", "ann"), ("gift", "main", "bob")]
    assert sum(one.cost for one in ledger.moved(DIGEST)) == Decimal(20)
    assert [(one.account, one.at) for one in ledger.closed()] == [
        (total, datetime(2026, 1, 11, 2, tzinfo=UTC))
    ]


def test_a_reversal_comes_off_the_day_on_which_it_was_made(ledger):
    ledger.decide(PLAN, DECISIONS[:2], DIGEST)
    number = next(iter(ledger.grants())).number
    ledger.reverse([number], "a mistake", datetime(2026, 1, 15, 4, tzinfo=UTC))
    (campaign,) = summed(PLAN, ledger, DIGEST).campaigns
    assert [(str(day.day), day.granted, day.spent) for day in campaign.days] == [
        ("2026-01-10", 2, Decimal(20)),
        ("2026-01-15", 0, Decimal(-10)),
    ]
    assert campaign.spent == Decimal(10)


def test_a_copy_of_a_ledger_is_summed_without_what_it_had_before(ledger):
    ledger.decide(PLAN, DECISIONS[:1], DIGEST)
    with ledger.rehearsal() as copy:
        copy.decide(PLAN, DECISIONS, "simulated")
        (campaign,) = summed(PLAN, copy, "simulated").campaigns
    assert (campaign.granted, campaign.reached, campaign.spent) == (1, 1, Decimal(10))
    assert sum(one.count for one in ledger.decided(DIGEST)) == 1


def test_each_customer_was_exposed_once_and_cost_what_did_not_come_back(ledger):
    ledger.decide(PLAN, DECISIONS[:2], DIGEST)
    ledger.decide(PLAN, DECISIONS[2:4], "another plan")
    until = datetime(2026, 1, 20, tzinfo=UTC)
    # `cid` was refused: nobody is exposed by what he did not get.
    assert [(one.customer, one.outcome, one.at.day) for one in ledger.touches(until)] == [
        ("ann", "granted", 10),
        ("bob", "granted", 10),
        ("dan", "held_out", 11),
    ]
    assert [one.customer for one in ledger.touches(datetime(2026, 1, 10, 3, tzinfo=UTC))] == ["ann"]
    number = next(one.number for one in ledger.grants() if one.recipient == "ann")
    ledger.reverse([number], "a mistake", datetime(2026, 1, 15, 4, tzinfo=UTC))
    costs = {one.customer: one.cost for one in ledger.spent(until)}
    assert costs == {"ann": Decimal(0), "bob": Decimal(10)}
    before = {one.customer: one.cost for one in ledger.spent(datetime(2026, 1, 14, tzinfo=UTC))}
    assert before == {"ann": Decimal(10), "bob": Decimal(10)}
    assert list(ledger.foreign_costs("CNY")) == []
    assert list(ledger.foreign_costs("USD")) == [("gift", "CNY")]
