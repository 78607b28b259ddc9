"""`campaigner contrast`: what sets two audiences apart."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from ...arguments import options
from ...arguments.groups import group_named
from ...arguments.instants import moment
from ...arguments.sheets import Form, with_form, write_sheet
from ...exits import FINE
from ...failures import tell_all
from ...formats.measuring.contrast import sheet_of
from ...pages.contrast import charts_of
from ...projects import compiled
from ...resources import warehouse_of
from ...screen.terminal import Session


@click.command(
    "contrast",
    short_help="Show what sets two audiences apart.",
    epilog="Example: campaigner contrast shop --audience frequent --against shop.dormant",
)
@options.project
@click.option(
    "--audience", required=True, type=options.TEXT, metavar="NAME", help="An audience or a stage."
)
@click.option(
    "--against",
    required=True,
    type=options.TEXT,
    metavar="NAME",
    help="Another one, to compare with.",
)
@click.option(
    "--first",
    "days",
    type=options.Whole(1, 3650),
    default=30,
    show_default=True,
    metavar="D",
    help="Days of each customer whose events count.",
)
@click.option("--at", metavar="INSTANT", help="What was known then; now if left out.")
@options.language
@with_form
@click.pass_obj
def command(
    session: Session,
    project: str,
    audience: str,
    against: str,
    days: int,
    at: str | None,
    form: Form,
) -> int:
    """Show which fields, and what customers did in their first days, set two audiences apart.

    Differences come with intervals and are corrected for their number. They are correlations: what
    sets customers apart need not be the cause.
    """
    from ....runtime.paths.contrast import contrast

    loaded, plan = compiled(project, session)
    groups = group_named(plan, audience), group_named(plan, against)
    instant = moment(at, ZoneInfo(plan.time_zone), session.now(), even_ahead=False)
    with warehouse_of(loaded, session.bell) as warehouse:
        found = contrast(warehouse, plan, groups, days, instant, loaded.config.bad_share)
    tell_all(found.warnings, session)
    sheet = sheet_of(found, plan)
    write_sheet(session, loaded, sheet, lambda: charts_of(found, session.language), form)
    return FINE
