"""`campaigner ledger balances`: what customers have in their wallets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ....arguments import options
from ....exits import FINE
from ....formats.listing import Listing
from ....formats.records import Cell
from ....projects import settled
from ....resources import ledger_of
from ....screen.terminal import Session

if TYPE_CHECKING:
    from .....runtime.ledger.holders import WalletRow

_LISTING = Listing("balances", ("customer", "wallet", "balance", "pending"))


@click.command("balances", epilog="Example: campaigner ledger balances shop --customer c001")
@options.project
@click.option("--customer", type=options.KEY, metavar="KEY", help="Of this customer alone.")
@options.listed
@options.language
@click.pass_obj
def command(session: Session, project: str, customer: str | None, format_: str) -> int:
    """List what every customer of PROJECT, or one, has in each wallet."""
    with ledger_of(settled(project, session)) as ledger:
        _LISTING.write(map(_row, ledger.balances(customer, datetime.now(UTC))), format_)
    return FINE


def _row(row: WalletRow) -> dict[str, Cell]:
    return {
        "customer": row.customer,
        "wallet": row.wallet,
        "balance": str(row.balance),
        "pending": str(row.pending),
    }
