"""Every shipped project checks without a word and has the canonical layout."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_source

from ..projects import ROOT, compile_folder

PROJECTS = sorted(path.parent for path in (ROOT / "campaigns").glob("*/campaigner.toml"))


def test_there_are_projects() -> None:
    assert [path.name for path in PROJECTS] == ["bank", "complete_journey", "shop"]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_shipped_project_is_without_mistakes(project: Path) -> None:
    compiled = compile_folder(project)
    assert [one.message() for one in compiled.diagnostics] == []
    assert compiled.plan is not None


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_shipped_project_is_in_canonical_form(project: Path) -> None:
    for path in project.rglob("*.campaign"):
        text = path.read_text("utf-8")
        assert format_source(SourceFile(path.name, text)) == text
