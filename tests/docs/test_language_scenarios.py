"""The scenarios on docs/language.md come to what they say."""

from __future__ import annotations

from campaigner.compiler.project.project import load_project
from campaigner.runtime.scenarios.testing import run_scenarios

from ..projects import compile_folder, write
from .examples import blocks


def test_the_scenarios_of_the_page_pass(tmp_path):
    declared = "\n".join(text for _, text in blocks("campaign"))
    files = {"campaigner.toml": blocks("toml")[0][1], "catalog.yaml": blocks("yaml")[0][1]}
    folder = write(tmp_path, {**files, "page.campaign": declared})
    compiled = compile_folder(folder)
    assert compiled.plan is not None
    channels = load_project(folder).config.channels
    found = list(run_scenarios(compiled.plan, compiled.scenarios, channels))
    assert len(found) >= 2
    assert [(one.scenario.title, one.failure) for one in found if not one.passed] == []
