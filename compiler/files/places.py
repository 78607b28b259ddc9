"""Every path that a project uses, with its purpose, and paths that have two purposes.

Paths are compared as the file system resolves them: with `..`, links of both kinds, and case
folding if the file system folds. Imports nothing heavy.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple
from unicodedata import normalize
from urllib.parse import parse_qsl, urlsplit

from ...dsl.diagnostics.diagnostic import Diagnostic, Label, Phrase, diagnose
from ...dsl.diagnostics.source import Place, SourceFile
from ..codes import files
from .environment import Setting, expand, is_text, variables
from .folder import SETTINGS, SUFFIX, Contents, raw_settings
from .positions import KeyPath, Positions, toml_positions

CACHE = ".campaigner"
"""The folder in which checks keep what they found."""

_LEDGER = Phrase("places.ledger")
_WAREHOUSE = Phrase("places.warehouse")
_CATALOG = Phrase("places.catalog")
_SETTINGS = "campaigner.toml"
_CACHE = Phrase("places.cache")
_OTHER_USE = Phrase("places.other_use")

BESIDE_SQLITE = ("-wal", "-shm", "-journal")
BESIDE_DUCKDB = (".wal", ".tmp")
_KEPT_APART = ("passfile", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir")
"""Parameters of libpq that name a file."""

_TABLES = ".parquet"


@dataclass(frozen=True, slots=True)
class Use:
    """A path and what the project has it for.

    `setting` is the entry of campaigner.toml that names it, empty if none does. `beside` are files
    that come and go next to it. Of a folder of `tables`, only those are in use.
    """

    what: str | Phrase
    path: Path
    setting: KeyPath = ()
    written: str = ""
    beside: tuple[Path, ...] = ()
    tables: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """A setting whose path has another use; `how` says which: `is the ledger`."""

    setting: Use
    how: Phrase
    other: Use | None = None


def uses(contents: Contents) -> tuple[Use, ...]:
    """The project's own files, then what its settings name: warehouse, ledger, channels by name.

    A setting whose variables are not set, or that cannot be read, is left out.
    """
    root, data = contents.root, raw_settings(contents.files.get(SETTINGS, b""))
    catalog = Use(_CATALOG, root / contents.catalog, ("project", "catalog"), contents.catalog)
    own = [Use(_SETTINGS, root / SETTINGS), catalog, Use(_CACHE, root / CACHE)]
    for name, path in sorted(contents.opened.items()):
        if name.endswith(SUFFIX):
            own.append(Use(Phrase("places.campaign_file", name=name), path))
    return (*own, *_servers(data, root), *_channels(data, root), *_sources(data, root))


def clashes(known: Iterable[Use]) -> tuple[Clash, ...]:
    """The settings whose path another use has, each once."""
    trails = _Trails()
    marked = [(use, trails.of_all(use)) for use in known]
    found = []
    for place, (use, own) in enumerate(marked):
        if not use.setting or use.what is _CATALOG:
            continue
        for other, theirs in marked[:place]:
            how = _how(use, own, other, theirs)
            if how is not None:
                found.append(Clash(use, how, other))
                break
        else:
            by_name = _by_name(own[0])
            if by_name is not None:
                found.append(Clash(use, by_name))
    return tuple(found)


def use_of(path: Path, known: Iterable[Use]) -> Phrase | None:
    """How the project uses a path: `is the ledger`; `None` if it has no use for it."""
    trails = _Trails()
    asked = Use("", Path.cwd() / path)
    own = trails.of_all(asked)
    found = (_how(asked, own, other, trails.of_all(other)) for other in known)
    return next((how for how in found if how is not None), _by_name(own[0]))


def diagnosed(found: Iterable[Clash], source: SourceFile | None) -> Iterator[Diagnostic]:
    """The clashes as mistakes in campaigner.toml, whose text is `source`."""
    positions = None if source is None else toml_positions(source)
    for clash in found:
        labels: tuple[Label, ...] = ()
        if clash.other is not None and clash.other.setting and positions is not None:
            labels = _label(clash.other.setting, positions)
        place = None if positions is None else positions.value(clash.setting.setting).place
        name, path = ".".join(map(str, clash.setting.setting)), clash.setting.written
        yield diagnose(
            files.PATH_USED_TWICE, place, labels=labels, name=name, path=path, use=clash.how
        )


def _label(setting: KeyPath, positions: Positions) -> tuple[Label, ...]:
    known = positions.in_text(setting) == setting
    return (Label(positions.value(setting).place, _OTHER_USE),) if known else ()


# --- what the settings name ---------------------------------------------------------------------


def _servers(data: Mapping[str, object], root: Path) -> Iterator[Use]:
    kinds = (("warehouse", _WAREHOUSE, BESIDE_DUCKDB), ("ledger", _LEDGER, BESIDE_SQLITE))
    for heading, what, beside in kinds:
        url = _text(data, heading, "url")
        filled = _filled(heading, "url", url, "url", root)
        if filled is None:
            continue
        setting: KeyPath = (heading, "url")
        scheme, _, rest = filled.partition("://")
        match scheme:
            case "duckdb" | "sqlite":
                place = rest.partition("?")[0] if scheme == "duckdb" else rest
                path = root / place.removeprefix("/")
                shown = url.partition("://")[2].removeprefix("/") or url
                yield Use(what, path, setting, shown, _next_to(path, beside))
            case "spark" if rest.startswith("/"):
                yield Use(what, root / rest[1:], setting, url, tables=True)
            case "postgresql" | "postgres":
                for name, path in _key_files(filled, root):
                    yield Use(_key_of(what), path, setting, f"{name}=…")


def _channels(data: Mapping[str, object], root: Path) -> Iterator[Use]:
    return _named_files(
        data, "channels", "path", root, lambda name: Phrase("places.file_of_channel", name=name)
    )


def _sources(data: Mapping[str, object], root: Path) -> Iterator[Use]:
    return _named_files(
        data, "ingest", "dead_letters", root, lambda name: Phrase("places.dead_letters", name=name)
    )


def _named_files(
    data: Mapping[str, object], heading: str, key: str, root: Path, what: Callable[[str], Phrase]
) -> Iterator[Use]:
    """The files that `key` names below each `[heading.NAME]`."""
    named = data.get(heading)
    if not isinstance(named, dict):
        return
    for name in sorted(named):
        path = _text(named, name, key)
        filled = _filled(f"{heading}.{name}", key, path, "path", root)
        if filled is not None:
            yield Use(what(name), Path(filled), (heading, name, key), path)


def _text(data: Mapping[str, object], heading: str, key: str) -> str:
    entries = data.get(heading)
    text = entries.get(key) if isinstance(entries, dict) else None
    return text if isinstance(text, str) else ""


def _filled(
    heading: str, key: str, text: str, kind: Literal["url", "path"], root: Path
) -> str | None:
    """The text with the environment's values in it, its path absolute; `None` without them."""
    known = all(is_text(os.environ.get(name)) for name in variables(text))
    if not text or not known or "\0" in text:
        return None
    return expand(Setting(f"{heading}.{key}", text, kind, root, Place(SETTINGS, 1, 1, 1, 1)))


def _next_to(path: Path, endings: Iterable[str]) -> tuple[Path, ...]:
    """Companion files; an engine puts them next to the file or next to the link to it."""
    real = os.path.realpath(path)
    both = dict.fromkeys((str(path), real))
    return tuple(Path(f"{one}{ending}") for one in both for ending in endings)


def _key_files(url: str, root: Path) -> Iterator[tuple[str, Path]]:
    try:
        asked = dict(parse_qsl(urlsplit(url).query))
    except ValueError:
        return
    for name in _KEPT_APART:
        if asked.get(name) and asked[name] != "system":
            yield name, root / asked[name]


def _key_of(what: str | Phrase) -> Phrase:
    return Phrase("places.key_file", what=what)


# --- how two paths go together ------------------------------------------------------------------


class _Trail(NamedTuple):
    """A path without links, and what tells each folder on the way, and itself, from others.

    `folds`: capitals mean nothing in names there.
    """

    real: Path
    marks: tuple[Hashable, ...]
    folds: bool


class _Trails:
    """The trails of paths; the way to each folder is gone once."""

    def __init__(self) -> None:
        self._folders: dict[Path, _Trail] = {}

    def of_all(self, use: Use) -> tuple[_Trail, ...]:
        """The trails of its path and of its companion files."""
        return tuple(self._of(path) for path in (use.path, *use.beside))

    def _of(self, path: Path) -> _Trail:
        linked = os.path.islink(path) or ".." in path.parts
        return self._below(Path(os.path.realpath(path)) if linked else path)

    def _below(self, path: Path) -> _Trail:
        folder = path.parent
        if folder == path:
            above = _Trail(path, (), folds=False)
        else:
            if folder not in self._folders:
                self._folders[folder] = self._of(folder)
            above = self._folders[folder]
        try:
            status = path.stat()
        except OSError:
            name = normalize("NFC", path.name).casefold() if above.folds else path.name
            mark: Hashable = (above.marks[-1:], name)
            folds = above.folds
        else:
            mark = (status.st_dev, status.st_ino)
            folds = stat.S_ISDIR(status.st_mode) and _folds(path)
        return _Trail(above.real / path.name, (*above.marks, mark), folds)


def _folds(folder: Path) -> bool:
    """Whether capitals mean nothing in names there, as far as its own name can show."""
    for at in (folder, *folder.parents):
        other = at.with_name(at.name.swapcase()) if at.name else at
        if other != at:
            try:
                return other.samefile(at)
            except OSError:
                return False
    return False


def _how(use: Use, own: Sequence[_Trail], other: Use, theirs: Sequence[_Trail]) -> Phrase | None:
    """How the first of two uses gets into the way of the other; `None` if it does not."""
    if use.setting and use.setting == other.setting:
        return None
    what = other.what
    for mine, trail in enumerate(own):
        for at, their in enumerate(theirs):
            if trail.marks[-1] == their.marks[-1]:
                if mine:
                    return Phrase("places.keeps_a_file_where", what=what)
                if at:
                    return Phrase("places.is_beside", what=what)
                return Phrase("places.is", what=what)
            if their.marks[-1] in trail.marks and _matters(trail, their, other):
                return Phrase("places.lies_in", what=what)
            if trail.marks[-1] in their.marks:
                return Phrase("places.is_around", what=what)
    return None


def _matters(trail: _Trail, folder: _Trail, other: Use) -> bool:
    """Whether a file in a folder is in the way; among tables only if it would be read as one."""
    if not other.tables:
        return True
    rest = trail.real.parts[trail.marks.index(folder.marks[-1]) + 1 :]
    return not rest[0].startswith((".", "_")) and (len(rest) > 1 or rest[0].endswith(_TABLES))


def _by_name(trail: _Trail) -> Phrase | None:
    """How a file would be read as a part of the project once it is there."""
    if trail.real.name == SETTINGS:
        return Phrase("places.read_as_settings", settings=SETTINGS)
    if trail.real.name.endswith(SUFFIX):
        return Phrase("places.would_be_read_as_a")
    return None
