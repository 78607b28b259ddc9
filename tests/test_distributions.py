"""The wheel and the sdist: all that belongs there, nothing else, and the metadata of an index."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import campaigner
import pytest

from .projects import ROOT

pytestmark = pytest.mark.distributions

NAME = f"campaigner-{campaigner.__version__}"
PARTS = {
    "api": "campaigner",
    "dsl": "campaigner/dsl",
    "compiler": "campaigner/compiler",
    "runtime": "campaigner/runtime",
    "cli": "campaigner/cli",
    "docs/codes": "campaigner/codes",
}
OTHERS = ("bench", "campaigns", "docs", "locks", "tests")
MADE = {"__pycache__", "data", "var", ".data"}
"""Folders of what is made from the sources."""

BUILD = """import sys
from setuptools import build_meta
getattr(build_meta, f"build_{sys.argv[1]}")(sys.argv[2])
"""


def files(folder: str) -> Iterator[str]:
    """The files below a folder of the repository, from there."""
    for path in (ROOT / folder).rglob("*"):
        inner = path.relative_to(ROOT / folder)
        if path.is_file() and not MADE & set(inner.parts) and path.suffix not in (".pyc", ".pyo"):
            yield inner.as_posix()


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the sdist, and the wheel that is built from it."""
    given = os.environ.get("DISTRIBUTIONS")
    if given:
        return Path(given)
    out, work = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("work")
    copy = work / "repository"
    ignored = shutil.ignore_patterns(".git", ".dev", ".venv*", "build", "dist", "*.egg-info", *MADE)
    shutil.copytree(ROOT, copy, ignore=ignored)
    build(copy, "sdist", out)
    unpack(out, work)
    build(work / NAME, "wheel", out)
    return out


def build(folder: Path, kind: str, out: Path) -> None:
    command = [sys.executable, "-c", BUILD, kind, str(out)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def unpack(out: Path, folder: Path) -> None:
    with tarfile.open(out / f"{NAME}.tar.gz") as archive:
        archive.extractall(folder, filter="data")


@pytest.fixture(scope="module")
def wheel(built: Path) -> Iterator[ZipFile]:
    (path,) = built.glob("*.whl")
    assert path.name == f"{NAME}-py3-none-any.whl"
    with ZipFile(path) as archive:
        yield archive


def test_the_wheel_has_every_file_of_the_package_and_nothing_else(wheel):
    expected = {f"{to}/{name}" for part, to in PARTS.items() for name in files(part)}
    info = {name for name in wheel.namelist() if name.startswith(f"{NAME}.dist-info/")}
    assert set(wheel.namelist()) - info == expected
    assert f"{NAME}.dist-info/licenses/LICENSE" in info
    assert {"campaigner/py.typed", "campaigner/compiler/plan/plan.schema.json"} <= expected


def test_the_sdist_has_the_repository_with_tests_and_docs(built):
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        names = {one.name for one in archive.getmembers() if one.isfile()}
    folders = {one for one in (*PARTS, *OTHERS) if "/" not in one}
    expected = {f"{NAME}/{part}/{name}" for part in folders for name in files(part)}
    expected |= {f"{NAME}/{one.name}" for one in ROOT.glob("*.md")}
    expected |= {f"{NAME}/{name}" for name in ("LICENSE", "Makefile", "pyproject.toml", "setup.py")}
    assert expected - names == set()
    made = {"PKG-INFO", "setup.cfg", "MANIFEST.in", "campaigner.egg-info", *os.listdir(ROOT)}
    assert {name.split("/")[1] for name in names} <= made
    assert [name for name in names if MADE & set(name.split("/"))] == []


def test_the_metadata_is_that_of_the_project(wheel):
    told = email.message_from_bytes(wheel.read(f"{NAME}.dist-info/METADATA"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (told["Name"], told["Version"]) == ("campaigner", campaigner.__version__)
    assert told["License-Expression"] == "Apache-2.0"
    assert told["Requires-Python"] == project["requires-python"]
    assert told["Summary"] == project["description"]
    assert told["Keywords"].split(",") == project["keywords"]
    assert told.get_all("Classifier") == project["classifiers"]
    urls = dict(one.split(", ") for one in told.get_all("Project-URL"))
    assert urls == project["urls"]
    assert all(url.startswith("https://campaigner.example/") for url in urls.values())
    assert set(told.get_all("Provides-Extra")) == set(project["optional-dependencies"])
    entries = wheel.read(f"{NAME}.dist-info/entry_points.txt").decode()
    assert "campaigner = campaigner.cli.main:main" in entries


def test_every_link_of_the_description_is_absolute_and_names_a_file(wheel):
    told = email.message_from_bytes(wheel.read(f"{NAME}.dist-info/METADATA"))
    assert told["Description-Content-Type"] == "text/markdown"
    page = told.get_payload(decode=True).decode()
    readme = (ROOT / "README.md").read_text("utf-8")
    assert page.replace("https://campaigner.example/", "").strip() == readme.strip()
    links = re.findall(r"\]\((.*?)\)", page)
    assert len(links) > 10
    for link in links:
        home, _, path = link.partition("campaigner.example/")
        assert home == "https://"
        assert (ROOT / path.partition("#")[0]).exists(), link


def test_the_wheel_runs_from_where_it_is_unpacked(wheel, tmp_path):
    wheel.extractall(tmp_path / "site")
    code = (
        "import campaigner, sys; from pathlib import Path\n"
        "assert Path(campaigner.__file__).is_relative_to(sys.argv[1]), campaigner.__file__\n"
        "from campaigner.cli.main import invoke\n"
        "assert invoke(['init', 'shop']) == 0\n"
        "assert campaigner.check(campaigner.load('shop')) == ()\n"
        "assert invoke(['help', 'E201']) == 0\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    for command in (["-c", code, str(tmp_path / "site")], ["-m", "campaigner", "--version"]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout == f"campaigner {campaigner.__version__}\n"
