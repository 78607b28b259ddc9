"""`campaigner test`: the scenarios of a project, on a virtual clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from ...arguments import options
from ...exits import FINDINGS, FINE
from ...failures import tell
from ...formats.scenarios import json, junit, text
from ...nearest import misspelt
from ...projects import with_scenarios
from ...screen.terminal import Session


@click.command("test", short_help="Run the scenarios of a project on a virtual clock.")
@options.project
@click.option(
    "--filter",
    "wanted",
    type=options.TEXT,
    metavar="TEXT",
    help="Only scenarios with this in their title.",
)
@click.option(
    "--format",
    "format_",
    type=options.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="The form of the output.",
)
@options.language
@click.pass_obj
def command(session: Session, project: str, wanted: str | None, format_: str) -> int:
    """Run the scenarios of PROJECT, a folder or its campaigner.toml, in memory.

    Each begins with an empty ledger on a clock of its own. A failure shows what differs and the
    clause that decided it. It ends with 1 if one fails.
    """
    loaded, plan, scenarios = with_scenarios(project, session)
    from ....compiler.codes.scenarios import NO_SCENARIOS, TITLE_UNKNOWN
    from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
    from ....runtime.scenarios.testing import run_scenarios

    chosen = [one for one in scenarios if wanted is None or wanted in one.title]
    if wanted is not None and scenarios and not chosen:
        titles = [one.title for one in scenarios]
        raise CannotRun(misspelt(TITLE_UNKNOWN, wanted, titles, text=wanted))
    if not scenarios:
        tell(diagnose(NO_SCENARIOS, None), session)
    zone = ZoneInfo(plan.time_zone)
    every = list(run_scenarios(plan, chosen, loaded.config.channels))
    match format_:
        case "json":
            page = json.render(every, zone, {})
        case "junit":
            page = junit.render(every, zone, session.language)
        case _:
            page = text.render(every, zone, session.language, session.prefix)
    click.echo(page, nl=False)
    return FINE if all(one.passed for one in every) else FINDINGS
