"""A key of an event belongs to one customer: no worker, run or claim pays a second one for it."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from .ledgers import (
    DIGEST,
    URL,
    account,
    ask,
    campaign,
    claims,
    clock,
    opened,
    plan,
)
from .test_migrating import BACK_TO_7, moved, taken_back

PLAN = plan(
    [
        campaign("gift", event="order"),
        campaign("other", ["campaign/other/total"], event="order", exhausted="waitlist"),
        campaign("visits", event="visit"),
        campaign("daily"),
        campaign("offer", claimed_on="order"),
        campaign("team", event="order", each=True),
    ],
    [account("campaign/other/total", "20")],
)
AT = "2026-01-10 10:00"


def order(who, key, gives="10 cash", campaign="gift", at=AT, **more):
    return ask(who, at, gives, campaign=campaign, occurrence=key, **more)


def outcomes(ledger, *asked):
    return [one.outcome for one in ledger.carry_out(PLAN, asked, DIGEST)]


def test_a_key_pays_its_first_customer_alone(ledger):
    assert outcomes(ledger, order("ann", "k1"), order("bob", "k1"), order("bob", "k2")) == [
        "granted",
        "other_customer",
        "granted",
    ]
    # In another batch, of another campaign, from a claim, and to a recipient who has had it.
    assert outcomes(ledger, order("bob", "k1"), order("ann", "k1")) == [
        "other_customer",
        "already_granted",
    ]
    assert outcomes(ledger, order("bob", "k1", campaign="other")) == ["other_customer"]
    assert outcomes(ledger, claims("k1", "bob", AT, "coffee", "offer")) == ["other_customer"]
    assert outcomes(ledger, order("ann", "k1")._replace(customer="bob")) == ["other_customer"]
    # Keys of another kind of event, and occurrences of a schedule, are others.
    assert outcomes(ledger, order("bob", "k1", campaign="visits")) == ["granted"]
    assert outcomes(ledger, *(order(who, "k1", campaign="daily") for who in ("ann", "bob"))) == [
        "granted",
        "granted",
    ]
    assert ledger.event_customers({("order", "k1"), ("visit", "k1"), ("order", "k9")}) == {
        ("order", "k1"): "ann",
        ("visit", "k1"): "bob",
    }
    assert ledger.verify() == ()


def test_what_is_refused_and_what_waits_keeps_its_key_too(ledger):
    of_other = {"campaign": "other"}
    assert outcomes(ledger, order("ann", "k1", "60 cash", **of_other)) == ["waitlisted"]
    assert outcomes(ledger, order("ann", "k2", held_out=True)) == ["held_out"]
    assert outcomes(ledger, claims("k3", "ann", AT, "coffee", "offer")) == ["unknown"]
    refused = [order("bob", "k1", "1 cash"), order("bob", "k2"), order("bob", "k3")]
    assert outcomes(ledger, *refused) == ["other_customer"] * 3
    assert list(ledger.grants()) == []


def test_everybody_of_a_group_gets_something_for_an_event_of_one_of_them(ledger):
    def team(who, of, key="k1"):
        return order(who, key, campaign="team")._replace(event_customer=of)

    assert outcomes(ledger, team("ann", "bob"), team("bob", "bob")) == ["granted", "granted"]
    assert outcomes(ledger, order("ann", "k1"), order("bob", "k1")) == [
        "other_customer",
        "granted",
    ]
    assert outcomes(ledger, team("cat", "cat"), team("cat", "bob")) == [
        "other_customer",
        "granted",
    ]


def test_a_grant_by_hand_is_of_no_event(ledger):
    of = plan(
        [campaign("gift", event="order")],
        [account("campaign/gift/total", "100"), account("campaign/gift/reserve", "50")],
    )
    for who in ("ann", "bob"):
        asked = order(who, "reserve/sorry", "1 points")
        result = ledger.grant_by_hand(of, asked, DIGEST, "sorry", "a test")
        assert result.outcome == "granted"


def test_a_rehearsal_keeps_keys_for_itself(ledger):
    outcomes(ledger, order("ann", "k1"))
    with ledger.rehearsal() as copy:
        asked = (order("bob", "k1"), order("bob", "k2"), order("cat", "k2"))
        told = [one.outcome for one in copy.carry_out(PLAN, asked, DIGEST)]
        assert told == ["other_customer", "granted", "other_customer"]
        assert copy.event_customers({("order", "k2")}) == {("order", "k2"): "bob"}
    assert outcomes(ledger, order("cat", "k2")) == ["granted"]


def test_a_rewind_lets_go_of_keys(ledger):
    outcomes(ledger, order("ann", "k1"), order("ann", "k2", at="2026-01-20 10:00"))
    # The same event with an earlier instant.
    outcomes(ledger, order("cat", "k3", at="2026-01-20 10:00"))
    outcomes(ledger, order("cat", "k3", at="2026-01-11 10:00", campaign="other"))
    ledger.rewind(clock("2026-01-15 00:00"), "too early")
    assert outcomes(ledger, order("bob", "k1"), order("bob", "k2"), order("bob", "k3")) == [
        "other_customer",
        "granted",
        "other_customer",
    ]


def test_keys_of_a_ledger_of_format_7_are_known(tmp_path, url):
    with opened(tmp_path, url=url) as ledger:
        outcomes(ledger, order("ann", "k1"), claims("k2", "ann", AT, "coffee", "offer"))
        taken_back(ledger, BACK_TO_7)
    assert moved(tmp_path, url)[0] == 7
    with opened(tmp_path, url=url) as ledger:
        asked = (order("bob", "k1", campaign="other"), order("bob", "k2"), order("ann", "k1"))
        assert outcomes(ledger, *asked) == ["other_customer", "other_customer", "already_granted"]
        assert ledger._store.ask("SELECT campaign FROM steps_of_format_7") == []


KEYS = st.sampled_from(["k1", "k2", "k3", "k4"])
WHO = st.sampled_from(["ann", "bob", "cat"])
DECIDED = st.builds(order, WHO, KEYS, campaign=st.sampled_from(["gift", "other", "visits"]))
CLAIMED = st.builds(lambda who, key: claims(key, who, AT, "coffee", "offer"), WHO, KEYS)
BATCHES = st.lists(
    st.tuples(st.integers(0, 2), st.lists(DECIDED | CLAIMED, max_size=6), st.booleans()),
    max_size=8,
)


def one_customer_a_key(url, batches):
    """Three workers in turn, some of them started anew; as a plain dictionary has it."""
    owners = {}
    with TemporaryDirectory() as root, ExitStack() as stack:
        workers = [stack.enter_context(opened(Path(root), url=url)) for _ in range(3)]
        for number, asked, again in batches:
            if again:
                workers[number].close()
                workers[number] = stack.enter_context(opened(Path(root), url=url))
            for one, outcome in zip(asked, outcomes(workers[number], *asked), strict=True):
                event = "visit" if one.identity.campaign == "visits" else "order"
                who = one.identity.recipient
                owner = owners.setdefault((event, one.identity.occurrence), who)
                assert (outcome == "other_customer") == (owner != who)
        assert workers[0].event_customers(owners) == owners
        assert workers[0].verify() == ()


@at_most(10)
@given(BATCHES)
def test_workers_in_turn(batches):
    one_customer_a_key(URL, batches)


@pytest.mark.drawn
def test_workers_in_turn_on_a_server(schema_url):
    @at_most(4)
    @given(BATCHES)
    def holds(batches):
        one_customer_a_key(schema_url(), batches)

    holds()


def test_workers_at_once(tmp_path, url):
    """Four of them, of campaigns that do not wait for each other, each for another customer."""
    opened(tmp_path, url=url).close()
    keys, start = [f"k{n}" for n in range(60)], Barrier(4)
    told = {}

    def work(number):
        who, name = ("ann", "bob")[number % 2], ("gift", "visits", "other", "offer")[number]
        of = plan([campaign(name, event="order")])
        mine = keys[::-1] if number % 2 else keys
        with opened(tmp_path, url=url) as ledger:
            start.wait()
            for first in range(0, len(mine), 5):
                asked = [order(who, key, "1 points", name) for key in mine[first : first + 5]]
                for one in ledger.decide(of, asked, DIGEST):
                    told[number, one.identity.occurrence] = one.outcome

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(told) == 4 * len(keys)
    with opened(tmp_path, url=url) as ledger:
        owners = ledger.event_customers({("order", key) for key in keys})
        paid = {(one.occurrence, one.recipient) for one in ledger.grants()}
        assert ledger.verify() == ()
    assert paid == {(key, owner) for (_, key), owner in owners.items()}
    assert set(told.values()) == {"granted", "other_customer"}
    for (number, key), outcome in told.items():
        is_own = owners["order", key] == ("ann", "bob")[number % 2]
        assert outcome == ("granted" if is_own else "other_customer")


@pytest.mark.parametrize("plain", [False, True])
def test_keys_of_which_the_last_is_known_are_counted_once(tmp_path, plain):
    """The others are entered a second time: the first time all of them go back."""
    rows = [("order", f"e{number:03}", "ann", "2026-01-10 10:00:00") for number in range(120)]
    with opened(tmp_path, plain=plain) as ledger:
        store = ledger._store
        for some in (rows[-1:], rows, rows):
            store.write((), partial(store.enter_keys, some))
        found = store.among("event_customers", [row[:2] for row in rows])
        assert sorted(found) == rows
        assert ledger.verify() == ()
