"""Report on stderr, in the user's words, why a command stopped."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable

import click

from ..compiler.files.reasons import phrase_of
from ..dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, diagnose
from .codes import commands
from .formats.report import Report
from .formats.text import render, render_one
from .screen.terminal import Session, in_colour, width_of


def cannot_do(error: OSError) -> Diagnostic:
    """Return an operating system's refusal as a diagnostic."""
    path: str | Phrase = commands.THE_OUTPUT
    if error.filename is not None:
        path = os.fsdecode(error.filename)
    elif error.errno == errno.ENOENT:
        # Only the current folder can be missing without having been named.
        path = commands.THIS_FOLDER
    match error.errno:
        case errno.ENOENT:
            return diagnose(commands.NO_SUCH_FILE, None, path=path, here=_here())
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return diagnose(commands.NOT_ALLOWED, None, path=path)
        case errno.ENOSPC | errno.EDQUOT:
            return diagnose(commands.DISK_FULL, None, path=path)
        case _:
            reason = phrase_of((error.strerror or str(error)).lower())
            return diagnose(commands.UNUSABLE_FILE, None, path=path, reason=reason)


def tell(diagnostic: Diagnostic, session: Session) -> None:
    """One diagnostic on stderr: what stops the work."""
    report = _report((diagnostic,), session)
    click.echo(render_one(diagnostic, report), err=True, nl=False, color=report.colour)


def tell_all(diagnostics: Iterable[Diagnostic], session: Session) -> None:
    """Diagnostics of a project on stderr, with the lines they point at, and how many there are."""
    report = _report(tuple(diagnostics), session)
    if report.diagnostics:
        click.echo(render(report) + report.count(), err=True, color=report.colour)


def tell_stopped(stopped: CannotRun, session: Session) -> None:
    """Tell why the work stops: all findings, or the one diagnostic."""
    if stopped.diagnostics:
        tell_all(stopped.diagnostics, session)
    else:
        tell(stopped.diagnostic, session)


def _report(diagnostics: tuple[Diagnostic, ...], session: Session) -> Report:
    return Report(
        tuple(map(session.hidden, diagnostics)),
        session.sources,
        session.language,
        session.prefix,
        in_colour(sys.stderr),
        width_of(sys.stderr),
    )


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "."
