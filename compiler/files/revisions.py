"""A project's folder as it was in a revision of git: read from the repository, not checked out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, normpath

from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Foreign, diagnose
from ..codes import plans
from .folder import LARGEST_FILE, SETTINGS, SUFFIX, Contents, catalog_path, portable_name

_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE")
"""Variables by which git would look at another repository than that of the folder."""

_FILE = "100"
"""The modes of regular files begin with it; links and repositories inside have others."""


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that a folder lies in, and the path from its top to the folder."""

    top: Path
    inside: str

    def commit(self, revision: str) -> str | None:
        """The commit that a name, a tag or a hash means; `None` if it is none."""
        if not revision or revision.startswith("-") or "\0" in revision:
            return None
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        done = _git(self.top, *asked)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def is_dirty(self) -> bool:
        """Whether files of the folder have edits that are not committed."""
        paths = ("--", self.inside or ".")
        done = _git(self.top, "status", "--porcelain", "--untracked-files=all", *paths)
        return done.returncode == 0 and bool(done.stdout.strip())


def repository_of(folder: Path, revision: str, shown: str = "") -> Repository:
    """The repository around a folder; `CannotRun`, with the revision asked for, if none is.

    `shown` is the folder as messages have it.
    """
    done = _git(folder, "rev-parse", "--show-toplevel", "--show-prefix", revision=revision)
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip()
        if "not a git repository" in words:
            path = shown or str(folder)
            raise CannotRun(diagnose(plans.NO_REPOSITORY, None, revision=revision, path=path))
        raise CannotRun(_refused(revision, words))
    top, prefix = os.fsdecode(done.stdout).split("\n")[:2]
    return Repository(Path(top), prefix.rstrip("/"))


def read_revision(repository: Repository, revision: str, commit: str, root: Path) -> Contents:
    """The project's files in a commit, as if they lay in its folder `root` today.

    `CannotRun` if there was no project in the folder then.
    """
    listed = dict(_listed(repository, revision, commit, repository.inside))
    settings = listed.get(SETTINGS)
    if settings is None:
        path = repository.inside or "."
        raise CannotRun(diagnose(plans.NO_PROJECT_THEN, None, revision=revision, path=path))
    nested = {dirname(name) for name in listed if name.endswith(f"/{SETTINGS}")}
    wanted = {
        portable_name(name): blob
        for name, blob in sorted(listed.items())
        if name.endswith(SUFFIX) and not _is_left_out(name, nested)
    }
    read, unreadable = _read(repository, revision, {SETTINGS: settings, **wanted})
    catalog = catalog_path(read.get(SETTINGS, b""))
    path = normpath(f"{repository.inside}/{catalog}" if repository.inside else catalog)
    blob = dict(_listed(repository, revision, commit, dirname(path))).get(path.rpartition("/")[2])
    if blob is not None:
        more, wrong = _read(repository, revision, {catalog: blob})
        read, unreadable = {**read, **more}, {**unreadable, **wrong}
    return Contents(root, dict(sorted(read.items())), unreadable, catalog)


def _is_left_out(name: str, nested: set[str]) -> bool:
    """Whether a file is hidden, or belongs to a project inside of this one."""
    parts = name.split("/")
    above = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    return any(part.startswith(".") for part in parts) or bool(above & nested)


@dataclass(frozen=True, slots=True)
class _Blob:
    name: str
    size: int


def _listed(
    repository: Repository, revision: str, commit: str, folder: str
) -> Iterator[tuple[str, _Blob]]:
    """The regular files below a folder of the repository, by their paths from there."""
    tree = f"{commit}:{folder}" if folder else commit
    if folder.startswith(("..", "/")):
        return
    done = _git(repository.top, "ls-tree", "-r", "-l", "-z", "--full-tree", tree, revision=revision)
    for line in os.fsdecode(done.stdout).split("\0") if done.returncode == 0 else ():
        entry, _, path = line.partition("\t")
        if path and entry.startswith(_FILE):
            _, _, name, size = entry.split()
            yield path, _Blob(name, int(size))


def _read(
    repository: Repository, revision: str, blobs: dict[str, _Blob]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The bytes of the files, and the reason why one cannot be read."""
    few = {name: blob for name, blob in blobs.items() if blob.size <= LARGEST_FILE}
    unreadable = {
        name: f"it has more than {LARGEST_FILE:,} bytes" for name in blobs if name not in few
    }
    asked = "".join(f"{blob.name}\n" for blob in few.values()).encode()
    done = _git(repository.top, "cat-file", "--batch", revision=revision, stdin=asked)
    if done.returncode != 0:
        raise CannotRun(_refused(revision, done.stderr.decode("utf-8", "replace")))
    read: dict[str, bytes] = {}
    data, place = done.stdout, 0
    for name, blob in few.items():
        start = data.index(b"\n", place) + 1
        read[name] = data[start : start + blob.size]
        place = start + blob.size + 1
    return read, unreadable


def _git(
    folder: Path, *arguments: str, revision: str = "", stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """The outcome of git in a folder; `CannotRun` if there is no git."""
    program = shutil.which("git")
    if program is None:
        raise CannotRun(diagnose(plans.NO_GIT, None, revision=revision))
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    quiet = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    return subprocess.run(  # noqa: S603  (no shell, and a revision is never an option)
        [program, "-C", str(folder), *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env={**kept, **quiet, "GIT_NO_LAZY_FETCH": "1"},
    )


def _refused(revision: str, words: str) -> Diagnostic:
    first = Foreign(words.strip().split("\n")[0].removeprefix("fatal: "))
    return diagnose(plans.GIT_REFUSED, None, revision=revision, reason=first)
