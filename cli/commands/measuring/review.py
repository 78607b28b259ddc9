"""`campaigner review`: what came of a campaign, phase by phase."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...arguments import options
from ...arguments.groups import event_named
from ...arguments.instants import moment
from ...codes import measuring as codes
from ...exits import FINE
from ...failures import tell_all
from ...formats.measuring.review import Shown, as_json
from ...projects import compiled, require_kept
from ...resources import ledger_of, ledger_place, warehouse_of
from ...screen import files
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....compiler.project.settings import Settings
    from ....runtime.ledger import Ledger
    from ....runtime.ledger.contract import BudgetRow
    from ....runtime.measure.results import Result
    from ....runtime.review.happened import Happened
    from ....runtime.review.model import Review
    from ....runtime.warehouse.contract import Warehouse


@click.command(
    "review",
    short_help="Report what came of a campaign, phase by phase.",
    epilog="Example: campaigner review win_back shop --out review.html",
)
@options.campaign_and_project
@click.option("--at", metavar="INSTANT", help="What was known then; now if left out.")
@click.option(
    "--complaint",
    "complaints",
    multiple=True,
    type=options.TEXT,
    metavar="EVENT",
    help="Count these events of its customers as complaints.",
)
@options.format_of("html", "markdown", "json")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write it there.")
@options.language
@click.pass_obj
def command(
    session: Session,
    name: str,
    project: str,
    at: str | None,
    complaints: tuple[str, ...],
    format_: str,
    out: Path | None,
) -> int:
    """Report on CAMPAIGN, of PROJECT: warm-up, peak and close, against its goal.

    It has what was spent, outcomes and refusals, how caps and budgets were used up, deliveries,
    complaints, and what was left. All of it is from the ledger and the outbox, which it equals. No
    customer is in it.
    """

    project, name = options.in_order(project, name)
    loaded, plan = compiled(project, session)
    instant = moment(at, ZoneInfo(plan.time_zone), session.now(), even_ahead=False)
    for event in complaints:
        event_named(plan, event)
    _require_ledger(loaded)
    found = _review(session, loaded, plan, name, instant, complaints)
    tell_all(found.warnings, session)
    content = _written(Shown(found, plan), format_, session)
    files.hand_out(content, out, loaded)
    return FINE


def _review(
    session: Session,
    loaded: Settings,
    plan: Plan,
    name: str,
    at: datetime,
    complaints: tuple[str, ...],
) -> Review:
    from ....runtime.measure.measure import Question, measured
    from ....runtime.review.happened import happened
    from ....runtime.review.review import Asked, review

    with ExitStack() as stack:
        ledger = stack.enter_context(ledger_of(loaded))
        kept = require_kept(loaded, ledger, name, plan) or name

        share = loaded.config.bad_share

        @cache
        def opened() -> Warehouse:
            return stack.enter_context(warehouse_of(loaded, session.bell))

        def reads(events: tuple[str, ...]) -> Happened:
            return happened(opened(), plan, events, share)

        def measures() -> Result:
            (one,) = measured(Question(plan, at, kept), opened(), ledger, share).results
            return one

        rows = _rows(ledger, plan, kept)
        return review(ledger, Asked(plan, kept, at, rows, complaints, reads, measures))


def _rows(ledger: Ledger, plan: Plan, campaign: str) -> Sequence[BudgetRow]:
    """The accounts of the plan that the campaign charges; of one that is gone, the ledger's."""
    in_plan = any(one.name == campaign for one in plan.campaigns)
    return ledger.budgets(plan if in_plan else None, campaign)


def _require_ledger(loaded: Settings) -> None:
    """Raise `CannotRun` if the ledger is a file that is not there yet."""
    place = ledger_place(loaded)
    if isinstance(place, Path) and not place.exists():
        shown = place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place
        raise CannotRun(diagnose(codes.NO_LEDGER_YET, None, path=str(shown)))


def _written(shown: Shown, format_: str, session: Session) -> str:
    match format_:
        case "json":
            return as_json(shown, session.language)
        case "markdown":
            from ...pages.review import markdown

            return markdown(shown, session.language)
        case _:
            from ...pages.review import page_of

            return page_of(shown, session.language)
