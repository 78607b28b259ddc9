"""`check --watch`: what has changed at once, and the whole of it when nobody saves."""

from __future__ import annotations

import io
import signal
import sys
from datetime import date

import pytest
from campaigner.cli import watching
from campaigner.cli.main import invoke
from campaigner.cli.screen.terminal import Session
from campaigner.compiler.compile import compile_project
from campaigner.compiler.project.project import load_project
from campaigner.compiler.watched import Watched

TODAY = date(2026, 3, 1)


@pytest.fixture
def shop(tmp_path):
    assert invoke(["init", str(tmp_path / "shop")]) == 0
    return tmp_path / "shop"


def edit(shop, file, old, new):
    text = (shop / file).read_text("utf-8")
    assert old in text
    (shop / file).write_text(text.replace(old, new), "utf-8")


def whole(shop):
    return compile_project(load_project(shop), TODAY).diagnostics


def test_saves_one_after_the_other_are_what_a_check_finds(shop):
    watched = Watched.begin(shop, TODAY)
    assert not watched.look(TODAY)
    edits = (
        ("win_back.campaign", "coffee\n", "cofee\n"),
        ("cash_back.campaign", "not employee", "not employe"),
        ("win_back.campaign", "cofee\n", "coffee\n"),
        ("win_back.campaign", "campaign win_back", "campaign {"),
        ("win_back.campaign", "campaign {", "campaign win_back"),
        ("cash_back.campaign", "not employe", "not employee"),
    )
    for file, old, new in edits:
        edit(shop, file, old, new)
        assert watched.look(TODAY)
        assert watched.found == whole(shop)
    assert not watched.look(TODAY)


def test_files_come_and_go(shop):
    watched = Watched.begin(shop, TODAY)
    (shop / "more.campaign").write_text("audience old age > 1 CNY\n", "utf-8")
    assert watched.look(TODAY)
    assert watched.found == whole(shop) != ()
    (shop / "more.campaign").unlink()
    assert watched.look(TODAY)
    assert watched.found == whole(shop)
    edit(shop, "catalog.yaml", "employee", "employed")
    assert watched.look(TODAY)
    assert watched.is_whole
    assert watched.found == whole(shop) != ()
    (shop / "notes.txt").write_text("nothing", "utf-8")
    assert not watched.look(TODAY)


def test_what_a_declaration_does_elsewhere_comes_with_the_whole(shop):
    watched = Watched.begin(shop, TODAY)
    edit(shop, "benefits.campaign", "benefit coffee", "benefit tea")
    assert watched.look(TODAY)
    assert not watched.is_whole
    assert watched.whole(whole(shop))
    assert watched.found == whole(shop) != ()
    assert watched.is_whole


class Desk:
    """Somebody who saves while the program waits, and stops it in the end."""

    def __init__(self, *saves):
        self.saves = list(saves)
        self.waited = 0.0

    def pause(self, seconds):
        self.waited += seconds
        if self.saves and self.waited >= self.saves[0][0]:
            self.saves.pop(0)[1]()
        if self.waited > 60 or not self.saves:
            signal.raise_signal(signal.SIGTERM)


def watch(shop, desk, monkeypatch, *options):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    words = ["check", str(shop), "--watch", "--format", "concise", *options]
    code = invoke(words, Session("en", pause=desk.pause))
    return code, out.getvalue(), err.getvalue()


def test_each_save_is_answered_until_a_signal(shop, monkeypatch):
    desk = Desk(
        (0.1, lambda: edit(shop, "win_back.campaign", "coffee\n", "cofee\n")),
        (0.2, lambda: edit(shop, "win_back.campaign", "cofee\n", "coffee\n")),
        (0.3, lambda: None),
    )
    monkeypatch.setattr(watching, "AT_REST", 1e9)
    code, out, err = watch(shop, desk, monkeypatch)
    assert code == 128 + signal.SIGTERM
    assert out.count("E203") == 1
    assert err.count("no mistakes found") == 2
    assert "found 1 error" in err


def test_the_whole_is_checked_by_another_process(shop, monkeypatch):
    """The effect of a benefit's new name on campaigns is shown once nobody edits."""
    found = []

    class Done:
        def poll(self):
            return 0

        def terminate(self):
            found.append("ended")

        def wait(self):
            pass

    def check(watched, today):
        assert invoke(["check", str(watched.root), "--today", today.isoformat()]) == 1
        return Done()

    monkeypatch.setattr(watching, "_whole_check", check)
    desk = Desk(
        (0.1, lambda: edit(shop, "benefits.campaign", "benefit coffee", "benefit tea")),
        (2.0, lambda: None),
    )
    _, out, _ = watch(shop, desk, monkeypatch)
    assert "win_back.campaign" in out


def test_it_goes_alone(shop, campaigner):
    for option in ("--fix", "--diff", "--warehouse"):
        assert "[E186]" in campaigner("check", shop, "--watch", option).stderr
    assert "[E186]" in campaigner("check", "-", "--watch", cwd=shop).stderr
