"""Safe fixes give back the project that was broken, and leave a good one alone."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

from campaigner.cli.fixing import Fixed
from campaigner.cli.projects import fixable
from campaigner.compiler.files.folder import read_folder
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_tree
from campaigner.dsl.parsing.lexer import lex
from campaigner.dsl.parsing.parser import parse
from campaigner.dsl.parsing.tokens import Token
from hypothesis import given
from hypothesis import strategies as st

from .. import strategies
from ..projects import compile_folder, write
from . import at_most

TODAY = date(2026, 1, 1)
SIGNS = {
    "and": ("&&", "AND", "ａｎｄ"),
    "or": ("||", "|", "OR"),
    "=": ("==", "===", "＝"),
    "!=": ("<>", "≠"),
    ">=": ("=>", "≥", "＞＝"),
    "<=": ("=<", "≤"),
    "*": ("×", "＊"),
    "{": ("｛",),
    "}": ("｝",),
    "(": ("（", "["),
    ")": ("）", "]"),
    ",": ("，", "、"),
    "campaign": ("campain", "Campaign"),
    "audience": ("adience", "AUDIENCE"),
    "trigger": ("triger", "Trigger"),
    "budget": ("budgt", "Budget"),
    "compliance": ("complience",),
}


def broken(token: Token) -> tuple[str, ...]:
    """The ways to write a word wrong whose meaning stays plain."""
    text = token.source.text[token.start : token.end]
    match token.type:
        case "TEXT" | "LABEL" if text.startswith('"') and not text.startswith('"""'):
            inner = text[1:-1]
            plain = not any(one in inner for one in "\"\\“”'‘’")
            return (f"“{inner}”", f"「{inner}」") if plain else ()
        case "MONEY" if text.endswith(" CNY"):
            return (f"{text[:-4]}元", f"{text[:-4]} cny", f"{text[:-4]} rmb")
        case "PERCENT":
            return (f"{text[:-1]} %", f"{text[:-1]}％")
        case _:
            return SIGNS.get(text, ())


@st.composite
def mistaken(draw: st.DrawFn) -> tuple[dict[str, str], str]:
    """A project with slips of the pen, and its text without them."""
    files = draw(strategies.projects())
    good = files["all.campaign"]
    spots = [one for one in lex(SourceFile("all.campaign", good)).tokens if broken(one)]
    chosen = draw(st.lists(st.sampled_from(spots), min_size=1, max_size=4, unique_by=id))
    text = good
    for token in sorted(chosen, key=lambda one: -one.start):
        wrong = draw(st.sampled_from(broken(token)))
        text = f"{text[: token.start]}{wrong}{text[token.end :]}"
    if draw(st.booleans()):
        text = "\ufeff" + text.replace("\n", "\r\n")
    return {**files, "all.campaign": text}, good


def mended(files: dict[str, str]) -> Fixed:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, {name: text for name, text in files.items() if name != "all.campaign"})
        (root / "all.campaign").write_bytes(files["all.campaign"].encode())
        return fixable(read_folder(root), TODAY)


def meaning(text: str) -> str:
    return format_tree(parse(SourceFile("all.campaign", text)))


def errors(found: Fixed) -> Counter[str]:
    return Counter(one.code.id for one in found.left if one.code.severity == "error")


@at_most(20)
@given(mistaken())
def test_what_was_broken_in_known_ways_is_given_back(made):
    files, good = made
    after = mended(files)
    text = after.contents.files["all.campaign"].decode()
    assert not errors(after), (files["all.campaign"], text)
    assert text.startswith("\ufeff") == files["all.campaign"].startswith("\ufeff")
    assert ("\r\n" in text) == ("\r\n" in files["all.campaign"])
    assert meaning(text.removeprefix("\ufeff").replace("\r\n", "\n")) == meaning(good)


@at_most(8)
@given(strategies.projects())
def test_a_project_without_mistakes_is_left_alone(files):
    after = mended(files)
    assert after.fixed == ()
    assert after.contents.files["all.campaign"].decode() == files["all.campaign"]


@at_most(20)
@given(strategies.projects(), st.data())
def test_fixes_of_any_text_leave_fewer_mistakes_and_none_that_is_new(files, data):
    text = files["all.campaign"]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        upto = data.draw(st.integers(at, min(len(text), at + 6)))
        odd = data.draw(st.text('，（）“”元&|=<>≥%`!?;\u200b{} aB1."\n#', max_size=4))
        text = text[:at] + odd + text[upto:]
    before = errors_of({**files, "all.campaign": text})
    after = mended({**files, "all.campaign": text})
    assert not errors(after) - before
    assert sum(errors(after).values()) <= sum(before.values()) - bool(after.fixed)


def errors_of(files: dict[str, str]) -> Counter[str]:
    """The errors of a project as it is."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, {name: text for name, text in files.items() if name != "all.campaign"})
        (root / "all.campaign").write_bytes(files["all.campaign"].encode("utf-8"))
        found = compile_folder(root).diagnostics
    return Counter(one.code.id for one in found if one.code.severity == "error")
