"""A project's plan, compiled or, where nothing has changed since, as it was kept.

An entry has the warnings too, so that they are printed again. The plan is the same on any day.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..dsl.diagnostics.diagnostic import Diagnostic, has_errors
from .files.folder import LARGEST_PLAN, Contents, open_regular, read_bounded, read_folder
from .files.places import uses
from .plan import Plan
from .project.cache import diagnostics_of, files_of, key, rows_of
from .project.config import Config
from .project.kept import keep, read_kept
from .project.settings import Settings, decoded, mask, secrets_in


@dataclass(frozen=True, slots=True)
class Planned:
    """A project's settings, its plan if it has no mistake, and all that is wrong with it."""

    settings: Settings
    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]


def planned(path: Path) -> Planned:
    """The plan of the project that `path` is or lies in; `CannotRun` if there is no project.

    Mistakes of scenarios are left to `check` and `test`: a plan has none of them.

    Without a change since it was last asked for, neither the parser nor the compiler is loaded.
    """
    return planned_of(read_folder(path))


def planned_of(contents: Contents) -> Planned:
    """The plan of the project that these files are, kept as that of a folder is."""
    name = key(files_of(contents), None, "plan", str(contents.root))
    match read_kept(name):
        case (Config() as config, Plan() as plan, [*own], [*all_]):
            return Planned(_settings(contents, config, own), plan, diagnostics_of(all_))
        case _:
            made = _compiled(contents)
    if made.plan is not None and not has_errors(made.diagnostics):
        rows = rows_of(made.settings.diagnostics), rows_of(made.diagnostics)
        keep(name, (made.settings.config, made.plan, *rows))
    return made


def plan_of_document(data: bytes) -> Plan:
    """The plan in a document; `CannotRun` if it is none. One that was read before is kept."""
    name = key({}, None, "document", sha256(data).hexdigest())
    kept = read_kept(name)
    if isinstance(kept, Plan):
        return kept
    from .deployed.reading import load  # noqa: PLC0415  (models take long to build)

    plan = load(data)
    keep(name, plan)
    return plan


def plan_in(path: Path) -> Plan:
    """The plan in a regular file of a bounded size; `CannotRun` or `OSError` if there is none."""
    with open_regular(path) as opened:
        return plan_of_document(read_bounded(opened, str(path), LARGEST_PLAN))


def _compiled(contents: Contents) -> Planned:
    from .compile import compile_project  # noqa: PLC0415  (who has a kept plan needs neither)
    from .project.project import project_of  # noqa: PLC0415

    project = project_of(contents)
    made = compile_project(project)
    found = tuple(one for one in made.diagnostics if one not in made.of_scenarios)
    return Planned(project, made.plan, found)


def _settings(contents: Contents, config: Config, own: list[object]) -> Settings:
    sources, _ = decoded(contents)
    mask(sources)
    return Settings(
        root=contents.root,
        config=config,
        sources=sources,
        diagnostics=diagnostics_of(own),
        uses=uses(contents),
        secrets=secrets_in(contents),
    )
