"""A project's folder: where it is, which files belong to it, and their bytes.

Imports nothing heavy: a check whose answer is in the cache reads the files and no more.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from unicodedata import normalize

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import files

SETTINGS = "campaigner.toml"
CATALOG = "catalog.yaml"
SUFFIX = ".campaign"
STDIN = "<stdin>"
"""The path by which diagnostics name a campaign that was given on standard input."""

LONGEST_LINE = 10_000
"""Characters. Reading TOML takes time that grows with the square of a line's dots."""

LARGEST_FILE = 4_000_000
"""Bytes of a project's file. A megabyte of campaigns is checked in ten seconds or so."""

LARGEST_PLAN = 64_000_000
"""Bytes of a plan that is carried out without its sources."""

NOT_REGULAR = "it is a pipe, a socket or a device"

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of a project, by their paths from its folder, `/` between folders, in order.

    `unreadable` gives for a file the reason why it cannot be read. `catalog` is the path of the
    catalog as campaigner.toml has it; there need be no such file. `opened` has the path by which
    the system knows each file.
    """

    root: Path
    files: Mapping[str, bytes] = field(repr=False)
    unreadable: Mapping[str, str]
    catalog: str
    opened: Mapping[str, Path] = field(default_factory=dict, repr=False)


def find_root(path: Path) -> Path:
    """The folder of the project that `path`, a folder or a file, is or lies in.

    `CannotRun` where neither it nor any folder above it holds a campaigner.toml.
    """
    if not os.path.exists(path):
        raise CannotRun(diagnose(files.NOTHING_THERE, None, path=str(path)))
    start = Path(os.path.abspath(path))
    for folder in (start, *start.parents):
        if os.path.lexists(folder / SETTINGS):
            return folder
    raise CannotRun(diagnose(files.NO_PROJECT, None, path=str(path)))


def read_folder(path: Path) -> Contents:
    """Every file of the project at `path`: its settings, its catalog, and its campaign files."""
    root = find_root(path)
    read: dict[str, bytes] = {}
    unreadable: dict[str, str] = {}
    opened: dict[str, Path] = {}

    def take(file: Path, shown: str) -> None:
        opened[shown] = file
        try:
            read[shown] = read_regular(file)
        except OSError as error:
            unreadable[shown] = reason(error)

    take(root / SETTINGS, SETTINGS)
    catalog = catalog_path(read.get(SETTINGS, b""))
    if os.path.lexists(root / catalog):
        take(root / catalog, catalog)
    for shown, file in sorted(_campaign_files(root, unreadable)):
        take(Path(file), shown)
    return Contents(root, read, unreadable, catalog, opened)


def read_settings(path: Path) -> Contents:
    """The settings alone of the project at `path`."""
    root = find_root(path)
    try:
        read = {SETTINGS: read_regular(root / SETTINGS)}
    except OSError as error:
        return Contents(root, {}, {SETTINGS: reason(error)}, CATALOG)
    return Contents(root, read, {}, catalog_path(read[SETTINGS]), {SETTINGS: root / SETTINGS})


def read_regular(path: Path) -> bytes:
    """The bytes of a regular file. `OSError` as `open_regular` raises it, or if it is too large."""
    with open_regular(path) as file:
        return read_bounded(file, str(path))


def read_bounded(file: BinaryIO, name: str, most: int = LARGEST_FILE) -> bytes:
    """The bytes of an open file; `OSError` with the name if there are more than `most`."""
    content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", name)
    return content


def open_regular(path: Path) -> BinaryIO:
    """A regular file, open for reading.

    `OSError` for anything else: reading a pipe or a device waits for whoever writes to it.
    """
    refuse_irregular(path, path.stat())
    # Another file may have come in its place since: a pipe without a writer must not block.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        refuse_irregular(path, os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def refuse_irregular(path: Path, status: os.stat_result) -> None:
    """Raise `OSError` unless `status` is that of a regular file."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, NOT_REGULAR, str(path))


def reason(error: OSError) -> str:
    """Why, in the system's words: `permission denied`."""
    return (error.strerror or str(error)).lower()


def raw_settings(settings: bytes) -> dict[str, object]:
    """The entries of campaigner.toml, checked by nobody yet; empty if it cannot be read."""
    if any(len(line) > LONGEST_LINE for line in settings.split(b"\n")):
        return {}
    try:
        return tomllib.loads(settings.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # who reads it in earnest says why
        return {}


def catalog_path(settings: bytes) -> str:
    """The catalog that campaigner.toml names, or `catalog.yaml` if it cannot be read."""
    project = raw_settings(settings).get("project", {})
    named = project.get("catalog") if isinstance(project, dict) else None
    if not isinstance(named, str) or not named or "\0" in named:
        return CATALOG
    if any(name not in os.environ for name in VARIABLE.findall(named)):
        return CATALOG
    return Path(VARIABLE.sub(lambda found: os.environ[found[1]], named)).as_posix()


def _campaign_files(root: Path, unreadable: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The campaign files below `root`, each as shown and as opened.

    Hidden folders are skipped, and folders that hold a project of their own. A link that leads to
    what is found without it is skipped too, so that nothing is declared twice by being linked.
    """
    top = os.path.realpath(root)
    folders = [(str(root), "")]
    visited = {top}
    while folders:
        folder, shown = folders.pop()
        try:
            with os.scandir(folder) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            unreadable[shown or "."] = reason(error)
            continue
        if shown and any(entry.name == SETTINGS for entry in inside):
            continue
        for entry in inside:
            name = portable_name(entry.name)
            if entry.name.startswith(".") or (
                entry.is_symlink() and _leads_inside(entry.path, top)
            ):
                continue
            if os.path.isdir(entry.path):  # a link that leads nowhere is none
                real = os.path.realpath(entry.path)
                if real not in visited:
                    visited.add(real)
                    folders.append((entry.path, f"{shown}{name}/"))
            elif name.endswith(SUFFIX):
                yield f"{shown}{name}", entry.path


def portable_name(name: str) -> str:
    """A file's name as text that every machine writes alike."""
    return normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _leads_inside(link: str, top: str) -> bool:
    """Whether a link leads to a folder or campaign file of the project, and not a hidden one."""
    inside = Path(os.path.realpath(link))
    if not inside.is_relative_to(top) or not (inside.is_dir() or inside.suffix == SUFFIX):
        return False
    hidden = any(part.startswith(".") for part in inside.relative_to(top).parts)
    return inside.exists() and not hidden
