"""`campaigner ledger grant`: a grant by hand, from a campaign's reserve."""

from __future__ import annotations

import click

from ... import changes
from ...arguments import options
from ...arguments.steps import require_step
from ...arguments.usage import missing
from ...codes.command_line import STEPS_KEPT
from ...projects import compiled, require_campaign
from ...screen.terminal import Session

_EXAMPLE = (
    "Example: campaigner ledger grant shop --from-reserve --campaign cash_back --customer c001 "
    "--reward '20 cash' --name case-7 --reason 'order was lost'"
)


@click.command("grant", epilog=_EXAMPLE)
@options.project
@options.plan
@click.option("--from-reserve", is_flag=True, help="Pay it from the campaign's reserve.")
@options.of_campaign
@options.step
@click.option("--customer", type=options.KEY, metavar="KEY", help="The customer who gets it.")
@click.option(
    "--reward", type=options.TEXT, metavar="WHAT", help="coffee, '20 cash' or '100 points'."
)
@click.option(
    "--name",
    type=options.NAME,
    metavar="TEXT",
    help="Its name: one grant of each name to a customer.",
)
@click.option("--reason", type=options.TEXT, metavar="TEXT", help="Why: it is kept with the grant.")
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    plan_file: str | None,
    from_reserve: bool,
    campaign: str | None,
    step: str | None,
    customer: str | None,
    reward: str | None,
    name: str | None,
    reason: str | None,
) -> int:
    """Grant by hand from what the budget of a campaign of PROJECT holds back (`reserve 5%`)."""
    if not from_reserve:
        raise missing("--from-reserve")
    session.kept = STEPS_KEPT
    loaded, plan = compiled(project, session, plan_file)
    from ....compiler.plan.steps import StepKey

    if campaign is None:
        raise missing("--campaign")
    campaign = require_campaign(plan, campaign)
    key = StepKey(campaign, require_step(plan, campaign, step))
    return changes.grant_by_hand(
        loaded, plan, key, customer=customer, reward=reward, name=name, reason=reason
    )
