"""Events that take back what was granted: tables of orders and refunds, on both stores."""

from .ledgers import DIGEST, account, clock, gift
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
