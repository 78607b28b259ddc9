"""Each outcome as a ledger that people can read: when, who, what, and what became of it."""

from campaigner.compiler.plan import Charge
from campaigner.runtime.ledger import Ledger

from .ledgers import DIGEST, account, ask, balances, campaign, gift, plan, play

TOTAL = "campaign/gift/total"


def test_granted_until_the_total_is_gone(ledger: Ledger):
    project = gift(account(TOTAL, "100"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted
        2026-01-10 10:01 | bob | 40 cash | granted
        2026-01-10 10:02 | cat | 1 cash  | over_budget by total
        2026-01-10 10:00 | ann | 60 cash | already_granted
        2026-01-10 10:02 | cat | 1 cash  | over_budget by total
        """,
    )
    assert balances(ledger, project) == ["total: 100.00 of 100.00 !"]


def test_the_first_that_does_not_fit_exhausts_the_account_for_all_after_it(ledger: Ledger):
    project = gift(account(TOTAL, "100"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash   | granted
        2026-01-10 10:01 | bob | 60 cash   | over_budget by total
        2026-01-10 10:02 | cat | 10 cash   | over_budget by total
        2026-01-10 10:03 | dan | 10 points | over_budget by total
        """,
    )
    assert balances(ledger, project) == ["total: 60.00 of 100.00 !"]


def test_a_raised_cap_fills_the_account_again_and_a_lowered_one_takes_nothing_back(ledger: Ledger):
    play(ledger, gift(account(TOTAL, "100")), "2026-01-10 10:00 | ann | 70 cash | granted")
    lowered = gift(account(TOTAL, "50"))
    play(ledger, lowered, "2026-01-10 10:01 | bob | 1 cash | over_budget by total")
    assert balances(ledger, lowered) == ["total: 70.00 of 50.00 !"]
    raised = gift(account(TOTAL, "80"))
    assert balances(ledger, raised) == ["total: 70.00 of 80.00"]
    play(
        ledger,
        raised,
        """
        2026-01-10 10:01 | bob | 1 cash  | over_budget by total
        2026-01-10 10:02 | cat | 10 cash | granted
        2026-01-10 10:03 | dan | 1 cash  | over_budget by total
        """,
    )


def test_a_day_a_week_and_a_month_are_the_calendars_of_the_zone(ledger: Ledger):
    project = gift(
        account("campaign/gift/spend per day", "20", period="day"),
        account("campaign/gift/spend per week", "50", period="week"),
        account("campaign/gift/spend per month", "70", period="month"),
    )
    play(
        ledger,
        project,
        """
        2026-01-30 23:59 | ann | 20 cash | granted
        2026-01-30 23:59 | bob | 20 cash | over_budget by spend per day
        2026-01-31 00:00 | cat | 20 cash | granted
        2026-02-01 09:00 | dan | 20 cash | over_budget by spend per week
        2026-02-02 00:00 | eve | 20 cash | granted
        """,
    )
    assert balances(ledger, project) == [
        "spend per day 2026-01-30: 20.00 of 20.00 !",
        "spend per day 2026-01-31: 20.00 of 20.00",
        "spend per day 2026-02-02: 20.00 of 20.00",
        "spend per week 2026-W05: 40.00 of 50.00 !",
        "spend per week 2026-W06: 20.00 of 50.00",
        "spend per month 2026-01: 40.00 of 70.00",
        "spend per month 2026-02: 20.00 of 70.00",
    ]


def test_a_late_event_is_charged_to_the_day_it_happened_on(ledger: Ledger):
    project = gift(account("campaign/gift/spend per day", "20", period="day"))
    play(
        ledger,
        project,
        """
        2026-01-11 10:00 | ann | 20 cash | granted
        2026-01-10 10:00 | bob | 15 cash | granted
        2026-01-10 10:01 | cat | 15 cash | over_budget by spend per day
        """,
    )


def test_a_limit_counts_each_customer_and_each_month(ledger: Ledger):
    project = gift(
        account("campaign/gift/limit per customer", "2", key="customer", period="month"),
        account(TOTAL, "1000"),
    )
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | coffee | granted
        2026-01-11 10:00 | ann | coffee | granted
        2026-01-12 10:00 | ann | coffee | over_limit by limit per customer
        2026-01-12 10:00 | bob | coffee | granted
        2026-02-01 00:00 | ann | coffee | granted
        """,
    )
    assert balances(ledger, project) == [
        "limit per customer 2026-01 ann: 2 of 2 !",
        "limit per customer 2026-01 bob: 1 of 2",
        "limit per customer 2026-02 ann: 1 of 2",
        "total: 50.00 of 1000.00",
    ]


def test_a_limit_by_a_field_of_the_event_and_by_the_customer_without_it(ledger: Ledger):
    project = gift(account("campaign/gift/limit per device", "1", key="device"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | coffee | granted | device=d1
        2026-01-10 10:01 | bob | coffee | over_limit by limit per device | device=d1
        2026-01-10 10:02 | cat | coffee | granted | device=d2
        2026-01-10 10:03 | dan | coffee | granted
        2026-01-10 10:04 | eve | coffee | granted
        2026-01-10 10:05 | eve | coffee | over_limit by limit per device
        """,
    )
    assert balances(ledger, project)[-1] == "limit per device unknown/eve: 1 of 1 !"


def test_a_stock_is_taken_by_those_who_get_it_once_for_each_of_it(ledger: Ledger):
    project = gift(account("benefit/coffee/stock", "3"), account(TOTAL, "1000"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | coffee          | granted
        2026-01-10 10:01 | bob | video           | granted
        2026-01-10 10:02 | cat | coffee + coffee | granted
        2026-01-10 10:03 | dan | coffee + video  | out_of_stock by stock
        2026-01-10 10:04 | eve | video           | granted
        """,
    )


def test_limit_before_stock_before_budget_and_a_refusal_uses_nothing_up(ledger: Ledger):
    project = gift(
        account("campaign/gift/limit per customer", "1", key="customer"),
        account("campaign/gift/first", "2"),
        account(TOTAL, "25"),
    )
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | coffee  | granted
        2026-01-10 10:01 | ann | 99 cash | over_limit by limit per customer
        2026-01-10 10:02 | bob | coffee  | granted
        2026-01-10 10:03 | cat | 99 cash | out_of_stock by first
        """,
    )
    assert balances(ledger, project)[-2:] == ["first: 2 of 2 !", "total: 25.00 of 25.00"]


def test_held_out_comes_first_and_is_charged_nothing(ledger: Ledger):
    project = gift(account(TOTAL, "10"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | held_out | held_out
        2026-01-10 10:01 | bob | 10 cash | granted
        2026-01-10 10:00 | ann | 60 cash | held_out | held_out
        2026-01-10 10:00 | ann | 60 cash | held_out
        """,
    )


def test_too_late_comes_after_held_out_and_is_charged_nothing(ledger: Ledger):
    project = gift(account(TOTAL, "10"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | too_late | too_late
        2026-01-10 10:01 | bob | 10 cash | granted
        2026-01-10 10:02 | cat | 10 cash | held_out | held_out | too_late
        2026-01-10 10:00 | ann | 60 cash | too_late
        """,
    )


def test_a_retry_with_other_content_is_told_and_alters_nothing(ledger: Ledger):
    project = gift(account(TOTAL, "100"))
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash          | granted
        2026-01-10 10:00 | ann | 61 cash          | already_granted (changed)
        2026-01-10 10:00 | ann | 60 cash + coffee | already_granted (changed)
        2026-01-10 10:00 | ann | 60.00 cash       | already_granted
        2026-01-10 10:01 | bob | 50 cash          | over_budget by total
        2026-01-10 10:01 | bob | 5 cash           | over_budget by total (changed)
        """,
    )
    assert [str(row.amount) for row in ledger.grants()] == ["60.00"]


def test_shares_pay_from_their_own_part_and_the_rest_from_what_they_leave(ledger: Ledger):
    ids = [TOTAL, "campaign/gift/share vip", "campaign/gift/share of the others"]
    project = plan(
        [campaign("gift", [Charge(TOTAL), Charge(ids[1], 0), Charge(ids[2], 1)], shares=["vip"])],
        [account(ids[0], "100"), account(ids[1], "40"), account(ids[2], "60")],
    )
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 30 cash | granted                            | share=0
        2026-01-10 10:01 | bob | 20 cash | over_budget by share vip           | share=0
        2026-01-10 10:02 | cat | 56 cash | granted
        2026-01-10 10:03 | dan | 8 cash  | over_budget by share of the others
        """,
    )


def test_campaigns_of_one_pool_spend_it_together(ledger: Ledger):
    pool, other = "pool/q1/total", "campaign/other/total"
    project = plan(
        [campaign("gift", [TOTAL, pool]), campaign("other", [other, pool])],
        [account(TOTAL, "100"), account(other, "100"), account(pool, "120")],
    )
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 90 cash | granted
        2026-01-10 10:01 | ann | 40 cash | over_budget by total | campaign=other
        2026-01-10 10:02 | bob | 30 cash | over_budget by total | campaign=other
        """,
    )
    assert [row.account for row in ledger.budgets(project, "other")] == [other, pool]
    assert balances(ledger, project, "other") == [
        "total: 0.00 of 100.00",
        "total: 90.00 of 120.00 !",
    ]


def test_a_waiting_list_keeps_its_order(ledger: Ledger):
    project = gift(account(TOTAL, "60"), exhausted="waitlist")
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted
        2026-01-10 10:01 | bob | 60 cash | waitlisted by total
        2026-01-10 10:01 | bob | 60 cash | waitlisted by total
        """,
    )
    assert ledger.outcomes() == {("gift", "granted"): 1, ("gift", "waitlisted"): 1}


def test_a_fallback_is_paid_from_what_is_left_and_passes_when_it_costs_nothing(ledger: Ledger):
    project = gift(
        account("campaign/gift/limit per customer", "2", key="customer"),
        account("benefit/video/stock", "2"),
        account(TOTAL, "75"),
        exhausted="reward",
    )
    play(
        ledger,
        project,
        """
        2026-01-10 10:00 | ann | 60 cash | granted                          | fallback=video
        2026-01-10 10:01 | bob | 60 cash | granted                          | fallback=video
        2026-01-10 10:02 | cat | 60 cash | over_budget by total             | fallback=video
        2026-01-10 10:03 | dan | 60 cash | granted                          | fallback=20 points
        2026-01-10 10:04 | ann | 60 cash | granted                          | fallback=20 points
        2026-01-10 10:05 | ann | 60 cash | over_limit by limit per customer | fallback=20 points
        2026-01-10 10:06 | eve | 60 cash | over_budget by total
        """,
    )
    given = [f"{row.recipient}: {row.amount} {row.reward}" for row in ledger.grants()]
    assert given == ["ann: 60.00 cash", "bob: 25.00 video", "dan: 20 points", "ann: 20 points"]


def test_a_sum_that_no_store_can_hold_is_over_budget(ledger: Ledger):
    project = gift(account("campaign/gift/limit per customer", "2", key="customer"))
    play(ledger, project, "2026-01-10 10:00 | ann | 1e20 cash | over_budget")


def test_one_batch_or_many_and_an_identity_twice_in_one(ledger: Ledger):
    project = gift(account(TOTAL, "100"))
    twice = [ask("ann", "2026-01-10 10:00", "60 cash")] * 2
    results = ledger.decide(project, twice, DIGEST)
    assert [(one.outcome, one.repeated) for one in results] == [
        ("granted", False),
        ("already_granted", True),
    ]
    assert ledger.decide(project, [], DIGEST) == []


def test_each_check_before_all_that_come_after_it(ledger: Ledger):
    """Each line would be refused by every check after the one that names its outcome, too."""

    def project(exhausted: str):
        return gift(
            account("campaign/gift/limit per customer", "1", key="customer"),
            account("benefit/coffee/stock", "1"),
            account(TOTAL, "15"),
            exhausted=exhausted,
        )

    play(
        ledger,
        project("stop"),
        """
        2026-01-10 10:00 | ann | 20 points             | granted
        2026-01-10 10:01 | bob | coffee                | granted
        2026-01-10 10:02 | cat | 99 cash               | over_budget by total
        2026-01-10 10:03 | ann | coffee for 500 points | held_out | held_out
        2026-01-10 10:01 | bob | coffee                | already_granted
        2026-01-10 10:01 | bob | coffee for 500 points | already_granted (changed)
        2026-01-10 10:04 | ann | coffee for 500 points | over_limit by limit per customer
        2026-01-10 10:05 | dan | coffee for 500 points | insufficient_balance
        2026-01-10 10:06 | dan | coffee + 99 cash      | out_of_stock by stock
        2026-01-10 10:07 | dan | 99 cash               | over_budget by total
        """,
    )
    play(
        ledger,
        project("waitlist"),
        """
        2026-01-10 10:08 | eve | coffee + 1 cash  | out_of_stock by stock
        2026-01-10 10:09 | eve | 1 cash           | waitlisted by total
        """,
    )
    assert len(list(ledger.grants())) == 2
