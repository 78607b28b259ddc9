"""The order of imports: between packages as the documentation says, inside each as its head says.

A head has a paragraph `Imports go one way: a ← b c ← d`, in which a name may import the names
left of an arrow before it. Every module and every folder of the package is named there once.
"""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("dsl", "compiler", "runtime", "cli", "api")
MANY = 16
"""Modules that a folder lists at most."""
LONG = 400
"""Lines of the longest module."""
WHOLE = 60
"""Lines of the longest function."""

Name = tuple[str, ...]


def name_of(path: Path) -> Name:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def sources() -> dict[Name, Path]:
    found = [path for part in PARTS for path in (ROOT / part).rglob("*.py")]
    return {name_of(path): path for path in found if ".venv" not in path.parts}


def folder_of(module: Name) -> Name:
    """A module below `campaigner`, by its folder: `api` has the files of `campaigner` itself."""
    return module if module and module[0] in PARTS[:-1] else ("api", *module)


SOURCES = sources()
PACKAGES = sorted(name for name, path in SOURCES.items() if path.name == "__init__.py")


def imports(name: Name) -> set[Name]:
    """The modules of this repository that a module imports, wherever in its text."""
    path = SOURCES[name]
    package = name if path.name == "__init__.py" else name[:-1]
    package = package[1:] if package[0] == "api" else package
    found: set[Name] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            base = (*above, *(node.module.split(".") if node.module else ()))
            for alias in node.names:
                inner = folder_of((*base, alias.name))
                found.add(inner if inner in SOURCES else folder_of(base))
    return found - {name}


IMPORTS = {name: imports(name) for name in SOURCES}


def children(package: Name) -> dict[str, set[str]]:
    """The modules and folders of a package, each with those of them that it imports."""
    depth = len(package)
    found: dict[str, set[str]] = {}
    for name, used in IMPORTS.items():
        if len(name) > depth and name[:depth] == package:
            inside = {one[depth] for one in used if len(one) > depth and one[:depth] == package}
            found.setdefault(name[depth], set()).update(inside - {name[depth]})
    return found


def order(package: Name) -> list[list[str]]:
    head = ast.get_docstring(ast.parse(SOURCES[package].read_text("utf-8"))) or ""
    stated = re.search(r"^Imports go one way: (.*?)\.$", head, re.DOTALL | re.MULTILINE)
    return [re.findall(r"`(\w+)`", level) for level in stated[1].split("←")] if stated else []


@pytest.mark.parametrize("package", PACKAGES, ids="/".join)
def test_the_head_of_a_package_states_the_order_of_its_imports(package: Name):
    found = children(package)
    if not any(found.values()):
        return
    rank = {name: place for place, level in enumerate(order(package)) for name in level}
    assert sorted(rank) == sorted(found)
    assert [
        f"{name} imports {other}"
        for name, used in sorted(found.items())
        for other in sorted(used)
        if rank[other] >= rank[name]
    ] == []


def test_every_package_is_installed():
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = set(built["tool"]["setuptools"]["packages"])
    below = {".".join(("campaigner", *name)) for name in PACKAGES if name != ("api",)}
    assert sorted(below - listed) == []


def test_the_parts_import_in_one_direction():
    for name, used in IMPORTS.items():
        for other in used:
            assert PARTS.index(other[0]) <= PARTS.index(name[0]), (name, other)


@pytest.mark.parametrize("package", PACKAGES, ids="/".join)
def test_a_folder_can_be_taken_in_at_a_glance(package: Name):
    modules = [one for one in SOURCES if one[:-1] == package and (*one,) not in PACKAGES]
    assert len(modules) <= MANY


def test_no_module_is_long():
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in SOURCES.items()}
    assert {name: length for name, length in lengths.items() if length > LONG} == {}


def test_no_function_is_long():
    lengths = {
        (*name, node.name): node.end_lineno - node.lineno + 1
        for name, path in SOURCES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > WHOLE} == {}
