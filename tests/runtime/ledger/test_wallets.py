"""The wallets of customers, on both stores."""

import sqlite3
from contextlib import closing

import pytest
from campaigner.runtime.ledger import Ledger, migrate

from .ledgers import DIGEST, URL, account, ask, clock, gift, opened, play, unguard
from .test_migrating import OLD

NOW = clock("2026-01-20 09:00")
MOST = 2**63 - 1


def kept(ledger: Ledger, customer: str | None = None) -> list[str]:
    return [f"{row.customer}: {row.balance} {row.wallet}" for row in ledger.balances(customer)]


def test_every_line_of_a_wallet_is_put_into_it(ledger: Ledger):
    play(
        ledger,
        gift(account("campaign/gift/total", "13")),
        """
        2026-01-10 10:00 | ann | 100 points             | granted
        2026-01-10 10:01 | ann | 20 points + 3 growth   | granted
        2026-01-10 10:02 | bob | coffee + 5 points      | granted
        2026-01-10 10:03 | cat | 7 cash + 5 points      | over_budget by total
        2026-01-10 10:01 | ann | 20 points + 3 growth   | already_granted
        """,
    )
    assert kept(ledger) == ["ann: 3 growth", "ann: 120 points", "bob: 5 points"]
    assert kept(ledger, "bob") == ["bob: 5 points"]
    assert kept(ledger, "cat") == []


def test_a_batch_puts_in_all_of_it_at_once(ledger: Ledger):
    asked = [ask(f"c{n % 3}", f"2026-01-10 10:{n:02}", f"{n + 1} points") for n in range(9)]
    ledger.decide(gift(), asked, DIGEST)
    assert kept(ledger) == ["c0: 12 points", "c1: 15 points", "c2: 18 points"]
    assert ledger.verify() == ()


def test_what_is_taken_back_leaves_the_wallet(ledger: Ledger):
    play(ledger, gift(), "2026-01-10 10:00 | ann | 100 points + 2 growth | granted")
    play(ledger, gift(), "2026-01-10 10:01 | ann | 30 points | granted")
    first = next(ledger.grants()).number
    assert [one.outcome for one in ledger.reverse([first], "fraud", NOW)] == ["reversed"]
    assert [one.outcome for one in ledger.reverse([first], "fraud", NOW)] == ["already_reversed"]
    assert kept(ledger) == ["ann: 0 growth", "ann: 30 points"]
    assert ledger.verify() == ()


def test_a_rehearsal_moves_a_copy(ledger: Ledger):
    play(ledger, gift(), "2026-01-10 10:00 | ann | 100 points | granted")
    with ledger.rehearsal() as copy:
        for minute in ("01", "02"):
            copy.decide(gift(), [ask("ann", f"2026-01-10 10:{minute}", "5 points")], DIGEST)
        copy.decide(gift(), [ask("bob", "2026-01-10 10:03", "5 points")], DIGEST)
        assert kept(copy) == ["ann: 110 points", "bob: 5 points"]
    assert kept(ledger) == ["ann: 100 points"]


def test_a_wallet_holds_what_a_number_can(ledger: Ledger):
    play(
        ledger,
        gift(),
        f"""
        2026-01-10 10:00 | ann | {MOST - 1} points | granted
        2026-01-10 10:01 | ann | 2 points | over_limit
        2026-01-10 10:02 | ann | 1 points | granted
        """,
    )
    assert kept(ledger) == [f"ann: {MOST} points"]


def test_what_waited_is_put_in_when_it_is_served(ledger: Ledger):
    def project(total: str):
        return gift(account("campaign/gift/total", total), exhausted="waitlist")

    play(ledger, project("5"), "2026-01-10 10:00 | ann | 10 cash + 7 points | waitlisted by total")
    assert kept(ledger) == []
    ledger.serve(project("50"), DIGEST, NOW)
    assert kept(ledger) == ["ann: 7 points"]
    assert ledger.verify() == ()


def test_what_is_given_in_its_place_is_put_in(ledger: Ledger):
    play(
        ledger,
        gift(account("campaign/gift/total", "5"), exhausted="reward"),
        "2026-01-10 10:00 | ann | 10 cash | granted | fallback=9 points",
    )
    assert kept(ledger) == ["ann: 9 points"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE wallets SET balance = 101", "`wallet/points ann` says 101"),
        ("DELETE FROM wallets", "`wallet/points ann` says 0"),
        ("INSERT INTO wallets VALUES ('points', 'eve', 3)", "`wallet/points eve` says 3"),
    ],
)
def test_verify_holds_the_balance_against_its_entries(ledger: Ledger, change: str, said: str):
    play(ledger, gift(), "2026-01-10 10:00 | ann | 100 points | granted")
    ledger._store.connection.execute(change)
    (found,) = ledger.verify()
    assert found.code.id == "E760"
    assert said in found.message()


def test_a_line_that_is_gone_shows_in_the_wallet(ledger: Ledger):
    play(ledger, gift(), "2026-01-10 10:00 | ann | 100 points | granted")
    unguard(ledger)
    ledger._store.connection.execute("DELETE FROM grants")
    assert "E760" in [one.code.id for one in ledger.verify()]


def test_no_balance_goes_below_zero_whoever_asks(ledger: Ledger):
    play(ledger, gift(), "2026-01-10 10:00 | ann | 100 points | granted")
    connection = ledger._store.connection
    with pytest.raises(Exception, match=r"(?i)check constraint"):
        connection.execute("UPDATE wallets SET balance = balance - 101")


def test_an_old_ledger_gets_its_wallets(tmp_path):
    path = tmp_path / "var/ledger.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text("utf-8"))
        connection.execute("PRAGMA application_id = 0x43414D50")
    migrate(URL, "shop", "CNY", root=tmp_path)
    with opened(tmp_path) as ledger:
        expected = {
            (row.recipient, row.currency): row.amount
            for row in ledger.grants()
            if row.reward == row.currency
        }
        assert {(row.customer, row.wallet): row.balance for row in ledger.balances()} == expected
        assert ledger.verify() == ()
