"""The installed files are those of the repository, under the same names."""

import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import campaigner
from campaigner.dsl.words.catalogue import languages

ROOT = Path(__file__).parents[2]
PARTS = ("api", "dsl", "compiler", "runtime", "cli")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def folders_with_files():
    """Every folder of the package; those that hold data alone too."""
    found = (path for part in PARTS for path in (ROOT / part).rglob("*"))
    files = (path.relative_to(ROOT) for path in found if path.is_file() and path.suffix != ".pyc")
    return sorted({path.parent for path in files})


def test_every_package_is_installed_under_campaigner():
    packages = set(SETTINGS["tool"]["setuptools"]["packages"])
    expected = {".".join(("campaigner", *folder.parts)) for folder in folders_with_files()}
    pages = {f"campaigner.codes.{name}" for name in languages() if name != "en"}
    assert packages == (expected - {"campaigner.api"}) | {"campaigner", "campaigner.codes"} | pages


def test_no_folder_of_the_repository_hides_what_is_installed():
    assert not (ROOT / "campaigner").exists()


def test_the_package_knows_its_version_without_reading_metadata():
    assert "version" in SETTINGS["project"]["dynamic"]
    assert campaigner.__version__ == version("campaigner")


def test_the_package_runs_as_the_command():
    command = [sys.executable, "-m", "campaigner", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"campaigner {campaigner.__version__}\n"


def test_every_package_ships_its_types():
    assert [part for part in PARTS if not (ROOT / part / "py.typed").exists()] == []


def test_every_kind_of_file_in_a_package_is_installed():
    patterns = SETTINGS["tool"]["setuptools"]["package-data"]["*"]
    for folder in folders_with_files():
        for path in (ROOT / folder).iterdir():
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                assert any(path.match(pattern) for pattern in patterns), path
