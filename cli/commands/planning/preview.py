"""`campaigner preview`: whom campaigns would reach, clause by clause, and what it would cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import CannotRun, Phrase
from ...arguments import options
from ...arguments.instants import as_period, moment, one_form_or_now, period_of_options
from ...arguments.usage import incomplete
from ...codes.command_line import NO_SUCH_GROUP
from ...codes.usage import GROUP_AT, PREVIEW_WORDS
from ...exits import FINE
from ...failures import tell_all
from ...formats.planning import counts
from ...formats.planning.phrases import CLAUSES, REASONS
from ...nearest import misspelt
from ...projects import compiled, require_campaign
from ...resources import ledger_of, seeds_of, warehouse_of
from ...screen.speaking import speak
from ...screen.tables import Column, show
from ...screen.terminal import Session

if TYPE_CHECKING:
    from datetime import datetime

    from ....compiler.plan import Plan
    from ....compiler.project.settings import Settings
    from ....runtime.preview.groups import Group
    from ....runtime.preview.preview import Preview
    from ....runtime.run.work import Work

_OVERLAPS = 10
_KINDS: tuple[Literal["audience", "stage"], ...] = ("audience", "stage")


@click.command(
    "preview",
    short_help="Show whom campaigns would reach, and what it would cost.",
    epilog="Example: campaigner preview shop --at 2026-02-06T10:00",
)
@click.argument("words", nargs=-1, metavar="[audience NAME|stage NAME] [PROJECT]")
@options.plan
@options.of_campaign
@options.period
@click.option("--keys", is_flag=True, help="Name the first customers of each clause.")
@options.format_of("table", "json", "csv")
@options.language
@click.pass_obj
def command(
    session: Session,
    words: tuple[str, ...],
    plan_file: str | None,
    campaign: str | None,
    at: str | None,
    start: str | None,
    end: str | None,
    keys: bool,
    format_: str,
) -> int:
    """Show whom the campaigns of PROJECT would reach at an instant or in a period.

    Each clause is a line with the customers that it leaves, from the audience to the caps. The last
    one has what is granted, and its cost. It goes through the ledger's checks, as a run does, and
    keeps nothing. INSTANT means its day up to then.

    With `audience NAME` or `stage NAME` it shows that one alone. With --keys and CSV there is a
    line for each customer who would get something, or who is in the audience or stage.
    """

    kind, name, project = _taken_apart(words)
    is_now = one_form_or_now(at, start, end)
    if name is not None and (start is not None or campaign is not None):
        raise incomplete(GROUP_AT)
    loaded, plan = compiled(project, session, plan_file)
    zone = ZoneInfo(plan.time_zone)
    if name is not None and kind is not None:
        instant = moment(at, zone, session.now(), even_ahead=True)
        group = _group_named(plan, kind, name)
        with _work(session, loaded, plan, None) as work:
            _show_group(work, group, instant, format_, keys=keys)
        return FINE
    from ....runtime.due.periods import At
    from ....runtime.preview.preview import preview

    only = None if campaign is None else require_campaign(plan, campaign)
    asked = At(session.now()) if is_now else period_of_options(at, start, end, zone)
    with _work(session, loaded, plan, only) as work:
        found = preview(work, as_period(asked, zone), keys=keys)
    tell_all(found.warnings, session)
    _show(found, plan, format_, keys=keys)
    return FINE


def _taken_apart(
    words: tuple[str, ...],
) -> tuple[Literal["audience", "stage"] | None, str | None, str]:
    """The kind and the name of a group, if one is asked for, and the project."""
    match words:
        case [("audience" | "stage") as kind, name, *project] if len(project) < 2:
            return kind, name, project[0] if project else "."
        case [project] if project not in _KINDS:
            return None, None, project
        case []:
            return None, None, "."
        case _:
            raise incomplete(PREVIEW_WORDS)


def _group_named(plan: Plan, kind: Literal["audience", "stage"], name: str) -> Group:
    """The audience or stage of that name; a stage's may go without its lifecycle if it is clear."""
    from ....runtime.preview.groups import groups_of

    groups = [one for one in groups_of(plan) if one.kind == kind]
    found = [one for one in groups if name in (one.name, one.name.rpartition(".")[2])]
    exact = [one for one in found if one.name == name] or found
    if len(exact) == 1:
        return exact[0]
    known = [one.name for one in (found or groups)]
    what = CLAUSES[kind]
    raise CannotRun(misspelt(NO_SUCH_GROUP, name, known, kind=what, name=name))


@contextmanager
def _work(session: Session, loaded: Settings, plan: Plan, only: str | None) -> Iterator[Work]:
    """The project's warehouse and ledger, which is only read."""
    from ....compiler.plan.plan_json import digest
    from ....runtime.run.work import Work

    seeds = seeds_of(loaded, plan)
    with warehouse_of(loaded, session.bell) as warehouse, ledger_of(loaded) as ledger:
        share = loaded.config.bad_share
        yield Work(plan, digest(plan), warehouse, ledger, {}, share, seeds, only)


def _show_group(work: Work, group: Group, at: datetime, format_: str, *, keys: bool) -> None:
    from ....runtime.preview.preview import SAMPLES, preview_group

    most = None if format_ == "csv" else SAMPLES
    found = preview_group(work, group, at, keys=most if keys else 0)
    match format_:
        case "json":
            click.echo(counts.group_as_json(found, at, work.plan.time_zone), nl=False)
        case "csv":
            _write(counts.group_keys_as_csv(found) if keys else counts.group_as_csv(found))
        case _:
            _, *columns = counts.columns(keys=keys)
            name = Column("name")
            show((name, *columns), list(counts.group_rows(found, keys=keys)))


def _show(found: Preview, plan: Plan, format_: str, *, keys: bool) -> None:
    match format_:
        case "json":
            click.echo(counts.as_json(found, plan.time_zone), nl=False)
        case "csv":
            _write(counts.keys_as_csv(found) if keys else counts.as_csv(found))
        case _:
            show(counts.columns(keys=keys), list(counts.rows(found, plan.currency, keys=keys)))
            for one in found.steps:
                if one.nothing is not None and one.nothing.reason in REASONS:
                    speak(REASONS[one.nothing.reason].filled(campaign=one.shown))
            if found.groups:
                click.echo()
                show(counts.SIZES, counts.sizes(found.groups))
            if found.several:
                click.echo()
                show(counts.OVERLAPS, counts.overlaps(found, _OVERLAPS))
                speak(Phrase("preview.several", count=f"{found.several:,}"))
            speak(Phrase("preview.nothing_kept"))


def _write(pieces: Iterable[str]) -> None:
    for piece in pieces:
        click.echo(piece, nl=False)
