"""The entry point: which commands there are, and how every one of them ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import pairwise

import click

from ..dsl.diagnostics.diagnostic import CannotRun, Language
from ..dsl.words.catalogue import languages
from .arguments.lazy import LazyGroup
from .codes.command_line import NOTHING_CHANGED, OUTPUT_CUT_OFF
from .exits import COULD_NOT_RUN, FINE, INTERRUPTED, READER_GONE
from .screen.crash import guard
from .screen.streams import discard_output, prepare
from .screen.terminal import Session, spoken

COMPLETE = "_CAMPAIGNER_COMPLETE"
"""The variable by which a shell asks for completion, as click names it."""

_SUMMARIES = {
    "init": "Start a small project that checks, runs and is commented.",
    "check": "Find every mistake in a project.",
    "fmt": "Write campaign files in the one canonical layout.",
    "plan": "Print what the project compiles to, as JSON.",
    "sql": "Print the query that gives a campaign's decisions.",
    "preview": "Show whom campaigns would reach, and what it would cost.",
    "diff": "Show what differs in meaning between two versions.",
    "simulate": "See what a past period would have granted and cost.",
    "measure": "Show what came of campaigns, against those held out.",
    "lifecycle": "Show customers by stage over time, and moves.",
    "review": "Report what came of a campaign, phase by phase.",
    "paths": "Show the ways that customers take between two events.",
    "contrast": "Show what sets two audiences apart.",
    "value": "Show what customers are worth, and what winning them costs.",
    "export": "Hand audiences, stages and scores of customers to other systems.",
    "run": "Carry out what is due: decide, grant, deliver.",
    "status": "Show how far campaigns are, and rows left out.",
    "pause": "Hold a campaign at once.",
    "resume": "Let a paused campaign go on.",
    "stop": "End a campaign for good.",
    "events": "Decide events as they come, line by line.",
    "ingest": "Decide events from a broker, and do what falls due.",
    "test": "Run the scenarios of a project on a virtual clock.",
    "explain": "Say why a customer did, or did not, get it.",
    "ledger": "Show what was granted and what is left; check the ledger.",
    "doc": "Write pages about all campaigns for their team.",
    "rules": "Write a campaign's rules as its customers may read them.",
    "outbox": "Show what could not be delivered; have it sent again.",
    "help": "Explain a code such as E203, with an example.",
}

_PLANNING = ("diff", "rules", "preview", "test", "simulate", "doc")
"""The commands of `commands/planning`."""
_MEASURING = ("contrast", "export", "lifecycle", "measure", "paths", "review", "value")
"""The commands of `commands/measuring`."""


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    # Reading the metadata of an installation takes longer than all the rest of start-up.
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"campaigner {version('campaigner')}")
    except PackageNotFoundError:
        click.echo("campaigner, not installed")
    ctx.exit()


cli = LazyGroup(
    "campaigner",
    package="campaigner.cli.commands",
    folders={**dict.fromkeys(_PLANNING, "planning"), **dict.fromkeys(_MEASURING, "measuring")},
    summaries=_SUMMARIES,
    text="Campaigns as files: check them, run them, explain them.",
    exit_codes="Exit codes: 0 fine, 1 mistakes in the project, 2 could not run, 3 rows left out,"
    " 5 not delivered.",
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Show the version and exit.",
        )
    ],
)


def main() -> None:
    """The command `campaigner`."""
    prepare()
    arguments = sys.argv[1:]
    session = Session(_language_of(arguments) or spoken(os.environ))
    guard(session)
    sys.exit(invoke(arguments, session))


def invoke(arguments: Sequence[str], session: Session | None = None) -> int:
    """Run one command line; the exit code."""
    session = session or Session(_language_of(arguments) or spoken(os.environ))
    try:
        return _output(arguments, session)
    except (KeyboardInterrupt, click.Abort):
        click.echo((session.kept or NOTHING_CHANGED).say(session.language), err=True)
        discard_output()
        return INTERRUPTED if session.bell.rung is None else session.bell.rung.code


def _output(arguments: Sequence[str], session: Session) -> int:
    """Run the command line; its exit code, or that of an output that cannot be written."""
    try:
        code = _started(arguments, session)
        sys.stdout.flush()
    except OSError as error:
        code = READER_GONE if isinstance(error, BrokenPipeError) else COULD_NOT_RUN
        if code == COULD_NOT_RUN:
            _tell(error, session)
        if error.filename is None and session.kept is not None:
            click.echo(OUTPUT_CUT_OFF.say(session.language), err=True)
        discard_output()
    return code


def _started(arguments: Sequence[str], session: Session) -> int:
    if COMPLETE in os.environ:
        from .arguments.completion import complete

        return complete(cli, COMPLETE, os.environ[COMPLETE])
    return _dispatch(arguments, session)


def _language_of(arguments: Sequence[str]) -> Language | None:
    """The language that `--lang` names, read early so that option errors follow it too."""
    words = " ".join(arguments).replace("--lang=", "--lang ").split()
    after = [word for option, word in pairwise(words) if option == "--lang"]
    return next((one for one in languages() if one in after[-1:]), None)


def _dispatch(arguments: Sequence[str], session: Session) -> int:
    """Run the command; report on stderr what stops it, without a traceback."""
    try:
        with session.bell, cli.make_context("campaigner", [*arguments], obj=session) as context:
            code = cli.invoke(context)
            return code if isinstance(code, int) else FINE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as mistake:
        _tell_usage(mistake, session, arguments)
        return COULD_NOT_RUN
    except CannotRun as stopped:
        _tell(stopped, session)
        return COULD_NOT_RUN


def _tell_usage(mistake: click.UsageError, session: Session, arguments: Sequence[str]) -> None:
    from .arguments.usage import diagnosed
    from .failures import tell

    diagnostic = diagnosed(mistake, cli, arguments)
    if diagnostic is None:
        mistake.show()
    else:
        tell(diagnostic, session)


def _tell(error: CannotRun | OSError, session: Session) -> None:
    # Only a command that fails pays for the words.
    from .failures import cannot_do, tell, tell_stopped

    if isinstance(error, CannotRun):
        tell_stopped(error, session)
    else:
        tell(cannot_do(error), session)
