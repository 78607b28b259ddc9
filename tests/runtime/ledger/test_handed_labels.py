"""Labels on a channel: only what changed is sent, until it arrived, whatever is killed."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.feedback.channels import hand
from campaigner.runtime.feedback.labels import Place

from ..delivery.receivers import Web, status, web
from .kills import dies_at, dies_in_a_file
from .ledgers import URL, opened

NAMES = {("stage", "retail")}
MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))
PEOPLE = [f"c{n}/%王" for n in range(6)]


def staged(**stages: str) -> dict[Place, str]:
    """A label for each: `new=012` are the first three."""
    return {
        Place("stage", "retail", PEOPLE[int(one)]): stage
        for stage, some in stages.items()
        for one in some
    }


FIRST, SECOND = staged(new="0123", loyal="4"), staged(new="01", loyal="35")


@pytest.fixture
def receiver():
    with web() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request, tmp_path):
    url = URL if request.param == "sqlite" else request.getfixturevalue("schema_url")()
    with opened(tmp_path, url=url) as one:
        yield one
        assert one.verify() == ()


def told(receiver: Web) -> list[tuple[str, object]]:
    """Customers and values that the receiver was sent since this was asked last."""
    found = [(one.recipient, one.told["label"]["value"]) for one in receiver.requests]
    receiver.requests.clear()
    return found


def test_only_what_changed_is_sent(ledger, receiver):
    channel = receiver.channel()
    done = hand(ledger, channel, FIRST, NAMES, MAY)
    assert (done.changes.entered, done.waiting) == (5, 0)
    assert told(receiver) == [(one.customer, value) for one, value in sorted(FIRST.items())]
    hand(ledger, channel, FIRST, NAMES, MAY)
    assert told(receiver) == []
    done = hand(ledger, channel, SECOND, NAMES, JUNE)
    changed = done.changes
    assert (changed.entered, changed.moved, changed.left, changed.stayed) == (1, 1, 2, 2)
    assert told(receiver) == [
        (PEOPLE[2], None),
        (PEOPLE[3], "loyal"),
        (PEOPLE[4], None),
        (PEOPLE[5], "loyal"),
    ]
    # Other labels stay, and another channel knows nothing of this one.
    hand(ledger, channel, {}, {("audience", "all")}, JUNE)
    assert told(receiver) == []


def test_a_value_that_comes_back_has_a_key_of_its_own(ledger, receiver):
    for now in (FIRST, {}, FIRST, {}, FIRST):
        hand(ledger, receiver.channel(), now, NAMES, MAY)
    assert len(receiver.requests) == 5 * len(FIRST)
    assert len(set(receiver.keys())) == len(receiver.requests)


@pytest.mark.parametrize("answer", [status(500), status(422)], ids=["500", "422"])
def test_what_did_not_arrive_is_sent_by_the_next_export_with_its_key(ledger, receiver, answer):
    receiver.by_recipient = {PEOPLE[1]: [answer, status(204)]}
    done = hand(ledger, receiver.channel(), FIRST, NAMES, MAY)
    assert done.waiting == 1
    (warning,) = done.warnings
    assert warning.code.id == "W695"
    lost = receiver.keys()[1]
    assert PEOPLE[1] in [who for who, _ in told(receiver)]
    assert hand(ledger, receiver.channel(), FIRST, NAMES, JUNE).waiting == 0
    assert receiver.keys() == [lost]


def test_a_receiver_that_fails_is_left_alone(ledger, receiver):
    receiver.answers = [status(503)]
    many = {Place("stage", "retail", f"c{n:03}"): "new" for n in range(40)}
    assert hand(ledger, receiver.channel(), many, NAMES, MAY).waiting == 40
    assert len(receiver.requests) == 5
    receiver.answers = [status(204)]
    # Meanwhile one of them has left, and the last value alone goes out.
    del many[Place("stage", "retail", "c007")]
    receiver.requests.clear()
    assert hand(ledger, receiver.channel(), many, NAMES, JUNE).waiting == 0
    assert dict(told(receiver)) == {f"c{n:03}": None if n == 7 else "new" for n in range(40)}


@pytest.mark.repeated
@pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill")
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_killed_at_its_statements_the_receiver_has_it_all(request, tmp_path, receiver, store):
    def live(root: Path, url: str, begin=lambda _: None) -> None:
        with opened(root, url=url) as ledger:
            begin(ledger)
            # Refused once the labels of June are there.
            with suppress(CannotRun):
                hand(ledger, receiver.channel(), FIRST, NAMES, MAY)
            hand(ledger, receiver.channel(), SECOND, NAMES, JUNE)

    if store == "sqlite":
        tables = dies_in_a_file(live, tmp_path, 6)
        assert len(tables["handed_labels"]) == 6
    else:

        def state(url: str) -> list[object]:
            with opened(Path(), url=url) as ledger:
                assert ledger.verify() == ()
                return ledger.labels_to_send("push")

        assert dies_at(live, request.getfixturevalue("schema_url"), 3, state) == []
    # A receiver that drops repeated keys has the last value of each customer.
    last = {}
    for one in receiver.requests:
        last[one.recipient] = one.told["label"]["value"]
    assert {who: value for who, value in last.items() if value} == {
        place.customer: value for place, value in SECOND.items()
    }
