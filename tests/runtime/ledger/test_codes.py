"""Stocks of codes: each is given once, whoever asks, on both stores."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from threading import Barrier, Thread

import pytest
from campaigner.compiler.plan import Plan
from campaigner.runtime.ledger import Ledger
from campaigner.runtime.ledger.units.codes import CodeCount, TakenIn
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from .ledgers import DIGEST, URL, account, ask, clock, coded, gift, opened

AT = "2026-01-10 10:00"
MESSAGES = (("push", "{{ reward.label }}: {{ reward.code }}"),)


PLAN = coded(gift(messages=MESSAGES), "coffee", "ride")


def outcomes(ledger: Ledger, plan: Plan, *asked: tuple[str, str]) -> list[str]:
    """The outcome of each decision: a customer, and what for."""
    decisions = [ask(who, AT, gives=gives) for who, gives in asked]
    return [one.outcome for one in ledger.decide(plan, decisions, DIGEST)]


def counted(ledger: Ledger, benefit: str = "coffee") -> tuple[int, int, int, int]:
    """How many codes are free, given, withdrawn and burnt."""
    (found,) = [one for one in ledger.code_counts() if one.benefit == benefit]
    assert ledger.verify() == ()
    return found.free, found.given, found.withdrawn, found.burnt


def sent(ledger: Ledger, channel: str = "push") -> list[str]:
    """The texts that wait on a channel."""
    with ledger.outbox() as outbox:
        rows = outbox.waiting(channel, clock("2027-01-01 00:00"), 100)
        return [one.body for one in rows]


@pytest.fixture
def shop(tmp_path, url):
    with opened(tmp_path, ["push", "rewards"], url=url) as ledger:
        yield ledger


def test_each_grant_takes_a_code_and_none_left_is_out_of_stock(shop):
    assert shop.take_codes("coffee", ["A1", "A2", "A1"]) == TakenIn(2, 0, 0, 0)
    asked = [("ann", "coffee"), ("bob", "coffee"), ("cem", "coffee"), ("dan", "video")]
    assert outcomes(shop, PLAN, *asked) == ["granted", "granted", "out_of_stock", "granted"]
    assert outcomes(shop, PLAN, *asked)[:2] == ["already_granted"] * 2
    assert [one.removeprefix("Coffee: ") for one in sent(shop)][:2] == ["A1", "A2"]
    assert counted(shop) == (0, 2, 0, 0)
    with shop.outbox() as outbox:
        rows = outbox.waiting("rewards", clock("2027-01-01 00:00"), 100)
        assert [one.code for row in rows for one in row.rewards] == ["A1", "A2", None]
        assert "A1" not in repr(rows)


def test_a_bundle_with_codes_is_all_or_nothing(shop):
    shop.take_codes("coffee", ["A1", "A2"])
    shop.take_codes("ride", ["R1"])
    asked = [("ann", "coffee + ride"), ("bob", "coffee + ride"), ("cem", "coffee")]
    assert outcomes(shop, PLAN, *asked) == ["granted", "out_of_stock", "granted"]
    assert sent(shop)[0].endswith(": A1 and R1")
    assert (counted(shop), counted(shop, "ride")) == ((0, 2, 0, 0), (0, 1, 0, 0))


def test_what_comes_back_and_what_is_burnt(shop):
    shop.take_codes("coffee", ["A1", "A2"])
    outcomes(shop, PLAN, ("ann", "coffee"), ("bob", "coffee"))
    with shop.outbox() as outbox:
        outbox.settle(outbox.waiting("push", clock("2027-01-01 00:00"), 1), {})
    numbers = {row.recipient: row.number for row in shop.grants()}
    at = clock("2026-01-11 10:00")
    done = shop.reverse([numbers["ann"], numbers["bob"]], "a mistake", at)
    assert [one.outcome for one in done] == ["reversed", "reversed"]
    # Hers went out, his did not.
    assert counted(shop) == (1, 0, 0, 1)
    assert outcomes(shop, PLAN, ("cem", "coffee"), ("dan", "coffee")) == ["granted", "out_of_stock"]


def test_codes_that_leave_their_table_come_back_and_are_of_one_benefit(shop):
    shop.take_codes("coffee", ["A1", "A2", "A3"])
    outcomes(shop, PLAN, ("ann", "coffee"))
    assert shop.take_codes("coffee", ["A3"]) == TakenIn(0, 1, 0, 0)
    assert shop.take_codes("ride", ["A1", "A2", "R1"]) == TakenIn(1, 0, 0, 2)
    assert counted(shop) == (1, 1, 1, 0)
    assert shop.take_codes("coffee", ["A2", "A3", "A4"]) == TakenIn(1, 0, 1, 0)
    assert counted(shop) == (3, 1, 0, 0)
    assert shop.code_counts()[1] == CodeCount("ride", 1, 0, 0, 0)


def test_an_offer_takes_its_code_with_the_claim(shop):
    shop.take_codes("coffee", ["A1"])
    offers = [("ann", "choose 1 of coffee, video"), ("bob", "choose 1 of coffee, video")]
    assert outcomes(shop, PLAN, *offers) == ["granted", "granted"]
    assert counted(shop) == (1, 0, 0, 0)
    numbers = {row.recipient: row.number for row in shop.grants()}
    claimed = [
        shop.claim(PLAN, DIGEST, numbers[who], who, ["coffee"], clock("2026-01-11 10:00"))
        for who in ("ann", "bob")
    ]
    assert [one.outcome for one in claimed] == ["claimed", "out_of_stock"]
    assert counted(shop) == (0, 1, 0, 0)


def test_a_rewind_gives_codes_back(shop):
    shop.take_codes("coffee", ["A1", "A2"])
    outcomes(shop, PLAN, ("ann", "coffee"), ("bob", "coffee"))
    with shop.outbox() as outbox:
        outbox.settle(outbox.waiting("push", clock("2027-01-01 00:00"), 1), {})
    shop.rewind(clock("2026-01-10 09:00"), "a mistake", "ann")
    assert counted(shop) == (1, 0, 0, 1)
    assert outcomes(shop, PLAN, ("ann", "coffee"), ("bob", "coffee")) == ["granted", "out_of_stock"]


def test_who_waits_gets_a_code_when_there_is_one(shop):
    small, large = (
        coded(gift(account("campaign/gift/total", cap), exhausted="waitlist"), "coffee")
        for cap in ("12.50", "100")
    )
    shop.take_codes("coffee", ["A1", "A2"])
    asked = [("ann", "coffee"), ("bob", "coffee")]
    assert outcomes(shop, small, *asked) == ["granted", "waitlisted"]
    later = clock("2026-01-11 10:00")
    shop.take_codes("coffee", ["A1"])
    assert shop.serve(large, "plan-2", later) == []
    shop.take_codes("coffee", ["A1", "A2"])
    assert [one.outcome for one in shop.serve(large, "plan-2", later)] == ["granted"]
    assert counted(shop) == (0, 2, 0, 0)


def test_a_rehearsal_keeps_no_code(shop):
    shop.take_codes("coffee", ["A1"])
    with shop.rehearsal() as copy:
        copy.take_codes("coffee", ["A1", "A2"])
        assert outcomes(copy, PLAN, ("ann", "coffee"), ("bob", "coffee")) == ["granted"] * 2
    assert counted(shop) == (1, 0, 0, 0)
    assert outcomes(shop, PLAN, ("ann", "coffee"), ("bob", "coffee")) == ["granted", "out_of_stock"]


def test_another_program_cannot_change_a_code(shop):
    shop.take_codes("coffee", ["A1"])
    connection = shop._store.connection
    connection.execute("UPDATE codes SET code = 'A9'")
    assert "codes" in "".join(one.message() for one in shop.verify())


def test_two_workers_never_give_the_same_code(tmp_path, schema_url):
    url = schema_url()
    with ExitStack() as stack:
        first, second = (stack.enter_context(opened(tmp_path, ["push"], url=url)) for _ in range(2))
        first.take_codes("coffee", [f"A{n:02}" for n in range(30)])
        together, results = Barrier(2), []

        def work(ledger: Ledger, who: str) -> None:
            together.wait()
            for n in range(20):
                results.extend(outcomes(ledger, PLAN, (f"{who}{n}", "coffee")))

        threads = [Thread(target=work, args=each) for each in ((first, "ann"), (second, "bob"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Counter(results) == {"granted": 30, "out_of_stock": 10}
        texts = sent(first)
        assert len(set(texts)) == len(texts) == 30
        assert counted(first) == (0, 30, 0, 0)


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), st.sets(st.integers(0, 6)).map(sorted)),
        st.tuples(st.just("give"), st.integers(1, 3)),
        st.tuples(st.just("send"), st.integers(1, 2)),
        st.tuples(st.just("reverse"), st.integers(0, 9)),
    ),
    max_size=12,
)


@at_most(30)
@given(_STEPS)
def test_a_plain_model_of_a_stock(tmp_path_factory, steps):
    free: list[str] = []
    table: set[str] = set()
    states: dict[str, str] = {}
    owner: dict[int, str] = {}
    unsent: list[int] = []
    folder = tmp_path_factory.mktemp("codes")
    with opened(folder, ["push"], url=URL) as ledger:
        for turn, (step, value) in enumerate(steps):
            match step:
                case "load":
                    table = {f"A{n}" for n in value}
                    ledger.take_codes("coffee", [f"A{n}" for n in value])
                    for code in sorted(table):
                        if states.get(code, "withdrawn") == "withdrawn":
                            states[code] = "free"
                    for code, state in states.items():
                        if state == "free" and code not in table:
                            states[code] = "withdrawn"
                case "give":
                    asked = [(f"c{turn}_{n}", "coffee") for n in range(value)]
                    free = [code for code, state in states.items() if state == "free"]
                    got = outcomes(ledger, PLAN, *asked)
                    most = min(value, len(free))
                    assert got == ["granted"] * most + ["out_of_stock"] * (value - most)
                    given_codes = [one.removeprefix("Coffee: ") for one in sent(ledger)]
                    numbers = {row.recipient: row.number for row in ledger.grants()}
                    fresh = [numbers[who] for who, _ in asked[:most]]
                    for number, code in zip(fresh, given_codes[len(unsent) :], strict=True):
                        assert states[code] == "free"
                        states[code], owner[number] = "given", code
                        unsent.append(number)
                case "send":
                    with ledger.outbox() as outbox:
                        rows = outbox.waiting("push", clock("2027-01-01 00:00"), value)
                        outbox.settle(rows, {})
                    unsent = unsent[value:]
                case _ if owner:
                    number = sorted(owner)[value % len(owner)]
                    ledger.reverse([number], "a mistake", clock("2026-01-11 10:00"))
                    code = owner.pop(number)
                    states[code] = "free" if number in unsent else "burnt"
                    unsent = [one for one in unsent if one != number]
                case _:
                    pass
        found = Counter(states.values())
        expected = tuple(found[one] for one in ("free", "given", "withdrawn", "burnt"))
        if states:
            assert counted(ledger) == expected
