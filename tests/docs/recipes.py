"""The recipes of CONTRIBUTING.md, applied as they are written to a copy of the repository.

A block `diff` has a line `+++ FILE` and hunks, with `@@` between two. A hunk's lines without a
sign and with `-` must be in the file, once. A file that does not exist is made of a hunk's lines.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from ..projects import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@dataclass(frozen=True)
class Change:
    """The lines that a file has, and those that it gets in their place."""

    file: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def recipe(title: str) -> str:
    """The section of a recipe."""
    return PAGE.split(f"\n### {title}\n")[1].split("\n### ")[0].split("\n## ")[0]


def changes(title: str) -> list[Change]:
    """All changes of a recipe, in the order of the page."""
    blocks = re.findall(r"^( *)```diff\n(.*?)^\1```$", recipe(title), re.M | re.S)
    return [change for _, block in blocks for change in _of_block(dedent(block))]


def commands(title: str) -> list[str]:
    """The command lines of a recipe, which its blocks `sh` have."""
    blocks = re.findall(r"^( *)```sh\n(.*?)^\1```$", recipe(title), re.M | re.S)
    return [line for _, block in blocks for line in dedent(block).splitlines() if line]


def _of_block(block: str) -> Iterator[Change]:
    for part in re.split(r"^\+\+\+ ", block, flags=re.M)[1:]:
        file, _, text = part.partition("\n")
        for hunk in re.split(r"^@@\n", text, flags=re.M):
            lines = hunk.splitlines()
            before = tuple(line[1:] for line in lines if line[:1] != "+")
            after = tuple(line[1:] for line in lines if line[:1] != "-")
            yield Change(file, before, after)


def apply(folder: Path, change: Change) -> None:
    """Make the change; what the recipe says of the file must be so."""
    path = folder / change.file
    if not path.exists():
        assert change.before == (), f"{change.file} does not exist"
        path.write_text("\n".join(change.after) + "\n", "utf-8")
        return
    lines = path.read_text("utf-8").splitlines()
    places = [at for at in range(len(lines)) if _stands(lines, change.before, at)]
    assert len(places) == 1, f"{change.file} has this {len(places)} times: {change.before}"
    lines[places[0] : places[0] + len(change.before)] = change.after
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _stands(lines: Sequence[str], wanted: Sequence[str], at: int) -> bool:
    return bool(wanted) and lines[at : at + len(wanted)] == list(wanted)


def copy_repository(folder: Path) -> Path:
    """The sources, tests and pages below a folder, in which `campaigner` is importable."""
    aside = shutil.ignore_patterns("__pycache__", ".*", "data", "var")
    for name in ("dsl", "compiler", "runtime", "cli", "docs", "tests", "campaigns", "api"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=aside)
    for name in ("pyproject.toml", "CONTRIBUTING.md", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    settings = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    places = settings["tool"]["setuptools"]["package-dir"]
    for package in sorted(places):
        _link(folder / places[package], folder / "installed" / package.replace(".", "/"))
    return folder


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() and source.name != "api":
        target.symlink_to(source, target_is_directory=True)
        return
    target.mkdir(exist_ok=True)
    for one in source.iterdir():
        (target / one.name).symlink_to(one)


def shell(folder: Path, command: str) -> None:
    """Run a command line of a recipe over a copy: Python, whose output goes to a file."""
    words = shlex.split(command)
    assert (words[0], words[-2]) == ("python", ">"), command
    (folder / words[-1]).write_text(run(folder, *words[1:-2]), "utf-8")


def run(folder: Path, *arguments: str) -> str:
    """Run Python over a copy; its output. A failure shows what it wrote."""
    path = os.pathsep.join([str(folder / "installed"), str(folder)])
    environment = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def passing(folder: Path, chosen: str, *files: str) -> int:
    """How many tests of the copy were chosen by `-k`; all of them pass."""
    # In a folder of its own: pytest takes the rights of others from the one that sessions share.
    apart = f"--basetemp={folder / 'temporary'}"
    said = run(folder, "-m", "pytest", "-q", "-p", "no:randomly", apart, "-k", chosen, *files)
    passed = re.search(r"(\d+) passed", said)
    return int(passed[1]) if passed else 0
