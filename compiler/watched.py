"""A project that is checked at each edit: what has changed at once, and the whole of it later.

A campaign's mistakes follow from its own file and from what others declare. So after an edit only
the campaigns of the files that changed are compiled; mistakes elsewhere stay as they were found.
The effects of a declaration on other files are found when all is compiled again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ..dsl.decoding import decode
from ..dsl.diagnostics.diagnostic import Diagnostic, in_reading_order
from ..dsl.parsing.parser import parse
from .compile import compile_project
from .files.folder import SUFFIX, Contents, find_root, read_folder, read_regular
from .project.cache import files_of, key, read
from .project.project import Project, project_of

Status = tuple[int, int]
"""The size of a file and the time of its last change."""

Stamp = tuple[tuple[str, Status], ...]
"""Each file below a folder with its status."""


@dataclass(slots=True)
class Watched:
    """A project under watch. `found` are its mistakes, as far as they are known."""

    root: Path
    contents: Contents
    found: tuple[Diagnostic, ...]
    _project: Project = field(repr=False)
    _stamp: Stamp = field(repr=False)
    _edited: frozenset[str] = frozenset()

    @classmethod
    def begin(cls, path: Path, today: date) -> Watched:
        """The project with all of its mistakes. `CannotRun` if there is none."""
        root = find_root(path)
        stamp = tuple(_stamps(root))
        contents = read_folder(root)
        project = project_of(contents)
        found = compile_project(project, today).diagnostics
        return cls(root, contents, found, project, stamp)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was edited since all of it was compiled."""
        return not self._edited

    def look(self, today: date) -> bool:
        """Whether the project has other mistakes or other texts than before, which are read."""
        stamp = tuple(_stamps(self.root))
        if stamp == self._stamp:
            return False
        before, self._stamp = dict(self._stamp), stamp
        saved = self._saved(before, stamp)
        if saved is None:
            return self._read_again(today)
        if not saved:
            return False
        self._project = _with_texts(self._project, saved)
        self.contents = replace(self.contents, files={**self.contents.files, **saved})
        self._compile_edited(frozenset(saved), today)
        return True

    def _saved(self, before: Mapping[str, Status], stamp: Stamp) -> dict[str, bytes] | None:
        """The campaign files with other bytes; `None` if anything else may have changed."""
        shown = {str(path): name for name, path in self.contents.opened.items()}
        if before.keys() != dict(stamp).keys() or self.contents.unreadable:
            return None
        found: dict[str, bytes] = {}
        for path, status in stamp:
            if status == before[path] or path not in shown:
                continue
            name = shown[path]
            if not name.endswith(SUFFIX):
                return None
            try:
                data = read_regular(Path(path))
            except OSError:
                return None
            if data != self.contents.files.get(name):
                found[name] = data
        return found

    def _read_again(self, today: date) -> bool:
        """Read all files; whether any is another than before."""
        contents = read_folder(self.root)
        edited = _differing(self.contents, contents)
        if not edited:
            return False
        known = {one.tree.span.source.path: one for one in self._project.parsed}
        self.contents, self._project = contents, project_of(contents, known=known)
        if all(name.endswith(SUFFIX) for name in edited):
            self._compile_edited(edited, today)
        else:
            self.whole(compile_project(self._project, today).diagnostics)
        return True

    def _compile_edited(self, edited: frozenset[str], today: date) -> None:
        """Find the mistakes of all files that were edited since the whole was compiled."""
        self._edited |= edited
        here = compile_project(self._project, today, self._edited).diagnostics
        kept = [one for one in self.found if not self._is_here(one)]
        own = [one for one in here if self._is_here(one)]
        self.found = in_reading_order((*kept, *own))

    def whole(self, found: tuple[Diagnostic, ...]) -> bool:
        """Take over all mistakes of the texts as they are; whether they differ from the known."""
        differ = in_reading_order(found) != self.found
        self.found, self._edited = in_reading_order(found), frozenset()
        return differ

    def take_kept(self, today: date) -> bool:
        """Take over what another check kept of these texts; whether it differs from the known.

        Where no check can keep anything, all is compiled here.
        """
        found = read(self.root, key(files_of(self.contents), today))
        return self.whole(
            compile_project(self._project, today).diagnostics if found is None else found
        )

    def _is_here(self, one: Diagnostic) -> bool:
        return one.place is not None and one.place.file in self._edited


def _with_texts(project: Project, saved: Mapping[str, bytes]) -> Project:
    """The project with these campaign files in place of those of the same names."""
    sources = dict(project.sources)
    parsed = {one.tree.span.source.path: one for one in project.parsed}
    found: list[Diagnostic] = []
    for name, data in saved.items():
        source, wrong = decode(data, name)
        found += wrong
        sources.pop(name, None)
        parsed.pop(name, None)
        if source is not None:
            sources[name], parsed[name] = source, parse(source)
            found += parsed[name].diagnostics
    others = [
        one for one in project.diagnostics if one.place is None or one.place.file not in saved
    ]
    return replace(
        project,
        sources=sources,
        parsed=tuple(parsed[name] for name in sorted(parsed)),
        diagnostics=in_reading_order((*others, *found)),
    )


def _differing(before: Contents, after: Contents) -> frozenset[str]:
    """The files that one has and the other has not, or not the same."""
    old, new = ({**one.files, **_reasons(one)} for one in (before, after))
    return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _reasons(contents: Contents) -> dict[str, bytes]:
    return {name: f"\0{reason}".encode() for name, reason in contents.unreadable.items()}


def _stamps(root: Path) -> Iterator[tuple[str, Status]]:
    """Every file below a folder, but for hidden ones, without reading any."""
    folders = [str(root)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in inside:
            if entry.name.startswith("."):
                continue
            try:
                status = entry.stat()
                if entry.is_dir():
                    folders.append(entry.path)
                else:
                    yield entry.path, (status.st_size, status.st_mtime_ns)
            except OSError:
                continue
