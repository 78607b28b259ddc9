"""`campaigner sql`: the query that gives decisions, for the data team's warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..arguments import options
from ..arguments.instants import as_period, asked, one_form
from ..arguments.usage import incomplete
from ..codes import commands
from ..codes.usage import ONE_OR_ALL
from ..exits import FINE
from ..projects import compiled, read_plan, require_campaign
from ..screen.terminal import Session

if TYPE_CHECKING:
    from ...compiler.plan import Plan

# Written out, as their modules take long to import.
_DIALECTS = (
    "duckdb, postgresql, sqlite, clickhouse, mysql, bigquery, snowflake, trino, redshift, "
    "spark, databricks"
)


@click.command("sql", short_help="Print the query that gives a campaign's decisions.")
@options.project
@options.plan
@options.of_campaign
@click.option("--all", "all_", is_flag=True, help="All campaigns at once, each table read once.")
@click.option(
    "--dialect",
    default="duckdb",
    show_default=True,
    metavar="NAME",
    help=f"The SQL of which engine: {_DIALECTS}.",
)
@options.period
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    plan_file: str | None,
    campaign: str | None,
    all_: bool,
    dialect: str,
    at: str | None,
    start: str | None,
    end: str | None,
) -> int:
    """Print the SQL whose rows are the decisions of a campaign of PROJECT, or of all of them.

    Its columns are campaign, step, recipient, occurrence, at, reward, amount and currency. What
    budgets and limits then allow is the ledger's to say.
    """
    one_form(at, start, end)
    if (campaign is None) != all_:
        raise incomplete(ONE_OR_ALL)
    from ...compiler.dialects.registry import DIALECTS

    if dialect not in DIALECTS:
        listed = ", ".join(f"`{each}`" for each in DIALECTS)
        raise CannotRun(diagnose(commands.UNKNOWN_DIALECT, None, name=dialect, all=listed))
    plan = _plan(project, plan_file, session)
    if campaign is not None:
        campaign = require_campaign(plan, campaign)
    from ...compiler.plan.steps import steps_of
    from ...compiler.sql.all.campaigns import decisions_of_all
    from ...compiler.sql.campaign import decisions
    from ...runtime.due.schedule import due

    zone = ZoneInfo(plan.time_zone)
    period = as_period(asked(at, start, end, zone), zone)
    keys = [key for key, _, _ in steps_of(plan) if campaign in (None, key.campaign)]
    dues = {key: due(plan, key.campaign, period.start, period.end, step=key.step) for key in keys}
    if campaign is not None and len(keys) == 1:
        query = decisions(plan, campaign, dues[keys[0]], dialect)
    else:
        query = decisions_of_all(plan, dues, dialect)
    click.echo(query.rstrip("\n"))
    return FINE


def _plan(project: str, file: str | None, session: Session) -> Plan:
    """The plan: a file alone is enough, and goes with a project only if that is named."""
    context = click.get_current_context()
    is_named = context.get_parameter_source("project") is not ParameterSource.DEFAULT
    if file is None or is_named:
        return compiled(project, session, file)[1]
    return read_plan(file)
