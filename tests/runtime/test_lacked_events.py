"""Events that the warehouse lacks, in memory and in a file, against a dictionary."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from campaigner.compiler.plan.values import encode
from campaigner.runtime.due.known import Index
from campaigner.runtime.events.lacking import IN_MEMORY, LackedEvents
from hypothesis import given
from hypothesis import strategies as st

ODD = ["\u96c5", "", "Anna", "anna ", "e\u0301", "\u00e9", "'; --", "\U0001f381", "%", "1", "01"]
CUSTOMERS = st.sampled_from(["anna", "ben", *ODD])
NAMES = st.tuples(
    st.sampled_from(["order", "pick"]), st.sampled_from(["1", "2", "3"]) | st.sampled_from(ODD)
)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2)
ROWS = st.fixed_dictionaries(
    {
        "at": st.datetimes(timezones=st.just(UTC)),
        "key": st.text(max_size=3),
        "amount": st.none() | AMOUNTS,
        "is_new": st.booleans(),
    }
)
STEPS = st.lists(st.tuples(st.sampled_from(["add", "add", "remove"]), CUSTOMERS, NAMES, ROWS))


@given(STEPS, st.sampled_from([0, 1, 2, 5, 100]))
def test_it_is_a_dictionary_of_dictionaries(steps, in_memory):
    lacked, model = LackedEvents(in_memory), {}
    for step, customer, name, row in steps:
        if step == "add":
            lacked.add(customer, name, row)
            model.setdefault(customer, {}).setdefault(name, row)
        else:
            lacked.remove(customer, name)
            model.get(customer, {}).pop(name, None)
            if not model.get(customer, {"one is left": None}):
                del model[customer]
        assert lacked.has(customer, name) is (name in model.get(customer, {}))
        assert lacked.get(customer) == model.get(customer)
        assert len(lacked) == len(model)
    assert dict(lacked.items()) == model
    assert lacked == model


def _text(row) -> str | None:
    return None if row["amount"] is None else encode(row["amount"])


INDICES = {
    "order amount": Index("order", _text),
    "pick amount": Index("pick", _text),
    "order at": Index("order", lambda row: encode(row["at"])),
    "pick word": Index("pick", lambda row: row["key"]),
}
TEXTS = st.text(max_size=2) | AMOUNTS.map(encode) | st.datetimes(timezones=st.just(UTC)).map(encode)


@given(STEPS, st.lists(st.tuples(TEXTS, TEXTS), max_size=3), st.sampled_from([0, 1, 2, 5, 100]))
def test_an_index_finds_what_a_scan_finds(steps, asked, in_memory):
    lacked, model = LackedEvents(in_memory, INDICES), {}
    for number, (step, customer, name, row) in enumerate(steps):
        if step == "add":
            lacked.add(customer, name, row)
            model.setdefault((customer, name), row)
        else:
            lacked.remove(customer, name)
            model.pop((customer, name), None)
        if number % 3 == 0:
            _found_alike(lacked, model, asked)
    own = [(text, text) for row in model.values() for text in (_text(row), row["key"]) if text]
    _found_alike(lacked, model, [*asked, *own, ("", "\U0010ffff" * 3)])
    for kind in ("order", "pick", "other"):
        rows = [(who, row) for (who, (one, _)), row in model.items() if one == kind]
        assert sorted(lacked.of_kind(kind), key=repr) == sorted(rows, key=repr)


def _found_alike(lacked, model, asked):
    for name, index in INDICES.items():
        for first, last in asked:
            scanned = {
                key: row
                for key, row in model.items()
                if key[1][0] == index.kind
                and (text := index.text(row)) is not None
                and first <= text <= last
            }
            found = list(lacked.found(name, first, last))
            assert {(customer, own): row for customer, own, row in found} == scanned
            assert len(found) == len(scanned)


def test_no_more_are_in_memory_than_may_be():
    lacked = LackedEvents(10)
    for number in range(100):
        row = {"at": datetime(2026, 1, 1, tzinfo=UTC), "key": f"{number}", "paid": Decimal("1.10")}
        lacked.add(f"c{number % 7}", ("order", f"{number}"), row)
        assert sum(map(len, lacked._held.values())) == lacked._count <= 10
    assert sum(len(events) for _, events in lacked.items()) == 100
    with pytest.raises(KeyError):
        lacked["nobody"]


def test_one_more_than_fit_in_memory():
    lacked, row = LackedEvents(), {"at": datetime(2026, 1, 1, tzinfo=UTC), "key": "k"}
    for number in range(IN_MEMORY):
        lacked.add(f"c{number % 1_000}", ("order", f"{number}"), row)
    assert lacked._disk is None
    lacked.add("c0", ("order", "one more"), row)
    assert lacked._disk is not None
    assert lacked._count <= IN_MEMORY // 2
    assert sum(len(lacked[f"c{number}"]) for number in range(1_000)) == IN_MEMORY + 1
    assert lacked.has("c0", ("order", "one more"))
