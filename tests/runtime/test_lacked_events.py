"""Events that the warehouse lacks, in memory and in a file, against a dictionary."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from campaigner.runtime.events.lacking import LackedEvents
from hypothesis import given
from hypothesis import strategies as st

CUSTOMERS = st.sampled_from(["anna", "ben", "\u96c5", ""])
NAMES = st.tuples(st.sampled_from(["order", "pick"]), st.sampled_from(["1", "2", "3"]))
ROWS = st.fixed_dictionaries(
    {
        "at": st.datetimes(timezones=st.just(UTC)),
        "key": st.text(max_size=3),
        "amount": st.none() | st.decimals(allow_nan=False, allow_infinity=False),
        "is_new": st.booleans(),
    }
)
STEPS = st.lists(st.tuples(st.sampled_from(["add", "add", "remove"]), CUSTOMERS, NAMES, ROWS))


@given(STEPS, st.sampled_from([None, 0, 1, 2, 5, 100]))
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


def test_no_more_are_in_memory_than_may_be():
    lacked = LackedEvents(10)
    for number in range(100):
        row = {"at": datetime(2026, 1, 1, tzinfo=UTC), "key": f"{number}", "paid": Decimal("1.10")}
        lacked.add(f"c{number % 7}", ("order", f"{number}"), row)
        assert sum(map(len, lacked._held.values())) == lacked._count <= 10
    assert sum(len(events) for _, events in lacked.items()) == 100
    with pytest.raises(KeyError):
        lacked["nobody"]
