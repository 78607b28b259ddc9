"""`campaigner ledger brakes`: who paused, resumed and stopped campaigns, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ....arguments import options
from ....exits import FINE
from ....formats.listing import Listing
from ....formats.records import Cell
from ....projects import require_kept, settled
from ....resources import ledger_of
from ....screen.terminal import Session

if TYPE_CHECKING:
    from .....runtime.ledger.brakes.held import Brake

_LISTING = Listing("brakes", ("campaign", "state", "at", "author", "reason"))


@click.command("brakes", epilog="Example: campaigner ledger brakes shop --campaign win_back")
@options.project
@options.of_campaign
@options.listed
@options.language
@click.pass_obj
def command(session: Session, project: str, campaign: str | None, format_: str) -> int:
    """List who paused, resumed and stopped campaigns of PROJECT, when and why."""
    settings = settled(project, session)
    with ledger_of(settings) as ledger:
        campaign = require_kept(settings, ledger, campaign)
        _LISTING.write(map(_row, ledger.brakes(campaign)), format_)
    return FINE


def _row(brake: Brake) -> dict[str, Cell]:
    return {
        "campaign": brake.campaign,
        "state": brake.kind,
        "at": brake.at.isoformat(),
        "author": brake.author or None,
        "reason": brake.reason,
    }
