"""`campaigner test`: the scenarios of a project, on a virtual clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....compiler.codes.scenarios import (
    NO_SCENARIOS,
    NOT_A_PERCENTAGE,
    RECORDED_DIFFERS,
    TITLE_UNKNOWN,
)
from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...arguments import options
from ...arguments.usage import missing
from ...exits import FINDINGS, FINE
from ...failures import tell
from ...formats.scenarios import json, junit, text
from ...formats.scenarios.coverage import as_values
from ...formats.scenarios.coverage import render as missed
from ...nearest import misspelt
from ...projects import compiled, require_campaign, with_scenarios
from ...resources import ledger_of, warehouse_of
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....dsl.diagnostics.diagnostic import Language
    from ....runtime.scenarios.coverage import Coverage, Kind


_MORE: Mapping[str, Kind] = MappingProxyType({"caps": "cap", "outcomes": "outcome"})
"""The kinds of items that `--count` adds."""


def _percent(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """A number from 0 to 100; `CannotRun` for anything else."""
    if value is None:
        return None
    with suppress(ValueError):
        if 0 <= float(value) <= 100:
            return float(value)
    raise CannotRun(diagnose(NOT_A_PERCENTAGE, None, value=value))


@click.command("test", short_help="Run the scenarios of a project on a virtual clock.")
@options.project
@click.option(
    "--filter",
    "wanted",
    type=options.TEXT,
    metavar="TEXT",
    help="Only scenarios with this in their title.",
)
@options.format_of("text", "json", "junit")
@click.option("--coverage", is_flag=True, help="List what no scenario reached.")
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path), help="Write the coverage as a page."
)
@click.option(
    "--fail-under",
    "least",
    callback=_percent,
    metavar="N",
    help="Exit with 1 if less than N percent of steps, clauses and branches were reached.",
)
@click.option(
    "--count",
    "counted",
    multiple=True,
    type=options.Choice(list(_MORE)),
    help="With --fail-under: these are counted as well; may be repeated.",
)
@click.option(
    "--record", is_flag=True, help="Print a scenario of a real decision, and run nothing."
)
@options.of_campaign
@click.option("--customer", type=options.KEY, metavar="KEY", help="The customer's key.")
@click.option("--at", "at", metavar="INSTANT", help="As of this instant.")
@options.language
@click.pass_obj
def command(
    session: Session,
    /,
    project: str,
    wanted: str | None,
    format_: str,
    coverage: bool,
    html: Path | None,
    least: float | None,
    counted: tuple[str, ...],
    record: bool,
    **decision: str | None,
) -> int:
    """Run the scenarios of PROJECT, a folder or its campaigner.toml, in memory.

    Each begins with an empty ledger on a clock of its own. A failure shows what differs and the
    clause that decided it. It ends with 1 if one fails.

    With --record it prints a scenario of the customer's latest decision of a campaign up to an
    instant, and runs nothing. Personal values are replaced.
    """
    if record:
        named = {name: value or "" for name, value in decision.items()}
        for name in ("campaign", "customer", "at"):
            if not named[name]:
                raise missing(f"--{name}")
        return _recorded(session, project, **named)
    loaded, plan, scenarios = with_scenarios(project, session)
    from ....runtime.scenarios.coverage import Coverage
    from ....runtime.scenarios.testing import run_scenarios

    chosen = [one for one in scenarios if wanted is None or wanted in one.title]
    if wanted is not None and scenarios and not chosen:
        titles = [one.title for one in scenarios]
        raise CannotRun(misspelt(TITLE_UNKNOWN, wanted, titles, text=wanted))
    if not scenarios:
        tell(diagnose(NO_SCENARIOS, None), session)
    zone = ZoneInfo(plan.time_zone)
    reached = Coverage(plan)
    every = list(run_scenarios(plan, chosen, loaded.config.channels, reached))
    match format_:
        case "json":
            more = {"coverage": as_values(reached)} if coverage else {}
            page = json.render(every, zone, more)
        case "junit":
            page = junit.render(every, zone, session.language)
        case _:
            page = text.render(every, zone, session.language, session.prefix)
    click.echo(page, nl=False)
    short = least is not None and reached.percent_of(_kinds(counted)) < least
    if (coverage and format_ == "text") or short:
        # Programs read one document on stdout.
        click.echo(
            missed(reached, session.language, session.prefix), nl=False, err=format_ != "text"
        )
    if html is not None:
        _write_page(html, reached, plan.project, session.language)
    return FINE if all(one.passed for one in every) and not short else FINDINGS


def _kinds(counted: Iterable[str]) -> frozenset[Kind]:
    """The kinds of items that count."""
    from ....runtime.scenarios.coverage import COUNTED

    return COUNTED.union(_MORE[one] for one in counted)


def _write_page(path: Path, reached: Coverage, project: str, language: Language) -> None:
    from ...pages.coverage import as_html
    from ...screen.files import replace

    replace(path, as_html(reached, project, language).encode())


def _recorded(session: Session, project: str, campaign: str, customer: str, at: str) -> int:
    """Print the scenario; `CannotRun` if there is no such campaign or customer."""
    loaded, plan = compiled(project, session)
    name = require_campaign(plan, campaign)
    from ....runtime.codes import running
    from ....runtime.due.schedule import parse_instant
    from ....runtime.scenarios.recording import recorded
    from ....runtime.warehouse.bad_rows import sound
    from ....runtime.warehouse.check import used_events
    from ....runtime.warehouse.rows import WarehouseRows

    instant = parse_instant(at, ZoneInfo(plan.time_zone))
    with ledger_of(loaded) as ledger, warehouse_of(loaded, session.bell) as warehouse:
        found = sound(warehouse, plan, used_events(plan, [name]), Decimal(1))
        rows = WarehouseRows(warehouse, found.opened(warehouse))
        if rows.customer(customer) is None:
            of = plan.customers
            code = running.CUSTOMER_UNKNOWN
            raise CannotRun(diagnose(code, None, customer=customer, table=of.table, column=of.key))
        channels = loaded.config.channels
        made = recorded(plan, name, customer, instant, rows, ledger, channels)
    click.echo(made.text, nl=False)
    if made.outcome is not None and made.outcome not in made.came:
        told = made.came[0] if made.came else "nothing"
        code = RECORDED_DIFFERS
        tell(diagnose(code, None, kept=made.outcome, came=told), session)
    return FINE
