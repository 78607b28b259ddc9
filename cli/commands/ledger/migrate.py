"""`campaigner ledger migrate`: an older ledger in this version's format."""

from __future__ import annotations

import click

from ... import changes
from ...arguments import options
from ...codes.command_line import STEPS_KEPT
from ...projects import settled
from ...screen.terminal import Session


@click.command("migrate", epilog="Example: campaigner ledger migrate shop")
@options.project
@options.language
@click.pass_obj
def command(session: Session, project: str) -> int:
    """Bring the ledger of PROJECT to the format of this version, in one step.

    Keep a copy first: the older version cannot use it any more.
    """
    session.kept = STEPS_KEPT
    return changes.migrate(settled(project, session))
