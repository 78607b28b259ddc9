"""Prices and what is taken: points that go out of a wallet, written as ledgers people can read."""

import threading
from datetime import UTC, datetime

import pytest
from campaigner.runtime.ledger import Ledger

from .ledgers import DIGEST, account, ask, balances, campaign, gift, opened, plan, play, settle

NOW = datetime(2026, 1, 20, tzinfo=UTC)
TOTAL = "campaign/gift/total"


def kept(ledger: Ledger) -> list[str]:
    return [f"{row.customer}: {row.balance} {row.wallet}" for row in ledger.balances()]


def given(ledger: Ledger) -> list[str]:
    return [f"{row.recipient}: {row.amount} {row.reward}" for row in ledger.grants()]


def test_a_price_is_paid_in_the_transaction_of_the_grant(ledger: Ledger):
    play(
        ledger,
        gift(account(TOTAL, "1000")),
        """
        2026-01-10 10:00 | ann | 800 points            | granted
        2026-01-10 10:01 | ann | coffee for 500 points | granted
        2026-01-10 10:02 | ann | coffee for 500 points | insufficient_balance
        2026-01-10 10:03 | ann | coffee for 300 points | granted
        2026-01-10 10:04 | ann | coffee for 1 points   | insufficient_balance
        2026-01-10 10:05 | bob | coffee for 1 points   | insufficient_balance
        2026-01-10 10:02 | ann | coffee for 500 points | insufficient_balance
        2026-01-10 10:01 | ann | coffee for 500 points | already_granted
        2026-01-10 10:01 | ann | coffee for 400 points | already_granted (changed)
        """,
    )
    assert kept(ledger) == ["ann: 0 points"]
    assert given(ledger) == [
        "ann: 800 points",
        "ann: 30.00 coffee",
        "ann: -500 points",
        "ann: 30.00 coffee",
        "ann: -300 points",
    ]


def test_too_few_points_use_nothing_up(ledger: Ledger):
    project = gift(
        account("campaign/gift/limit per customer", "1", key="customer"),
        account("benefit/coffee/stock", "1"),
        account(TOTAL, "1000"),
    )
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | coffee for 500 points | insufficient_balance
        2026-01-10 10:01 | ann | 500 points            | granted | occurrence=earn
        """,
    )
    assert balances(ledger, project) == [
        "limit per customer ann: 1 of 1",
        "stock: 0 of 1",
        "total: 0.00 of 1000.00",
    ]


def test_after_a_limit_and_before_a_stock_and_a_budget(ledger: Ledger):
    project = gift(
        account("campaign/gift/limit per customer", "1", key="customer"),
        account("benefit/coffee/stock", "1"),
        account(TOTAL, "15"),
    )
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 9 points             | granted
        2026-01-10 10:01 | ann | coffee for 99 points | over_limit by limit per customer
        2026-01-10 10:02 | bob | coffee               | granted
        2026-01-10 10:03 | cat | coffee for 99 points | insufficient_balance
        2026-01-10 10:04 | dan | coffee               | out_of_stock by stock
        2026-01-10 10:05 | eve | 99 cash              | over_budget by total
        2026-01-10 10:06 | fay | video for 1 points   | insufficient_balance
        """,
    )
    assert balances(ledger, project)[-2] == "stock: 1 of 1 !"


def test_a_pack_is_paid_whole_or_not_at_all(ledger: Ledger):
    play(
        ledger,
        gift(),
        """
        2026-01-10 10:00 | ann | 50 points + 3 growth                       | granted
        2026-01-10 10:01 | ann | coffee + video + 20 growth for 51 points   | insufficient_balance
        2026-01-10 10:02 | ann | coffee + video + 20 growth for 50 points   | granted
        2026-01-10 10:03 | ann | 5 points for 23 growth                     | granted
        """,
    )
    assert kept(ledger) == ["ann: 0 growth", "ann: 5 points"]


def test_in_one_batch_each_sees_what_the_one_before_left(ledger: Ledger):
    asked = [
        ask("ann", "2026-01-10 10:00", "100 points"),
        ask("ann", "2026-01-10 10:01", "coffee for 60 points"),
        ask("ann", "2026-01-10 10:02", "coffee for 60 points"),
        ask("ann", "2026-01-10 10:03", "take 70 points"),
        ask("ann", "2026-01-10 10:04", "2 points"),
    ]
    results = [one.outcome for one in ledger.decide(gift(), asked, DIGEST)]
    assert results == ["granted", "granted", "insufficient_balance", "granted", "granted"]
    assert kept(ledger) == ["ann: 2 points"]
    assert given(ledger)[-2:] == ["ann: -40 points", "ann: 2 points"]
    assert ledger.verify() == ()


def test_what_is_taken_goes_down_to_zero_and_never_below(ledger: Ledger):
    play(
        ledger,
        gift(account("campaign/gift/limit per customer", "3", key="customer")),
        """
        2026-01-10 10:00 | ann | 8 growth      | granted
        2026-01-10 10:01 | ann | take 5 growth | granted
        2026-01-10 10:02 | ann | take 5 growth | granted
        2026-01-10 10:02 | ann | take 5 growth | already_granted
        2026-01-10 10:02 | ann | take 4 growth | already_granted (changed)
        2026-01-10 10:03 | ann | take 5 growth | over_limit by limit per customer
        2026-01-10 10:04 | bob | take 5 growth | granted
        """,
    )
    assert kept(ledger) == ["ann: 0 growth"]
    assert given(ledger) == ["ann: 8 growth", "ann: -5 growth", "ann: -3 growth", "bob: 0 growth"]


def test_a_reversal_gives_the_points_back_once(ledger: Ledger):
    project = gift(account("benefit/coffee/stock", "1"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 500 points            | granted
        2026-01-10 10:01 | ann | coffee for 400 points | granted
        2026-01-10 10:02 | ann | take 300 points       | granted
        """,
    )
    earned, bought, taken = sorted({row.number for row in ledger.grants()})
    assert kept(ledger) == ["ann: 0 points"]

    def reverse(*numbers: int) -> list[str]:
        return [one.outcome for one in ledger.reverse(numbers, "by mistake", NOW)]

    assert reverse(bought, bought) == ["reversed", "already_reversed"]
    assert kept(ledger) == ["ann: 400 points"]
    assert balances(ledger, project) == ["stock: 0 of 1"]
    # Of the 500 that were earned 100 have gone: they cannot be taken back.
    assert reverse(earned) == ["insufficient_balance"]
    assert reverse(taken) == ["reversed"]
    assert kept(ledger) == ["ann: 500 points"]
    assert reverse(earned) == ["reversed"]
    assert kept(ledger) == ["ann: 0 points"]
    assert ledger.verify() == ()


def test_a_grant_whose_points_are_spent_is_not_taken_back_in_part(ledger: Ledger):
    project = gift(account(TOTAL, "100"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 40 cash + 10 points  | granted
        2026-01-10 10:01 | ann | video for 3 points   | granted
        2026-01-10 10:02 | bob | 5 cash + 10 points   | granted
        """,
    )
    numbers = sorted({row.number for row in ledger.grants()})
    outcomes = [one.outcome for one in ledger.reverse(numbers[::2], "fraud", NOW)]
    assert outcomes == ["insufficient_balance", "reversed"]
    assert balances(ledger, project) == ["total: 49.90 of 100.00"]
    assert kept(ledger) == ["ann: 7 points", "bob: 0 points"]
    assert ledger.verify() == ()


def test_who_waits_pays_when_served(ledger: Ledger):
    def project(total: str):
        return gift(account(TOTAL, total), exhausted="waitlist")

    play(
        ledger,
        project("5"),
        """
        2026-01-10 10:00 | ann | 20 points            | granted
        2026-01-10 10:00 | bob | 20 points            | granted
        2026-01-10 10:01 | ann | coffee for 20 points | waitlisted by total
        2026-01-10 10:02 | bob | coffee for 20 points | waitlisted by total
        2026-01-10 10:03 | bob | take 1 points        | waitlisted by total
        """,
    )
    assert kept(ledger) == ["ann: 20 points", "bob: 20 points"]
    play(
        ledger,
        plan([campaign("other")]),
        "2026-01-10 10:04 | ann | free for 1 points | granted | campaign=other",
    )
    served = ledger.serve(project("50"), DIGEST, NOW)
    assert [one.identity.recipient for one in served] == ["bob", "bob"]
    assert kept(ledger) == ["ann: 19 points", "bob: 0 points"]
    assert "bob: 0 points" in given(ledger)
    assert ledger.verify() == ()


def test_what_is_given_in_its_place_has_a_price_too(ledger: Ledger):
    play(
        ledger,
        gift(account(TOTAL, "5"), exhausted="reward"),
        """
        2026-01-10 10:00 | ann | 2 points | granted
        2026-01-10 10:01 | ann | 10 cash  | insufficient_balance | fallback=free for 3 points
        2026-01-10 10:02 | ann | 10 cash  | granted              | fallback=free for 2 points
        """,
    )
    assert kept(ledger) == ["ann: 0 points"]


def test_a_rehearsal_pays_from_a_copy(ledger: Ledger):
    play(ledger, gift(), "2026-01-10 10:00 | ann | 100 points | granted")
    with ledger.rehearsal() as copy:
        play_in = [ask("ann", f"2026-01-10 10:0{n}", "coffee for 60 points") for n in (1, 2)]
        outcomes = [one.outcome for one in copy.decide(gift(), play_in, DIGEST)]
        assert outcomes == ["granted", "insufficient_balance"]
        assert kept(copy) == ["ann: 40 points"]
    assert kept(ledger) == ["ann: 100 points"]


@pytest.mark.parametrize("spends", ["coffee for 10 points", "take 10 points"])
def test_workers_of_several_campaigns_spend_a_wallet_once(tmp_path, url: str, spends: str):
    with opened(tmp_path, url=url) as ledger:
        play(ledger, gift(), "2026-01-10 10:00 | ann | 100 points | granted")
    outcomes: list[str] = []

    def work(worker: int) -> None:
        name = f"shop{worker}"
        project = plan([campaign(name)])
        with opened(tmp_path, url=url) as mine:
            for n in range(10):
                asked = ask("ann", "2026-01-11 10:00", spends, occurrence=f"o{n}", campaign=name)
                outcomes.extend(one.outcome for one in mine.decide(project, [asked], DIGEST))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with opened(tmp_path, url=url) as ledger:
        assert kept(ledger) == ["ann: 0 points"]
        assert ledger.verify() == ()
        taken = -sum(row.amount for row in ledger.grants() if row.amount < 0)
    assert taken == 100
    assert len(outcomes) == 40
    if "coffee" in spends:
        assert outcomes.count("granted") == 10


def test_several_prices_of_one_wallet_add_up(ledger: Ledger):
    play(
        ledger,
        gift(account("benefit/coffee/stock", "9")),
        """
        2026-01-10 10:00 | ann | 30 points + 5 growth                         | granted
        2026-01-10 10:01 | ann | coffee for 15 points + 25 points             | insufficient_balance
        2026-01-10 10:02 | ann | 90 points for 15 points + 25 points          | insufficient_balance
        2026-01-10 10:03 | ann | coffee for 15 points + 3 growth + 15 points  | granted
        2026-01-10 10:04 | ann | 30 points                                    | granted
        2026-01-10 10:05 | ann | take 20 points + take 20 points for 5 points | granted
        """,
    )
    assert kept(ledger) == ["ann: 2 growth", "ann: 0 points"]
    assert given(ledger)[-3:] == ["ann: -20 points", "ann: -5 points", "ann: -5 points"]


def test_who_cannot_pay_two_prices_stops_nobody_else(ledger: Ledger):
    asked = [
        ask("ann", "2026-01-10 10:00", "30 points"),
        ask("ann", "2026-01-10 10:01", "coffee for 15 points + 25 points"),
        # Points that come later in the batch lend nothing.
        ask("ann", "2026-01-10 10:02", "50 points"),
        ask("bob", "2026-01-10 10:03", "video"),
    ]
    results = [one.outcome for one in ledger.decide(gift(), asked, DIGEST)]
    assert results == ["granted", "insufficient_balance", "granted", "granted"]
    assert ledger.verify() == ()
    assert kept(ledger) == ["ann: 80 points"]


def test_an_offer_of_two_prices_is_claimed_by_who_has_both(ledger: Ledger):
    project = gift(account(TOTAL, "100"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 30 points                               | granted
        2026-01-10 10:01 | ann | choose 1 of coffee for 15 points + 25 points | granted
        """,
    )
    settle(ledger, project, "2026-01-10 10:02 | ann | claims coffee of 2 | insufficient_balance")
    play(ledger, project, "2026-01-10 10:03 | ann | 10 points | granted")
    settle(ledger, project, "2026-01-10 10:04 | ann | claims coffee of 2 | claimed")
    assert kept(ledger) == ["ann: 0 points"]


def test_points_that_are_delivered_later_are_pending_till_then(ledger: Ledger):
    later = "2026-03-05 00:00"
    (done,) = ledger.decide(
        gift(), [ask("ann", "2026-01-10 10:00", "500 points", deliver_at=later)], DIGEST
    )
    assert done.outcome == "granted"
    assert [(row.balance, row.pending) for row in ledger.balances(at=NOW)] == [(0, 500)]
    play(
        ledger,
        gift(),
        """
        2026-01-11 10:00 | ann | 20 points             | granted
        2026-01-12 10:00 | ann | coffee for 30 points  | insufficient_balance
        2026-01-12 10:01 | ann | take 50 points        | granted
        2026-03-04 23:59 | ann | coffee for 1 points   | insufficient_balance
        2026-03-05 00:00 | ann | coffee for 500 points | granted
        """,
    )
    assert given(ledger)[2] == "ann: -20 points"
    assert [(row.balance, row.pending) for row in ledger.balances()] == [(0, 0)]
