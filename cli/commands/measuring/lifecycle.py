"""`campaigner lifecycle`: customers by stage over time, moves between stages, time in them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose, in_language
from ....runtime.codes import lifecycles as codes
from ...arguments import options
from ...arguments.instants import (
    moment,
    one_form_or_now,
    period_between,
    refuse_period_ahead,
)
from ...arguments.ordering import ordering_of
from ...arguments.usage import incomplete
from ...codes.usage import LIFECYCLE_WORDS, OUTPUT_OF_PROGRAMS
from ...exits import FINE, ROWS_LEFT_OUT
from ...failures import tell_all
from ...formats.measuring.lifecycle import Shown, as_json, grids, notes
from ...nearest import misspelt
from ...projects import compiled
from ...resources import ledger_of, warehouse_of
from ...screen import files
from ...screen.speaking import speak
from ...screen.tables import show
from ...screen.terminal import Session

if TYPE_CHECKING:
    from datetime import datetime

    from ....compiler.plan import Lifecycle, Plan
    from ....compiler.project.settings import Settings
    from ....runtime.lifecycle.instants import Every
    from ....runtime.lifecycle.lifecycle import Ordering
    from ....runtime.lifecycle.touches import Touches


@click.command(
    "lifecycle",
    short_help="Show customers by stage over time, and moves.",
    epilog="Example: campaigner lifecycle shop --from 2026-01-01 --to 2026-03-31 --every week",
)
@click.argument("words", nargs=-1, metavar="[PROJECT] [NAME]")
@options.plan
@options.period
@click.option(
    "--every",
    type=options.Choice(("day", "week", "month")),
    default="week",
    show_default=True,
    help="The step from one instant of the period to the next.",
)
@click.option(
    "--event", type=options.TEXT, metavar="NAME", help="The event of the catalog that is an order."
)
@click.option(
    "--amount", type=options.TEXT, metavar="FIELD", help="The field of it that is its money."
)
@click.option(
    "--cohorts",
    type=options.Choice(("since", "first")),
    help="When a cohort begins: at `since` of the customer, or at the first order.",
)
@options.format_of("table", "json", "html")
@click.option(
    "--out",
    "--output",
    "output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write it there.",
)
@options.language
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    plan_file: str | None,
    at: str | None,
    start: str | None,
    end: str | None,
    every: Every,
    format_: str,
    output: Path | None,
    **ordering: str | None,
) -> int:
    """Show the stages of customers over a period of PROJECT, or at an instant, now if left out.

    NAME is one of its lifecycles; all of them if left out. Over a period it shows moves between
    stages with the campaigns that touched them, time in stages, and conversion. It shows of orders
    the retention of cohorts, repurchase, and scores by recency, frequency and money. Nothing is
    kept. It ends with 3 if rows of the warehouse were left out.
    """

    if output is not None and format_ == "table":
        raise incomplete(OUTPUT_OF_PROGRAMS)
    is_now = one_form_or_now(at, start, end)
    project, name = _taken_apart(words)
    loaded, plan = compiled(project, session, plan_file)
    chosen = _chosen(plan, name)
    asked = _instants(session, plan, None if is_now else (at, start, end), every)
    event = ordering_of(plan, **ordering)
    shown = _found(session, loaded, plan, chosen, asked, event)
    if format_ == "table":
        _tables(session, shown)
    else:
        content = _document(session, shown, format_)
        files.hand_out(content, output, loaded)
    return ROWS_LEFT_OUT if shown.found.left_out else FINE


def _taken_apart(words: tuple[str, ...]) -> tuple[str, str | None]:
    """PROJECT and the name; a single word is the project if there is such a path."""
    match words:
        case []:
            return ".", None
        case [word]:
            return (word, None) if os.path.exists(word) or os.sep in word else (".", word)
        case [project, name]:
            return options.in_order(project, name)
        case _:
            raise incomplete(LIFECYCLE_WORDS)


def _chosen(plan: Plan, name: str | None) -> tuple[Lifecycle, ...]:
    """The lifecycles that are asked for; `CannotRun` if there is none of that name, or none."""
    known = [one.name for one in plan.lifecycles]
    if not known:
        raise CannotRun(diagnose(codes.NO_LIFECYCLE, None))
    if name is not None and name not in known:
        raise CannotRun(misspelt(codes.UNKNOWN_LIFECYCLE, name, known, name=name))
    return tuple(one for one in plan.lifecycles if name in (None, one.name))


def _instants(
    session: Session,
    plan: Plan,
    options_: tuple[str | None, str | None, str | None] | None,
    every: Every,
) -> tuple[datetime, ...]:
    """The instants of the period, or the one of `--at`, or now."""
    from ....runtime.lifecycle.instants import instants

    zone = ZoneInfo(plan.time_zone)
    if options_ is None or options_[0] is not None:
        at = None if options_ is None else options_[0]
        return (moment(at, zone, session.now(), even_ahead=False),)
    _, start, end = options_
    asked = period_between(start or "", end or "", zone)
    refuse_period_ahead(asked, None, end, zone, session.now())
    return instants(asked.start, asked.end, every, zone)


def _found(
    session: Session,
    loaded: Settings,
    plan: Plan,
    chosen: tuple[Lifecycle, ...],
    asked: tuple[datetime, ...],
    ordering: Ordering | Phrase,
) -> Shown:
    from ....runtime.lifecycle.lifecycle import Ordering, lifecycles

    known = ordering if isinstance(ordering, Ordering) and len(asked) > 1 else None
    note = ordering if isinstance(ordering, Phrase) else None
    touched = _touches(loaded, plan, asked)
    with warehouse_of(loaded, session.bell) as warehouse:
        share = loaded.config.bad_share
        found = lifecycles(plan, warehouse, share, chosen, asked, touched, known)
    return Shown(found, plan.project, plan.time_zone, touched.any_kept, note)


def _touches(loaded: Settings, plan: Plan, asked: tuple[datetime, ...]) -> Touches:
    """The touches of campaigns that the ledger has; none if the project has no ledger yet."""
    from ....runtime.lifecycle.touches import NO_TOUCHES, touches

    if len(asked) < 2 or loaded.config.ledger is None:
        return NO_TOUCHES
    with ledger_of(loaded) as ledger:
        return touches(ledger, plan, asked[0], asked[-1])


def _document(session: Session, shown: Shown, format_: str) -> str:
    if format_ == "html":
        from ...pages.lifecycle import page_of

        return page_of(shown, session.language)
    hidden = tuple(session.hidden(one) for one in shown.found.warnings)
    return as_json(replace(shown, found=replace(shown.found, warnings=hidden)), session.language)


def _tables(session: Session, shown: Shown) -> None:
    tell_all(shown.found.warnings, session)
    for number, grid in enumerate(grids(shown)):
        if number:
            click.echo()
        click.echo(in_language(grid.title, session.language))
        show(grid.columns, grid.rows)
    for note in notes(shown):
        speak(note)
