"""Results of `events` and `ingest`: a line an event as it is decided, or a table at the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from ..dsl.diagnostics.diagnostic import Diagnostic
from .failures import tell_all
from .formats.events import as_lines, columns, notes, rows
from .screen.speaking import speak
from .screen.tables import show
from .screen.terminal import Session

if TYPE_CHECKING:
    from ..runtime.events.session import DecidedLines, Totals


def tell_batch(decided: DecidedLines, format_: str, session: Session) -> None:
    """Report faults of lines, and in JSON print a line for each event."""
    shown = as_lines(decided, session.language) if format_ == "json" else ()
    tell_lines(decided.problems, shown, session)


def tell_lines(problems: Iterable[Diagnostic], shown: Iterable[str], session: Session) -> None:
    """Report faults of lines, and print what is shown of lines, in one go.

    Half of the time of a line in JSON went into a call of the terminal's library for each.
    """
    tell_all(problems, session)
    text = "\n".join(shown)
    if text:
        click.echo(text)


def tell_totals(totals: Totals, format_: str) -> None:
    """Show the notes on the totals, and before them the table unless the format is JSON."""
    if format_ == "table":
        show(columns(), rows(totals))
    for note in notes(totals):
        speak(note)
