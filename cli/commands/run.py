"""`campaigner run`: carry out what is due, through the ledger, to the outbox."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ...dsl.diagnostics.diagnostic import Phrase
from ..arguments import options
from ..arguments.instants import asked, one_form, refuse_period_ahead
from ..codes.command_line import DECISIONS_KEPT
from ..exits import COULD_NOT_RUN, FINE, ROWS_LEFT_OUT
from ..failures import tell_all
from ..formats import outcome_json
from ..formats.nothing import Teller
from ..formats.outcome import columns, notes, rows
from ..projects import compiled
from ..resources import channels_of, ledger_of, ledger_place, seeds_of, warehouse_of
from ..screen.progress import progress
from ..screen.speaking import speak
from ..screen.tables import show
from ..screen.terminal import Session
from ..stopping import Bell

if TYPE_CHECKING:
    from ...compiler.plan import Plan
    from ...compiler.project.settings import Settings
    from ...runtime.due.periods import At, Between
    from ...runtime.run.report import RunReport


@click.command("run", short_help="Carry out what is due: decide, grant, deliver.")
@options.project
@options.plan
@options.period
@click.option("--dry-run", is_flag=True, help="Say what would happen; keep and deliver nothing.")
@options.even_in_the_future
@click.option(
    "--format",
    "format_",
    type=options.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or a document for programs.",
)
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    plan_file: str | None,
    at: str | None,
    start: str | None,
    end: str | None,
    dry_run: bool,
    even_in_the_future: bool,
    format_: str,
) -> int:
    """Carry out what is due in PROJECT: up to an instant, or in a period with both ends in it.

    A period that ends later than the clock is refused; `--to` with a date may be today, and a
    rehearsal may look ahead. Running again changes nothing, and after a crash brings the ledger to
    the same state. If a campaign gives nothing, the clause is named that lost its last customers.
    """
    one_form(at, start, end)
    loaded, plan = compiled(project, session, plan_file)
    zone = ZoneInfo(plan.time_zone)
    period = asked(at, start, end, zone)
    if not dry_run and not even_in_the_future:
        refuse_period_ahead(period, at, end, zone, session.now())
    from ...runtime.warehouse.check import Unfit

    session.kept = None if dry_run else DECISIONS_KEPT
    try:
        report = _carry_out(session.bell, loaded, plan, period, dry_run)
    except Unfit as unfit:
        tell_all(unfit.diagnostics, session)
        return COULD_NOT_RUN
    tell_all(report.warnings, session)
    teller = Teller(report, zone, session.language, session.prefix, session.hidden)
    if format_ == "json":
        click.echo(outcome_json.render(report, teller), nl=False)
    else:
        show(columns(plan.currency), rows(report))
        for line in teller.lines():
            click.echo(line, err=True)
        for note in notes(report):
            speak(note)
        if not dry_run:
            _point_to_files(loaded, project)
    return ROWS_LEFT_OUT if report.left_out else FINE


def _carry_out(
    bell: Bell, loaded: Settings, plan: Plan, period: At | Between, dry_run: bool
) -> RunReport:
    from ...compiler.plan.plan_json import digest
    from ...runtime.due.periods import Between, last_instant
    from ...runtime.run.run import Work, run

    start = period.start if isinstance(period, Between) else None
    seeds = seeds_of(loaded, plan)
    with (
        warehouse_of(loaded, bell) as warehouse,
        ledger_of(loaded, "read" if dry_run else "write") as ledger,
        progress(start, last_instant(period)) as told,
    ):
        channels, share = channels_of(loaded), loaded.config.bad_share
        work = Work(plan, digest(plan), warehouse, ledger, channels, share, seeds)
        return run(work, period, dry_run=dry_run, progress=told)


def _point_to_files(loaded: Settings, project: str) -> None:
    """Where the reader finds what has happened."""
    from ...runtime.delivery import FileChannel

    speak(Phrase("run.ledger", path=str(_near(ledger_place(loaded)))))
    for channel in channels_of(loaded).values():
        if isinstance(channel, FileChannel) and os.path.exists(channel.path):
            shown = channel.shown if "${" in channel.shown else _near(channel.path)
            speak(Phrase("run.outbox", path=str(shown)))
    shown = "" if project == "." else f" {project}"
    speak(Phrase("run.next", project=shown))


def _near(path: Path | str) -> Path | str:
    """The path from the current folder, where it is below that."""
    if isinstance(path, str):
        return path
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
