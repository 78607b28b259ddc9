"""Words, literals, and bytes that are no text."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.parsing.grammar import grammar
from campaigner.dsl.parsing.keywords import KEYWORDS, PHRASES, WORDS
from campaigner.dsl.parsing.lexer import decode, lex


def kinds(text):
    return [token.type for token in lex(SourceFile("x", text)).tokens[:-1]]


def mistakes(text):
    return [
        (each.code.id, each.place.line, each.place.column)
        for each in lex(SourceFile("x", text)).diagnostics
    ]


def test_words_and_phrases_are_those_of_the_grammar():
    terminals = {each.name: each.pattern for each in grammar().terminals}
    words = {each.value for each in terminals.values() if each.type == "str"}
    assert {word for word in words if word.isalpha()} == WORDS
    assert {
        name for name, each in terminals.items() if each.type == "re" and r"\s|#" in each.value
    } == (PHRASES)
    assert WORDS < KEYWORDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("600_000 CNY", ["MONEY"]),
        ("600_000 points", ["NUMBER", "NAME"]),
        ("30 days", ["DAYS"]),
        ("24hours", ["DURATION"]),
        ("5%", ["PERCENT"]),
        ("10:00", ["TIME"]),
        ("2026-01-31 10:00", ["TIMESTAMP"]),
        ("2026-01-31", ["DATE"]),
        ("order.in", ["NAME", "FIELD"]),
        ("order.`in`", ["NAME", "FIELD"]),
        ("in\n # c\n last", ["IN_LAST"]),
        ("in lasting", ["IN", "NAME"]),
        ("before event", ["BEFORE_EVENT"]),
        ("before event.at", ["BEFORE", "NAME", "FIELD"]),
        ("per customer per month", ["PER_CUSTOMER", "PER_PERIOD"]),
        ("per customer per month 5 CNY", ["CAP_PER_CUSTOMER", "MONEY"]),
        ("per customer.id", ["PER", "NAME", "FIELD"]),
        ("新客 ａｎｄ _x", ["NAME", "NAME", "NAME"]),
        ('campaign x "y"', ["CAMPAIGN", "NAME", "LABEL"]),
        ('x = "y"', ["NAME", "EQUAL", "TEXT"]),
        ("a≥b", ["NAME", "AT_LEAST_SIGN", "NAME"]),
        ("１０：００", ["TIME"]),
        ("a，b", ["NAME", "COMMA", "NAME"]),
        ("“a”", ["TEXT"]),
        ('"a } }', ["TEXT", "CLOSE_BRACE", "CLOSE_BRACE"]),
    ],
)
def test_words(text, expected):
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a，b", ("E110", 1, 2)),
        ("a （", ("E110", 1, 3)),
        ("x { 。", ("E112", 1, 5)),
        ("\n\t“新”", ("E111", 2, 2)),
        ('"新', ("E115", 1, 1)),
        ('"a”', ("E111", 1, 3)),
        ("'a'", ("E111", 1, 1)),
        ('"""a', ("E115", 1, 1)),
        ('"a\nb"', ("E116", 1, 1)),
        ('"\\q"', ("E117", 1, 2)),
        ('"""\n  \\q"""', ("E117", 2, 3)),
        ("`a b`", ("E118", 1, 1)),
        ("x.``", ("E118", 1, 3)),
        ("a ½", ("E118", 1, 3)),
        ("a.½", ("E118", 1, 3)),
        ("`a", ("E132", 1, 1)),
        ("a\u200bb", ("E119", 1, 2)),
        ("a ; b", ("E112", 1, 3)),
        ("a == b", ("E113", 1, 3)),
        ("2026-02-30", ("E120", 1, 1)),
        ("2026-02-28 25:00", ("E122", 1, 12)),
        ("2026/02/28", ("E121", 1, 1)),
        ("0101-12-31", ("E134", 1, 1)),
        ("9899-01-01 10:00", ("E134", 1, 1)),
        ("9_223_372_036_854_775_808", ("E123", 1, 1)),
        ("0." + "1" * 19, ("E124", 1, 1)),
        ("9" * 5000, ("E123", 1, 1)),
        ("1.5 days", ("E126", 1, 1)),
        ("101 years", ("E126", 1, 1)),
        ("60 cny", ("E127", 1, 1)),
        ("￥60", ("E127", 1, 1)),
        ("5 %", ("E129", 1, 1)),
    ],
)
def test_mistakes_of_spelling(text, expected):
    assert mistakes(text) == [expected]


def test_full_width_and_other_odd_characters_have_a_fix_that_mends_them():
    text = "audience a （b ＞＝ ５ and “c” ＝ 'd'）；"
    found = lex(SourceFile("x", text)).diagnostics
    for each in sorted(found, key=lambda each: each.place, reverse=True):
        assert each.fix is not None
        start, end = each.fix.place.column - 1, each.fix.place.end_column - 1
        text = text[:start] + each.fix.replacement + text[end:]
    assert text == 'audience a (b >= 5 and "c" = "d")'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"ab\ncd\xff", ("E130", 2, 3)),
        ("新\n客".encode() + b"\x80", ("E130", 2, 2)),
        (b"ab\ncd\0ef", ("E131", 2, 3)),
        ("campaign".encode("utf-16"), ("E131", 1, 1)),
        (b"\x7fELF\x00\xff", ("E131", 1, 5)),
        ('owner "新客见面礼"'.encode("gbk"), ("E130", 1, 8)),
    ],
)
def test_bytes_that_are_no_text(data, expected):
    source, (mistake,) = decode(data, "x.campaign")
    assert source is None
    assert (mistake.code.id, mistake.place.line, mistake.place.column) == expected
    assert mistake.place.file == "x.campaign"
    assert mistake.message("zh")
    assert mistake.help()


def test_a_byte_order_mark_is_no_part_of_the_text():
    source, found = decode(b"\xef\xbb\xbfaudience a b", "x")
    assert found == ()
    assert source.text == "audience a b"


def test_no_group_is_repeated_possessively():
    """Python before 3.11.5 matches such a group wrongly, and most machines' 3.11 is older."""
    text = (resources.files("campaigner.dsl.parsing") / "grammar.lark").read_text("utf-8")
    rules = [line for line in text.splitlines() if not line.lstrip().startswith("//")]
    assert [line for line in rules if re.search(r"\)[*+?]\+", line)] == []
