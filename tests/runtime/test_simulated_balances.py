"""Balances as arrays refuse what a plain loop over the charges refuses, reading by reading."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from campaigner.runtime.simulate.columns.arrays import UNKNOWN, texts
from campaigner.runtime.simulate.columns.balances import Balances, Charge, numbered
from hypothesis import given
from hypothesis import strategies as st

CAPS = {"budget": 20, "pool": 30, "limit": 2, "nothing": 0}
SINGLE = ("budget", "pool", "nothing")


@dataclass
class Loop:
    """The same, one row after the other."""

    spent: dict = field(default_factory=dict)
    closed: set = field(default_factory=set)

    def refused_by(self, charges) -> str | None:
        """Charge a row: account, period, key and units in the order of the checks."""
        for account, *slot, units in charges:
            at = (account, *slot)
            if at in self.closed or (units and self.spent.get(at, 0) + units > CAPS[account]):
                self.closed.add(at)
                return account
        for account, *slot, units in charges:
            at = (account, *slot)
            self.spent[at] = self.spent.get(at, 0) + units
        return None


@st.composite
def readings(draw):
    """Rows of several readings; periods only go forward."""
    period, found = 0, []
    for _ in range(draw(st.integers(1, 3))):
        rows = []
        for _ in range(draw(st.integers(1, 12))):
            period += draw(st.integers(0, 5)) == 5
            accounts = draw(st.lists(st.sampled_from(list(CAPS)), unique=True, max_size=4))
            rows.append(
                [
                    (
                        account,
                        0 if account == "pool" else period,
                        0 if account in SINGLE else draw(st.integers(0, 2)),
                        draw(st.integers(0, 9)),
                    )
                    for account in accounts
                ]
            )
        found.append(rows)
    return found


def arrays(rows):
    """The charges of the rows by account, each turn for itself."""
    found: dict[str, list[Charge]] = {}
    for row, charges in enumerate(rows):
        for turn, (account, *numbers) in enumerate(charges):
            each = (np.array([one], np.int64) for one in numbers)
            charge = Charge(np.array([row], np.int64), turn, *each)
            found.setdefault(account, []).append(charge)
    return found


@given(readings())
def test_every_row_is_refused_by_the_same_account(found):
    loop, balances = Loop(), Balances(CAPS, SINGLE)
    for rows in found:
        expected = [loop.refused_by(charges) for charges in rows]
        refusals = balances.settle(len(rows), arrays(rows))
        assert [
            None if one == UNKNOWN else refusals.accounts[one] for one in refusals.refused_by
        ] == expected
        for account, some in refusals.balances.items():
            for one in some:
                assert one.spent == loop.spent.get((account, one.period, 0), 0)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=30),
    st.sampled_from([0, 2**31]),
)
def test_slots_are_numbered_in_their_order(slots, most):
    """Marked in a table or sorted, whichever takes less room."""
    values = np.array([period * 2**32 + key + most * (key > 40) for period, key in slots], np.int64)
    own, places = numbered(values)
    wanted, at = np.unique(values, return_inverse=True)
    assert own.tolist() == wanted.tolist()
    assert places.tolist() == at.reshape(-1).tolist()


@given(st.lists(st.none() | st.text()))
def test_a_text_that_is_missing_is_unknown(values):
    missing = [value is None for value in values]
    column = np.ma.array([value or "" for value in values], mask=missing, dtype=object)
    assert texts(column) == [None if value is None else value for value in values]
    assert texts(np.array([value or "" for value in values], dtype=object)) == [
        value or "" for value in values
    ]
