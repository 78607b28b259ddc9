"""A project's folder: where it is, which files belong to it, and their bytes.

Imports nothing heavy: a check whose answer is in the cache reads the files and no more.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

from ..dsl.codes import files
from ..dsl.diagnostics import CannotRun, diagnose

SETTINGS = "campaigner.toml"
CATALOG = "catalog.yaml"
SUFFIX = ".campaign"
STDIN = "<stdin>"
"""The path by which diagnostics name a campaign that was given on standard input."""

LONGEST_LINE = 10_000
"""Characters. Reading TOML takes time that grows with the square of a line's dots."""

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of a project, by their paths from its folder, `/` between folders, in order.

    `unreadable` gives for a file the reason why it cannot be read. `catalog` is the path of the
    catalog as campaigner.toml has it; there need be no such file.
    """

    root: Path
    files: Mapping[str, bytes] = field(repr=False)
    unreadable: Mapping[str, str]
    catalog: str


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

    def take(file: Path, shown: str) -> None:
        try:
            # Reading a pipe or a device would wait for whoever writes to it.
            if file.exists() and not (file.is_file() or file.is_dir()):
                unreadable[shown] = "it is a pipe, a socket or a device"
                return
            read[shown] = file.read_bytes()
        except OSError as error:
            unreadable[shown] = reason(error)

    take(root / SETTINGS, SETTINGS)
    catalog = catalog_path(read.get(SETTINGS, b""))
    if os.path.lexists(root / catalog):
        take(root / catalog, catalog)
    for shown, file in sorted(_campaign_files(root, unreadable)):
        take(Path(file), shown)
    return Contents(root, read, unreadable, catalog)


def read_settings(path: Path) -> Contents:
    """The settings alone of the project at `path`."""
    root = find_root(path)
    try:
        return Contents(root, {SETTINGS: (root / SETTINGS).read_bytes()}, {}, CATALOG)
    except OSError as error:
        return Contents(root, {}, {SETTINGS: reason(error)}, CATALOG)


def reason(error: OSError) -> str:
    """Why, in the system's words: `permission denied`."""
    return os.strerror(error.errno).lower() if error.errno else str(error).lower()


def catalog_path(settings: bytes) -> str:
    """The catalog as campaigner.toml names it; where that cannot be told, `catalog.yaml`."""
    if any(len(line) > LONGEST_LINE for line in settings.split(b"\n")):
        return CATALOG
    try:
        project = tomllib.loads(settings.decode("utf-8-sig")).get("project", {})
    except (ValueError, RecursionError):  # what is wrong with it is told by who reads it in earnest
        return CATALOG
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
            name = _shown(entry.name)
            if entry.name.startswith(".") or (entry.is_symlink() and _seen(entry.path, top)):
                continue
            if entry.is_dir():
                real = os.path.realpath(entry.path)
                if real not in visited:
                    visited.add(real)
                    folders.append((entry.path, f"{shown}{name}/"))
            elif name.endswith(SUFFIX):
                yield f"{shown}{name}", entry.path


def _shown(name: str) -> str:
    """A file's name as text that every machine writes alike."""
    return normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _seen(link: str, top: str) -> bool:
    """Whether a link leads to a folder or campaign file of the project, and not a hidden one."""
    inside = Path(os.path.realpath(link))
    if not inside.is_relative_to(top) or not (inside.is_dir() or inside.suffix == SUFFIX):
        return False
    hidden = any(part.startswith(".") for part in inside.relative_to(top).parts)
    return inside.exists() and not hidden
