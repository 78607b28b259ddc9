"""`campaigner ingest`: decide the events of a broker or of lines, and do all that falls due."""

from __future__ import annotations

import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...dsl.diagnostics.diagnostic import CannotRun, Phrase
from ..arguments import options
from ..arguments.projects import split_project
from ..arguments.usage import incomplete
from ..codes.command_line import DECISIONS_KEPT
from ..codes.commands import UNKNOWN_SOURCE
from ..codes.usage import ONE_SOURCE, STDIN_TWICE
from ..event_results import tell_batch, tell_totals
from ..exits import FINDINGS, FINE, ROWS_LEFT_OUT
from ..failures import tell
from ..ingesting import Backoff, Ingesting, opened
from ..nearest import misspelt
from ..projects import FROM_STDIN, compiled
from ..screen.speaking import speak
from ..screen.terminal import Session

if TYPE_CHECKING:
    from ...compiler.project.settings import Settings
    from ...runtime.ingest.messages import Source


@click.command("ingest", short_help="Decide events from a broker, and do what falls due.")
@click.argument("arguments", nargs=-1, metavar="[PROJECT] [SOURCE|FILE|-]")
@options.plan
@options.format_of("table", "json", says="A table at the end, or a line an event as it is decided.")
@click.option("--until-idle", is_flag=True, help="End once the source has no more for now.")
@options.even_in_the_future
@options.plain
@options.language
@click.pass_obj
def command(
    session: Session,
    arguments: tuple[str, ...],
    plan_file: str | None,
    format_: str,
    until_idle: bool,
    even_in_the_future: bool,
    plain: bool,
) -> int:
    """Decide the events of SOURCE, a heading [ingest.SOURCE] of campaigner.toml, until stopped.

    FILE, or - for stdin, holds one JSON object a line. Messages that cannot be read go to a file of
    dead letters, each with its reason. Between events it does all that `run --watch` does:
    schedules, timers, expiries, waiting lists and deliveries. SOURCE may be left out if there is
    only one.
    """
    project, wanted = split_project(arguments, ONE_SOURCE)
    if wanted == plan_file == FROM_STDIN:
        raise incomplete(STDIN_TWICE)
    loaded, plan = compiled(project, session, plan_file)

    with ExitStack() as stack:
        source, label, letters = _source(stack, loaded, wanted)
        now = None if even_in_the_future else session.now
        ingesting = Ingesting(session, loaded, plan, source, label, letters, now, plain=plain)
        session.kept = DECISIONS_KEPT
        _ingest(ingesting, session, format_, until_idle=until_idle)
    totals = ingesting.totals
    if totals is None:
        return FINE
    tell_totals(totals, format_)
    if totals.unusable:
        speak(Phrase("ingest.set_aside", count=f"{totals.unusable:,}", path=str(letters)))
        return FINDINGS
    return ROWS_LEFT_OUT if ingesting.left_out else FINE


def _ingest(ingesting: Ingesting, session: Session, format_: str, *, until_idle: bool) -> None:
    """Decide batch after batch. After a fault, try again later; the first one ends the command."""
    backoff = Backoff()
    has_begun = False
    while True:
        try:
            with ingesting.opened():
                has_begun = True
                for decided in ingesting.batches(until_idle=until_idle):
                    backoff.reset()
                    tell_batch(decided, format_, session)
                return
        except CannotRun as stopped:
            if not has_begun:
                raise
            tell(stopped.diagnostic, session)
            session.pause(backoff.next())


def _source(stack: ExitStack, loaded: Settings, wanted: str | None) -> tuple[Source, str, Path]:
    """The source, its name for people, and the file of its dead letters."""
    from ...compiler.files.environment import expand
    from ...compiler.project.channel_entries import dead_letters_of
    from ...runtime.ingest.from_lines import LineSource
    from ...runtime.ingest.settings import open_source

    known = loaded.config.ingest
    if wanted is None and len(known) == 1:
        (wanted,) = known
    if wanted is not None and wanted in known:
        settings = known[wanted]
        source = open_source(settings)
        stack.callback(_close, source)
        return source, wanted, Path(expand(settings.dead_letters))
    if wanted is None:
        raise incomplete(ONE_SOURCE)
    letters = loaded.root / dead_letters_of("ingest")
    if wanted == FROM_STDIN:
        return LineSource(sys.stdin.fileno()), "stdin", letters
    if not Path(wanted).exists():
        raise CannotRun(misspelt(UNKNOWN_SOURCE, wanted, sorted(known), name=wanted))
    return LineSource(stack.enter_context(opened(wanted)).fileno()), wanted, letters


def _close(source: Source) -> None:
    with suppress(CannotRun):
        source.close()
