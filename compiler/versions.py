"""Versions of a project that are compared: a folder, a plan that was kept, a revision of git."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose
from ..dsl.diagnostics.source import SourceFile
from .codes import plans
from .files.folder import SETTINGS, find_root
from .files.revisions import read_revision, repository_of
from .kept_plans import plan_in, planned, planned_of
from .plan import Plan


@dataclass(frozen=True, slots=True)
class Version:
    """A project as it is, or was. `plan` is `None` if it has mistakes.

    `root` is the folder that its `sources` belong to.
    """

    name: str
    kind: Literal["folder", "plan", "revision"]
    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, SourceFile] | None = None
    root: Path | None = None


def version_of(name: str, project: Path) -> Version:
    """The version that a word of the command line means.

    It is a folder with a campaigner.toml, a plan file, or a revision of the repository in which
    `project` lies. `CannotRun` if it is none of them.
    """
    if not name:
        raise CannotRun(diagnose(plans.NO_SUCH_VERSION, None, name=name))
    path = Path(name)
    if os.path.lexists(path / SETTINGS):
        return _in_folder(name, path)
    if path.is_file():
        return _in_folder(name, path) if path.name == SETTINGS else _in_plan(name, path)
    if path.is_dir() and not _may_be_revision(name, project):
        return _in_folder(name, path)
    return _in_revision(name, project)


def uncommitted(old: Version, new: Version, project: Path) -> Diagnostic | None:
    """A warning if the folder has edits that neither version has; `None` if it has none."""
    if new.kind != "revision" or old.kind == "folder":
        return None
    if repository_of(find_root(project), new.name).is_dirty():
        return diagnose(plans.NOT_COMMITTED, None, revision=new.name)
    return None


def _in_folder(name: str, path: Path) -> Version:
    made = planned(path)
    settings = made.settings
    return Version(name, "folder", made.plan, made.diagnostics, settings.sources, settings.root)


def _in_plan(name: str, path: Path) -> Version:
    return Version(name, "plan", plan_in(path))


def _may_be_revision(name: str, project: Path) -> bool:
    """Whether the repository has a revision of this name too, which a folder hides."""
    try:
        return repository_of(find_root(project), name).commit(name) is not None
    except CannotRun:
        return False


def _in_revision(name: str, project: Path) -> Version:
    root = find_root(project)
    repository = repository_of(root, name, str(project))
    commit = repository.commit(name)
    if commit is None:
        raise CannotRun(diagnose(plans.NO_SUCH_VERSION, None, name=name))
    made = planned_of(read_revision(repository, name, commit, root))
    settings = made.settings
    return Version(name, "revision", made.plan, made.diagnostics, settings.sources, settings.root)
