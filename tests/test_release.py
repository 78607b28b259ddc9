"""`make release` refuses what is not committed, has a tag, or has no date in the changelog."""

from __future__ import annotations

import os
import shutil
import subprocess

import campaigner
import pytest

from .projects import ROOT

VERSION = campaigner.__version__
NOBODY = ("-c", "user.name=nobody", "-c", "user.email=nobody@campaigner.example")


@pytest.fixture
def repository(tmp_path):
    """A repository of its own with what a release looks at, committed and dated."""
    (tmp_path / "api").mkdir()
    for name in ("Makefile", "api/__init__.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {VERSION}, 2026-11-29\n", "utf-8")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(folder, *arguments):
    subprocess.run(["git", *NOBODY, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")


def refused(folder):
    """Why it cannot be released; an empty text if it can."""
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("MAKE")}
    command = ["make", "--no-print-directory", "releasable"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr.split("\n")[0]


def test_what_is_committed_and_dated_can_be_released(repository):
    assert refused(repository) == ""


def test_a_changed_or_an_unknown_file_is_refused(repository):
    (repository / "new.py").write_text("", "utf-8")
    assert refused(repository) == "git status lists changes: commit them, or put them aside"
    commit(repository)
    assert refused(repository) == ""
    (repository / "new.py").write_text("changed\n", "utf-8")
    assert refused(repository) == "git status lists changes: commit them, or put them aside"


def test_a_version_is_tagged_once(repository):
    git(repository, "tag", "--annotate", f"v{VERSION}", "--message", "before")
    expected = f"v{VERSION} is tagged already: change __version__ in api/__init__.py"
    assert refused(repository) == expected


def test_a_release_has_a_date(repository):
    (repository / "CHANGELOG.md").write_text(f"## {VERSION}, unreleased\n", "utf-8")
    commit(repository)
    expected = f"CHANGELOG.md has no date for {VERSION}: write `## {VERSION}, YYYY-MM-DD`"
    assert refused(repository) == expected
