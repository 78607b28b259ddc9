"""`campaigner pause`: hold a campaign at once."""

from __future__ import annotations

import click

from ..arguments import options
from ..changes import brake
from ..screen.terminal import Session


@click.command(
    "pause", epilog="Example: campaigner pause shop win_back --reason 'the coupon does not work'"
)
@options.braking
@options.language
@click.pass_obj
def command(
    session: Session, arguments: tuple[str, ...], every: bool, reason: str | None, by: str | None
) -> int:
    """Pause CAMPAIGN of PROJECT, or all of them: nothing of it is decided or sent from now on.

    Every worker on the ledger holds at once. What was granted stays granted, and is delivered once
    it is resumed. What becomes of what comes meanwhile, the campaign says: `while paused resume`
    (decided later, and so without the clause), or `while paused lapse`.
    """
    return brake(session, arguments, "paused", reason, by, every=every)
