"""Events that take back what was granted: tables of orders and refunds, on both stores."""

from .ledgers import DIGEST, account, clock, gift, opened
from .reversing import order, refund, takes_back

TOTAL = account("campaign/gift/total", "100")
LIMIT = account("campaign/gift/limit per customer", "2", key="customer")
STOCK = account("benefit/coffee/stock", "2")
PROJECT = takes_back(gift(LIMIT, STOCK, TOTAL, event="order"))
PARTLY = takes_back(gift(LIMIT, STOCK, TOTAL, event="order"), part=True)


def played(ledger, project, *asked):
    """The outcomes, one by one; and the ledger adds up after each."""
    outcomes = []
    for one in asked:
        outcomes += [result.outcome for result in ledger.carry_out(project, [one], DIGEST)]
        assert ledger.verify() == ()
    return outcomes


def points(ledger, who="ann"):
    return {row.wallet: row.balance for row in ledger.balances(who)}


def test_a_refund_takes_back_all_that_its_order_was_granted(ledger):
    asked = order("o1", "ann", "2026-01-10 10:00", "coffee + 30 points + 4.20 cash")
    back = refund("r1", "ann", "2026-01-11 10:00", "o1")
    assert played(ledger, PROJECT, asked, back) == ["granted", "reversed"]
    assert points(ledger) == {"points": 0}
    assert {row.spent for row in ledger.budgets(PROJECT)} == {0}
    assert all(row.reversed_at == clock("2026-01-11 10:00") for row in ledger.grants())
    again = played(ledger, PROJECT, back, asked, refund("r2", "ann", "2026-01-12 10:00", "o1"))
    assert again == ["reversed", "already_granted", "already_reversed"]


def test_what_is_delivered_later_is_what_is_left(tmp_path, url):
    with opened(tmp_path, ["rewards"], url=url) as ledger:
        at = "2026-01-10 10:00"
        asked = order("o1", "ann", at, "coffee + 30 points + 3 cash", "9.00")
        back = refund("r1", "ann", "2026-01-11 10:00", "o1", "3.00")
        assert played(ledger, PARTLY, asked, back) == ["granted", "reversed"]
        with ledger.outbox() as box:
            (row,) = box.waiting("rewards", clock("2026-01-12 10:00"), 9)
        left = [(one.reward, f"{one.amount}") for one in row.rewards]
        assert left == [("coffee", "30.00"), ("points", "20"), ("cash", "2.00")]


def test_what_was_spent_stays_and_the_next_refund_tries_again(ledger):
    bought = order("o1", "ann", "2026-01-10 10:00", "30 points", "9.00")
    spent = order("o2", "ann", "2026-01-10 11:00", "coffee for 25 points", "9.00")
    more = order("o3", "ann", "2026-01-10 13:00", "40 points", "9.00")
    backs = [refund(f"r{n}", "ann", f"2026-01-10 1{n}:00", "o1", "4.50") for n in (2, 4, 5)]
    asked = [bought, spent, backs[0]]
    assert played(ledger, PARTLY, *asked) == ["granted", "granted", "partly_reversed"]
    assert points(ledger) == {"points": 0}
    assert played(ledger, takes_back(gift(event="order"), part=True), more, *backs[1:]) == [
        "granted",
        "reversed",
        "already_reversed",
    ]
    assert points(ledger) == {"points": 15}
