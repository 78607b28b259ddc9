"""`campaigner explain`: why this customer did, or did not, get it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import click

from ..arguments import options
from ..arguments.steps import require_step
from ..exits import FINE
from ..failures import tell_all
from ..formats import tree
from ..projects import compiled, require_campaign
from ..resources import ledger_of, seeds_of, warehouse_of
from ..screen.terminal import Session, in_colour


@click.command("explain", short_help="Say why a customer did, or did not, get it.")
@options.project
@options.plan
@options.campaign
@options.step
@click.option(
    "--customer", required=True, type=options.KEY, metavar="KEY", help="The customer's key."
)
@click.option("--at", "at", required=True, metavar="INSTANT", help="As of this instant.")
@options.format_of("text", "json")
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    plan_file: str | None,
    campaign: str,
    step: str | None,
    customer: str,
    at: str,
    format_: str,
) -> int:
    """Explain the customer's latest decision of a campaign of PROJECT up to an instant."""
    loaded, plan = compiled(project, session, plan_file)
    campaign = require_campaign(plan, campaign)
    step = None if step is None else require_step(plan, campaign, step)
    from ...runtime.decide.facts import named
    from ...runtime.due.schedule import parse_instant
    from ...runtime.explain.explain import explain, to_json
    from ...runtime.run.paused import held_warnings
    from ...runtime.warehouse.bad_rows import sound
    from ...runtime.warehouse.check import used_events
    from ...runtime.warehouse.rows import WarehouseRows

    instant = parse_instant(at, ZoneInfo(plan.time_zone))
    seeds = seeds_of(loaded, plan, campaign)
    with ledger_of(loaded) as ledger, warehouse_of(loaded, session.bell) as warehouse:
        found = sound(warehouse, plan, used_events(plan, [campaign]), Decimal(1))
        rows = WarehouseRows(warehouse, found.opened(warehouse))
        explanation = explain(plan, campaign, customer, instant, rows, ledger, seeds, step=step)
        only = replace(plan, campaigns=(named(plan.campaigns, campaign),))
        held = tuple(held_warnings(only, ledger))
    tell_all(held, session)
    if format_ == "json":
        click.echo(json.dumps(to_json(explanation), ensure_ascii=False, indent=2))
        return FINE
    colour = in_colour(sys.stdout)
    page = tree.render(explanation, session.language, session.prefix, colour)
    click.echo(page, nl=False, color=colour)
    return FINE
