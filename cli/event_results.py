"""Results of `events` and `ingest`: a line an event as it is decided, or a table at the end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .failures import tell_all
from .formats.events import as_lines, columns, notes, rows
from .screen.speaking import speak
from .screen.tables import show
from .screen.terminal import Session

if TYPE_CHECKING:
    from ..runtime.events.session import DecidedLines, Totals


def tell_batch(decided: DecidedLines, format_: str, session: Session) -> None:
    """Report faults of lines, and in JSON print a line for each event."""
    tell_all(decided.problems, session)
    if format_ == "json":
        for line in as_lines(decided, session.language):
            click.echo(line)
        sys.stdout.flush()


def tell_totals(totals: Totals, format_: str) -> None:
    """Show the notes on the totals, and before them the table unless the format is JSON."""
    if format_ == "table":
        show(columns(), rows(totals))
    for note in notes(totals):
        speak(note)
