"""Any text, any bytes: a tree and diagnostics, never a crash."""

from __future__ import annotations

import re
from pathlib import Path

from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.parsing.lexer import decode
from campaigner.dsl.parsing.parser import parse
from hypothesis import given
from hypothesis import strategies as st

from ..laws import at_most

CORPUS = Path(__file__).parent.parent / "corpus"
FILES = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*/*.campaign"))]
WORDS = sorted({word for text in FILES for word in re.findall(r"\w+|\s+|[^\w\s]", text)})
ODD = ['"""', '"', "`", "“", "，", "\u200b", "\0", "\r", "５ ", "journey {", "not (", "30 dyas "]


def check(text):
    source = SourceFile("x", text)
    parsed = parse(source)
    lines = text.count("\n") + 1
    for each in parsed.diagnostics:
        assert 1 <= each.place.line <= each.place.end_line <= lines
        assert each.message("en")
        assert each.message("zh")
        assert each.help("zh") is None or each.help("en")
    for span in parsed.skipped:
        assert 0 <= span.start < span.end <= len(text)
    if parsed.skipped:
        assert parsed.diagnostics


@at_most(50)
@given(st.text())
def test_any_text(text):
    check(text)


@at_most(50)
@given(st.lists(st.sampled_from(WORDS + ODD), max_size=60).map("".join))
def test_any_words(text):
    check(text)


@at_most(50)
@given(st.binary())
def test_any_bytes(data):
    source, found = decode(data, "x")
    assert (source is None) == bool(found)
    if source is not None:
        check(source.text)


@st.composite
def mutated(draw):
    """A file of the corpus with a few stretches cut out, doubled or replaced."""
    text = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        put = draw(st.sampled_from(["", text[start:end] * 2, *ODD]) | st.sampled_from(WORDS))
        text = text[:start] + put + text[end:]
    return text


@at_most(50)
@given(mutated())
def test_mutated_files(text):
    check(text)


def test_a_full_width_letter_that_cannot_stand_here_is_told():
    # Letters are read by NFKC without a word, unlike full-width signs.
    found = parse(SourceFile("x", "audience widths ａ\rｍ >= 5 CNY\n")).diagnostics
    assert [one.code.id for one in found] == ["E101"]
