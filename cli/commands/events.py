"""`campaigner events`: decide events as they come, through the ledger."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from ..arguments import options
from ..arguments.projects import split_project
from ..arguments.usage import incomplete
from ..codes.command_line import DECISIONS_KEPT
from ..codes.usage import PROJECT_AND_FILE, STDIN_TWICE
from ..event_results import tell_batch, tell_totals
from ..exits import FINDINGS, FINE, ROWS_LEFT_OUT
from ..failures import tell_all
from ..ingesting import opened
from ..projects import FROM_STDIN, compiled
from ..resources import ledger_of, worker_of
from ..screen.terminal import Session
from ..stopping import whole

if TYPE_CHECKING:
    from ...runtime.events.session import Totals
    from ..workers.messages import Begin


@click.command("events", short_help="Decide events as they come, line by line.")
@click.argument("arguments", nargs=-1, metavar="[PROJECT] [FILE|-]")
@options.plan
@options.format_of("table", "json", says="A table at the end, or a line an event as it is decided.")
@options.even_in_the_future
@options.plain
@options.workers
@options.language
@click.pass_obj
def command(
    session: Session,
    arguments: tuple[str, ...],
    plan_file: str | None,
    format_: str,
    even_in_the_future: bool,
    plain: bool,
    workers: int,
) -> int:
    """Decide the events in FILE, one JSON object a line; those of stdin if it is left out or `-`.

    What they grant goes through the ledger of PROJECT, once: here, in another worker, or in a run.
    A line that is not an event is reported and skipped, and so is an event of the future.
    """
    from ...runtime.codes.events import STANDARD_INPUT
    from ..workers.messages import Begin
    from ..workers.streaming import require_apart, together

    project, named = split_project(arguments, PROJECT_AND_FILE)
    file = FROM_STDIN if named is None else named
    if file == plan_file == FROM_STDIN:
        raise incomplete(STDIN_TWICE)
    loaded, plan = compiled(project, session, plan_file)
    if workers > 1:
        require_apart(plan)

    work = Begin(
        loaded,
        plan,
        STANDARD_INPUT if file == FROM_STDIN else file,
        session.language,
        format_ == "json",
        plain,
        even_in_the_future,
        session.now(),
    )
    with ExitStack() as stack:
        stream = sys.stdin.buffer if file == FROM_STDIN else stack.enter_context(opened(file))
        if workers == 1:
            totals, left_out = _alone(session, work, stream.fileno(), format_)
        else:
            totals, left_out = together(session, work, stream.fileno(), workers)
    tell_totals(totals, format_)
    if totals.unusable:
        return FINDINGS
    return ROWS_LEFT_OUT if left_out else FINE


def _alone(session: Session, work: Begin, descriptor: int, format_: str) -> tuple[Totals, bool]:
    """Decide a stream in this process; return the totals, and whether rows were left out."""
    from ...compiler.collector import collector_between_turns
    from ...runtime.events.lines import Lines
    from ...runtime.events.session import EventSession

    plan = work.plan
    with (
        ledger_of(work.settings, "write", plain=work.plain) as ledger,
        collector_between_turns() as turn,
    ):
        now = None if work.even_in_the_future else session.now
        lines = Lines(plan, work.file, now, plain=work.plain)
        worker = worker_of(work.settings, plan, ledger, session.bell, plain=work.plain)
        events = EventSession(worker, lines, plain=work.plain)
        tell_all(events.fit(session.now()), session)
        session.kept = DECISIONS_KEPT
        for batch in events.batches(descriptor):
            with whole():
                if batch:
                    tell_batch(events.decide_read(batch), format_, session)
                else:
                    events.pass_time(session.now())
            turn()
        events.settle(session.now())
        ledger.alert_overdue(plan, session.now())
    return events.totals, bool(events.left_out)
