"""`campaigner simulate`: what a past period would have granted and cost, with nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import (
    CannotRun,
    Diagnostic,
    Phrase,
    diagnose,
    has_errors,
    in_language,
)
from ....runtime.codes import simulating
from ...arguments import options
from ...arguments.instants import period_between, refuse_period_to_come
from ...arguments.usage import incomplete
from ...codes.usage import OUTPUT_OF_PROGRAMS
from ...exits import FINDINGS, FINE, ROWS_LEFT_OUT
from ...failures import tell_all
from ...formats.planning.simulated import Shown, as_json, grids, notes
from ...projects import compiled, settled
from ...resources import ledger_of, warehouse_of
from ...screen import files
from ...screen.progress import progress
from ...screen.speaking import speak
from ...screen.tables import show
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....compiler.edited import Edited
    from ....compiler.plan import Plan
    from ....compiler.plan.chance import Seeds
    from ....compiler.project.settings import Settings
    from ....runtime.due.periods import Between
    from ....runtime.ledger import Ledger
    from ....runtime.simulate.simulation import Simulation


@click.command(
    "simulate",
    short_help="See what a past period would have granted and cost.",
    epilog="Example: campaigner simulate shop --from 2026-01-01 --to 2026-03-31",
)
@options.project
@options.past_period
@click.option(
    "--with",
    "edit",
    metavar="FILE|REV",
    help="The project with this file in the place of its namesake, or as of a git revision.",
)
@click.option(
    "--seed", type=options.TEXT, metavar="N", help="Draw with this seed, not with the project's."
)
@click.option(
    "--with-ledger", is_flag=True, help="Go on from a copy of the project's ledger, not from none."
)
@options.format_of("table", "json", "html")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write it there.")
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    start: str,
    end: str,
    edit: str | None,
    seed: str | None,
    with_ledger: bool,
    format_: str,
    output: Path | None,
) -> int:
    """Carry out a past period of PROJECT in memory, and report reach, grants, cost and caps.

    It begins with an empty ledger, and decides as `run` does. Nothing is kept or delivered. With
    --with the project as it is comes next to the edited one. It ends with 3 if rows of the
    warehouse were left out.
    """

    if output is not None and format_ == "table":
        raise incomplete(OUTPUT_OF_PROGRAMS)
    loaded, plan, change = _project(project, edit, session)
    before = None if edit is None else _present(loaded)
    asked = period_between(start, end, ZoneInfo(plan.time_zone))
    refuse_period_to_come(asked, end, ZoneInfo(plan.time_zone), session.now())
    drawing = _drawing(loaded, plan, seed)
    present: Simulation | None = None
    found = _simulated(session, loaded, drawing, asked, with_ledger=with_ledger)
    with suppress(CannotRun):  # what the edit mends
        if before is not None:
            as_it_is = _drawing(loaded, before, seed)
            present = _simulated(session, loaded, as_it_is, asked, with_ledger=with_ledger)
    warnings = (*drawing.warnings, *found.warnings)
    shown = Shown(found, plan, warnings, change, present)
    if format_ == "table":
        _tables(session, shown)
    else:
        content = _document(session, shown, format_)
        files.hand_out(content, output, loaded)
    return ROWS_LEFT_OUT if found.left_out else FINE


def _project(
    project: str, edit: str | None, session: Session
) -> tuple[Settings, Plan, Phrase | None]:
    """The settings of the project, its plan with the edit, and the edit in words.

    Warehouse and ledger are those of the project as it is. Mistakes that the edit makes, or leaves,
    are shown, and end the command.
    """
    if edit is None:
        return (*compiled(project, session), None)
    from ....compiler.edited import edited

    loaded = settled(project, session)
    made = edited(Path(project), edit)
    found = made.planned.diagnostics
    if made.planned.plan is None or has_errors(found):
        said = Phrase("simulated.mistakes_with", name=edit)
        click.echo(in_language(said, session.language), err=True)
        session.sources = made.planned.settings.sources
        session.prefix = f"{edit}:" if made.kind == "revision" else session.prefix
        tell_all(found, session)
        raise click.exceptions.Exit(FINDINGS)
    tell_all(found, session)
    return loaded, made.planned.plan, _in_words(made)


def _present(loaded: Settings) -> Plan | None:
    """The plan of the project as it is; `None` if it has mistakes, which the edit may mend."""
    from ....compiler.kept_plans import planned

    found = planned(loaded.root)
    return None if has_errors(found.diagnostics) else found.plan


def _in_words(made: Edited) -> Phrase:
    match made.kind:
        case "replaced":
            return Phrase("simulated.with_replaced", name=made.name, file=made.file)
        case "added":
            return Phrase("simulated.with_added", name=made.name)
        case "revision":
            return Phrase("simulated.with_revision", name=made.name)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The plan and the seeds with which it draws."""

    plan: Plan
    seeds: Seeds
    warnings: tuple[Diagnostic, ...] = ()


def _drawing(loaded: Settings, plan: Plan, seed: str | None) -> _Drawing:
    """Draw with the seed of the command line, of the project, or with 0 if that cannot be had."""
    from ....compiler.plan.chance import NO_SEEDS, Seeds
    from ...resources import seeds_at_hand

    draws = any(one.draws for one in plan.campaigns)
    if not draws:
        said = () if seed is None else (diagnose(simulating.SEED_UNUSED, None),)
        return _Drawing(plan, NO_SEEDS, said)
    if seed is not None:
        return _Drawing(replace(plan, seeded=True), Seeds(seed))
    if not plan.seeded:
        return _Drawing(plan, NO_SEEDS)
    seeds = seeds_at_hand(loaded)
    if seeds is NO_SEEDS:
        return _Drawing(plan, Seeds("0"), (diagnose(simulating.SEED_MADE_UP, None),))
    return _Drawing(plan, seeds)


def _simulated(
    session: Session, loaded: Settings, drawing: _Drawing, asked: Between, *, with_ledger: bool
) -> Simulation:
    from ....runtime.run.work import Work
    from ....runtime.simulate.simulate import DIGEST, simulate

    with (
        warehouse_of(loaded, session.bell) as warehouse,
        _ledger(loaded, drawing.plan, with_ledger=with_ledger) as ledger,
        progress(asked.start, asked.end) as told,
    ):
        share = loaded.config.bad_share
        work = Work(drawing.plan, DIGEST, warehouse, ledger, {}, share, drawing.seeds)
        return simulate(work, asked, with_ledger=with_ledger, progress=told)


@contextmanager
def _ledger(loaded: Settings, plan: Plan, *, with_ledger: bool) -> Iterator[Ledger]:
    """An empty ledger in memory, or a copy of the project's."""
    from ....runtime.simulate.simulate import empty_ledger

    if with_ledger:
        with ledger_of(loaded) as ledger, ledger.rehearsal() as copy:
            yield copy
        return
    channels = frozenset(loaded.config.channels)
    with empty_ledger(plan, loaded.config.name, channels) as ledger:
        yield ledger


def _document(session: Session, shown: Shown, format_: str) -> str:
    if format_ == "html":
        from ...pages.simulated import page_of

        return page_of(shown, session.language)
    hidden = tuple(session.hidden(one) for one in shown.warnings)
    return as_json(replace(shown, warnings=hidden), session.language)


def _tables(session: Session, shown: Shown) -> None:
    tell_all(shown.warnings, session)
    for number, grid in enumerate(grids(shown)):
        if number:
            click.echo()
            click.echo(in_language(grid.title, session.language))
        show(grid.columns, grid.rows)
    for note in notes(shown):
        speak(note)
