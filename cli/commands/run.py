"""`campaigner run`: carry out what is due, through the ledger, to the outbox."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import click

from ...dsl.diagnostics.diagnostic import Phrase, in_language
from ..arguments import options
from ..arguments.instants import one_form_or_now, period_of_options, refuse_period_ahead
from ..arguments.usage import incomplete
from ..codes.command_line import DECISIONS_KEPT
from ..codes.usage import GRANTS_OF_REHEARSAL, WATCH_ALONE
from ..exits import FINE, NOT_DELIVERED, ROWS_LEFT_OUT
from ..failures import tell_all, tell_stopped
from ..formats import outcome_json
from ..formats.grants import GRANTS, grant_row
from ..formats.nothing import Teller
from ..formats.outcome import columns, notes, rows
from ..projects import compiled, require_campaign
from ..resources import channels_of, ledger_of, ledger_place, seeds_of, warehouse_of
from ..screen.progress import progress
from ..screen.speaking import speak
from ..screen.tables import show
from ..screen.terminal import Session
from ..stopping import Bell
from ..watching import did_something, passed, watch

if TYPE_CHECKING:
    from datetime import datetime

    from ...compiler.plan import Plan
    from ...compiler.project.settings import Settings
    from ...dsl.diagnostics.diagnostic import CannotRun
    from ...runtime.due.periods import At, Between
    from ...runtime.run.report import RunReport


@click.command("run", short_help="Carry out what is due: decide, grant, deliver.")
@options.project
@options.plan
@options.period
@options.of_campaign
@click.option("--dry-run", is_flag=True, help="Say what would happen; keep and deliver nothing.")
@click.option("--grants", is_flag=True, help="With --dry-run: list who would get what.")
@options.even_in_the_future
@click.option(
    "--watch",
    "watches",
    is_flag=True,
    help="Go on, at each instant that falls due, until it is stopped.",
)
@options.plain
@options.format_of("table", "json", says="A table for people, or a document for programs.")
@options.language
@click.pass_obj
def command(
    session: Session,
    /,
    project: str,
    plan_file: str | None,
    campaign: str | None,
    dry_run: bool,
    grants: bool,
    even_in_the_future: bool,
    watches: bool,
    plain: bool,
    format_: str,
    **asked: str | None,
) -> int:
    """Carry out what is due in PROJECT: up to now, to an instant, or in a period with both ends.

    A period that ends later than the clock is refused; `--to` with a date may be today, and a
    rehearsal may look ahead. With --campaign everything else stays as it is. Running again changes
    nothing, and after a crash brings the ledger to the same state. If a campaign gives nothing, the
    clause is named that lost its last customers.
    """
    at, start, end = asked["at"], asked["start"], asked["end"]
    is_now = one_form_or_now(at, start, end)
    if watches and (dry_run or not is_now or campaign is not None):
        raise incomplete(WATCH_ALONE)
    if grants and not dry_run:
        raise incomplete(GRANTS_OF_REHEARSAL)
    loaded, plan = compiled(project, session, plan_file)
    session.kept = None if dry_run else DECISIONS_KEPT
    shown = _Shown(session, loaded, plan, format_, project, plain)
    if watches:
        _watch(shown)
    from ...runtime.due.periods import At

    zone = ZoneInfo(plan.time_zone)
    period = At(session.now()) if is_now else period_of_options(at, start, end, zone)
    if not is_now and not dry_run and not even_in_the_future:
        refuse_period_ahead(period, at, end, zone, session.now())
    only = None if campaign is None else require_campaign(plan, campaign)
    report = _carry_out(
        *(session.bell, loaded, plan, period),
        dry_run=dry_run,
        only=only,
        observes=grants,
        plain=plain,
    )
    shown.whole(report)
    if report.delivered.faults or report.delivered.broken:
        return NOT_DELIVERED
    return ROWS_LEFT_OUT if report.left_out else FINE


@dataclass(frozen=True, slots=True)
class _Shown:
    """The ways in which a run's report is shown."""

    session: Session
    loaded: Settings
    plan: Plan
    format_: str
    project: str
    is_plain: bool

    def whole(self, report: RunReport) -> None:
        """Everything of the report, and where the files are."""
        tell_all(report.warnings, self.session)
        teller = self._teller(report)
        if self.format_ == "json":
            click.echo(outcome_json.render(report, teller), nl=False)
            return
        show(columns(self.plan.currency), rows(report))
        if report.grants:
            click.echo()
            GRANTS.write(map(grant_row, report.grants), "table")
        for line in teller.lines():
            click.echo(line, err=True)
        for note in notes(report):
            speak(note)
        if not report.rehearsed:
            _point_to_files(self.loaded, self.project)

    def line(self, report: RunReport) -> None:
        """One line of a pass: its JSON, or how much it granted and delivered."""
        if self.format_ == "json":
            click.echo(outcome_json.on_one_line(report, self._teller(report)))
            return
        click.echo(in_language(passed(report, self.plan.time_zone), self.session.language))

    def refused(self, stopped: CannotRun) -> None:
        """The reason why a pass could not be made; the next one tries again."""

        tell_stopped(stopped, self.session)

    def _teller(self, report: RunReport) -> Teller:
        zone, language = ZoneInfo(self.plan.time_zone), self.session.language
        return Teller(report, zone, language, self.session.prefix, self.session.hidden)


def _watch(shown: _Shown) -> NoReturn:
    """Passes until a signal comes. A first pass that cannot be made ends the command."""
    from ...runtime.due.periods import At
    from ...runtime.due.upcoming import upcoming

    session, plan = shown.session, shown.plan
    warned: set[str] = set()

    def carry_out(at: datetime) -> None:
        period, plain = At(at), shown.is_plain
        report = _carry_out(session.bell, shown.loaded, plan, period, watches=True, plain=plain)
        found = {one.message(): one for one in report.warnings}
        tell_all([one for text, one in found.items() if text not in warned], session)
        warned.clear()
        warned.update(found)
        if did_something(report):
            shown.line(report)

    watch(
        session.now,
        carry_out,
        lambda at: upcoming(plan, at).values(),
        shown.refused,
        session.pause,
    )


def _carry_out(
    bell: Bell,
    loaded: Settings,
    plan: Plan,
    period: At | Between,
    *,
    dry_run: bool = False,
    watches: bool = False,
    only: str | None = None,
    observes: bool = False,
    plain: bool = False,
) -> RunReport:
    from ...compiler.plan.plan_json import digest
    from ...runtime.due.periods import Between, last_instant
    from ...runtime.ledger.batches.kept_texts import WATCHED
    from ...runtime.run.run import run
    from ...runtime.run.work import Work

    start = period.start if isinstance(period, Between) else None
    seeds = seeds_of(loaded, plan)
    with (
        warehouse_of(loaded, bell) as warehouse,
        ledger_of(loaded, "read" if dry_run else "write", plain=plain) as ledger,
        progress(start, last_instant(period)) as told,
    ):
        channels, share = channels_of(loaded), loaded.config.bad_share
        work = Work(
            *(plan, digest(plan), warehouse, ledger, channels, share, seeds, only, observes),
            plain=plain,
        )
        report = run(work, period, dry_run=dry_run, progress=told)
        if watches:
            ledger.set_progress({WATCHED: last_instant(period)})
        return report


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
