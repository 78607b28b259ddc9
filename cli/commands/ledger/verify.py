"""`campaigner ledger verify`: whether the ledger adds up and was not changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....dsl.codes import ledger as codes
from ....dsl.diagnostics import CannotRun, Diagnostic, diagnose, has_errors
from ... import options
from ...exits import DOES_NOT_ADD_UP, FINE
from ...failures import tell_all
from ...formats import json
from ...formats.report import Report
from ...opening import ledger_of, ledger_place, ledger_refused
from ...projects import settled
from ...terminal import Session, width_of

if TYPE_CHECKING:
    from ....compiler.project import Project


@click.command("verify", epilog="Example: campaigner ledger verify shop")
@options.project
@click.option(
    "--format", "format_", type=options.Choice(["text", "json"]), default="text", show_default=True
)
@options.language
@click.pass_obj
def command(session: Session, project: str, format_: str) -> int:
    """Check that the ledger of PROJECT adds up, and is as it was written.

    It ends with 4 if not. Nothing is changed, and others may write meanwhile.
    """
    findings, decisions = _verified(settled(project, session))
    found = tuple(map(session.hidden, findings))
    sound = not has_errors(found)
    if format_ == "json":
        report = Report(
            found, session.sources, session.language, session.prefix, False, width_of(sys.stdout)
        )
        click.echo(json.render(report, decisions=decisions), nl=False)
    else:
        tell_all(found, session)
        if sound:
            click.echo(f"{decisions} decisions: all adds up, and is as it was written", err=True)
    return FINE if sound else DOES_NOT_ADD_UP


def _verified(project: Project) -> tuple[tuple[Diagnostic, ...], int | None]:
    """What is found, and how many decisions there are if that can be counted."""
    place = ledger_place(project)
    try:
        if isinstance(place, Path) and place.is_file() and place.stat().st_size == 0:
            raise CannotRun(diagnose(codes.LEDGER_DAMAGED, None, path=str(place)))
        with ledger_of(project) as ledger:
            findings = ledger.verify()
            if findings:
                return findings, None
            left = ledger.unchecked()
            return () if left is None else (left,), sum(ledger.outcomes().values())
    except CannotRun as stopped:
        found = ledger_refused(project, stopped.diagnostic)
        if found is None:
            raise
        return (found,), None
