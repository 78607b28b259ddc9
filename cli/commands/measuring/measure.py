"""`campaigner measure`: what came of campaigns, against those who were held out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import Phrase
from ...arguments import options
from ...arguments.instants import moment
from ...arguments.usage import incomplete
from ...codes.usage import MEASURE_OUTPUT
from ...exits import FINE
from ...projects import compiled, require_campaign
from ...resources import ledger_of, warehouse_of
from ...screen import files
from ...screen.speaking import language_now, speak
from ...screen.tables import show
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....runtime.measure.measure import Question
    from ....runtime.measure.results import Report


@click.command(
    "measure",
    short_help="Show what came of campaigns, against those held out.",
    epilog="Example: campaigner measure shop --campaign win_back --at 2026-03-31",
)
@options.project
@options.plan
@options.of_campaign
@click.option("--at", metavar="INSTANT", help="The instant of the question; now if left out.")
@click.option("--closed", is_flag=True, help="Leave out customers whose windows are still open.")
@click.option("--sql", metavar="DIALECT", help="Print the query in this dialect; ask nothing.")
@options.format_of("table", "json", "csv", "html")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write it there.")
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    plan_file: str | None,
    campaign: str | None,
    at: str | None,
    closed: bool,
    sql: str | None,
    format_: str,
    out: Path | None,
) -> int:
    """Show what came of the campaigns of PROJECT that have measures, up to an instant.

    The ledger says who was reached or held out, and when, and the warehouse what they did then.
    Where a number cannot be given honestly, a sentence says why. Nothing is kept.
    """
    from ....runtime.measure.measure import Question, measured

    if out is not None and format_ == "table" and sql is None:
        raise incomplete(MEASURE_OUTPUT)
    loaded, plan = compiled(project, session, plan_file)
    only = None if campaign is None else require_campaign(plan, campaign)
    instant = moment(at, ZoneInfo(plan.time_zone), session.now(), even_ahead=False)
    question = Question(plan, instant, only, closed)
    if sql is not None:
        content = _query(question, sql)
    else:
        with (
            warehouse_of(loaded, session.bell) as warehouse,
            ledger_of(loaded) as ledger,
        ):
            found = measured(question, warehouse, ledger, loaded.config.bad_share)
        if format_ == "table":
            _tables(found)
            return FINE
        content = _document(found, plan, format_)
    files.hand_out(content, out, loaded)
    return FINE


def _query(question: Question, dialect: str) -> str:
    """The query for people, which reads the table `campaigner_exposures`."""
    from ....compiler.measures.asks import asks_of
    from ....compiler.measures.query import measure_query
    from ....compiler.plan.calendar_ends import FIRST_DECIDED
    from ...queries import require_dialect

    require_dialect(dialect)
    asks = asks_of(question.plan, question.only)
    stretch = (FIRST_DECIDED, question.at)
    return measure_query(question.plan, asks, stretch, dialect).sql + "\n"


def _tables(found: Report) -> None:
    from ...formats.measuring import measured as formats

    if not found.results:
        speak(Phrase("measure.no_measures"))
        return
    for place, one in enumerate(found.results):
        if place:
            click.echo()
        speak(formats.heading(one))
        if one.lines:
            show(formats.COLUMNS, formats.rows(one, found.currency))
        for sentence in formats.sentences(one, found.currency):
            speak(sentence)


def _document(found: Report, plan: Plan, format_: str) -> str:
    from ...formats.measuring import measured as formats

    match format_:
        case "json":
            return formats.as_json(found, language_now())
        case "csv":
            return "".join(formats.as_csv(found))
        case _:
            from ...pages.measured import page_of

            return page_of(found, plan.project, language_now())
