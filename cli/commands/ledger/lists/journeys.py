"""`campaigner ledger journeys`: who is inside of a journey, where, since when and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ....arguments import options
from ....exits import FINE
from ....formats.listing import Listing
from ....formats.records import Cell
from ....projects import compiled, require_campaign
from ....resources import decided_up_to, ledger_of
from ....screen.terminal import Session

if TYPE_CHECKING:
    from .....compiler.plan import Plan
    from .....runtime.decide.journeys.inside import Inside
    from .....runtime.ledger import Ledger

_LISTING = Listing(
    "journeys",
    ("campaign", "customer", "occurrence", "state", "step", "since", "awaits", "until"),
)


@click.command("journeys", epilog="Example: campaigner ledger journeys shop --customer c001")
@options.project
@options.plan
@options.of_campaign
@click.option("--customer", type=options.KEY, metavar="KEY", help="Of this customer alone.")
@options.listed
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    plan_file: str | None,
    campaign: str | None,
    customer: str | None,
    format_: str,
) -> int:
    """List every journey that customers of PROJECT entered: where, since when, until when."""
    settings, plan = compiled(project, session, plan_file)
    name = None if campaign is None else require_campaign(plan, campaign)
    with ledger_of(settings) as ledger:
        rows = _rows(plan, ledger, ledger.inside(name, customer))
        _LISTING.write(rows, format_)
    return FINE


def _rows(plan: Plan, ledger: Ledger, every: Iterator[Inside]) -> Iterator[dict[str, Cell]]:
    """Yield a row an instance, as of the end of the last run: what is due since can still come."""
    from zoneinfo import ZoneInfo

    from .....runtime.decide.journeys.inside import place_of

    campaigns = {one.name: one for one in plan.campaigns if one.journey is not None}
    zone, now = ZoneInfo(plan.time_zone), datetime.now(UTC)
    asked = {name: decided_up_to(ledger, one) or now for name, one in campaigns.items()}
    for one in every:
        campaign = campaigns.get(one.campaign)
        place = (
            None if campaign is None else place_of(campaign, zone, one.steps, asked[one.campaign])
        )
        if place is not None:
            yield {
                "campaign": one.campaign,
                "customer": one.customer,
                "occurrence": one.occurrence,
                "state": place.state,
                "step": place.step,
                "since": place.since.isoformat(),
                "awaits": ", ".join(place.awaits) or None,
                "until": None if place.until is None else place.until.isoformat(),
            }
