"""`campaigner ledger reversals`: events that took back grants, and their outcomes."""

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
    from .....runtime.ledger.contract import ReversalRow

_LISTING = Listing(
    "reversals",
    ("campaign", "customer", "occurrence", "at", "of", "part", "outcome"),
)


@click.command(
    "reversals", epilog="Example: campaigner ledger reversals shop --campaign order_points"
)
@options.project
@options.of_campaign
@options.listed
@options.language
@click.pass_obj
def command(session: Session, project: str, campaign: str | None, format_: str) -> int:
    """List every event of PROJECT that took back (`reversed on EVENT`), by instant."""
    settings = settled(project, session)
    with ledger_of(settings) as ledger:
        campaign = require_kept(settings, ledger, campaign)
        _LISTING.write(map(_row, ledger.reversals(campaign)), format_)
    return FINE


def _row(row: ReversalRow) -> dict[str, Cell]:
    return {
        "campaign": row.identity.campaign,
        "customer": row.identity.recipient,
        "occurrence": row.identity.occurrence,
        "at": row.at.isoformat(),
        "of": row.of,
        "part": None if row.part is None else f"{row.part:f}",
        "outcome": row.outcome,
    }
