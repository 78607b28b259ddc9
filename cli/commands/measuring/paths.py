"""`campaigner paths`: the ways that customers take from one event to another."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from ...arguments import options
from ...arguments.groups import Compared, Days, event_named, events_named, with_audiences, with_days
from ...arguments.sheets import Form, with_form, write_sheet
from ...exits import FINE
from ...failures import tell_all
from ...formats.measuring.paths import sheet_of
from ...pages.paths import charts_of
from ...projects import compiled
from ...resources import warehouse_of
from ...screen.terminal import Session


@click.command(
    "paths",
    short_help="Show the ways that customers take between two events.",
    epilog="Example: campaigner paths bank --from login --to invest --steps 4",
)
@options.project
@click.option(
    "--from", "start", required=True, type=options.TEXT, metavar="EVENT", help="Where paths begin."
)
@click.option(
    "--to", "end", required=True, type=options.TEXT, metavar="EVENT", help="Where paths lead."
)
@click.option(
    "--steps",
    type=options.Whole(2, 12),
    default=4,
    show_default=True,
    metavar="N",
    help="Events of a path, both ends among them.",
)
@with_audiences
@with_days
@click.option(
    "--through",
    type=options.TEXT,
    metavar="EVENT",
    multiple=True,
    help="Only these between the ends; may be repeated.",
)
@click.option(
    "--least",
    type=options.Whole(1, 1_000_000),
    default=5,
    show_default=True,
    metavar="N",
    help="Customers of a path that is shown by itself.",
)
@options.language
@with_form
@click.pass_obj
def command(
    session: Session,
    project: str,
    start: str,
    end: str,
    steps: int,
    compared: Compared,
    days: Days,
    through: tuple[str, ...],
    least: int,
    form: Form,
) -> int:
    """Show which events lie between two events of the customers of PROJECT, and where paths end.

    A path begins with the first EVENT of --from and ends with the next one of --to. Events of a
    kind in a row count once. With --audience and --against two audiences are side by side, as they
    are at the end.
    """
    from ....compiler.behaviour.paths import Walk
    from ....runtime.paths.paths import paths

    loaded, plan = compiled(project, session)
    ends = event_named(plan, start).name, event_named(plan, end).name
    kinds = events_named(plan, through, ends)
    groups = compared.groups(plan)
    first, last = days.instants(ZoneInfo(plan.time_zone), session.now())
    walk = Walk(*ends, steps, kinds, first, last)
    with warehouse_of(loaded, session.bell) as warehouse:
        found = paths(warehouse, plan, walk, groups, least, loaded.config.bad_share)
    tell_all(found.warnings, session)
    write_sheet(session, loaded, sheet_of(found, plan), lambda: charts_of(found), form)
    return FINE
