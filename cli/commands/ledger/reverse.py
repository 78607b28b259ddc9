"""`campaigner ledger reverse`: grants taken back."""

from __future__ import annotations

import click

from ... import changes
from ...arguments import options
from ...codes.command_line import STEPS_KEPT
from ...projects import settled
from ...screen.terminal import Session


@click.command("reverse", epilog="Example: campaigner ledger reverse shop 17 18 --reason 'mistake'")
@options.project_and_grants
@click.option(
    "--reason", type=options.TEXT, metavar="TEXT", help="Why: it is kept with the reversal."
)
@click.option("--even-if-redeemed", is_flag=True, help="Reverse also what was redeemed.")
@options.language
@click.pass_obj
def command(
    session: Session, arguments: tuple[str, ...], reason: str | None, even_if_redeemed: bool
) -> int:
    """Take back grants of PROJECT, all in one step, by the numbers that `grants` shows."""
    session.kept = STEPS_KEPT
    project, grants = options.split(arguments)
    return changes.reverse(
        settled(project, session), grants, reason, even_if_redeemed=even_if_redeemed
    )
