"""Brakes on both stores: what waits for whom, and what the chain says of it."""

from campaigner.compiler.plan import Plan
from campaigner.runtime.delivery import FileChannel, deliver

from .ledgers import account, clock, gift, opened, play

NOW, LATER = clock("2026-02-01 10:00"), clock("2027-01-01 00:00")
SAYS: Plan = gift(account("campaign/gift/total", "10000", alerts=()), messages=[("push", "hello")])


def test_every_connection_holds_at_once_and_goes_on_at_once(tmp_path, url):
    with opened(tmp_path, url=url) as ledger, opened(tmp_path, url=url) as operator:
        play(ledger, SAYS, "2026-01-10 10:00 | ann | coffee | granted")
        operator.brake(["gift"], "paused", "complaints", "me", NOW)
        # Earlier decisions are answered as ever, and nothing is kept of the other.
        play(
            ledger,
            SAYS,
            """
            2026-01-10 10:01 | bob | coffee | paused
            2026-01-10 10:00 | ann | coffee | already_granted
            """,
        )
        with ledger.rehearsal() as copy:
            play(copy, SAYS, "2026-01-10 10:01 | bob | coffee | paused")
        operator.brake(["gift"], "resumed", "mended", "me", NOW)
        play(ledger, SAYS, "2026-01-10 10:01 | bob | coffee | granted")
        assert ledger.verify() == ()


def test_files_wait_and_a_stopped_campaign_sends_what_it_granted(tmp_path, url):
    with opened(tmp_path, url=url) as ledger:
        play(ledger, SAYS, "2026-01-10 10:00 | ann | coffee | granted")
        files = {"push": FileChannel("push", tmp_path / "push.jsonl", "push.jsonl")}
        ledger.brake(["gift"], "paused", "complaints", "me", NOW)
        assert deliver(ledger, files, LATER).delivered.total() == 0
        ledger.brake(["gift"], "stopped", "no more", "me", NOW)
        play(
            ledger,
            SAYS,
            """
            2026-01-10 10:01 | bob | coffee | stopped
            """,
        )
        assert deliver(ledger, files, LATER).delivered["push"] == 1
        assert ledger.verify() == ()


def test_a_brake_stays_in_the_chain_after_a_rewind(tmp_path, url):
    with opened(tmp_path, url=url) as ledger:
        play(ledger, SAYS, "2026-01-10 10:00 | ann | coffee | granted")
        ledger.brake(["gift"], "paused", "complaints", "me", NOW)
        ledger.rewind(clock("2026-01-01 00:00"), "a test")
        play(ledger, SAYS, "2026-01-10 10:00 | ann | coffee | paused")
        assert ledger.verify() == ()
