"""A project with one edit: a file in the place of its namesake, or the files of a revision."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from ..dsl.diagnostics.diagnostic import CannotRun, diagnose, joined
from .codes import plans
from .files.folder import (
    SETTINGS,
    SUFFIX,
    Contents,
    find_root,
    portable_name,
    read_folder,
    read_regular,
)
from .files.reasons import phrase_of
from .files.revisions import read_revision, repository_of
from .kept_plans import Planned, planned_of


@dataclass(frozen=True, slots=True)
class Edited:
    """A project with an edit. `file` is the path that was replaced, or is new; empty of a revision.

    `kind` says which of the three it is.
    """

    name: str
    kind: Literal["replaced", "added", "revision"]
    file: str
    planned: Planned


def edited(project: Path, edit: str) -> Edited:
    """The project with the file or the revision that a word of the command line means.

    `CannotRun` if it is neither, or if several files of the project have the name of the file.
    """
    if os.path.lexists(edit):
        return _with_file(project, edit)
    root = find_root(project)
    repository = repository_of(root, edit, str(project))
    commit = repository.commit(edit)
    if commit is None:
        raise CannotRun(diagnose(plans.NO_SUCH_EDIT, None, name=edit))
    planned = planned_of(read_revision(repository, edit, commit, root))
    return Edited(edit, "revision", "", planned)


def _with_file(project: Path, edit: str) -> Edited:
    contents = read_folder(project)
    file = _namesake(contents, edit)
    try:
        data = read_regular(Path(edit))
    except OSError as error:
        why = phrase_of(error.strerror or str(error))
        raise CannotRun(diagnose(plans.EDIT_UNREADABLE, None, name=edit, reason=why)) from error
    files = dict(sorted({**contents.files, file: data}.items()))
    unreadable = {name: why for name, why in contents.unreadable.items() if name != file}
    planned = planned_of(replace(contents, files=files, unreadable=unreadable))
    known = file in contents.files or file in contents.unreadable
    return Edited(edit, "replaced" if known else "added", file, planned)


def _namesake(contents: Contents, edit: str) -> str:
    """The file of the project whose place a file takes; its own name if it is a campaign more."""
    path = PurePosixPath(portable_name(Path(edit).absolute().as_posix()))
    is_ours = path.name.endswith(SUFFIX) or path.name in (SETTINGS, Path(contents.catalog).name)
    if not is_ours:
        raise CannotRun(diagnose(plans.NO_SUCH_EDIT, None, name=edit))
    known = (*contents.files, *contents.unreadable)
    found = [name for name in dict.fromkeys(known) if PurePosixPath(name).name == path.name]
    # The namesake in folders of the same names is meant.
    depth = max((_common(path, PurePosixPath(name)) for name in found), default=0)
    nearest = [name for name in found if _common(path, PurePosixPath(name)) == depth]
    if len(nearest) > 1:
        names = joined("blocks.comma", [f"`{name}`" for name in nearest])
        raise CannotRun(diagnose(plans.SEVERAL_NAMESAKES, None, name=edit, files=names))
    return nearest[0] if nearest else path.name


def _common(one: PurePosixPath, other: PurePosixPath) -> int:
    """How many names at the end of two paths are the same."""
    pairs = zip(reversed(one.parts), reversed(other.parts), strict=False)
    return next(
        (n for n, (a, b) in enumerate(pairs) if a != b), min(len(one.parts), len(other.parts))
    )
