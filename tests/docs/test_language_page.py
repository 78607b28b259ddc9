"""Every example of docs/language.md compiles, and every broken one is caught as the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..projects import codes, compile_folder, write
from .examples import blocks

CAMPAIGN = """campaign example {{
  audience {audience}
  trigger  {trigger}
  reward   {reward}
  budget {{ {budget} }}
  compliance {{ follows cn_retail }}
}}
"""
USUAL = {
    "audience": "consent_marketing",
    "trigger": "on invest",
    "reward": "coffee",
    "budget": "total 600_000 CNY",
}
CLAUSES = {"condition": "audience", "trigger": "trigger", "reward": "reward", "budget": "budget"}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The project that the page itself describes: its settings, catalog and declarations."""
    declared = "\n".join(text for _, text in blocks("campaign"))
    return write(
        tmp_path,
        {
            "campaigner.toml": blocks("toml")[0][1],
            "catalog.yaml": blocks("yaml")[0][1],
            "page.campaign": declared,
        },
    )


def test_the_page_is_a_project(page: Path) -> None:
    compiled = compile_folder(page)
    assert [one.message() for one in compiled.diagnostics] == []
    assert compiled.plan is not None
    assert {"welcome_gift", "hungry_pet"} <= {one.name for one in compiled.plan.campaigns}


def lines() -> list[tuple[str, str]]:
    return [
        (kind, line)
        for kind in CLAUSES
        for _, text in blocks(kind)
        for line in text.strip().splitlines()
    ]


@pytest.mark.parametrize(("kind", "line"), lines())
def test_each_line_of_an_example_compiles(page: Path, kind: str, line: str) -> None:
    written = CAMPAIGN.format(**{**USUAL, CLAUSES[kind]: line})
    compiled = compile_folder(write(page, {"example.campaign": written}))
    problems = [one for one in compiled.diagnostics if one.code.id != "E605"]
    assert [one.message() for one in problems] == []


@pytest.mark.parametrize(("code", "text"), blocks("broken"))
def test_each_broken_example_says_what_the_page_says(page: Path, code: str, text: str) -> None:
    compiled = compile_folder(write(page, {"broken.campaign": text}))
    assert codes(compiled) == [code]
