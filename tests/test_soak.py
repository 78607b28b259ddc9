"""`make test` leaves nothing out for good: what it does a part of is marked for `make soak`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .projects import ROOT

TESTS = Path(__file__).parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPE = (ROOT / "Makefile").read_text("utf-8").split("\nsoak:")[1].split("\n\n")[0]


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(TESTS.rglob("test_*.py")):
        yield path.relative_to(TESTS).as_posix(), ast.parse(path.read_text("utf-8"))


def names(node: ast.AST) -> set[str]:
    """Every name that is read below the node, and every attribute."""
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return found | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


def marks(tree: ast.Module) -> set[str]:
    """The marks of all tests of a module."""
    return {
        name
        for one in tree.body
        if isinstance(one, ast.Assign) and "pytestmark" in names(one)
        for name in names(one)
    }


def draws(test: ast.FunctionDef) -> bool:
    """Whether a property is made and held inside of the test."""
    inner = (one for one in ast.walk(test) if isinstance(one, ast.FunctionDef) and one is not test)
    return any("given" in names(mark) for one in inner for mark in one.decorator_list)


def test_what_does_more_in_a_soak_is_marked() -> None:
    asked = {file: tree for file, tree in trees() if "SOAKING" in names(tree)}
    assert asked
    assert [file for file, tree in asked.items() if "repeated" not in marks(tree)] == []


def test_what_draws_in_its_body_is_marked() -> None:
    found = [
        (file, one)
        for file, tree in trees()
        for one in tree.body
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_") and draws(one)
    ]
    assert found
    marked = [(file, {*map(ast.unparse, one.decorator_list)}) for file, one in found]
    assert [file for file, given in marked if "pytest.mark.drawn" not in given] == []


@pytest.mark.parametrize("mark", ["repeated", "drawn", "hypothesis"])
def test_a_soak_runs_each_mark_and_its_page_names_it(mark: str) -> None:
    assert mark in RECIPE
    assert f"`{mark}`" in PAGE
