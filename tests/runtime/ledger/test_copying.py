"""Rows are encoded for COPY as columns just as they are value by value."""

from campaigner.runtime.ledger.stores.copying import copied
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most

values = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(["ann", "a\tb", "a\nb", "\r", "\\", "\\N", "100%", "%s", "", "安"]),
    st.integers(-(2**63), 2**63 - 1),
    st.none(),
    st.binary(max_size=3),
)
columns = st.one_of(
    st.lists(values, min_size=6, max_size=6),
    st.lists(st.binary(max_size=3), min_size=6, max_size=6),
    st.lists(st.sampled_from(["c1", "c2", "c%"]), min_size=6, max_size=6),
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
    values.map(lambda one: [one] * 6),
)


def _encoded(value):
    """A value in the text form that PostgreSQL documents for COPY."""
    match value:
        case None:
            return "\\N"
        case bytes():
            return f"\\\\x{value.hex()}"
        case int():
            return str(value)
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(plain, escaped)
    return value


@given(st.lists(columns, min_size=1, max_size=4))
@at_most(300)
def test_columns_are_encoded_as_their_values(drawn):
    rows = list(zip(*drawn, strict=True))
    expected = "".join("\t".join(map(_encoded, row)) + "\n" for row in rows)
    assert copied(rows).decode() == expected
