"""Brakes of a ledger that trip by themselves: failures, alarms and spend, on both stores."""

import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from campaigner.compiler.plan import Call, EventBrake, FailureBrake, Span, SpendBrake
from campaigner.runtime.decide.braking.events import AlarmEvent, AlarmIdentity
from campaigner.runtime.ledger.brakes.ended import Watched

from .ledgers import DIGEST, HERE, URL, account, ask, clock, gift, opened

CALL = Call("Lin", "desk")
HOUR = Span(1, "hour")
ONE = gift(account("campaign/gift/total", "100000"), messages=(("push", "hello"),), event="order")
CHANNELS = ("push", "desk")


def braked(*brakes):
    return replace(ONE, campaigns=(replace(ONE.campaigns[0], brakes=brakes),))


ALARMS = braked(EventBrake("complaint", 1, HOUR, HERE, CALL))
SPEND = braked(SpendBrake(Decimal("1.5"), HERE, CALL))
FAILURES = braked(FailureBrake(Decimal("0.2"), 5, HOUR, HERE, CALL))


def bought(who: str, when: str, worth: str = "10 cash"):
    return ask(who, when, worth, occurrence=f"{who} {when}")


def complains(key: str, who: str, when: str) -> AlarmEvent:
    return AlarmEvent(AlarmIdentity("gift", "main", who, key, "complaint"), clock(when))


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request, tmp_path):
    url = URL if request.param == "sqlite" else request.getfixturevalue("schema_url")()
    with opened(tmp_path, CHANNELS, url=url) as one:
        yield one
        assert one.verify() == ()
        assert one.rebuild().differences == ()


def pauses(ledger) -> list[tuple[str, str | None]]:
    return [(one.reason, one.brake) for one in ledger.brakes("gift") if one.kind == "paused"]


def calls(ledger) -> list[str]:
    return [one.identity.recipient for one in ledger.letters(channel="desk")]


def test_complaints_of_customers_whom_it_reached_pause_it_once(ledger):
    day = "2026-01-10"
    asked = [
        complains("c0", "ann", f"{day} 09:00"),
        bought("ann", f"{day} 10:00"),
        complains("c1", "ann", f"{day} 10:10"),
        complains("c2", "bob", f"{day} 10:11"),
        complains("c1", "ann", f"{day} 10:10"),
        complains("c3", "ann", f"{day} 11:09"),
        bought("bob", f"{day} 11:09"),
        complains("c4", "ann", f"{day} 11:10"),
    ]
    done = ledger.carry_out(ALARMS, asked, DIGEST)
    outcomes = ["not_reached", "granted", "counted", "not_reached", "counted", "counted"]
    assert [one.outcome for one in done] == [*outcomes, "paused", "counted"]
    brake = "complaint over 1 within 1 hour"
    assert pauses(ledger) == [(f"{brake}: 2", brake)]
    assert ledger.held()["gift"].at == clock(f"{day} 11:09")
    assert calls(ledger) == ["ann"]
    # Counts from before a resume trip nothing after it.
    ledger.brake(["gift"], "resumed", "mended", "me", clock(f"{day} 11:11"))
    again = [complains("c3", "ann", f"{day} 11:09"), complains("c5", "ann", f"{day} 11:12")]
    ledger.carry_out(ALARMS, again, DIGEST)
    assert len(pauses(ledger)) == 1
    ledger.carry_out(ALARMS, [complains("c6", "ann", f"{day} 11:13")], DIGEST)
    assert len(pauses(ledger)) == len(calls(ledger)) == 2


def test_a_late_complaint_counts_in_each_window_that_holds_it(ledger):
    day = "2026-01-10"
    ledger.carry_out(ALARMS, [bought("ann", f"{day} 08:00")], DIGEST)
    late = [complains("c2", "ann", f"{day} 10:30"), complains("c1", "ann", f"{day} 09:31")]
    ledger.carry_out(ALARMS, late, DIGEST)
    assert ledger.held()["gift"].at == clock(f"{day} 10:30")


def test_a_day_that_spends_too_much_pauses_it_once_a_day(ledger):
    first = [bought("ann", f"2026-01-10 1{n}:00") for n in range(2)]
    second = [bought("bob", f"2026-01-11 1{n}:00") for n in range(5)]
    done = ledger.carry_out(SPEND, [*first, *second], DIGEST)
    assert [one.outcome for one in done] == ["granted"] * 6 + ["paused"]
    brake = "spend over 150% of yesterday"
    counted = "40.00 CNY on 2026-01-11, 20.00 CNY the day before"
    assert pauses(ledger) == [(f"{brake}: {counted}", brake)]
    assert calls(ledger) == ["bob"]
    ledger.brake(["gift"], "resumed", "fine", "me", clock("2026-01-11 18:00"))
    more = [bought("cat", f"2026-01-11 19:0{n}") for n in range(5)]
    assert {one.outcome for one in ledger.carry_out(SPEND, more, DIGEST)} == {"granted"}
    # A reversal lowers the spend of the grant's day.
    numbers = list(dict.fromkeys(row.number for row in ledger.grants()))
    ledger.reverse(numbers[2:], "a test", clock("2026-01-12 08:00"))
    today = [bought("dan", f"2026-01-12 1{n}:00") for n in range(3)]
    assert {one.outcome for one in ledger.carry_out(SPEND, today, DIGEST)} == {"granted"}


def deliver(ledger, until: str, arrived: int, failed: int) -> None:
    with ledger.outbox(Watched(FAILURES, clock(until))) as box:
        rows = box.waiting("push", clock(until), arrived + failed)
        box.settle(rows[:arrived], {})
        box.fail([(row, "no such", None) for row in rows[arrived:]], clock(until))


def test_failures_pause_it_once_enough_have_ended(ledger):
    day = "2026-01-10"
    ledger.carry_out(FAILURES, [bought(f"c{n}", f"{day} 10:00") for n in range(20)], DIGEST)
    deliver(ledger, f"{day} 10:01", 3, 1)
    deliver(ledger, f"{day} 11:02", 4, 1)
    assert pauses(ledger) == []
    deliver(ledger, f"{day} 11:10", 1, 1)
    brake = "failures over 20% of at least 5 within 1 hour"
    assert pauses(ledger) == [(f"{brake}: 2 of 7", brake)]
    assert ledger.held()["gift"].at == clock(f"{day} 11:10")
    with ledger.outbox() as box:
        assert box.waiting("push", clock(f"{day} 12:00"), 9) == []
        assert [one.kind for one in box.waiting("desk", clock(f"{day} 12:00"), 9)] == ["alert"]
    ledger.brake(["gift"], "resumed", "mended", "me", clock(f"{day} 11:11"))
    deliver(ledger, f"{day} 11:12", 3, 1)
    assert len(pauses(ledger)) == 1


def test_two_workers_that_trip_at_once_pause_once_and_call_once(schema_url):
    day, url = "2026-01-10", schema_url()
    people = [f"c{n}" for n in range(8)]
    with opened(Path(), CHANNELS, url=url) as ledger:
        both = braked(*FAILURES.campaigns[0].brakes, *ALARMS.campaigns[0].brakes)
        ledger.carry_out(both, [bought(who, f"{day} 10:00") for who in people], DIGEST)
    start = threading.Barrier(4)

    def complaining(number: int) -> None:
        with opened(Path(), CHANNELS, url=url) as own:
            start.wait()
            alarms = [complains(f"a{number}{n}", people[n], f"{day} 10:0{n}") for n in range(3)]
            own.carry_out(both, alarms, DIGEST)

    def delivering() -> None:
        with opened(Path(), CHANNELS, url=url) as own:
            start.wait()
            deliver(own, f"{day} 10:05", 2, 6)

    workers = [threading.Thread(target=complaining, args=(n,)) for n in range(3)]
    workers.append(threading.Thread(target=delivering))
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    with opened(Path(), CHANNELS, url=url) as ledger:
        assert len(pauses(ledger)) == 1
        assert len(calls(ledger)) == 1
        assert ledger.verify() == ()
