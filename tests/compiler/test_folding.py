"""`ignoring case`: the table, its page, and every letter of it on every engine."""

import re
import sys
import unicodedata

import pytest
from campaigner.compiler.dialects.registry import dialect_of
from campaigner.compiler.operators.folding import fold, pairs, table
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from ..projects import ROOT
from ..warehouses import EXECUTED, warehouse

FULL_WIDTH = range(0xFF01, 0xFF5F)


def test_the_table_is_simple_case_folding_and_the_page_shows_it():
    shown = re.findall(r"U\+([0-9A-F]{4}) U\+([0-9A-F]{4})", (ROOT / "docs/folding.md").read_text())
    assert {chr(int(old, 16)): chr(int(new, 16)) for old, new in shown} == table()
    for letter in map(chr, range(sys.maxunicode + 1)):
        simple = letter.casefold() if len(letter.casefold()) == 1 else None
        known = unicodedata.category(letter) != "Cn" and ord(letter) <= 0xFFFF
        if simple is not None and known and ord(letter) not in FULL_WIDTH:
            assert fold(letter) == simple, hex(ord(letter))
    assert fold("".join(map(chr, FULL_WIDTH))) == fold("".join(chr(n) for n in range(0x21, 0x7F)))


def test_a_letter_without_case_stays():
    assert all(fold(new) == new and len(new) == 1 for new in table().values())


@given(st.text(), st.text(max_size=5))
def test_letters_that_matter_are_enough(text: str, part: str):
    kept = "".join(sorted(set(fold(part))))
    assert (fold(text) == fold(part)) == (fold(text, kept) == fold(part))
    assert (fold(part) in fold(text)) == (fold(part) in fold(text, kept))


@pytest.mark.parametrize("engine", EXECUTED)
@pytest.mark.parametrize("kept", ["", "köln '\\"])
def test_an_engine_has_every_letter_of_the_table(engine: str, kept: str):
    house, dialect = warehouse(engine), dialect_of(engine)
    house.clear()
    house.table("letters", {"letter": "text"}, [(one,) for one in (*table(), "ÄÖ ß ＫÖ'\\")])
    folded = dialect.translated(exp.column("letter"), *pairs(kept))
    query = exp.select(exp.column("letter"), folded).from_("letters")
    for letter, found in house.ask(query.sql(dialect.sqlglot))[1]:
        assert found == fold(letter, kept), letter
