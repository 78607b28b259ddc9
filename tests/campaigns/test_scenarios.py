"""The scenarios of every shipped campaign pass, and reach every trigger, clause and branch."""

from __future__ import annotations

import pytest
from campaigner.cli.main import invoke

from ..projects import ROOT

PROJECTS = sorted(path.parent for path in (ROOT / "campaigns").glob("*/campaigner.toml"))


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_the_scenarios_of_a_shipped_project_reach_everything(folder):
    assert invoke(["test", str(folder), "--fail-under", "100"]) == 0


def test_so_do_those_of_a_new_project(tmp_path):
    assert invoke(["init", str(tmp_path / "shop")]) == 0
    assert invoke(["test", str(tmp_path / "shop"), "--fail-under", "100"]) == 0
