"""`campaigner resume`: let a paused campaign go on."""

from __future__ import annotations

import click

from ..arguments import options
from ..changes import brake
from ..screen.terminal import Session


@click.command(
    "resume", epilog="Example: campaigner resume shop win_back --reason 'coupons work again'"
)
@options.braking
@options.language
@click.pass_obj
def command(
    session: Session, arguments: tuple[str, ...], every: bool, reason: str | None, by: str | None
) -> int:
    """Let CAMPAIGN of PROJECT go on, or all that are paused.

    The next run decides what came meanwhile, unless the campaign says `while paused lapse`.
    """
    return brake(session, arguments, "resumed", reason, by, every=every)
