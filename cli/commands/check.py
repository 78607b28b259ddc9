"""`campaigner check`: every mistake of a project, in the format asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import click

from ...compiler.files.folder import STDIN, read_bounded
from ...dsl.diagnostics.diagnostic import has_errors, in_language
from ..applying import show_fixes, tell_left, write_fixes
from ..arguments import options
from ..arguments.usage import incomplete
from ..codes.usage import DIFF_OF_FILES, NOTHING_TO_FIX, WATCH_OF_FILES
from ..exits import FINDINGS, FINE, ROWS_LEFT_OUT
from ..formats import concise, github, json, sarif, text
from ..formats.report import Report
from ..projects import checked, pointed_at, prefix_of
from ..screen.terminal import Session, in_colour, width_of
from ..watching import watch_saves

_STDIN = "-"
_FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text.render,
    "concise": concise.render,
    "json": json.render,
    "github": github.render,
    "sarif": sarif.render,
}


@click.command("check", short_help="Find every mistake in a project.")
@options.project
@options.format_of(*_FORMATS)
@click.option(
    "--today",
    callback=options.day,
    metavar="DATE",
    help="Warn of campaigns that ended before DATE; the current day if left out.",
)
@click.option("--warehouse", is_flag=True, help="Hold the project's warehouse against it too.")
@click.option("--deny-warnings", is_flag=True, help="Exit with 1 for warnings too.")
@click.option("--fix", is_flag=True, help="Write the fixes that are safe; report what is left.")
@click.option("--diff", is_flag=True, help="Change nothing; print what --fix would.")
@click.option("--watch", "watches", is_flag=True, help="Check again at each save, until stopped.")
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    format_: str,
    today: date | None,
    warehouse: bool,
    deny_warnings: bool,
    fix: bool,
    diff: bool,
    watches: bool,
) -> int:
    """Find every mistake in PROJECT, a folder or its campaigner.toml.

    With - for PROJECT a campaign is read from stdin and checked as one more file of the project in
    the current folder.

    With --fix, mistakes whose right text is certain are mended in the files, and what is left is
    reported. With --diff it is printed what would change; it ends with 1 if anything would.

    With --warehouse the tables and columns that a run would read are checked once the files have no
    mistake. Rows that a run would leave out are listed; it ends with 3 if there are any.

    With --watch an edit is answered at once, and the whole project is checked once nobody edits.
    """
    if watches and (warehouse or fix or diff or project == _STDIN):
        raise incomplete(WATCH_OF_FILES)
    if fix and not diff and project == _STDIN:
        raise incomplete(NOTHING_TO_FIX)
    if diff and warehouse:
        raise incomplete(DIFF_OF_FILES)
    stdin = read_bounded(sys.stdin.buffer, STDIN) if project == _STDIN else None
    day = today or datetime.now(UTC).date()
    path = project if stdin is None else "."
    if watches:
        return _watch(session, path, format_, day)
    changed = False
    if diff:
        found, changed = show_fixes(path, day, stdin)
    else:
        if fix:
            write_fixes(path, day, session)
        found = checked(path, day, stdin, asking=session.bell if warehouse else None)
    # With --diff, stdout is the difference and nothing else.
    stream = sys.stderr if diff else sys.stdout
    colour, width = in_colour(stream), width_of(stream)
    report = Report(
        *(found.diagnostics, found.sources, session.language, found.prefix, colour, width)
    )
    click.echo(_FORMATS[format_](report), nl=False, color=report.colour, err=diff)
    click.echo(report.count(), err=True)
    for one in found.samples:
        click.echo(in_language(one, session.language), err=True)
    if fix or diff:
        tell_left(report, session)
    if changed:
        return FINDINGS
    if has_errors(found.diagnostics) or (deny_warnings and found.diagnostics):
        return FINDINGS
    return ROWS_LEFT_OUT if found.left_out else FINE


def _watch(session: Session, path: str, format_: str, today: date) -> int:
    """Reports until a signal comes."""
    from ...compiler.watched import Watched

    watched = Watched.begin(Path(path), today)
    prefix = prefix_of(watched.root)

    def tell() -> None:
        sources = pointed_at(watched.found, watched.contents.files)
        colour, width = in_colour(sys.stdout), width_of(sys.stdout)
        report = Report(watched.found, sources, session.language, prefix, colour, width)
        click.echo(_FORMATS[format_](report), nl=False, color=colour)
        click.echo(report.count(), err=True)
        sys.stdout.flush()

    watch_saves(watched, today, tell, session.pause)
    return FINE
