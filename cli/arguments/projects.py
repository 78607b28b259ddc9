"""Arguments that may be left out: a project, and what to read."""

from __future__ import annotations

from pathlib import Path

from ...compiler.files.folder import SETTINGS
from ...dsl.diagnostics.diagnostic import Phrase
from .usage import incomplete


def split_project(arguments: tuple[str, ...], problem: Phrase) -> tuple[str, str | None]:
    """Return the project, and the argument after it. A single folder is the project.

    Without a project, it is the current folder. Three arguments are refused with `problem`.
    """
    match arguments:
        case []:
            return ".", None
        case [one] if Path(one).is_dir() or Path(one).name == SETTINGS:
            return one, None
        case [one]:
            return ".", one
        case [project, other]:
            return project, other
        case _:
            raise incomplete(problem)
