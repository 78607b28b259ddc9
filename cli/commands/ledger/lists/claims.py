"""`campaigner ledger claims`: events that claimed, and their outcomes."""

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
    from .....runtime.ledger.contract import ClaimRow

_LISTING = Listing(
    "claims",
    ("campaign", "recipient", "occurrence", "at", "chosen", "outcome", "grant", "account"),
)


@click.command("claims", epilog="Example: campaigner ledger claims shop --campaign gift_choice")
@options.project
@options.of_campaign
@options.listed
@options.language
@click.pass_obj
def command(session: Session, project: str, campaign: str | None, format_: str) -> int:
    """List every event of PROJECT that claimed (`claimed on EVENT`), by instant."""
    settings = settled(project, session)
    with ledger_of(settings) as ledger:
        campaign = require_kept(settings, ledger, campaign)
        _LISTING.write(map(_row, ledger.claims(campaign)), format_)
    return FINE


def _row(row: ClaimRow) -> dict[str, Cell]:
    return {
        "campaign": row.identity.campaign,
        "recipient": row.identity.recipient,
        "occurrence": row.identity.occurrence,
        "at": row.at.isoformat(),
        "chosen": ", ".join(row.chosen),
        "outcome": row.outcome,
        "grant": None if row.offer is None else str(row.offer),
        "account": row.account,
    }
