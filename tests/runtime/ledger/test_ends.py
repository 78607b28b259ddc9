"""Ends: benefits that return unless redeemed, and points, first in first out."""

import pytest
from campaigner.runtime.ledger import Ledger

from .ledgers import DIGEST, account, balances, clock, gift, play, settle, unguard

BACK = "returning until 2026-01-20"


def project(total: str = "100", **more: object):
    return gift(
        account("campaign/gift/limit per customer", "2", key="customer"),
        account("benefit/coffee/stock", "5", period="month"),
        account("campaign/gift/total", total),
        **more,
    )


def kept(ledger: Ledger) -> list[str]:
    return [f"{row.customer}: {row.balance} {row.wallet}" for row in ledger.balances()]


def test_every_way_in_which_redeeming_can_end(ledger: Ledger):
    play(
        ledger,
        project(),
        f"""
        2026-01-10 10:00 | ann | coffee {BACK}             | granted
        2026-01-10 11:00 | bob | coffee until 2026-01-20   | granted
        2026-01-10 12:00 | cat | choose 1 of coffee, video | granted
        2026-01-10 13:00 | dan | 5 points                  | granted
        2026-01-10 14:00 | eve | coffee {BACK}             | granted
        """,
    )
    settle(
        ledger,
        project(),
        """
        2026-01-11 10:00 | -   | redeems 9        | unknown
        2026-01-11 10:00 | dan | redeems 4        | unknown
        2026-01-11 10:00 | ann | redeems video of 1 | unknown
        2026-01-11 10:00 | cat | redeems 3        | not_claimed
        2026-01-11 10:00 | bob | redeems 1        | not_yours
        2026-01-10 09:59 | ann | redeems 1        | too_early
        2026-01-19 23:59 | ann | redeems 1        | redeemed
        2026-01-19 23:59 | -   | redeems 1        | already_redeemed
        2026-02-11 10:00 | ann | redeems 1        | already_redeemed
        2026-01-08 10:00 | ann | redeems 1        | already_redeemed
        2026-01-20 00:00 | bob | redeems 2        | expired
        2026-01-12 10:00 | cat | claims video of 3 | claimed
        2026-01-12 10:00 | cat | redeems 3        | redeemed
        2026-01-12 10:00 | -   | reverses 5       | reversed
        2026-01-12 10:00 | eve | redeems 5        | reversed
        2026-01-21 00:00 | -   | expires          | -
        """,
    )


def test_what_is_not_redeemed_gives_everything_back_once(ledger: Ledger):
    play(
        ledger,
        project("25"),
        f"""
        2026-01-10 10:00 | ann | coffee {BACK} | granted
        2026-01-10 11:00 | bob | coffee {BACK} | granted
        2026-01-10 12:00 | cat | coffee        | over_budget by total
        """,
    )
    settle(
        ledger,
        project("25"),
        """
        2026-01-11 10:00 | ann | redeems 1 | redeemed
        2026-01-19 23:59 | -   | expires   | -
        2026-01-20 00:00 | -   | expires   | bob's coffee
        2026-01-20 00:00 | -   | expires   | -
        2026-01-19 10:00 | bob | redeems 2 | expired
        """,
    )
    assert balances(ledger, project("25")) == [
        "limit per customer ann: 1 of 2",
        "limit per customer bob: 0 of 2",
        "stock 2026-01: 1 of 5",
        "total: 12.50 of 25.00",
    ]
    play(ledger, project("25"), "2026-01-21 12:00 | dan | coffee | granted")
    assert len(list(ledger.received())) == 3  # it came to bob, whatever became of it


def test_a_bundle_ends_line_by_line_and_its_limit_comes_back_with_the_last(ledger: Ledger):
    early, late = "returning until 2026-01-15", "returning until 2026-01-20"
    play(
        ledger,
        project(),
        f"2026-01-10 10:00 | ann | coffee {early} + video {late} | granted",
    )
    settle(ledger, project(), "2026-01-15 00:00 | - | expires | ann's coffee")
    assert balances(ledger, project()) == [
        "limit per customer ann: 1 of 2",
        "stock 2026-01: 0 of 5",
        "total: 9.90 of 100.00",
    ]
    settle(ledger, project(), "2026-01-20 00:00 | - | expires | ann's video")
    assert balances(ledger, project()) == [
        "limit per customer ann: 0 of 2",
        "stock 2026-01: 0 of 5",
        "total: 0.00 of 100.00",
    ]


def test_what_a_bundle_still_holds_keeps_the_limit(ledger: Ledger):
    play(ledger, project(), f"2026-01-10 10:00 | ann | coffee {BACK} + 5 points | granted")
    settle(ledger, project(), "2026-01-20 00:00 | - | expires | ann's coffee")
    assert balances(ledger, project())[0] == "limit per customer ann: 1 of 2"
    settle(ledger, project(), "2026-01-21 00:00 | - | reverses 1 | reversed")
    assert balances(ledger, project()) == [
        "limit per customer ann: 0 of 2",
        "stock 2026-01: 0 of 5",
        "total: 0.00 of 100.00",
    ]
    assert kept(ledger) == ["ann: 0 points"]


def test_ends_come_in_the_order_of_time(ledger: Ledger):
    play(
        ledger,
        project(),
        """
        2026-01-10 10:00 | ann | coffee returning until 2026-01-20                    | granted
        2026-01-10 11:00 | bob | choose 1 of coffee, video until 2026-01-18           | granted
        2026-01-10 12:00 | cat | 7 points until 2026-01-19                            | granted
        2026-01-10 13:00 | dan | choose 1 of coffee, video forfeited until 2026-01-19 | granted
        """,
    )
    settle(
        ledger,
        project(),
        """
        2026-01-17 00:00 | - | expires | -
        2026-01-18 12:00 | - | expires | bob's choice
        2026-01-19 00:00 | - | expires | cat's points (7) forfeited, dan's choice forfeited
        2026-03-01 00:00 | - | expires | ann's coffee
        """,
    )
    instants = [(row.became, row.became_at) for row in ledger.grants()]
    assert instants == [
        ("expired", clock("2026-01-20 00:00")),
        ("lapsed", clock("2026-01-18 00:00")),
        ("expired", clock("2026-01-19 00:00")),
        ("lapsed", clock("2026-01-19 00:00")),
    ]


def test_points_leave_first_in_first_out(ledger: Ledger):
    play(
        ledger,
        gift(),
        """
        2026-01-10 10:00 | ann | 100 points until 2026-02-01 | granted
        2026-01-11 10:00 | ann | 50 points                   | granted
        2026-01-12 10:00 | ann | 30 points until 2026-01-20  | granted
        2026-01-13 10:00 | ann | -70 points                  | granted
        """,
    )
    settle(
        ledger,
        gift(),
        "2026-01-20 00:00 | - | expires | ann's points (30) forfeited",
    )
    assert kept(ledger) == ["ann: 80 points"]
    play(ledger, gift(), "2026-01-21 10:00 | ann | -10 points | granted")
    settle(
        ledger,
        gift(),
        """
        2026-02-01 00:00 | - | expires | ann's points (20) forfeited
        2026-02-02 00:00 | - | expires | -
        """,
    )
    assert kept(ledger) == ["ann: 50 points"]


def test_points_that_were_spent_do_not_expire(ledger: Ledger):
    play(
        ledger,
        gift(),
        """
        2026-01-10 10:00 | ann | 100 points until 2026-02-01 | granted
        2026-01-11 10:00 | ann | take 200 points             | granted
        2026-01-12 10:00 | ann | 5 points                    | granted
        """,
    )
    settle(ledger, gift(), "2026-02-01 00:00 | - | expires | ann's points forfeited")
    assert kept(ledger) == ["ann: 5 points"]
    assert next((row.reward, row.became) for row in ledger.grants()) == ("points", "expired")


def test_points_that_expired_are_not_taken_back_again(ledger: Ledger):
    play(ledger, gift(), "2026-01-10 10:00 | ann | 100 points until 2026-02-01 | granted")
    play(ledger, gift(), "2026-01-10 11:00 | ann | -40 points | granted")
    settle(
        ledger,
        gift(),
        """
        2026-02-01 00:00 | - | expires    | ann's points (60) forfeited
        2026-02-02 00:00 | - | reverses 1 | insufficient_balance
        2026-02-02 00:00 | - | reverses 2 | reversed
        2026-02-02 00:00 | - | reverses 1 | reversed
        """,
    )
    assert kept(ledger) == ["ann: 0 points"]


def test_who_waits_gets_what_came_back(ledger: Ledger):
    def waiting(total: str):
        return project(total, exhausted="waitlist")

    play(
        ledger,
        waiting("15"),
        """
        2026-01-10 10:00 | ann | choose 1 of coffee, video until 2026-01-12 | granted
        2026-01-10 11:00 | bob | coffee | waitlisted by total
        """,
    )
    assert ledger.serve(waiting("15"), DIGEST, clock("2026-01-11 10:00")) == []
    settle(ledger, waiting("15"), "2026-01-12 00:00 | - | expires | ann's choice")
    (served,) = ledger.serve(waiting("15"), DIGEST, clock("2026-01-12 00:00"))
    assert served.identity.recipient == "bob"
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()


def test_a_settlement_stands_and_a_line_has_one(ledger: Ledger):
    play(ledger, project(), f"2026-01-10 10:00 | ann | coffee {BACK} | granted")
    settle(ledger, project(), "2026-01-20 00:00 | - | expires | ann's coffee")
    connection = ledger._store.connection
    for change in (
        "UPDATE settlements SET amount = amount - 1",
        "DELETE FROM settlements",
        "UPDATE amendments SET lost = 1",
        "INSERT INTO amendments SELECT id + 64, decision, 'redeemed', at, reason, plan, previous,"
        " settles, lost FROM amendments",
    ):
        with pytest.raises(Exception, match=r"(?i)never|unique|duplicate"):
            connection.execute(change)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ("UPDATE settlements SET amount = amount - 1", {"E760", "E761", "E763"}),
        ("DELETE FROM settlements", {"E760", "E761", "E763"}),
        ("UPDATE amendments SET at = '2026'", {"E763"}),
        ("UPDATE amendments SET lost = 7", {"E763"}),
        ("UPDATE grants SET returns = 0", {"E761", "E763"}),
        ("DELETE FROM due", {"E765"}),
        ("UPDATE due SET at = '2027'", {"E765"}),
        ("UPDATE accounts SET spent = 1 WHERE account = 'campaign/gift/total'", {"E760"}),
    ],
)
def test_verify_says_so_where_one_was_changed(ledger: Ledger, change: str, codes: set[str]):
    play(
        ledger,
        project(),
        f"""
        2026-01-10 10:00 | ann | coffee {BACK}                               | granted
        2026-01-10 10:01 | bob | choose 1 of coffee, video until 2026-01-21 | granted
        """,
    )
    settle(ledger, project(), "2026-01-20 00:00 | - | expires | ann's coffee")
    unguard(ledger)
    ledger._store.connection.execute(change)
    assert {one.code.id for one in ledger.verify()} == codes
