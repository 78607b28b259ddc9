"""`campaigner sql`: the query that gives decisions, for the data team's warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource

from ..arguments import options
from ..arguments.instants import as_period, one_form, period_of_options
from ..arguments.usage import incomplete
from ..codes.usage import ONE_OR_ALL
from ..exits import FINE
from ..projects import compiled, read_plan, require_campaign
from ..queries import query_of, require_dialect
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
    require_dialect(dialect)
    plan = _plan(project, plan_file, session)
    if campaign is not None:
        campaign = require_campaign(plan, campaign)
    zone = ZoneInfo(plan.time_zone)
    period = as_period(period_of_options(at, start, end, zone), zone)
    click.echo(query_of(plan, campaign, period, dialect).rstrip("\n"))
    return FINE


def _plan(project: str, file: str | None, session: Session) -> Plan:
    """The plan: a file alone is enough, and goes with a project only if that is named."""
    context = click.get_current_context()
    is_named = context.get_parameter_source("project") is not ParameterSource.DEFAULT
    if file is None or is_named:
        return compiled(project, session, file)[1]
    return read_plan(file)
