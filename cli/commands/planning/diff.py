"""`campaigner diff`: what differs in meaning between two versions of a project."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

import click

from ....compiler.diff.kinds import Kind
from ....compiler.files.folder import SETTINGS
from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, has_errors, in_language
from ...arguments import options
from ...arguments.instants import moment
from ...arguments.usage import incomplete
from ...codes import command_line
from ...codes.usage import KEYS_OF_WAREHOUSE
from ...exits import COULD_NOT_RUN, FINDINGS, FINE
from ...failures import tell, tell_all
from ...formats.planning.changes import Differing, as_json, markdown, text
from ...nearest import misspelt
from ...projects import prefix_of, settled
from ...resources import ledger_of, warehouse_of
from ...screen.terminal import Session

if TYPE_CHECKING:
    from datetime import datetime

    from ....compiler.plan import Plan
    from ....compiler.versions import Version
    from ....runtime.preview.differing import AtStep

_FORMATS: dict[str, Callable[[Differing], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
}


def _kinds(_: click.Context, param: click.Parameter, given: Sequence[str]) -> frozenset[str]:
    """The kinds that an option names, several parted by commas; `CannotRun` for any other word."""
    words = [word.strip() for one in given for word in one.split(",") if word.strip()]
    known = get_args(Kind)
    for word in words:
        if word not in known:
            values = {"option": param.opts[-1], "value": word}
            raise CannotRun(misspelt(command_line.NO_SUCH_CHOICE, word, known, **values))
    return frozenset(words)


@click.command(
    "diff",
    short_help="Show what differs in meaning between two versions.",
    epilog="Example: campaigner diff main HEAD shop --format markdown",
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.argument("project", default=None, required=False, metavar="[PROJECT]")
@options.format_of(*_FORMATS)
@click.option(
    "--fail-on",
    "fail_on",
    multiple=True,
    callback=_kinds,
    metavar="KIND",
    help="End with 1 for changes of this kind alone; may be repeated.",
)
@click.option(
    "--at", metavar="INSTANT", help="The instant at which draws are live; now if left out."
)
@click.option("--warehouse", "asks", is_flag=True, help="Count who enters and leaves, too.")
@click.option("--keys", is_flag=True, help="With --warehouse: name the first of them.")
@options.language
@click.pass_obj
def command(
    session: Session,
    old: str,
    new: str,
    project: str | None,
    format_: str,
    fail_on: frozenset[str],
    at: str | None,
    asks: bool,
    keys: bool,
) -> int:
    """Show what differs in meaning between OLD and NEW.

    Each is a folder, a plan file, or a git revision of PROJECT, a folder: the current one if left
    out. Comments, layout, and the order of clauses are no differences. With --warehouse the
    warehouse and the ledger of PROJECT are asked.

    It ends with 0 if both mean the same, with 1 if they do not. It ends with 1 too if a draw that
    runs was made worse, or an experiment that has begun assigns customers otherwise. It ends with 2
    if a version has mistakes or cannot be had.
    """
    from ....compiler.diff.rerouted import rerouted
    from ....compiler.diff.worse import made_worse
    from ....compiler.versions import uncommitted, version_of

    if keys and not asks:
        raise incomplete(KEYS_OF_WAREHOUSE)
    home = Path(project if project is not None else _home(old, new))
    versions = [version_of(name, home) for name in (old, new)]
    plans = [_plan(one, session) for one in versions]
    if plans[0] is None or plans[1] is None:
        return COULD_NOT_RUN
    warning = uncommitted(versions[0], versions[1], home)
    if warning is not None:
        tell(warning, session)
    zone = ZoneInfo(plans[1].time_zone)
    instant = moment(at, zone, session.now(), even_ahead=True)
    mistakes = (
        *made_worse(plans[0], plans[1], instant),
        *rerouted(plans[0], plans[1], instant),
    )
    found = _compared(session, (old, new), (plans[0], plans[1]), mistakes)
    found = replace(found, keys=keys)
    if asks:
        found = _with_numbers(session, found, plans[0], plans[1], home, instant)
    click.echo(_FORMATS[format_](found), nl=False)
    _point_into(versions[1], session)
    tell_all(mistakes, session)
    if mistakes:
        return FINDINGS
    counted = [one for one in found.changes if not fail_on or one.kind in fail_on]
    return FINDINGS if counted else FINE


def _home(old: str, new: str) -> str:
    """The folder whose repository has the revisions: that of a version, or the current one."""
    folders = (one for one in (new, old) if os.path.lexists(Path(one) / SETTINGS))
    return next(folders, ".")


def _plan(version: Version, session: Session) -> Plan | None:
    """The plan of a version; `None` if it has mistakes, which are shown under its name."""
    if version.plan is not None and not has_errors(version.diagnostics):
        return version.plan
    words = Phrase("diff.mistakes_of", name=version.name)
    click.echo(in_language(words, session.language), err=True)
    _point_into(version, session)
    tell_all(version.diagnostics, session)
    return None


def _point_into(version: Version, session: Session) -> None:
    """Let mistakes show the lines of this version's files."""
    session.sources = version.sources or {}
    is_folder = version.kind == "folder" and version.root is not None
    session.prefix = prefix_of(version.root) if is_folder and version.root else f"{version.name}:"


def _compared(
    session: Session,
    names: tuple[str, str],
    plans: tuple[Plan, Plan],
    mistakes: tuple[Diagnostic, ...],
) -> Differing:
    """The changes, and what they are in plain words."""
    from ....compiler.collector import collector_paused
    from ....compiler.diff.changes import changes
    from ....compiler.diff.words import in_words

    # Both plans stay to the end of the command.
    with collector_paused():
        found = changes(*plans)
        touched = {one.subject.name for one in found if one.subject.owner == "campaign"}
        sentences = {one.campaign: one for one in in_words(*plans, touched)}
    return Differing(*names, found, mistakes, session.language, sentences)


def _with_numbers(
    session: Session, found: Differing, old: Plan, new: Plan, home: Path, at: datetime
) -> Differing:
    """The changes with who enters and leaves, and who is inside of journeys that changed."""
    from ....runtime.preview.differing import inside, moved

    settings = settled(str(home), session)
    touched = {one.subject[:2] for one in found.changes}
    reached = {one.subject.name for one in found.changes if one.kind in ("audience", "campaign")}
    ways = {one.subject.name for one in found.changes if one.subject.owner == "campaign"}

    def wanted(kind: str, name: str) -> bool:
        match kind:
            case "stage":
                return ("lifecycle", name.partition(".")[0]) in touched
            case "audience":
                return ("audience", name) in touched
            case _:
                return name in reached

    share = settings.config.bad_share
    with warehouse_of(settings, session.bell) as warehouse:
        groups = moved(old, new, warehouse, at, wanted, share)
    steps: tuple[AtStep, ...] = ()
    if settings.config.ledger is not None:
        with ledger_of(settings) as ledger:
            steps = inside(old, new, ledger, at, ways)
    return replace(found, groups=groups, steps=steps)
