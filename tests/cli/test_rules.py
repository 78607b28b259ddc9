"""`campaigner rules`: the page that a person gets, and the mistakes that keep it back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from campaigner.cli.main import invoke
from campaigner.cli.pages.rules import as_html, as_markdown
from campaigner.cli.screen.terminal import Session
from campaigner.compiler.wording.public import Part, Rules, Section
from campaigner.dsl.diagnostics.diagnostic import Phrase
from hypothesis import given
from markdown_it import MarkdownIt

from ..pages.test_pages import HOSTILE, Outline
from ..projects import ROOT
from ..seeds import SEED

BANK = ROOT / "campaigns" / "bank"
GROCER = ROOT / "campaigns" / "complete_journey"


def rules(capsys, *arguments: object, now: datetime | None = None, lang: str = "en"):
    capsys.readouterr()
    clock = now or datetime(2026, 3, 1, tzinfo=UTC)
    session = Session(lang, now=lambda: clock)
    code = invoke(["rules", *map(str, arguments), "--lang", lang], session)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_page_is_made_in_the_language_and_the_form_that_is_asked_for(capsys):
    code, out, err = rules(capsys, "invest_back", BANK, "--format", "markdown", lang="zh")
    assert code == 0
    assert out.startswith("# 投资返积分\n")
    assert "奖励：现金 投资的金额的 0.1%，最高 88 元。" in out
    assert "警告[W960]" in err
    code, out, _ = rules(capsys, BANK, "invest_back")
    assert code == 0
    assert '<html lang="en">' in out
    assert "0.1% of 金额 of 投资 in cash, at most 88 CNY" in out


def test_nothing_of_the_organisers_own_is_on_the_page(capsys):
    _, out, _ = rules(capsys, "invest_back", BANK, "--format", "markdown")
    for own in ("1,200,000", "wealth", "cn retail", "5%", "80%", "投资有风险", "21:00"):
        assert own not in out


def test_a_campaign_that_has_ended_or_not_begun_says_so(capsys):
    for year, told in ((2025, "has not begun"), (2026, None), (2027, "ended on 31 December 2026")):
        now = datetime(year, 6, 1, tzinfo=UTC)
        _, out, _ = rules(capsys, "invest_back", BANK, "--format", "markdown", now=now)
        assert ("**" in out) == (told is not None)
        assert told is None or told in out


def test_the_page_of_a_draw_has_its_odds_and_the_digest_of_its_seed(capsys, monkeypatch):
    monkeypatch.setenv("DRAW_SEED", SEED)
    _, out, err = rules(capsys, "blind_box", BANK, "--format", "markdown")
    assert "With a probability of 0.5%: “平板电脑”" in out
    assert "With a probability of 70%: 1 points" in out
    assert "The SHA-256 of that number is " in out
    assert SEED not in out
    assert "W961" not in err
    monkeypatch.delenv("DRAW_SEED")
    _, out, err = rules(capsys, "blind_box", BANK, "--format", "markdown")
    assert "SHA-256" not in out
    assert "W961" in err


def test_an_unknown_campaign_has_a_suggestion(capsys):
    code, out, err = rules(capsys, "invest_bakc", BANK)
    assert (code, out) == (2, "")
    assert "did you mean `invest_back`?" in err


def test_a_project_with_mistakes_gives_no_page(capsys, tmp_path):
    assert invoke(["init", str(tmp_path / "shop")]) == 0
    file = tmp_path / "shop" / "win_back.campaign"
    file.write_text(file.read_text("utf-8").replace("coffee\n", "cofee\n"), "utf-8")
    code, out, err = rules(capsys, "win_back", tmp_path / "shop", "--output", tmp_path / "x.html")
    assert (code, out) == (1, "")
    assert "`cofee`" in err
    assert not (tmp_path / "x.html").exists()


def test_a_page_goes_into_a_file_that_the_project_has_no_use_for(capsys, tmp_path):
    assert invoke(["init", str(tmp_path / "shop")]) == 0
    file = tmp_path / "rules.html"
    assert rules(capsys, "win_back", tmp_path / "shop", "--output", file)[0] == 0
    assert file.read_text("utf-8").startswith("<!doctype html>")
    used = tmp_path / "shop" / "data" / "shop.duckdb"
    assert rules(capsys, "win_back", tmp_path / "shop", "--output", used)[0] == 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_shipped_campaign_has_a_page(capsys, language):
    for project, name in ((BANK, "asset_lift"), (BANK, "spring_week"), (GROCER, "win_back")):
        code, out, _ = rules(capsys, name, project, lang=language)
        assert code == 0
        assert "<h2>" in out


def made(title: str, label: str, text: str) -> Rules:
    parts = (Part(label, (Phrase("wording.sentence", words=text),)),)
    return Rules(
        title,
        Phrase("wording.sentence", words=text),
        (Section("what", Phrase("rules.what"), parts),),
    )


@given(HOSTILE, HOSTILE, HOSTILE)
def test_a_text_never_becomes_an_element_of_the_page(title, label, text):
    plain = Outline(as_html(made("a", "b", "c"), "en")).found
    found = Outline(as_html(made(title, label or "b", text), "en")).found
    assert found == plain


@given(HOSTILE, HOSTILE, HOSTILE)
def test_a_text_never_becomes_an_element_of_markdown(title, label, text):
    reader = MarkdownIt("commonmark")
    plain = Outline(reader.render(as_markdown(made("a", "b", "c"), "en"))).found
    found = Outline(reader.render(as_markdown(made(title, label or "b", text), "en"))).found
    assert found == plain
