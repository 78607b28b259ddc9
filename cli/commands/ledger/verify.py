"""`campaigner ledger verify`: whether the ledger adds up and was not changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, diagnose, has_errors
from ....runtime.codes import ledger as codes
from ...arguments import options
from ...arguments.usage import incomplete
from ...codes.usage import PLAN_FOR_DRAWS
from ...exits import DOES_NOT_ADD_UP, FINE
from ...failures import tell_all
from ...formats import json
from ...formats.report import Report
from ...projects import compiled, settled
from ...resources import ledger_of, ledger_place, ledger_refused, seeds_at_hand
from ...screen.speaking import speak
from ...screen.tables import Column, show
from ...screen.terminal import Session, width_of

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....compiler.project.settings import Settings
    from ....runtime.ledger.drawn import DrawnAgain, Redraw


@click.command("verify", epilog="Example: campaigner ledger verify shop")
@options.project
@options.plan
@options.format_of("text", "json")
@click.option("--draws", is_flag=True, help="Draw everything again that can be.")
@options.language
@click.pass_obj
def command(
    session: Session, project: str, plan_file: str | None, format_: str, draws: bool
) -> int:
    """Check that the ledger of PROJECT adds up, and is as it was written.

    It ends with 4 if not. Nothing is changed, and others may write meanwhile. With `--draws` what
    was drawn with a seed that is set or was revealed, or without one, is drawn again.
    """
    if plan_file is not None and not draws:
        raise incomplete(PLAN_FOR_DRAWS)
    plan: Plan | None = None
    if plan_file is not None:
        loaded, plan = compiled(project, session, plan_file)
    else:
        loaded = settled(project, session)
    findings, decisions = _verified(loaded)
    redraw = None
    if draws:
        redraw = _redraw(loaded, plan or _plan(project), findings)
    if redraw is not None:
        findings = (*findings, *redraw.findings)
    found = tuple(map(session.hidden, findings))
    sound = not has_errors(found)
    if format_ == "json":
        report = Report(
            found, session.sources, session.language, session.prefix, False, width_of(sys.stdout)
        )
        drawn = {} if redraw is None else {"draws": [_drawn(one) for one in redraw.draws]}
        click.echo(json.render(report, decisions=decisions, **drawn), nl=False)
    else:
        if redraw is not None:
            show(_COLUMNS, [_row(one) for one in redraw.draws])
        tell_all(found, session)
        if sound:
            speak(Phrase("verify.sound", count=str(decisions)))
    return FINE if sound else DOES_NOT_ADD_UP


_COLUMNS = (
    Column("campaign"),
    Column("step"),
    Column("seed (SHA-256)"),
    Column("redrawn", number=True),
    Column("not redrawn", number=True),
)


def _row(one: DrawnAgain) -> tuple[str | Phrase, ...]:
    return (
        one.campaign,
        one.step,
        one.seed or Phrase("verify.none"),
        str(one.redrawn),
        str(one.left),
    )


def _drawn(one: DrawnAgain) -> dict[str, object]:
    return {
        "campaign": one.campaign,
        "step": one.step,
        "seed_sha256": one.seed,
        "redrawn": one.redrawn,
        "not_redrawn": one.left,
    }


def _plan(path: str) -> Plan | None:
    """The plan of the project's files, if these have no mistake."""
    from ....compiler.kept_plans import planned

    return planned(Path(path)).plan


def _redraw(loaded: Settings, plan: Plan | None, found: tuple[Diagnostic, ...]) -> Redraw | None:
    """Every draw again; `None` where what was `found` before keeps the ledger from being read.

    The odds of draws from before format 8 are those of the plan.
    """
    from ....runtime.ledger.draws.odds import draws_without

    now = () if plan is None else tuple(draws_without(plan))
    try:
        with ledger_of(loaded) as ledger:
            return ledger.redraw(seeds_at_hand(loaded), now)
    except CannotRun:
        if not has_errors(found):
            raise
        return None


def _verified(project: Settings) -> tuple[tuple[Diagnostic, ...], int | None]:
    """Return the findings, and the number of decisions if they can be counted."""
    place = ledger_place(project)
    try:
        if isinstance(place, Path) and place.is_file() and place.stat().st_size == 0:
            raise CannotRun(diagnose(codes.LEDGER_DAMAGED, None, path=str(place)))
        with ledger_of(project) as ledger:
            findings = ledger.verify()
            if findings:
                return findings, None
            left = ledger.unchecked()
            return () if left is None else (left,), sum(ledger.outcomes().values())
    except CannotRun as stopped:
        found = ledger_refused(project, stopped.diagnostic)
        if found is None:
            raise
        return (found,), None
