"""Laws of formatting: it keeps the meaning and every comment; twice is once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from campaigner.dsl.diagnostics.diagnostic import has_errors
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_source, format_tree
from campaigner.dsl.parsing.parser import Parsed, parse
from hypothesis import assume, given
from hypothesis import strategies as st

from ..laws import at_most
from . import scenario_strategies, tree_strategies

quick = at_most(70)
FILES = tree_strategies.campaign_files | scenario_strategies.files


def source(text: str) -> SourceFile:
    return SourceFile("made.campaign", text)


def written(tree) -> str:
    return format_tree(Parsed(tree, (), ()))


@quick
@given(FILES)
def test_what_is_written_is_read_back_as_the_same(tree):
    text = written(tree)
    parsed = parse(source(text))
    assert not has_errors(parsed.diagnostics), (text, parsed.diagnostics)
    assert parsed.tree == tree, text
    assert format_tree(parsed) == text


# A white space between two words: not inside a text, a name in backticks or a literal.
TEXT = re.compile(r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\])*"|`[^`]*`', re.DOTALL)
BETWEEN_WORDS = re.compile(
    r"\s+(?!\s)(?<![0-9] (?=[A-Z]{3}\b))(?<![0-9] (?=(?:minute|hour|day|week|month|year)s?\b))"
    r"(?<!-[0-9][0-9] (?=[0-9][0-9]:))"
)


def boundaries(text: str) -> list[tuple[int, int]]:
    blanked = TEXT.sub(lambda match: "x" * len(match[0]), text)
    return [match.span() for match in BETWEEN_WORDS.finditer(blanked)]


@st.composite
def commented(draw):
    """A good file with a few comments between its words: on lines of their own, or ending one."""
    text = written(draw(FILES))
    places = boundaries(text)
    assume(places)
    chosen = draw(st.lists(st.sampled_from(places), min_size=1, max_size=5, unique=True))
    parts, at = [], 0
    for number, (start, end) in enumerate(sorted(chosen)):
        lead = draw(st.sampled_from([" ", "  ", "\n", "\n\n", "\r\n", "\n\n\n  "]))
        word = draw(st.sampled_from(["why", '"', "}", "投资", "a # b", "", "`"]))
        tail = draw(st.sampled_from(["\n", "\n\n", "\n  ", "\r\n"]))
        more = draw(st.sampled_from(["", f"# more {number}\n", f"\n # more {number} \n\n"]))
        parts += [text[at:start], lead, f"#{number} {word}", tail, more]
        at = end
    return "".join(parts) + text[at:]


def remarks(text: str) -> list[str]:
    return [comment.span.text.rstrip() for comment in parse(source(text)).comments]


@quick
@given(commented())
def test_every_comment_is_kept_in_its_order(text):
    once = format_source(source(text))
    assert once is not None, text
    assert remarks(once) == remarks(text), (text, once)
    assert parse(source(once)).tree == parse(source(text)).tree, (text, once)
    assert format_source(source(once)) == once, text


@quick
@given(commented())
def test_a_comment_stays_beside_the_words_it_stood_beside(text):
    once = format_source(source(text))
    assert neighbours(once) == neighbours(text), (text, once)


def neighbours(text: str) -> list[tuple[str, bool, int]]:
    """For each comment: its text, whether it has its own line, and how much of the file precedes
    it."""
    parsed = parse(source(text))
    found, seen, at = [], 0, 0
    for comment in parsed.comments:
        seen += len("".join(text[at : comment.span.start].split()))
        at = comment.span.end
        found.append((comment.span.text.rstrip(), comment.own_line, seen))
    return found


GOOD = sorted((Path(__file__).parents[1] / "corpus" / "good").glob("*.campaign"))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_laws_hold_for_the_files_of_the_corpus(path):
    text = path.read_text(encoding="utf-8")
    once = format_source(source(text))
    assert parse(source(once)).tree == parse(source(text)).tree
    assert remarks(once) == remarks(text)
    assert format_source(source(once)) == once


@quick
@given(st.text() | st.lists(st.sampled_from(GOOD[0].read_text("utf-8").split())).map(" ".join))
def test_any_text_is_formatted_or_left_alone(text):
    once = format_source(source(text))
    assert once is None or format_source(source(once)) == once
