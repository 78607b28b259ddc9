"""`campaigner ledger codes`: how many codes of each benefit are left, and what became of others."""

from __future__ import annotations

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
    from .....runtime.ledger.units.codes import CodeCount

_LISTING = Listing("codes", ("benefit", "free", "given", "burnt", "withdrawn"))


@click.command("codes", epilog="Example: campaigner ledger codes shop")
@options.project
@options.listed
@options.language
@click.pass_obj
def command(session: Session, project: str, format_: str) -> int:
    """Count the codes of every benefit of PROJECT: no code is shown.

    Free ones can be given. Burnt ones were given and taken back after they may have been sent; the
    tables of withdrawn ones have them no more.
    """
    with ledger_of(settled(project, session)) as ledger:
        _LISTING.write(map(_row, ledger.code_counts()), format_)
    return FINE


def _row(count: CodeCount) -> dict[str, Cell]:
    return {
        "benefit": count.benefit,
        "free": str(count.free),
        "given": str(count.given),
        "burnt": str(count.burnt),
        "withdrawn": str(count.withdrawn),
    }
