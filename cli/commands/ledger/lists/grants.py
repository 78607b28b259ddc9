"""`campaigner ledger grants`: what was granted, a row a reward line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ....arguments import options
from ....exits import FINE
from ....formats.grants import grant_row
from ....formats.listing import Listing, instant
from ....formats.records import Cell
from ....projects import require_kept, settled
from ....resources import ledger_of
from ....screen.terminal import Session

if TYPE_CHECKING:
    from .....runtime.ledger.contract import GrantRow

_LISTING = Listing(
    "grants",
    (
        *("grant", "campaign", "step", "recipient", "occurrence", "at", "reward", "amount"),
        *("currency", "cost", "plan", "expires", "became", "became_at", "received", "reversed"),
        "arm",
    ),
)


@click.command("grants", epilog="Example: campaigner ledger grants shop --format csv > grants.csv")
@options.project
@options.of_campaign
@options.listed
@options.language
@click.pass_obj
def command(session: Session, project: str, campaign: str | None, format_: str) -> int:
    """List what the ledger of PROJECT has granted, a row a reward line."""
    settings = settled(project, session)
    with ledger_of(settings) as ledger:
        campaign = require_kept(settings, ledger, campaign)
        _LISTING.write(map(_row, ledger.grants(campaign)), format_)
    return FINE


def _row(row: GrantRow) -> dict[str, Cell]:
    values: dict[str, Cell] = {
        **grant_row(row),
        "grant": str(row.number),
        "at": row.at.isoformat(),
        "plan": row.plan,
        "expires": instant(row.expires_at),
        "became": row.became,
        "became_at": instant(row.became_at),
        "received": instant(row.received_at),
        "reversed": instant(row.reversed_at),
        "arm": row.arm,
    }
    return {name: values[name] for name in _LISTING.columns}
