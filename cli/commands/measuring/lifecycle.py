"""`campaigner lifecycle`: how many customers are in each stage."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ....runtime.codes import lifecycles as codes
from ...arguments import options
from ...arguments.instants import moment
from ...arguments.usage import incomplete
from ...codes.usage import LIFECYCLE_WORDS
from ...exits import COULD_NOT_RUN, FINE
from ...failures import tell_all
from ...formats.measuring.lifecycle import COLUMNS, as_json, rows
from ...nearest import misspelt
from ...projects import compiled
from ...resources import warehouse_of
from ...screen.tables import show
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....compiler.plan import Plan


@click.command(
    "lifecycle",
    short_help="Show how many customers are in each stage.",
    epilog="Example: campaigner lifecycle shop --at 2026-03-31",
)
@click.argument("words", nargs=-1, metavar="[PROJECT] [NAME]")
@options.plan
@click.option("--at", metavar="INSTANT", help="The instant to show; now if left out.")
@options.format_of("table", "json")
@options.language
@click.pass_obj
def command(
    session: Session, words: tuple[str, ...], plan_file: str | None, at: str | None, format_: str
) -> int:
    """Show how many customers are in each stage of the lifecycles of PROJECT at an instant.

    NAME is one of its lifecycles; all of them if left out. Nothing is kept.
    """
    from ....runtime.lifecycle.sizes import sizes
    from ....runtime.warehouse.check import Unfit

    project, name = _taken_apart(words)
    loaded, plan = compiled(project, session, plan_file)
    names = _lifecycles(plan, name)
    instant = moment(at, ZoneInfo(plan.time_zone), session.now(), even_ahead=False)
    try:
        with warehouse_of(loaded, session.bell) as warehouse:
            found = sizes(plan, warehouse, loaded.config.bad_share, names, instant)
    except Unfit as unfit:
        tell_all(unfit.diagnostics, session)
        return COULD_NOT_RUN
    if format_ == "json":
        click.echo(as_json(found, instant, plan.time_zone), nl=False)
    else:
        show(COLUMNS, rows(found))
    return FINE


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


def _lifecycles(plan: Plan, name: str | None) -> tuple[str, ...]:
    """The lifecycles that are asked for; `CannotRun` if there is none of that name, or none."""
    known = tuple(one.name for one in plan.lifecycles)
    if not known:
        raise CannotRun(diagnose(codes.NO_LIFECYCLE, None))
    if name is None:
        return known
    if name not in known:
        raise CannotRun(misspelt(codes.UNKNOWN_LIFECYCLE, name, known, name=name))
    return (name,)
