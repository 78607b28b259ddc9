"""Hostile rows for each way in: of the warehouse, of event lines, and keys."""

from hypothesis import strategies as st

LONG = 256
"""Characters: one more than a key may have."""

_CUSTOMERS = {
    "no key": "(NULL, 30, 'Jinan', true)",
    "long key": f"(repeat('k', {LONG}), 30, 'Jinan', true)",
    "word": "('bad1', 'thirty', 'Jinan', true)",
    "part": "('bad2', '30.5', 'Jinan', true)",
    "large": "('bad3', '99999999999999999999', 'Jinan', true)",
    "empty": "('bad4', 30, NULL, true)",
    "below its range": "('bad6', '-1', 'Jinan', true)",
    "above its range": "('bad7', '131', 'Jinan', true)",
    "twice": "('bad5', 30, 'Jinan', true), ('bad5', 31, 'Jinan', true)",
}
_EVENTS = {
    "no key": "(NULL, 'ann', '2026-01-10 10:00+08', '1', 'd')",
    "long key": f"(repeat('e', {LONG}), 'ann', '2026-01-10 10:00+08', '1', 'd')",
    "not a number": "('bad1', 'ann', '2026-01-10 10:00+08', 'NaN', 'd')",
    "infinite": "('bad2', 'ann', '2026-01-10 10:00+08', 'Infinity', 'd')",
    "below its range": "('bad6', 'ann', '2026-01-10 10:00+08', '-0.01', 'd')",
    "above its range": "('bad7', 'ann', '2026-01-10 10:00+08', '1000.01', 'd')",
    "past the calendar": "('bad3', 'ann', 'infinity', '1', 'd')",
    "before the calendar": "('bad4', 'ann', '-infinity', '1', 'd')",
    "two customers": "('bad5', 'ann', '2026-01-10 10:00+08', '1', 'd'),"
    " ('bad5', 'bob', '2026-01-10 10:00+08', '1', 'd')",
    "stranger": "('odd1', 'nobody', '2026-01-10 10:00+08', '1', 'd')",
}


_KEY_PARTS = (
    "",
    " ",
    "k",
    "é",
    "e\u0301",
    "/",
    "%2F",
    "\\",
    "'",
    '"',
    "\n",
    "\r",
    "\t",
    "\x01",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\u202e",
    "\U00012ab0",
    "=1+1",
    "{{",
    "$1",
    "?",
    "NULL",
)


def keys() -> st.SearchStrategy[str]:
    """A key that any store keeps, hard to handle, or one that is too long by a character."""
    short = st.lists(st.sampled_from(_KEY_PARTS), max_size=3).map("".join)
    long = st.builds(
        lambda part, length: (part * length)[:length],
        st.sampled_from([part for part in _KEY_PARTS if part]),
        st.sampled_from((LONG - 1, LONG, 4_000)),
    )
    return short | long


def customers() -> st.SearchStrategy[list[str]]:
    """Rows (customer_id, age, city, consent) as SQL; ages are text."""
    return st.lists(st.sampled_from(list(_CUSTOMERS)), unique=True, min_size=1).map(
        lambda names: [_CUSTOMERS[name] for name in names]
    )


def events() -> st.SearchStrategy[list[str]]:
    """Rows (investment_id, customer_id, invested_at, amount, device); amounts are text."""
    return st.lists(st.sampled_from(list(_EVENTS)), unique=True, min_size=1).map(
        lambda names: [_EVENTS[name] for name in names]
    )


_CELL_PARTS = (*_KEY_PARTS, *"=+-@＝＋－＠⁺\t\r\n ,;'\"10.ab\0\x0b\x1b\x1c\u3000\u2029\u200b\ud800")


def hostile_cells() -> st.SearchStrategy[str]:
    """Text for a cell of a table or of CSV, such as no key may be, too."""
    return st.lists(st.sampled_from(_CELL_PARTS), max_size=6).map("".join) | st.text(max_size=8)
