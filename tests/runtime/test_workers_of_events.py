"""Workers of one stream: who gets a line, what they may decide, the order of their answers."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from campaigner.cli.workers.in_order import InOrder
from campaigner.cli.workers.messages import Answered
from campaigner.compiler.plan import Plan
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.events.session import Totals
from campaigner.runtime.events.workers.adding import added
from campaigner.runtime.events.workers.apart import decided_together
from campaigner.runtime.events.workers.dealing import Dealer, Names, names_of
from hypothesis import given
from hypothesis import strategies as st

from .. import strategies_lines as hostile
from ..laws import at_most
from ..laws.test_hostile_lines import CAMPAIGNS, CATALOG, SETTINGS
from ..projects import compile_folder, write

KEYS = st.text(max_size=12) | st.integers(-20, 10**20) | st.booleans() | st.none()


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    folder = tmp_path_factory.mktemp("read")
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": CAMPAIGNS}
    write(folder, files)
    return Lines(plan_of(folder), "events.jsonl").read


def plan_of(folder: Path) -> Plan:
    made = compile_folder(folder)
    assert made.plan is not None, made.diagnostics
    return made.plan


def same(read, content: bytes) -> bool:
    """Whether the line is an event; its names are then those that a worker reads."""
    found = read(Line(1, content))
    names = names_of(content)
    if isinstance(found, Event):
        key = str(found.row["key"])
        expected = [one.encode() for one in (found.name, key, found.customer)]
        assert list(names or ()) == expected == list(names_of(content, plain=True) or ())
    return isinstance(found, Event)


@at_most(300)
@given(hostile.hostile())
def test_names_of_hostile_lines(read, content):
    same(read, content)


@at_most(200)
@given(
    KEYS,
    KEYS,
    st.permutations(["event", "key", "customer", "at", "fields"]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", "\r: ")]),
    st.booleans(),
    st.sampled_from([b"", b" ", b"\t", b"\xef\xbb\xbf", b"\x0b"]),
)
def test_names_of_any_layout(read, key, customer, order, separators, escaped, before):
    entries = {**json.loads(hostile.good("k", "c")), "key": key, "customer": customer}
    shown = {name: entries[name] for name in order}
    text = json.dumps(shown, ensure_ascii=escaped, separators=separators)
    content = before + text.encode("utf-8", "surrogatepass")
    names = isinstance(key, bool | None) or isinstance(customer, bool | None)
    assert same(read, content) <= (not names)


def test_an_ordinary_line_is_an_event(read):
    assert same(read, hostile.good("k", "c"))


def test_customers_stay_where_they_are_and_are_spread():
    dealer = Dealer(3)
    places = {n: dealer.place(Names(b"order", b"k", b"c%d" % n), None) for n in range(3_000)}
    again = {n: Dealer(3).place(Names(b"visit", b"l", b"c%d" % n), b"x") for n in range(3_000)}
    assert places == again
    assert all(900 < count < 1_100 for count in Counter(places.values()).values())


def test_a_key_stays_with_whom_it_went_to_first_until_it_is_forgotten():
    dealer, names = Dealer(2, remembered=2), Names(b"order", b"k", b"ann")
    assert dealer.first(names, 1) == dealer.first(names, 0) == 1
    dealer.forget(names)
    assert dealer.first(names, 0) == 0
    for number in range(2):
        dealer.first(Names(b"order", b"%d" % number, b"bob"), 1)
    assert dealer.first(names, 1) == 1


CAMPAIGN = """
benefit coffee {{ kind coupon value 30 CNY {coffee} }}
benefit cake {{ kind coupon value 30 CNY }}
campaign one "one" {{
  audience yes
  {text}
  budget {{ total 900 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
campaign other "other" {{
  audience yes
  trigger on order
  reward {other}
  budget {{ total 900 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
CAUGHT_UP = "\n  catch up within 1 day"
GIVES = "trigger on order\n  reward "
JOURNEY = "journey {{\n step a on order\n reward coffee\n step b {}\n reward cake\n }}"


@pytest.mark.parametrize(
    ("reason", "text", "coffee", "other"),
    [
        (None, GIVES + "coffee limit 1 per customer per month", "", "20 points"),
        (None, "trigger on order reaching 3 times\n  reward coffee", "", "20 points"),
        (None, GIVES + "coffee", "expires after 3 days", "20 points"),
        (None, GIVES + "20 points expires after 3 days", "", "coffee"),
        (None, JOURNEY.format("on pick"), "", "cake"),
        ("groups", "trigger on order reaching 3 customers per note reward cake", "", "cake"),
        (None, "trigger every day at 10:00\n  reward coffee", "", "cake"),
        (None, "trigger 3 days after order\n  reward coffee", "", "cake"),
        (None, JOURNEY.format("2 days after a"), "", "cake"),
        ("catching_up", "trigger every day at 10:00\n  reward coffee" + CAUGHT_UP, "", "cake"),
        ("wallets", "trigger when balance(points) reaching 50 reward coffee", "", "20 points"),
        ("others", GIVES + "coffee to event.friend", "", "cake"),
        ("ends", GIVES + "choose 1 of coffee, cake", "expires after 3 days", "cake"),
        ("ends", GIVES + "coffee", "expires after 3 days returning to budget", "cake"),
        ("ends", GIVES + "cake expires after 3 days returning to budget", "", "cake"),
        ("points", GIVES + "20 points expires after 3 days", "", "cake for 10 points"),
    ],
)
def test_what_one_worker_must_decide(tmp_path, reason, text, coffee, other):
    source = CAMPAIGN.format(text=text, coffee=coffee, other=other)
    write(tmp_path, {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": source})
    found = decided_together(plan_of(tmp_path))
    reasons = [dict(one.values)["reason"].key for one in found]
    assert reasons == ([] if reason is None else [f"workers.of_{reason}"])
    assert all(one.place is not None and one.place.file == "all.campaign" for one in found)


@at_most(100)
@given(st.lists(st.integers(1, 5), max_size=20), st.randoms(use_true_random=False))
def test_answers_in_any_order_are_told_in_that_of_the_lines(sizes, chance: random.Random):
    numbers = list(range(1, sum(sizes) + 1))
    in_order, told = InOrder(), []
    in_order.deal(numbers)
    mixed = chance.sample(numbers, len(numbers))
    for size in sizes:
        some, mixed = mixed[:size], mixed[size:]
        shown = [f"line {number}" for number in some]
        told += in_order.take(Answered(some, shown)).shown
    assert told == [f"line {number}" for number in numbers]


def test_totals_add_up():
    def of(granted: int, earlier: int) -> Totals:
        outcomes = {"a": Counter(granted=granted)}
        kept_back = {"a": Counter(forbidden_phrase=granted)} if earlier else {}
        return Totals(
            {},
            outcomes,
            {"b": Counter()},
            {},
            Counter(a=earlier),
            Counter(),
            [],
            kept_back,
            5,
            2,
            1,
        )

    total = added([of(3, 0), of(4, 2)], [])
    assert total.outcomes == {"a": Counter(granted=7)}
    assert total.claims == {"b": Counter()}
    assert (total.earlier["a"], total.kept_back) == (2, {"a": Counter(forbidden_phrase=4)})
    assert (total.events, total.unusable, total.of_unknown) == (10, 4, 2)
