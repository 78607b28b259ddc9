"""`campaigner ledger redeem`: benefits that were used."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from ... import settling
from ...arguments import options
from ...arguments.instants import moment
from ...codes.command_line import STEPS_KEPT
from ...projects import settled
from ...screen.terminal import Session


@click.command("redeem", epilog="Example: campaigner ledger redeem shop 17 --by c001")
@options.project_and_grants
@click.option("--by", type=options.KEY, metavar="KEY", help="The customer who redeems.")
@click.option(
    "--reward", type=options.TEXT, metavar="BENEFIT", help="The benefit of that name alone."
)
@click.option("--at", metavar="INSTANT", help="When it is redeemed. [now]")
@options.even_in_the_future
@options.language
@click.pass_obj
def command(
    session: Session,
    arguments: tuple[str, ...],
    by: str | None,
    reward: str | None,
    at: str | None,
    even_in_the_future: bool,
) -> int:
    """Mark the benefits of grants of PROJECT as used, by the numbers that `grants` shows."""
    session.kept = STEPS_KEPT
    project, grants = options.split(arguments)
    settings = settled(project, session)
    when = moment(
        at, ZoneInfo(settings.config.time_zone), session.now(), even_ahead=even_in_the_future
    )
    return settling.redeem(settings, grants, by, reward, when)
