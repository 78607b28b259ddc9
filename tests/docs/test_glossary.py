"""The glossary's classes and tables exist, and its Chinese words are those of the messages."""

from __future__ import annotations

import re
import sqlite3
from importlib import import_module
from pathlib import Path

import pytest
from campaigner.compiler.sql.histories.joined import BALANCES, GRANTS
from campaigner.runtime.ledger import open_ledger

from ..projects import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ")
][2:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_class_of_a_word_exists(row: list[str]) -> None:
    module, _, name = row[3].strip("`").rpartition(".")
    assert hasattr(import_module(f"campaigner.{module}"), name)


def test_words_are_in_order_and_there_once() -> None:
    words = [row[0] for row in ROWS]
    assert words == sorted(set(words))


def test_tables_are_those_of_the_ledger(tmp_path: Path) -> None:
    with open_ledger("sqlite:///ledger.db", "shop", "CNY", root=tmp_path):
        pass
    connection = sqlite3.connect(tmp_path / "ledger.db")
    tables = {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    connection.close()
    named = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[4])}
    assert named - tables == {GRANTS, BALANCES}


INTERNAL = {"审计链", "奖励组合", "资格", "特征"}
"""Words of developers alone: no person who makes campaigns reads them."""


def test_chinese_words_are_those_of_messages_and_pages() -> None:
    texts = [
        path.read_text("utf-8")
        for part in ("dsl", "compiler", "runtime", "cli")
        for path in (ROOT / part).rglob("*")
        if path.suffix in (".py", ".po", ".toml", ".ftl", ".json", ".yaml")
    ]
    texts += [page.read_text("utf-8") for page in (ROOT / "docs" / "codes" / "zh").glob("*.md")]
    words = {row[1] for row in ROWS} - INTERNAL
    assert {word for word in words if not any(word in text for text in texts)} == set()
