"""Projects and plans: read, checked, compiled and written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path

from ._results import refuse_mistakes
from .cli.failures import cannot_do
from .cli.resources import warehouse_of
from .cli.screen.files import replace
from .compiler.compile import Compiled, compile_project
from .compiler.kept_plans import plan_in
from .compiler.plan import Plan
from .compiler.plan.plan_json import dump
from .compiler.project.project import Project, load_project
from .dsl.diagnostics.diagnostic import CannotRun, Diagnostic, has_errors, in_reading_order
from .runtime.warehouse.survey import survey

__all__ = ["Plan", "Project", "check", "faults", "load", "plan", "read_plan", "write_plan"]


def load(path: str | PathLike[str]) -> Project:
    """The project that a folder, or a file in it, belongs to.

    Mistakes in the files are no error here: `check` lists them. `CannotRun` if there is no project.
    """
    with faults():
        return load_project(Path(path))


def check(
    project: Project, *, today: date | None = None, warehouse: bool = False
) -> tuple[Diagnostic, ...]:
    """Every mistake of the project, in reading order; empty if there is none.

    Campaigns that ended before `today`, which is the clock's day in UTC if nothing else is given,
    are warned of. `warehouse`: the warehouse of a project without errors is checked too;
    `CannotRun` if it cannot be opened.
    """
    compiled = _compiled(project, today or datetime.now(UTC).date())
    found = compiled.diagnostics
    if not warehouse or compiled.plan is None or has_errors(found):
        return found
    with faults(), warehouse_of(project) as opened:
        more = survey(opened, compiled.plan, project.config.bad_share).diagnostics
    return in_reading_order((*found, *map(project.secrets.hidden, more)))


def plan(project: Project) -> Plan:
    """The plan of the project, the same for the same files; `Mistakes` if one is an error.

    Mistakes of scenarios are left to `check`: a plan has none of them.
    """
    compiled = _compiled(project)
    found = (one for one in compiled.diagnostics if one not in compiled.of_scenarios)
    refuse_mistakes(tuple(found))
    assert compiled.plan is not None
    return compiled.plan


def read_plan(path: str | PathLike[str]) -> Plan:
    """The plan in a file of `write_plan` or of `campaigner plan`; `CannotRun` if it has none."""
    with faults():
        return plan_in(Path(path))


def write_plan(plan: Plan, path: str | PathLike[str]) -> None:
    """Write the canonical document of the plan, whole or not at all.

    Its bytes are those of `campaigner plan`. `CannotRun` if the file cannot be written.
    """
    with faults():
        replace(Path(path), dump(plan))


@contextmanager
def faults() -> Iterator[None]:
    """Raise `CannotRun` for what the operating system refuses."""
    try:
        yield
    except OSError as error:
        raise CannotRun(cannot_do(error)) from error


def _compiled(project: Project, today: date | None = None) -> Compiled:
    with faults():
        return compile_project(project, today)
