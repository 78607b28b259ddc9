"""`campaigner ledger verify`: whether the ledger adds up and was not changed."""

from __future__ import annotations

import click

from ... import options
from ...exits import DOES_NOT_ADD_UP, FINE
from ...failures import tell_all
from ...opening import ledger_of
from ...projects import settled
from ...terminal import Session


@click.command("verify", epilog="Example: campaigner ledger verify shop")
@options.project
@options.language
@click.pass_obj
def command(session: Session, project: str) -> int:
    """Check that the ledger of PROJECT adds up, and is as it was written.

    It ends with 4 if not. Nothing is changed, and others may write meanwhile.
    """
    with ledger_of(settled(project, session)) as ledger:
        found = ledger.verify()
        tell_all(found, session)
        decided = sum(ledger.outcomes().values())
    if not found:
        click.echo(f"{decided} decisions: all adds up, and is as it was written", err=True)
    return DOES_NOT_ADD_UP if found else FINE
