"""Rows are sealed as columns just as they are one by one."""

import re
from pathlib import Path

from campaigner.runtime import ledger
from campaigner.runtime.ledger.seals import MODULUS
from campaigner.runtime.ledger.stores.sealing_sqlite import BULKY, hashes, row_hash
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most

cells = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(["ann", "ann", "'", '"', "\\", "100%", "%s", "\n", "\x7f", "安"]),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.none(),
    st.binary(max_size=3),
)
columns = st.one_of(
    st.lists(cells, min_size=6, max_size=6),
    st.lists(st.sampled_from(["c1", "c2", "c%"]), min_size=6, max_size=6),
    cells.map(lambda one: [one] * 6),
)


def _kept(cell):
    """The cell as SQLite gives it to a trigger, with text as bytes."""
    match cell:
        case str():
            return cell.encode()
        case bool():
            return int(cell)
        case _:
            return cell


@given(st.lists(columns, min_size=2, max_size=4))
@at_most(300)
def test_columns_are_hashed_as_their_rows(drawn):
    rows = list(zip(*drawn, strict=True))
    one_by_one = sum(row_hash(tuple(map(_kept, row))) for row in rows)
    assert hashes(rows) % MODULUS == one_by_one % MODULUS


def test_nothing_is_inserted_that_nobody_counts():
    statement = re.compile(rf"INTO ({'|'.join(BULKY)})\b")
    for path in Path(ledger.__file__).parent.rglob("*.py"):
        if path.name != "postgresql.py":
            assert not statement.search(path.read_text("utf-8")), path
