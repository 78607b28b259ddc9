"""From PROJECT on a command line to a project that is loaded, and to its plan."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..dsl.codes import commands, files
from ..dsl.diagnostics import CannotRun, diagnose, has_errors
from .exits import FINDINGS
from .failures import tell_all
from .terminal import Session

if TYPE_CHECKING:
    from ..compiler.plan import Plan
    from ..compiler.project import Project


def prefix_of(root: Path) -> str:
    """What leads from the current folder to the project's: `campaigns/bank/`, or nothing.

    A project that is neither below the current folder nor around it is named in full.
    """
    here, there = Path.cwd(), root.resolve()
    if not (there.is_relative_to(here) or here.is_relative_to(there)):
        return f"{there.as_posix().rstrip('/')}/"
    relative = Path(os.path.relpath(there, here)).as_posix()
    return "" if relative == "." else f"{relative}/"


def root_of(start: Path) -> Path:
    """The project's folder, at `start` or above it, as seen from the current folder."""
    folder = start.resolve()
    for each in (folder, *folder.parents):
        if (each / "campaigner.toml").is_file():
            return Path(prefix_of(each))
    raise CannotRun(diagnose(files.NO_PROJECT, None, path=str(start)))


def compiled(path: str, session: Session) -> tuple[Project, Plan]:
    """The project and its plan; its mistakes are told on stderr, and errors end the command."""
    from ..compiler.compile import compile_project
    from ..compiler.project import load_project

    project = load_project(Path(path))
    result = compile_project(project)
    tell_all(result.diagnostics, project.sources, session.language, prefix_of(project.root))
    if result.plan is None or has_errors(result.diagnostics):
        raise click.exceptions.Exit(FINDINGS)
    return project, result.plan


def require_campaign(plan: Plan, name: str) -> None:
    """`CannotRun` where the plan has no campaign of this name."""
    known = [campaign.name for campaign in plan.campaigns]
    if name in known:
        return
    code = commands.UNKNOWN_CAMPAIGN
    near = get_close_matches(name, known, n=1)
    if near:
        raise CannotRun(diagnose(code, None, name=name, nearest=near[0]))
    if not known:
        raise CannotRun(diagnose(code, None, name=name))
    listed = ", ".join(f"`{each}`" for each in known)
    raise CannotRun(diagnose(code, None, name=name, all=listed))
