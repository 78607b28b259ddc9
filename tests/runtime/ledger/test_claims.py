"""Offers: reserved for the most that may be chosen, claimed once, given back once."""

import pytest
from campaigner.runtime.ledger import Ledger

from .ledgers import (
    COSTS,
    DIGEST,
    VALUES,
    account,
    balances,
    clock,
    gift,
    opened,
    play,
    settle,
)

OFFER = "choose 1 of coffee, video, ride"


def project(total: str = "100", stock: str = "5", **more: object):
    return gift(
        account("campaign/gift/limit per customer", "2", key="customer"),
        account("benefit/coffee/stock", stock, period="month"),
        account("campaign/gift/total", total),
        **more,
    )


def lines(ledger: Ledger) -> list[str]:
    return [
        f"{row.recipient}: {row.reward} {row.cost} {row.became or ''}" for row in ledger.grants()
    ]


def test_an_offer_reserves_the_dearest_choice_and_a_claim_gives_the_rest_back(ledger: Ledger):
    play(ledger, project(), f"2026-01-10 10:00 | ann | {OFFER} | granted")
    assert balances(ledger, project()) == [
        "limit per customer ann: 1 of 2",
        "stock: 0 of 5",
        "total: 12.50 of 100.00",
    ]
    settle(ledger, project(), "2026-01-11 10:00 | ann | claims video of 1 | claimed")
    assert balances(ledger, project()) == [
        "limit per customer ann: 1 of 2",
        "stock: 0 of 5",
        "total: 9.90 of 100.00",
    ]
    assert lines(ledger) == ["ann: choice 12.50 claimed", "ann: video 9.90 "]


def test_what_is_chosen_is_charged_to_its_stock_in_the_period_of_the_claim(ledger: Ledger):
    play(ledger, project(), f"2026-01-30 10:00 | ann | {OFFER} until 2026-03-01 | granted")
    settle(ledger, project(), "2026-02-02 10:00 | ann | claims coffee of 1 | claimed")
    assert balances(ledger, project()) == [
        "limit per customer ann: 1 of 2",
        "stock 2026-02: 1 of 5",
        "total: 12.50 of 100.00",
    ]


def test_every_way_in_which_a_claim_can_end(ledger: Ledger):
    play(
        ledger,
        project(stock="1"),
        f"""
        2026-01-10 10:00 | ann | {OFFER} until 2026-01-20 | granted
        2026-01-10 11:00 | bob | {OFFER} until 2026-01-20 | granted
        2026-01-10 12:00 | cat | {OFFER} until 2026-01-20 | granted
        2026-01-10 13:00 | dan | video                    | granted
        2026-01-10 14:00 | eve | {OFFER} until 2026-01-20 | granted
        """,
    )
    settle(
        ledger,
        project(stock="1"),
        """
        2026-01-09 10:00 | ann | claims coffee of 1        | too_early
        2026-01-11 10:00 | bob | claims coffee of 1        | not_yours
        2026-01-11 10:00 | ann | claims coffee of 9        | unknown
        2026-01-11 10:00 | dan | claims video of 4         | unknown
        2026-01-11 10:00 | ann | claims free of 1          | not_offered
        2026-01-11 10:00 | ann | claims coffee + ride of 1 | not_offered
        2026-01-11 10:00 | ann | claims coffee of 1        | claimed
        2026-01-11 10:00 | ann | claims coffee of 1        | already_claimed
        2026-01-08 10:00 | ann | claims coffee of 1        | already_claimed
        2026-03-11 10:00 | ann | claims coffee of 1        | already_claimed
        2026-01-11 10:01 | ann | claims ride of 1          | other_choice
        2026-01-11 10:01 | ann | claims free of 1          | other_choice
        2026-01-11 10:01 | bob | claims coffee of 2        | out_of_stock by benefit/coffee/stock
        2026-01-11 10:02 | bob | claims video of 2         | claimed
        2026-01-20 00:00 | cat | claims video of 3         | expired
        2026-01-12 10:00 | -   | reverses 5                | reversed
        2026-01-12 10:01 | eve | claims video of 5         | reversed
        2026-01-12 10:01 | ann | claims video of 5         | not_yours
        2026-01-20 00:00 | -   | expires                   | cat's choice
        2026-01-19 10:00 | cat | claims video of 3         | expired
        """,
    )


def test_several_are_chosen_at_once_in_any_order(ledger: Ledger):
    pack = "choose 2 of coffee, video, ride worth up to 50"
    play(
        ledger,
        project(),
        f"""
        2026-01-10 10:00 | ann | {pack} | granted
        2026-01-10 11:00 | bob | {pack} | granted
        """,
    )
    settle(
        ledger,
        project(),
        """
        2026-01-11 10:00 | ann | claims coffee of 1                | not_offered
        2026-01-11 10:00 | ann | claims coffee + coffee of 1       | not_offered
        2026-01-11 10:00 | ann | claims coffee + video of 1        | not_offered
        2026-01-11 10:00 | ann | claims ride + video of 1          | claimed
        2026-01-11 10:01 | ann | claims video + ride of 1          | already_claimed
        2026-01-11 10:01 | bob | claims coffee + video + ride of 2 | not_offered
        2026-01-11 10:01 | bob | claims ride + coffee of 2         | claimed
        """,
    )
    assert lines(ledger) == [
        "ann: choice 22.40 claimed",
        "ann: video 9.90 ",
        "ann: ride 8.00 ",
        "bob: choice 22.40 claimed",
        "bob: coffee 12.50 ",
        "bob: ride 8.00 ",
    ]
    assert balances(ledger, project())[-1] == "total: 38.40 of 100.00"


def test_an_offer_holds_its_money_against_others_until_it_ends(ledger: Ledger):
    play(
        ledger,
        project("20"),
        f"""
        2026-01-10 10:00 | ann | {OFFER} until 2026-01-12 | granted
        2026-01-10 10:01 | bob | video | over_budget by total
        """,
    )
    settle(
        ledger,
        project("20"),
        """
        2026-01-11 10:00 | - | expires | -
        2026-01-12 00:00 | - | expires | ann's choice
        2026-01-13 00:00 | - | expires | -
        """,
    )
    assert balances(ledger, project("20")) == [
        "limit per customer ann: 0 of 2",
        "stock: 0 of 5",
        "total: 0.00 of 20.00",
    ]
    play(ledger, project("20"), "2026-01-13 10:01 | bob | video | granted")


def test_what_is_forfeited_stays_spent(ledger: Ledger):
    play(
        ledger, project(), f"2026-01-10 10:00 | ann | {OFFER} forfeited until 2026-01-12 | granted"
    )
    settle(
        ledger,
        project(),
        """
        2026-01-12 00:00 | -   | expires           | ann's choice forfeited
        2026-01-12 00:00 | ann | claims video of 1 | expired
        """,
    )
    assert balances(ledger, project())[-1] == "total: 12.50 of 100.00"


@pytest.mark.parametrize("until", ["until 2026-01-12", "forfeited until 2026-01-12"])
def test_an_offer_that_ended_was_not_received(ledger: Ledger, until: str):
    play(ledger, project(), f"2026-01-10 10:00 | ann | {OFFER} {until} | granted")
    assert len(list(ledger.received())) == 1
    ended = "ann's choice" + (" forfeited" if "forf" in until else "")
    settle(ledger, project(), f"2026-01-12 00:00 | - | expires | {ended}")
    assert list(ledger.received()) == []


def test_an_offer_that_waited_is_made_when_it_is_served(ledger: Ledger):
    waits = {"exhausted": "waitlist"}
    play(
        ledger,
        project("12", **waits),
        f"2026-01-10 10:00 | ann | {OFFER} until 2026-01-12 | waitlisted by total",
    )
    assert ledger.serve(project("50", **waits), DIGEST, clock("2026-01-14 10:00"))
    (offer,) = ledger.offers("ann")
    assert offer.ends == clock("2026-01-16 00:00")
    settle(ledger, project("50", **waits), "2026-01-15 10:00 | ann | claims ride of 1 | claimed")
    assert balances(ledger, project("50"))[-1] == "total: 8.00 of 50.00"


def test_a_claimed_grant_is_taken_back_whole(ledger: Ledger):
    play(ledger, project(), f"2026-01-10 10:00 | ann | {OFFER} | granted")
    settle(
        ledger,
        project(),
        """
        2026-01-11 10:00 | ann | claims coffee of 1 | claimed
        2026-01-12 10:00 | -   | reverses 1         | reversed
        2026-01-12 10:01 | -   | reverses 1         | already_reversed
        """,
    )
    assert balances(ledger, project()) == [
        "limit per customer ann: 0 of 2",
        "stock 2026-01: 0 of 5",
        "total: 0.00 of 100.00",
    ]


def test_a_rehearsal_claims_and_expires_a_copy(ledger: Ledger):
    play(
        ledger,
        project(),
        f"""
        2026-01-10 10:00 | ann | {OFFER} until 2026-01-12 | granted
        2026-01-10 11:00 | bob | {OFFER} until 2026-01-12 | granted
        """,
    )
    before = balances(ledger, project())
    with ledger.rehearsal() as copy:
        settle(
            copy,
            project(),
            """
            2026-01-11 10:00 | ann | claims ride of 1 | claimed
            2026-01-12 00:00 | -   | expires          | bob's choice
            2026-01-12 00:00 | -   | expires          | -
            """,
        )
    assert balances(ledger, project()) == before
    assert len(list(ledger.offers())) == 2
    assert ledger.verify() == ()


def test_what_is_claimed_while_it_is_taken_back_gives_its_stock_back_too(tmp_path, url):
    """A reversal locks every account that it gives back to, also one charged just now."""
    with opened(tmp_path, url=url) as one, opened(tmp_path, url=url) as other:
        play(one, project(), f"2026-01-10 10:00 | ann | {OFFER} | granted")
        number = next(one.grants()).number
        write, held = one._store.write, []

        def late(claims, work):
            if not held:
                at = clock("2026-01-11 10:00")
                other.claim(project(), DIGEST, number, "ann", ["coffee"], at)
            held.append(set(claims))
            return write(claims, work)

        one._store.write = late
        (done,) = one.reverse([number], "a test", clock("2026-01-12 10:00"))
        assert done.outcome == "reversed"
        assert "benefit/coffee/stock" not in held[0]
        assert "benefit/coffee/stock" in held[-1]
        assert balances(one, project())[1] == "stock 2026-01: 0 of 5"
        assert one.verify() == ()


@pytest.mark.parametrize(
    "gives",
    [
        f"{10**17} cash",
        f"{10**30} cash",
        f"{6 * 10**16} cash + {6 * 10**16} cash",
        "choose 1 of huge, coffee",
        "choose 2 of huge, coffee, video",
    ],
)
def test_an_amount_that_no_store_can_hold_is_over_the_budget(ledger: Ledger, gives: str):
    with_huge = {**COSTS, "huge": str(10**18)}, {**VALUES, "huge": str(10**18)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.runtime.ledger.ledgers.COSTS", with_huge[0])
        patch.setattr("tests.runtime.ledger.ledgers.VALUES", with_huge[1])
        play(ledger, project("100"), f"2026-01-10 10:00 | ann | {gives} | over_budget")
        play(ledger, gift(), f"2026-01-10 11:00 | ann | {gives} | over_budget")
    play(ledger, project("100"), "2026-01-10 10:01 | bob | video | granted")


def rewards_waiting(ledger: Ledger) -> list[list[str]]:
    with ledger.outbox() as outbox:
        rows = outbox.waiting("rewards", clock("2027-01-01 00:00"), 10)
        return [[one.reward for one in row.rewards] for row in rows]


def test_what_is_chosen_is_fulfilled_and_the_offer_is_not(tmp_path, url):
    with opened(tmp_path, ["rewards"], url=url) as ledger:
        play(ledger, project(), f"2026-01-10 10:00 | ann | {OFFER} | granted")
        assert rewards_waiting(ledger) == []
        settle(ledger, project(), "2026-01-11 10:00 | ann | claims ride of 1 | claimed")
        assert rewards_waiting(ledger) == [["ride"]]
        settle(ledger, project(), "2026-01-12 10:00 | - | reverses 1 | reversed")
        assert rewards_waiting(ledger) == []


def test_a_wallet_may_be_called_choice(tmp_path, url):
    with opened(tmp_path, ["rewards"], url=url) as ledger:
        play(ledger, gift(), "2026-01-10 10:00 | ann | 5 choice until 2026-02-01 | granted")
        assert rewards_waiting(ledger) == [["choice"]]
        settle(
            ledger,
            gift(),
            """
            2026-01-11 10:00 | ann | claims choice of 1 | unknown
            2026-01-11 10:00 | ann | redeems 1          | unknown
            2026-02-01 10:00 | -   | expires            | ann's choice (5) forfeited
            """,
        )
        assert list(ledger.offers()) == []


def test_the_last_offer_of_a_campaign_is_the_one_that_stood_at_an_instant(ledger: Ledger):
    play(
        ledger,
        project(),
        f"""
        2026-01-10 10:00 | ann | {OFFER} | granted
        2026-01-12 10:00 | ann | {OFFER} | granted
        2026-01-13 10:00 | bob | video   | granted
        """,
    )
    first, second, _ = [row.number for row in ledger.grants()]

    def last(who: str, at: str) -> int | None:
        return ledger.last_offer("gift", who, clock(at))

    assert last("ann", "2026-01-10 09:59") is None
    assert last("ann", "2026-01-10 10:00") == last("ann", "2026-01-12 09:59") == first
    assert last("ann", "2026-01-12 10:00") == second
    settle(ledger, project(), "2026-01-12 11:00 | ann | claims ride of 2 | claimed")
    assert last("ann", "2026-01-12 12:00") == second
    assert last("bob", "2026-01-20 10:00") is None
    assert ledger.last_offer("other", "ann", clock("2026-01-20 10:00")) is None
