"""`campaigner ledger offers`: offers that nothing was chosen from yet."""

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
    from .....runtime.ledger.contract import OfferRow

_LISTING = Listing(
    "offers",
    ("grant", "campaign", "step", "recipient", "occurrence", "at", "ends", "choose", "options"),
)


@click.command("offers", epilog="Example: campaigner ledger offers shop --customer c001")
@options.project
@options.of_campaign
@click.option("--customer", type=options.KEY, metavar="KEY", help="Of this customer alone.")
@options.listed
@options.language
@click.pass_obj
def command(
    session: Session, project: str, campaign: str | None, customer: str | None, format_: str
) -> int:
    """List the offers of PROJECT that nothing was chosen from yet, by their end."""
    settings = settled(project, session)
    with ledger_of(settings) as ledger:
        campaign = require_kept(settings, ledger, campaign)
        found = ledger.offers(customer)
        rows = (_row(one) for one in found if campaign in (None, one.identity.campaign))
        _LISTING.write(rows, format_)
    return FINE


def _row(row: OfferRow) -> dict[str, Cell]:
    return {
        "grant": str(row.number),
        "campaign": row.identity.campaign,
        "step": row.identity.step,
        "recipient": row.identity.recipient,
        "occurrence": row.identity.occurrence,
        "at": row.at.isoformat(),
        "ends": row.ends.isoformat(),
        "choose": str(row.count),
        "options": ", ".join(row.options),
    }
