"""`campaigner ledger claim`: a choice from an offer, for its customer."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from ... import settling
from ...arguments import options
from ...arguments.instants import moment
from ...codes.command_line import STEPS_KEPT
from ...projects import compiled, require_campaign
from ...screen.terminal import Session


@click.command("claim", epilog="Example: campaigner ledger claim shop 17 --choose coffee --by c001")
@options.project_and_grants
@options.plan
@options.of_campaign
@click.option(
    "--choose", type=options.TEXT, multiple=True, metavar="BENEFIT", help="A benefit to choose."
)
@click.option("--by", type=options.KEY, metavar="KEY", help="The customer who claims.")
@click.option("--at", metavar="INSTANT", help="When it is claimed. [now]")
@options.even_in_the_future
@options.language
@click.pass_obj
def command(
    session: Session,
    arguments: tuple[str, ...],
    plan_file: str | None,
    campaign: str | None,
    choose: tuple[str, ...],
    by: str | None,
    at: str | None,
    even_in_the_future: bool,
) -> int:
    """Choose from an offer of PROJECT: that of grant GRANT, or the campaign's last to the customer.

    It prints the outcome, and ends with 1 if nothing was claimed, now or before.
    """
    session.kept = STEPS_KEPT
    project, grants = options.split(arguments)
    loaded, plan = compiled(project, session, plan_file)
    if campaign is not None:
        campaign = require_campaign(plan, campaign)
    when = moment(at, ZoneInfo(plan.time_zone), session.now(), even_ahead=even_in_the_future)
    return settling.claim(loaded, plan, grants, campaign, choose, by, when)
