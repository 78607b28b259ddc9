"""The results of checks, kept by the content of the project, so that checking again is quick.

Entries lie in `.campaigner/cache/` in the project's folder. A cache is a convenience: where it
cannot be read or written there is none, and nobody is bothered. Imports nothing heavy.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ...dsl.codes import by_id
from ...dsl.decoding import decode
from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Fix, Label, Phrase, in_language
from ...dsl.diagnostics.source import Place, SourceFile
from ...dsl.words.catalogue import ENGLISH, is_known
from ..codes import AREAS
from ..files.environment import masked
from ..files.folder import SETTINGS, Contents, read_folder, read_regular
from ..files.places import CACHE, clashes, uses
from ..files.private import FILE, make_folder
from ..files.secrets import of_project

KEPT = 8
"""The number of results kept for a project: a few branches, each with and without an edit."""

_FORMAT = "2"
_LIBRARIES = ("holidays", "jinja2", "lark", "opencc", "pydantic", "sqlglot", "tzdata", "yaml")


def project_files(path: Path) -> Mapping[str, bytes]:
    """The bytes of every file of the project at `path`, as `files_of` has them.

    `CannotRun` where there is no project.
    """
    return files_of(read_folder(path))


def files_of(contents: Contents) -> Mapping[str, bytes]:
    """The bytes of every file, by its path from the project's folder.

    A file that cannot be read and a path with two uses have entries too, since links change while
    no file does. Their keys are paths that no file can have.
    """
    more = {f"{name}\0": reason.encode() for name, reason in contents.unreadable.items()}
    for clash in clashes(uses(contents)):
        more["\0".join(map(str, clash.setting.setting))] = in_language(clash.how, ENGLISH).encode()
    return {**contents.files, **more}


def sources(files: Mapping[str, bytes]) -> Mapping[str, SourceFile]:
    """The texts among these files, for showing a place; written secrets hidden."""
    decoded = {path: decode(data, path)[0] for path, data in files.items()}
    texts = {path: source for path, source in decoded.items() if source is not None}
    if SETTINGS in texts:
        texts[SETTINGS] = SourceFile(SETTINGS, masked(texts[SETTINGS].text))
    return texts


def key(files: Mapping[str, bytes], today: date | None, *more: str) -> str:
    """The name of a result: the hash of everything that the result depends on.

    That is the day if one counts, each file's path and bytes, this program, its libraries, Python,
    and the texts of `more`. Of the environment it is the values that `[project]` names; others are
    secrets, which no check reads.
    """
    hashed = hashlib.sha256()

    def add(*parts: bytes) -> None:
        for part in parts:
            hashed.update(len(part).to_bytes(8, "big"))
            hashed.update(part)

    add(_FORMAT.encode(), str(today).encode(), sys.version.encode(), *_program())
    add(*(one.encode("utf-8", "surrogatepass") for one in more))
    for path in sorted(files):
        add(path.encode("utf-8", "surrogatepass"), files[path])
    for name in sorted(of_project(files.get(SETTINGS, b""))):
        add(name.encode(), os.fsencode(os.environ.get(name, "\0")))
    return hashed.hexdigest()


def read(root: Path, key: str) -> tuple[Diagnostic, ...] | None:
    """The diagnostics that the check found; `None` if they are not kept."""
    try:
        rows = json.loads(read_regular(_folder(root) / f"{key}.json"))
        return diagnostics_of(rows)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def write(root: Path, key: str, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Keep what the check found, whole or not at all; the oldest results make room."""
    data = json.dumps(rows_of(diagnostics), ensure_ascii=False)
    folder = _folder(root)
    with suppress(OSError, UnicodeEncodeError):
        make_folder(folder)
        ignore = folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.touch(mode=FILE)
            ignore.write_text("*\n", encoding="utf-8")
        put(folder / f"{key}.json", data.encode())
        forget(folder, KEPT)


def _folder(root: Path) -> Path:
    return root / CACHE / "cache"


def put(path: Path, data: bytes) -> None:
    """Write a file for its owner alone, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    finally:
        # Gone already where it became the entry; left over where something went wrong.
        Path(name).unlink(missing_ok=True)


def forget(folder: Path, most: int) -> None:
    """Remove the oldest files until there are at most so many."""
    with os.scandir(folder) as entries:
        dated = sorted(((entry.stat().st_mtime_ns, entry.path) for entry in entries), reverse=True)
    for _, path in dated[most:]:
        Path(path).unlink(missing_ok=True)


@lru_cache(1)
def _program() -> list[bytes]:
    """The identity of this program: its modules' sizes and times, and its libraries'."""
    package = Path(__file__).resolve().parents[1]
    stamps = []
    for folder in (package, package.parent / "dsl"):
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            stamps += [_stamp(Path(place, name)) for name in sorted(names)]
    for library in _LIBRARIES:
        found = find_spec(library)
        stamps.append(_stamp(Path(found.origin)) if found and found.origin else b"none")
    return stamps


def _stamp(file: Path) -> bytes:
    try:
        status = file.stat()
    except OSError:
        return b"none"
    return f"{file}:{status.st_size}:{status.st_mtime_ns}".encode("utf-8", "surrogateescape")


# --- diagnostics as JSON ------------------------------------------------------------------------


def rows_of(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """Diagnostics as values of JSON."""
    return [_row(one) for one in diagnostics]


def diagnostics_of(rows: Iterable[object]) -> tuple[Diagnostic, ...]:
    """The diagnostics of `rows_of`; `ValueError`, `TypeError` or `KeyError` if they are none."""
    codes = by_id(AREAS)
    return tuple(_diagnostic(row, codes) for row in rows)


def _row(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code.id,
        "place": _from_place(diagnostic.place),
        "values": [[name, _from_value(value)] for name, value in diagnostic.values],
        "labels": [[_from_place(one.place), _from_value(one.text)] for one in diagnostic.labels],
        "fix": diagnostic.fix
        and [
            _from_place(diagnostic.fix.place),
            diagnostic.fix.replacement,
            diagnostic.fix.safety,
        ],
    }


def _from_place(place: Place | None) -> list[object] | None:
    if place is None:
        return None
    return [place.file, place.line, place.column, place.end_line, place.end_column]


def _from_value(value: str | Phrase) -> object:
    """A text as it is; a phrase as its key, and its values by name."""
    if isinstance(value, str):
        return value
    return [value.key, {name: _from_value(inner) for name, inner in value.values}]


def _diagnostic(row: object, codes: Mapping[str, Code]) -> Diagnostic:
    match row:
        case {
            "code": str(code),
            "place": place,
            "values": [*values],
            "labels": [*labels],
            "fix": fix,
        }:
            return Diagnostic(
                codes[code],
                None if place is None else _to_place(place),
                tuple((str(name), _to_value(value)) for name, value in values),
                tuple(Label(_to_place(at), _to_value(text)) for at, text in labels),
                None if fix is None else _to_fix(fix),
            )
        case _:
            raise ValueError("not a diagnostic")


def _to_fix(row: object) -> Fix:
    match row:
        case [place, str(replacement), "safe" | "look" as safety]:
            return Fix(_to_place(place), replacement, safety)
        case _:
            raise ValueError("not a fix")


def _to_place(row: object) -> Place:
    match row:
        case [str(file), int(line), int(column), int(end_line), int(end_column)]:
            return Place(file, line, column, end_line, end_column)
        case _:
            raise ValueError("not a place")


def _to_value(row: object) -> str | Phrase:
    match row:
        case str():
            return row
        case [str(key), {**values}] if is_known(key):
            return Phrase(key, **{str(name): _to_value(inner) for name, inner in values.items()})
        case _:
            raise ValueError("not a value")
