"""`campaigner stop`: end a campaign for good."""

from __future__ import annotations

import click

from ..arguments import options
from ..changes import brake
from ..screen.terminal import Session


@click.command("stop", epilog="Example: campaigner stop shop win_back --reason 'the partner left'")
@options.braking
@options.language
@click.pass_obj
def command(
    session: Session, arguments: tuple[str, ...], every: bool, reason: str | None, by: str | None
) -> int:
    """Stop CAMPAIGN of PROJECT, or all of them, for good: nothing of it is decided any more.

    Grants that were made are delivered. A stopped campaign is not resumed; give a new one another
    name.
    """
    return brake(session, arguments, "stopped", reason, by, every=every)
