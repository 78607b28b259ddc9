"""From PROJECT on a command line to a project that is loaded, and to its plan."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..compiler.codes import files
from ..dsl.diagnostics.diagnostic import (
    CannotRun,
    Diagnostic,
    Phrase,
    diagnose,
    has_errors,
    in_reading_order,
)
from ..dsl.diagnostics.source import SourceFile
from .codes import command_line, commands
from .exits import FINDINGS
from .failures import tell_all
from .fixing import Fixed, fixed
from .nearest import misspelt
from .screen.terminal import Session

if TYPE_CHECKING:
    from ..compiler.files.folder import Contents
    from ..compiler.plan import Plan
    from ..compiler.project.project import Project
    from ..compiler.project.settings import Settings
    from ..compiler.scenarios.model import Scenario
    from ..runtime.ledger import Ledger
    from .stopping import Bell


FROM_STDIN = "-"
"""The name by which a command line calls standard input."""


def prefix_of(root: Path) -> str:
    """The path from the current folder to the project's: `campaigns/bank/`, or empty.

    A project that is neither below the current folder nor around it is named in full.
    """
    here, there = Path.cwd(), root.resolve()
    if not (there.is_relative_to(here) or here.is_relative_to(there)):
        return f"{there.as_posix().rstrip('/')}/"
    relative = Path(os.path.relpath(there, here)).as_posix()
    return "" if relative == "." else f"{relative}/"


@dataclass(frozen=True, slots=True)
class Checked:
    """The mistakes of a project, the texts they point into, and the path to them from here."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, SourceFile]
    prefix: str
    left_out: int = 0
    """Rows of the warehouse that a run would leave out."""
    samples: tuple[Phrase, ...] = ()
    """The smallest difference that each experiment can show, by the warehouse."""


def checked(
    path: str, today: date, stdin: bytes | None = None, *, asking: Bell | None = None
) -> Checked:
    """Every mistake of the project; `stdin` are the bytes of one more campaign file.

    Campaigns that ended before `today` are warned of. With `asking`, once the project
    has no mistake, its warehouse is held against it, until that rings; `CannotRun` if that cannot
    be opened.

    What an earlier check found in the very same bytes is taken from the cache, and then the
    compiler is not even imported.
    """
    from ..compiler.files.folder import STDIN, find_root
    from ..compiler.project import cache

    root = find_root(Path(path))
    contents = cache.project_files(root)
    if stdin is not None:
        contents = {**contents, STDIN: stdin}
    key = cache.key(contents, today)
    found = cache.read(root, key)
    if found is None:
        found = _diagnostics_of(root, contents.get(STDIN), today)
        cache.write(root, key, found)
    left_out, samples = 0, tuple[Phrase, ...]()
    if asking is not None and not has_errors(found):
        more, left_out, samples = _in_warehouse(asking, root, contents.get(STDIN))
        found = in_reading_order((*found, *more))
    found = in_reading_order((*found, *_of_seed(root, contents)))
    return Checked(found, pointed_at(found, contents), prefix_of(root), left_out, samples)


def fixable(contents: Contents, today: date) -> Fixed:
    """A project's files with all safe fixes, in memory; one more campaign may be under `STDIN`."""
    from ..compiler.compile import compile_project
    from ..compiler.files.folder import STDIN
    from ..compiler.project.project import project_of
    from ..dsl.decoding import decode

    def check(contents: Contents) -> tuple[Diagnostic, ...]:
        files = dict(contents.files)
        given = files.pop(STDIN, None)
        more, unreadable = (None, ()) if given is None else decode(given, STDIN)
        project = project_of(replace(contents, files=files), None if more is None else more.text)
        return in_reading_order((*compile_project(project, today).diagnostics, *unreadable))

    return fixed(contents, check)


def _diagnostics_of(root: Path, stdin: bytes | None, today: date) -> tuple[Diagnostic, ...]:
    from ..compiler.collector import collector_paused

    # Searches for cycles find none, and took 0.25 of 3.4 s of processor for 1,000 campaigns. Trees
    # are freed before the collector resumes. Frozen, what is left is not searched at exit either.
    with collector_paused():
        found = _compiled(root, stdin, today)
        gc.freeze()
    return found


def _compiled(root: Path, stdin: bytes | None, today: date) -> tuple[Diagnostic, ...]:
    from ..compiler.compile import compile_project

    project, unreadable = _loaded(root, stdin)
    return in_reading_order((*compile_project(project, today).diagnostics, *unreadable))


def _loaded(root: Path, stdin: bytes | None) -> tuple[Project, tuple[Diagnostic, ...]]:
    """The project with one more campaign file, and why that cannot be read."""
    from ..compiler.files.folder import STDIN
    from ..compiler.project.project import load_project
    from ..dsl.decoding import decode

    more, unreadable = (None, ()) if stdin is None else decode(stdin, STDIN)
    return load_project(root, None if more is None else more.text), tuple(unreadable)


def _in_warehouse(
    bell: Bell, root: Path, stdin: bytes | None
) -> tuple[tuple[Diagnostic, ...], int, tuple[Phrase, ...]]:
    """The faults of the warehouse of a project without mistakes, and the rows to be left out.

    Also the smallest difference that each experiment can show, if the warehouse can be read.
    """
    from ..compiler.compile import compile_project
    from ..runtime.preview.samples import hopeless, samples
    from ..runtime.warehouse.survey import survey
    from .resources import warehouse_of

    project, _ = _loaded(root, stdin)
    plan = compile_project(project).plan
    if plan is None:
        return (), 0, ()
    share, at = project.config.bad_share, datetime.now(UTC)
    with warehouse_of(project, bell) as warehouse:
        found = survey(warehouse, plan, share)
        readable = not has_errors(found.diagnostics)
        shown = samples(plan, warehouse, at, share) if readable else ()
    hidden = tuple(map(project.secrets.hidden, (*found.diagnostics, *hopeless(shown))))
    phrases = tuple(one.phrase() for one in shown if not one.is_hopeless)
    return hidden, sum(table.count for table in found.tables), phrases


def _of_seed(root: Path, contents: Mapping[str, bytes]) -> Iterator[Diagnostic]:
    """A warning if the seed of draws can be guessed; none where its variable is not set.

    It depends on the environment, so it is not in the cache.
    """
    from ..compiler.files.folder import SETTINGS, raw_settings

    if "chance" not in raw_settings(contents.get(SETTINGS, b"")):
        return
    from ..compiler.files.environment import expand, variables
    from ..compiler.plan.chance import is_guessable
    from ..compiler.project.settings import load_settings

    setting = load_settings(root).config.seed
    if setting is None:
        return
    with suppress(CannotRun):
        names = variables(setting.text)
        if names and is_guessable(expand(setting)):
            yield diagnose(command_line.SEED_GUESSABLE, setting.place, variable=names[0])


def pointed_at(
    found: tuple[Diagnostic, ...], contents: Mapping[str, bytes]
) -> dict[str, SourceFile]:
    """The texts that diagnostics point into, read from the bytes that were checked."""
    from ..compiler.files.folder import SETTINGS
    from ..dsl.decoding import decode

    places = [place for each in found for place in (each.place, *(on.place for on in each.labels))]
    sources = {}
    for name in sorted({place.file for place in places if place is not None} & contents.keys()):
        source, _ = decode(contents[name], name)
        if source is None:
            continue
        if name == SETTINGS:
            from ..compiler.files.environment import masked

            source = SourceFile(name, masked(source.text))
        sources[name] = source
    return sources


def compiled(path: str, session: Session, plan: str | None = None) -> tuple[Settings, Plan]:
    """The settings of a project and its plan; errors end the command.

    The plan is compiled from the project's files, and their mistakes go to stderr. With `plan` it
    comes from that file: campaigner.toml is then the only file of the project that is read.
    """
    if plan is not None:
        return deployed(path, session, plan)
    from ..compiler.kept_plans import planned

    made = planned(Path(path))
    _keep(made.settings, session)
    tell_all(made.diagnostics, session)
    if made.plan is None or has_errors(made.diagnostics):
        raise click.exceptions.Exit(FINDINGS)
    return made.settings, made.plan


def with_scenarios(path: str, session: Session) -> tuple[Settings, Plan, tuple[Scenario, ...]]:
    """The settings of a project, its plan and its scenarios; errors end the command."""
    from ..compiler.compile import compile_project
    from ..compiler.project.project import load_project

    project = load_project(Path(path))
    made = compile_project(project)
    _keep(project, session)
    tell_all(made.diagnostics, session)
    if made.plan is None or has_errors(made.diagnostics):
        raise click.exceptions.Exit(FINDINGS)
    return project, made.plan, made.scenarios


def set_up(path: str, session: Session) -> Settings:
    """The settings alone; their errors end the command."""
    from ..compiler.project.settings import load_settings

    settings = load_settings(Path(path))
    _keep(settings, session)
    tell_all(settings.diagnostics, session)
    if has_errors(settings.diagnostics):
        raise click.exceptions.Exit(FINDINGS)
    return settings


def deployed(path: str, session: Session, file: str) -> tuple[Settings, Plan]:
    """The settings alone, and the plan of a file, which must have been made with them."""
    from ..compiler.deployed.misfits import misfits
    from ..compiler.project.settings import load_settings

    settings = load_settings(Path(path))
    _keep(settings, session)
    found = settings.diagnostics
    plan = None if has_errors(found) else read_plan(file)
    if plan is not None:
        found = in_reading_order((*found, *misfits(plan, settings)))
    tell_all(found, session)
    if plan is None or has_errors(found):
        raise click.exceptions.Exit(FINDINGS)
    return settings, plan


def read_plan(file: str) -> Plan:
    """The plan in a file, or on stdin if that is `-`; `CannotRun` or `OSError` if there is none."""
    from ..compiler.files.folder import LARGEST_PLAN, STDIN, read_bounded
    from ..compiler.kept_plans import plan_in, plan_of_document

    if file == FROM_STDIN:
        return plan_of_document(read_bounded(sys.stdin.buffer, STDIN, LARGEST_PLAN))
    return plan_in(Path(file))


def _keep(project: Settings, session: Session) -> None:
    """Let later faults show the project's lines, and none of its secrets."""
    session.sources, session.prefix = project.sources, prefix_of(project.root)
    session.traceback = project.secrets.traceback
    session.hidden = project.secrets.hidden


def settled(path: str, session: Session) -> Settings:
    """The project's settings, for commands that need no campaigns.

    Only a mistake about the project itself or its ledger ends the command.
    """
    from ..compiler.project.settings import load_settings

    project = load_settings(Path(path))
    _keep(project, session)
    found = [one for one in project.diagnostics if _blocks(one, project.sources)]
    if has_errors(found):
        tell_all(found, session)
        raise click.exceptions.Exit(FINDINGS)
    return project


def _blocks(diagnostic: Diagnostic, sources: Mapping[str, SourceFile]) -> bool:
    """Whether a mistake in the settings keeps the ledger from being opened.

    It does under `[project]` and `[ledger]`, and where no heading is known: TOML that does not
    parse.
    """
    place = diagnostic.place
    if place is None or place.file not in sources or diagnostic.code is files.TOML_SYNTAX:
        return True
    lines = sources[place.file].text.split("\n")[: place.line]
    headings = [line.strip() for line in lines if line.lstrip().startswith("[")]
    heading = headings[-1].strip("[] ") if headings else ""
    return heading.split(".")[0].strip() in ("", "project", "ledger")


def require_kept(
    project: Settings, ledger: Ledger, name: str | None, plan: Plan | None = None
) -> str | None:
    """The name under which the ledger knows a campaign, with or without mistakes in the project.

    `CannotRun` if neither the ledger nor the project, its `plan` or its files, has one of this
    name.
    """
    if name is None:
        return None
    declared = campaign_names(project.root) if plan is None else names_in(plan)
    if name in declared:
        return declared[name]
    known = {*declared, *declared.values(), *(campaign for campaign, _ in ledger.outcomes())}
    _require(name, sorted(known))
    return name


def campaign_names(path: Path) -> dict[str, str]:
    """The name in the ledger of each campaign, by its name in the files; mistakes do not matter."""
    from ..compiler.check.symbols import renamed_from
    from ..compiler.project.project import load_project
    from ..dsl.tree import Campaign

    names = {}
    for file in load_project(path).parsed:
        for one in file.tree.declarations:
            if isinstance(one, Campaign):
                former = renamed_from(one)
                names[one.name.text] = one.name.text if former is None else former.campaign.text
    return names


def names_in(plan: Plan) -> dict[str, str]:
    """The name in the ledger of each campaign of a plan, by its name in the files."""
    return {campaign.renamed or campaign.name: campaign.name for campaign in plan.campaigns}


def require_campaign(plan: Plan, name: str) -> str:
    """The name under which the plan has a campaign; one that was renamed may be called either.

    `CannotRun` if there is none.
    """
    former = names_in(plan)
    if name in former:
        return former[name]
    _require(name, [*former, *(old for old in former.values() if old == name)])
    return name


def _require(name: str, known: Sequence[str]) -> None:
    if name in known:
        return
    raise CannotRun(misspelt(commands.UNKNOWN_CAMPAIGN, name, known, name=name))
