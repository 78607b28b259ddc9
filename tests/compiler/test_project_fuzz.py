"""Any text at all in the place of the settings or the catalog: diagnostics, never a crash."""

from __future__ import annotations

import json
from pathlib import Path

from campaigner.compiler.project.catalog import read_catalog
from campaigner.compiler.project.config_file import read_config
from campaigner.dsl.diagnostics.diagnostic import Diagnostic
from campaigner.dsl.diagnostics.source import SourceFile
from hypothesis import example, given
from hypothesis import strategies as st

from ..laws import at_most

YAML = ["customer", "fields", "events", "table", "key", "at", "type", "money", "enum", "values"]
YAML += ["range", "[0, 1]", "{", "}", "[", "]", ":", ": ", ",", "- ", "\n", "\n  ", "\n    ", "~"]
YAML += ["&a ", "*a", "? ", "'", '"', "|", "#", "客", "ｋey", "integer", "\t", "---", "!x ", "\r\n"]
TOML = ["[project]\n", "[channels.x]\n", "[[a]]\n", "name = ", '"x"', "'y'", "kind = ", '"file"']
TOML += ["url = ", "${X}", '"${"', "{", "}", "[", "]", ",", "=", ".", "\n", "1", "2027-01-01"]
TOML += ['"""', "'''", "#", '"ｎame" = 1\n', "[calendar.x]\n", "2027 = ", "language = 1\n", "\\"]


def texts(pieces: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces) | st.text(max_size=2), max_size=25).map("".join)


def all_can_be_said(text: str, found: tuple[Diagnostic, ...]) -> None:
    for one in found:
        assert one.message("en")
        assert one.message("zh")
        assert one.place is not None
        assert 1 <= one.place.line <= one.place.end_line <= text.count("\n") + 1
        assert one.help("en") != ""


@at_most(100)
@given(texts(YAML))
@example("customer: {table: t, key: k, ｆields: {}}")
@example("customer: {fields: {integer: {type: integer, integer: 3, range: 5}}}")
def test_any_text_as_a_catalog(text: str) -> None:
    all_can_be_said(text, read_catalog(SourceFile("catalog.yaml", text)).diagnostics)


@at_most(100)
@given(texts(TOML))
@example('"ｆoo" = 1\n')
@example("[channels.file]\nkind = 'file'\nfile = {kind = 1}\n")
@example("project = 1")
@example("channels = [1]\n[[warehouse]]\nurl = 1")
def test_any_text_as_settings(text: str) -> None:
    all_can_be_said(text, read_config(SourceFile("campaigner.toml", text), Path("/x"))[1])


NAMES = ["customer", "events", "fields", "table", "key", "at", "column", "type", "values", "range"]
NAMES += ["currency", "project", "channels", "kind", "path", "url", "ledger", "calendar", "2027"]
NAMES += ["name", "language", "time_zone", "x-y", "ｘ", "password"]
WORDS = ["money", "enum", "integer", "CNY", "file", "smtp", "UTC", "", "${X}", "a.b", "2027-01-01"]
TREES = st.recursive(
    st.sampled_from(WORDS) | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=25,
)
ENTRIES = st.dictionaries(st.sampled_from(NAMES), TREES, max_size=8)


@at_most(100)
@given(ENTRIES)
def test_any_entries_as_a_catalog(entries: dict[str, object]) -> None:
    text = json.dumps(entries, ensure_ascii=False)
    all_can_be_said(text, read_catalog(SourceFile("catalog.yaml", text)).diagnostics)


@at_most(100)
@given(ENTRIES)
def test_any_entries_as_settings(entries: dict[str, object]) -> None:
    text = "\n".join(f'"{key}" = {toml(value)}' for key, value in entries.items())
    all_can_be_said(text, read_config(SourceFile("campaigner.toml", text), Path("/x"))[1])


def toml(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f'"{key}" = {toml(one)}' for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(toml(one) for one in value) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)
