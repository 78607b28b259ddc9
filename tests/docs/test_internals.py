"""The page of internals names folders, files and invariants as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from campaigner.compiler.invariants import INVARIANTS

from ..projects import ROOT

DOCS = ROOT / "docs"
PAGE = (DOCS / "internals.md").read_text("utf-8")
PARTS = ("dsl", "compiler", "runtime", "cli")
PAGES = [
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    DOCS / "internals.md",
    DOCS / "architecture.md",
]


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_every_folder_has_a_line() -> None:
    folders = {
        path.parent.relative_to(ROOT).as_posix()
        for part in PARTS
        for path in (ROOT / part).glob("*/__init__.py")
    }
    listed = [row[0].strip("`") for row in rows("Folders")]
    assert sorted(set(listed) - {"api"}) == sorted(folders)
    assert len(listed) == len(set(listed))


def test_every_invariant_has_a_line() -> None:
    assert [row[0] for row in rows("Invariants of a plan")] == list(INVARIANTS)


def test_ten_rules_are_where_the_page_says() -> None:
    rules = rows("Ten rules, and where they are")
    assert len(rules) == 10
    for _, folder, file in rules:
        assert (ROOT / file.strip("`")).is_file(), file
        assert (ROOT / file.strip("`")).parent == ROOT / folder.strip("`")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_path_on_a_page_exists(page: Path) -> None:
    named = re.findall(r"`([\w.]+/[\w./]+)`", page.read_text("utf-8"))
    tops = (*PARTS, "docs", "tests", "bench", "campaigns", "api")
    wanted = {name for name in named if name.split("/")[0] in tops}
    assert wanted
    assert sorted(name for name in wanted if not (ROOT / name).exists()) == []


def test_hooks_are_local_and_call_the_environment() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    entries = [hook["entry"] for repository in hooks["repos"] for hook in repository["hooks"]]
    assert all(entry.startswith((".venv/bin/", "make ")) for entry in entries)
