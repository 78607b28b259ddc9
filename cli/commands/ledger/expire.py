"""`campaigner ledger expire`: what has ended by now, settled."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from ... import settling
from ...arguments import options
from ...arguments.instants import moment
from ...codes.command_line import STEPS_KEPT
from ...projects import compiled
from ...screen.terminal import Session


@click.command("expire", epilog="Example: campaigner ledger expire shop --at 2026-03-31")
@options.project
@options.plan
@click.option("--at", metavar="INSTANT", help="Up to when it is settled. [now]")
@options.even_in_the_future
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    plan_file: str | None,
    at: str | None,
    even_in_the_future: bool,
) -> int:
    """Settle what has ended in PROJECT: offers, benefits that return to a budget, points.

    Then serve who waits for a budget, as far as there is room. A run does the same.
    """
    session.kept = STEPS_KEPT
    loaded, plan = compiled(project, session, plan_file)
    when = moment(at, ZoneInfo(plan.time_zone), session.now(), even_ahead=even_in_the_future)
    return settling.expire(loaded, plan, when)
