"""What is installed is what is in the repository, and under no other name."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("dsl", "compiler", "runtime", "cli")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def folders_of_code():
    for part in PARTS:
        yield from (
            path.parent.relative_to(ROOT)
            for path in (ROOT / part).rglob("__init__.py")
            if not any(name.startswith(".") for name in path.parts)
        )


def test_every_package_is_installed_under_campaigner():
    packages = set(SETTINGS["tool"]["setuptools"]["packages"])
    expected = {f"campaigner.{folder.as_posix().replace('/', '.')}" for folder in folders_of_code()}
    assert packages == expected | {"campaigner.codes"}


def test_every_package_ships_its_types():
    assert [part for part in PARTS if not (ROOT / part / "py.typed").exists()] == []


def test_every_kind_of_file_in_a_package_is_installed():
    patterns = SETTINGS["tool"]["setuptools"]["package-data"]["*"]
    for folder in folders_of_code():
        for path in (ROOT / folder).iterdir():
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                assert any(path.match(pattern) for pattern in patterns), path
