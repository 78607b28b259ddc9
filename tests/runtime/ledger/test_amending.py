"""Grants taken back, grants by hand, and a waiting list that is served, as readable ledgers."""

import pytest
from campaigner.compiler.plan import Charge
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.ledger import Ledger, Stretch

from .ledgers import DIGEST, account, ask, balances, campaign, clock, gift, opened, plan, play

TOTAL = "campaign/gift/total"
LIMIT = account("campaign/gift/limit per customer", "1", key="customer")
STOCK = account("benefit/coffee/stock", "2")
NOW = clock("2026-01-20 09:00")


def numbers(ledger: Ledger) -> dict[str, int]:
    return {row.recipient: row.number for row in ledger.grants()}


def taken_back(ledger: Ledger, *numbers: int) -> list[str]:
    return [one.outcome for one in ledger.reverse(numbers, "wrong account", NOW)]


def served(ledger: Ledger, project, at: str) -> list[str]:
    got = [one.identity.recipient for one in ledger.serve(project, DIGEST, clock(at))]
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()
    return got


# --- taken back ---------------------------------------------------------------------------------


def test_what_is_taken_back_can_be_given_to_others(ledger: Ledger):
    project = gift(LIMIT, STOCK, account(TOTAL, "25"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | coffee | granted
        2026-01-10 10:01 | bob | coffee | granted
        2026-01-10 10:02 | cat | coffee | out_of_stock by stock
        2026-01-10 10:03 | ann | coffee | over_limit by limit per customer
        """,
    )
    ann = numbers(ledger)["ann"]
    assert taken_back(ledger, ann) == ["reversed"]
    assert balances(ledger, project) == [
        "limit per customer ann: 0 of 1",
        "limit per customer bob: 1 of 1",
        "stock: 1 of 2",
        "total: 12.50 of 25.00",
    ]
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | coffee | already_granted
        2026-01-20 10:04 | ann | coffee | granted
        2026-01-20 10:05 | dan | coffee | out_of_stock by stock
        """,
    )
    first, *others = sorted(ledger.grants(), key=lambda row: row.at)
    assert (first.number, first.reversed_at) == (ann, NOW)
    assert {row.reversed_at for row in others} == {None}


def test_a_grant_is_taken_back_once_and_what_is_none_never(ledger: Ledger):
    project = gift(account(TOTAL, "60"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted
        2026-01-10 10:01 | bob | 60 cash | over_budget by total
        """,
    )
    ann = numbers(ledger)["ann"]
    assert taken_back(ledger, ann, ann, ann + ledger._store.lanes, 999) == [
        "reversed",
        "already_reversed",
        "not_granted",
        "not_granted",
    ]
    assert taken_back(ledger, ann) == ["already_reversed"]
    assert balances(ledger, project) == ["total: 0.00 of 60.00"]
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()


def test_what_was_taken_back_was_not_received_and_does_not_go_out(tmp_path, url):
    project = gift(account(TOTAL, "60"), messages=[("push", "hello")])
    with opened(tmp_path, ["push", "rewards"], url=url) as ledger:
        play(ledger, project, "2026-01-10 10:00 | ann | 60 cash | granted")
        assert ledger.waiting_channels(NOW) == {"push": 1, "rewards": 1}
        assert taken_back(ledger, *numbers(ledger).values()) == ["reversed"]
        assert ledger.waiting_channels(NOW) == {}
        assert list(ledger.received()) == []
        assert ledger.received_counts("campaign", "gift", [Stretch("ann", None, NOW)]) == [0]


def test_a_reversal_is_in_the_chain(ledger: Ledger):
    play(ledger, gift(account(TOTAL, "60")), "2026-01-10 10:00 | ann | 60 cash | granted")
    taken_back(ledger, *numbers(ledger).values())
    connection = ledger._store.connection
    with pytest.raises(Exception, match="never"):
        connection.execute("UPDATE amendments SET reason = 'another'")
    with pytest.raises(Exception, match="never"):
        connection.execute("DELETE FROM amendments")


# --- by hand ------------------------------------------------------------------------------------


def by_hand(ledger: Ledger, project, who: str, gives: str, name="case 7") -> str:
    decision = ask(who, "2026-01-20 09:00", gives, occurrence=f"reserve/{name}")
    result = ledger.grant_by_hand(project, decision, DIGEST, name, "the courier lost it")
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()
    return f"{result.outcome} {result.account or ''}".strip()


def test_the_reserve_pays_what_is_granted_by_hand_and_nothing_else(ledger: Ledger):
    reserve = account("campaign/gift/reserve", "20")
    project = plan([campaign("gift", [TOTAL])], [account(TOTAL, "60"), reserve])
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted
        2026-01-10 10:01 | bob | 5 cash  | over_budget by total
        """,
    )
    assert by_hand(ledger, project, "bob", "15 cash") == "granted"
    assert by_hand(ledger, project, "bob", "15 cash") == "already_granted"
    assert by_hand(ledger, project, "bob", "6 cash", "case 8") == (
        "over_budget campaign/gift/reserve"
    )
    assert balances(ledger, project, "gift") == [
        "total: 60.00 of 60.00 !",
        "reserve: 15.00 of 20.00 !",
    ]


def test_limits_stocks_and_pools_hold_by_hand_too(ledger: Ledger):
    pool, reserve = account("pool/q1/total", "40"), account("campaign/gift/reserve", "100")
    charges = [LIMIT.id, Charge(STOCK.id, benefit="coffee"), TOTAL, pool.id]
    project = plan([campaign("gift", charges)], [LIMIT, STOCK, account(TOTAL, "0"), pool, reserve])
    assert by_hand(ledger, project, "ann", "coffee") == "granted"
    assert by_hand(ledger, project, "ann", "coffee", "again") == f"over_limit {LIMIT.id}"
    assert by_hand(ledger, project, "bob", "coffee + coffee") == f"out_of_stock {STOCK.id}"
    assert by_hand(ledger, project, "cat", "30 cash") == f"over_budget {pool.id}"


def test_without_a_reserve_nothing_is_granted_by_hand(ledger: Ledger):
    with pytest.raises(CannotRun) as caught:
        by_hand(ledger, gift(account(TOTAL, "60")), "ann", "1 cash")
    assert caught.value.diagnostic.code.id == "E755"


# --- the waiting list ---------------------------------------------------------------------------


def test_those_who_wait_are_served_in_order_when_a_grant_is_taken_back(ledger: Ledger):
    project = gift(account(TOTAL, "60"), exhausted="waitlist")
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted
        2026-01-10 10:02 | cat | 30 cash | waitlisted by total
        2026-01-10 10:01 | bob | 30 cash | waitlisted by total
        2026-01-10 10:03 | dan | 30 cash | waitlisted by total
        """,
    )
    assert served(ledger, project, "2026-01-20 10:00") == []
    taken_back(ledger, numbers(ledger)["ann"])
    assert served(ledger, project, "2026-01-20 10:00") == ["bob", "cat"]
    assert served(ledger, project, "2026-01-20 10:00") == []
    play(
        ledger,
        project,
        """
        2026-01-10 10:01 | bob | 30 cash | already_granted
        2026-01-10 10:03 | dan | 30 cash | waitlisted by total
        """,
    )
    assert ledger.outcomes() == {("gift", "granted"): 3, ("gift", "waitlisted"): 1}


def test_a_new_period_and_a_raised_cap_serve_them_as_of_then(tmp_path, url):
    day = account("campaign/gift/spend per day", "30", period="day")
    project = gift(day, exhausted="waitlist", messages=[("push", "for you")])
    with opened(tmp_path, ["push"], url=url) as ledger:
        play(
            ledger,
            project,
            """
            2026-01-10 10:00 | ann | 30 cash | granted
            2026-01-10 10:01 | bob | 20 cash | waitlisted by spend per day
            2026-01-10 10:02 | cat | 20 cash | waitlisted by spend per day
            """,
        )
        assert served(ledger, project, "2026-01-10 12:00") == []
        assert served(ledger, project, "2026-01-11 00:00") == ["bob"]
        assert ledger.waiting_channels(clock("2026-01-10 23:59")) == {"push": 1}
        assert ledger.waiting_channels(clock("2026-01-11 00:00")) == {"push": 2}
        raised = gift(
            account(day.id, "40", period="day"), exhausted="waitlist", messages=[("push", "you")]
        )
        assert served(ledger, raised, "2026-01-11 09:00") == ["cat"]
        assert balances(ledger, raised) == [
            "spend per day 2026-01-10: 30.00 of 40.00",
            "spend per day 2026-01-11: 40.00 of 40.00",
        ]


def test_nobody_is_served_by_a_campaign_that_does_not_wait_any_more(ledger: Ledger):
    waits = gift(account(TOTAL, "10"), exhausted="waitlist")
    play(ledger, waits, "2026-01-10 10:00 | ann | 60 cash | waitlisted by total")
    stops = gift(account(TOTAL, "100"))
    assert served(ledger, stops, "2026-01-20 10:00") == []
    assert served(ledger, plan([]), "2026-01-20 10:00") == []


def test_a_rehearsal_serves_and_keeps_nothing(ledger: Ledger):
    project = gift(account(TOTAL, "10"), exhausted="waitlist")
    play(ledger, project, "2026-01-10 10:00 | ann | 60 cash | waitlisted by total")
    raised = gift(account(TOTAL, "100"), exhausted="waitlist")
    with ledger.rehearsal() as copy:
        assert served(copy, raised, "2026-01-20 10:00") == ["ann"]
        assert served(copy, raised, "2026-01-20 10:00") == []
    assert list(ledger.grants()) == []
    assert served(ledger, raised, "2026-01-20 10:00") == ["ann"]


def test_what_was_redeemed_is_taken_back_only_if_that_is_asked_for(ledger: Ledger):
    project = gift(account("campaign/gift/total", "99"))
    play(ledger, project, "2026-01-10 10:00 | ann | coffee + 5 cash + 9 points | granted")
    number = next(ledger.grants()).number
    assert ledger.redeem(number, NOW, reward="coffee").outcome == "redeemed"
    assert [one.outcome for one in ledger.reverse([number], "fraud", NOW)] == ["already_redeemed"]
    assert balances(ledger, project) == ["total: 17.50 of 99.00"]
    (done,) = ledger.reverse([number], "fraud", NOW, even_if_redeemed=True)
    assert done.outcome == "reversed"
    assert balances(ledger, project) == ["total: 0.00 of 99.00"]
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()
