"""Good examples parse. Each bad one gets a message with its place, and the rest is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from campaigner.cli.codes import AREAS
from campaigner.dsl.codes import by_id
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.parsing.parser import parse
from campaigner.dsl.tree import (
    AudienceClause,
    Campaign,
    CampaignFile,
    Goal,
    Message,
    Reward,
    Text,
    Trigger,
)

CORPUS = Path(__file__).parent.parent / "corpus"
GOOD = sorted((CORPUS / "good").glob("*.campaign"))
BAD = sorted((CORPUS / "bad").glob("*.campaign"))


def read(text):
    return parse(SourceFile("x.campaign", text))


def codes_of(parsed):
    return [diagnostic.code.id for diagnostic in parsed.diagnostics]


def found(text):
    """`E101@2:5` of every mistake."""
    return [
        f"{each.code.id}@{each.place.line}:{each.place.column}" for each in read(text).diagnostics
    ]


def in_campaign(*lines):
    return "campaign x {\n" + "".join(f"  {line}\n" for line in lines) + "  goal kept\n}\n"


def clauses(text):
    return [type(clause) for clause in read(text).tree.declarations[0].clauses]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_files_have_no_mistakes(path):
    parsed = read(path.read_text(encoding="utf-8"))
    assert [each.message() for each in parsed.diagnostics] == []
    assert parsed.skipped == ()
    assert parsed.tree.declarations


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_files_are_told_every_mistake(path):
    text = path.read_text(encoding="utf-8")
    expected = re.match(r"# expect: (.*)", text)
    assert found(text) == (expected[1].split() if expected else ["W101@1:1"])


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_message_can_be_said_in_both_languages(path):
    for each in read(path.read_text(encoding="utf-8")).diagnostics:
        for language in ("en", "zh"):
            said = each.message(language) + (each.help(language) or "")
            assert not re.search(r"[A-Z]+_[A-Z]+|Token|None|\{\w+\}", said)
        assert each.message()[0] in "`abcdefghijklmnopqrstuvwxyz"
        assert not each.message().endswith(".")


def test_the_whole_file_can_be_read_after_many_mistakes():
    text = (CORPUS / "bad" / "several_mistakes.campaign").read_text(encoding="utf-8")
    (campaign,) = read(text).tree.declarations
    assert isinstance(campaign, Campaign)
    assert campaign.name.text == "welcome"
    assert campaign.label == Text("新客见面礼", span=campaign.span)
    assert len(campaign.clauses) == 10


@pytest.mark.parametrize(
    ("lines", "expected", "kept"),
    [
        (["audience not a and", "trigger every day at 10:00"], "E103@2:18", Trigger),
        (["audience (a and b", "trigger every day at 10:00"], "E103@2:19", AudienceClause),
        (["audience a and and b"], "E101@2:18", Goal),
        (["audience count(order in 30 days) > 3"], "E101@2:24", AudienceClause),
        (["audience a within 30 days"], "E101@2:14", AudienceClause),
        (["audience stage is not retail.a"], "E113@2:12", AudienceClause),
        (["audience a is null"], "E113@2:14", AudienceClause),
        (["audience total > 3"], "E108@2:12", AudienceClause),
        (["audience a > 18 years old"], "E101@2:25", Goal),
        (["reward 100", "limit 1 per customer"], "E103@2:10", Goal),
        (["reward coffee", "limit 1 customer", "first 10"], "E101@3:11", Reward),
        (['message "hi"'], "E101@2:11", Goal),
        (["message push hi"], "E101@2:16", Goal),
        (["message push 'hi'"], "E111@2:16", Message),
        (['message push "hi'], "E115@2:16", Message),
        (["active 2026-01-01 2026-12-31"], "E101@2:21", Goal),
        (["trigger every fryday at 10:00"], "E101@2:11", Goal),
        (["budget { total 600_000 }"], "E128@2:18", Goal),
        (["compliance follows cn"], "E101@2:14", Goal),
        (["foo bar"], "E102@2:3", Goal),
        (["ownr 5"], "E102@2:3", Goal),
    ],
)
def test_one_mistake_in_a_campaign(lines, expected, kept):
    text = in_campaign(*lines)
    places = found(text)
    assert places[0] == expected
    assert len(places) == (2 if lines == ["ownr 5"] else 1)
    assert kept in clauses(text)
    assert clauses(text)[-1] is Goal


def test_a_clause_that_could_not_be_read_is_marked_as_skipped():
    parsed = read(in_campaign("audience a and and b"))
    assert [span.text for span in parsed.skipped] == ["audience a and and b"]


def test_a_reward_keeps_its_terms_under_watch():
    text = in_campaign("reward choose one of a, b", "limit 1 per custmer", "first x")
    assert found(text) == ["E101@2:17", "E103@3:15", "E101@4:9"]


def test_an_unclosed_brace_says_which():
    parsed = read("campaign x {\n  budget {\n    total 5 CNY\n  }\n\ncampaign y {\n  goal b\n}\n")
    (mistake,) = parsed.diagnostics
    assert mistake.message() == "the `{` of `campaign x` is not closed before `campaign`"
    (label,) = mistake.labels
    assert (label.place.line, label.place.column) == (1, 12)
    assert [each.name.text for each in parsed.tree.declarations] == ["x", "y"]


def test_an_unclosed_brace_at_the_end_of_the_file():
    parsed = read("campaign x { goal a")
    assert codes_of(parsed) == ["E104"]
    assert clauses("campaign x { goal a") == [Goal]


def test_junk_after_a_whole_declaration_leaves_it_whole():
    parsed = read("campaign x { goal a }\nfoo bar\n}\ncampaign y { goal b }\n")
    assert codes_of(parsed) == ["E133"]
    assert [each.name.text for each in parsed.tree.declarations] == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "replacement"),
    [
        ("audience a b，c", ","),
        ("audience a b == c", "="),
        ("audience a b AND c", "and"),
        ("audience a “b” = c", '"b"'),
        ("audience reward b", "`reward`"),
        ("campain x { }", "campaign"),
        ("audience a b > 5 %", "5%"),
        ("audience a b > 5 cny", "5 CNY"),
        ("audience a b > 2026-1-5", "2026-01-05"),
    ],
)
def test_fixes(text, replacement):
    assert replacement in [each.fix.replacement for each in read(text).diagnostics if each.fix]


def test_nesting_has_an_end():
    for inner in ("(", "not ", "- ", "5% of "):
        text = "audience a " + inner * 10_000 + "x\naudience kept b\n"
        parsed = read(text)
        assert codes_of(parsed) == ["E109"]
        assert [each.name.text for each in parsed.tree.declarations] == ["kept"]
    deep = "audience a " + "(" * 100 + "x" + ")" * 100
    assert codes_of(read(deep)) == []


def test_flat_conditions_may_be_long():
    text = "audience a " + "b and c or " * 5_000 + "d"
    assert codes_of(read(text)) == []


def test_an_empty_file_is_only_warned_of():
    assert read("").tree == CampaignFile((), span=read("").tree.span)
    assert codes_of(read("")) == ["W101"]
    assert codes_of(read("\ufeff \r\n # nothing")) != []


def test_codes_are_unique_and_in_order():
    codes = list(by_id(AREAS))
    assert codes == sorted(set(codes))
    assert {"E101", "E203"} <= set(codes)
