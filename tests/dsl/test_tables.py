"""Tables that were kept give the parser that the grammar gives, and are never trusted blindly."""

import logging
import os
import stat
from importlib.resources import files
from pathlib import Path

import pytest
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.parsing import grammar
from campaigner.dsl.parsing.parser import parse
from campaigner.dsl.parsing.tables import kept_tables
from lark import Lark

TEXT = 'campaign a "A" { audience x and not y }\nbudget'


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    yield tmp_path / "campaigner" / "grammar.tables"
    grammar.grammar.cache_clear()


def parsed():
    grammar.grammar.cache_clear()
    return parse(SourceFile("a.campaign", TEXT))


def test_kept_tables_are_read_by_the_next_process(cache: Path):
    built = parsed()
    written = cache.stat()
    assert stat.S_IMODE(cache.parent.stat().st_mode) == 0o700
    assert parsed() == built
    assert cache.stat().st_mtime_ns == written.st_mtime_ns


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "folder"])
def test_tables_that_cannot_be_read_are_built_anew(cache: Path, damage: str):
    built = parsed()
    whole = cache.read_bytes()
    cache.unlink()
    match damage:
        case "empty":
            cache.touch()
        case "cut":
            cache.write_bytes(whole[: len(whole) // 2])
        case "noise":
            cache.write_bytes(whole[:65] + bytes(reversed(whole[65:])))
        case _:
            cache.mkdir()
    assert parsed() == built


def test_no_folder_is_used_that_others_may_write(cache: Path):
    cache.parent.mkdir()
    cache.parent.chmod(0o777)
    assert kept_tables() is None
    assert parsed()
    assert not cache.exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert kept_tables() is None
    assert parsed()
    grammar.grammar.cache_clear()


def test_somebody_elses_folder_is_not_used(cache: Path, monkeypatch: pytest.MonkeyPatch):
    cache.parent.mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: cache.parent.stat().st_uid + 1)
    assert kept_tables() is None


DANGLING = """
start: "has" name [WINDOW]
     | "count" start [WINDOW]
name: "x"
WINDOW: "last"
"""
"""A window that would belong to either history."""


def conflicts(text: str, start: list[str], caplog: pytest.LogCaptureFixture) -> list[str]:
    """The conflicts of a grammar that lark resolves in silence."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "lark"):
        Lark(text, parser="lalr", lexer="basic", start=start, maybe_placeholders=True, debug=True)
    return [one.getMessage() for one in caplog.records if "conflict" in one.getMessage().lower()]


def test_a_conflict_would_be_found(caplog: pytest.LogCaptureFixture):
    assert conflicts(DANGLING, ["start"], caplog)


def test_the_grammar_has_no_conflict_that_is_resolved_in_silence(caplog: pytest.LogCaptureFixture):
    text = files(grammar.__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    assert conflicts(text, [grammar.START, "outside"], caplog) == []
