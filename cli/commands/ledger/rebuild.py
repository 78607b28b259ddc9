"""`campaigner ledger rebuild`: what follows from the entries, made from them anew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....dsl.diagnostics.diagnostic import Phrase, diagnose
from ....runtime.codes import ledger as codes
from ...arguments import options
from ...exits import DOES_NOT_ADD_UP, FINE
from ...failures import tell_all
from ...formats import json
from ...formats.report import Report
from ...projects import settled
from ...resources import ledger_of
from ...screen.speaking import speak
from ...screen.terminal import Session, width_of

if TYPE_CHECKING:
    from ....dsl.diagnostics.diagnostic import Diagnostic
    from ....runtime.ledger.verified import Difference, Journeyed


@click.command("rebuild", epilog="Example: campaigner ledger rebuild shop --write")
@options.project
@click.option("--write", is_flag=True, help="Write what differs, in one transaction.")
@options.format_of("text", "json")
@options.language
@click.pass_obj
def command(session: Session, project: str, write: bool, format_: str) -> int:
    """Make balances, wallets and the steps of journeys of PROJECT anew from the ledger's entries.

    Each row that differs from what is kept is a finding, and it ends with 4. With `--write` they
    are mended, and it ends with 0 if all could be. Others may write meanwhile.
    """
    with ledger_of(settled(project, session), "write" if write else "read") as ledger:
        result = ledger.rebuild(_known(project), write=write)
    found = tuple(session.hidden(_told(one)) for one in result.differences)
    count, mended = len(found), len(found) - len(result.left)
    if format_ == "json":
        report = Report(
            found, session.sources, session.language, session.prefix, False, width_of(sys.stdout)
        )
        rows = [_row(one) for one in result.differences]
        click.echo(json.render(report, written=write, mended=mended, rows=rows), nl=False)
    else:
        tell_all(found, session)
        if not count:
            speak(Phrase("rebuild.equal"))
        elif write:
            speak(Phrase("rebuild.mended", count=f"{mended:,}", found=f"{count:,}"))
    return DOES_NOT_ADD_UP if result.left else FINE


def _known(project: str) -> Journeyed:
    """Return the journeys of the project's files; nothing if they have a mistake."""
    from ....compiler.kept_plans import planned
    from ....compiler.plan.plan_json import digest
    from ....runtime.ledger.verified import NOTHING_KNOWN, Journeyed

    plan = planned(Path(project)).plan
    if plan is None:
        return NOTHING_KNOWN
    journeys = (one.name for one in plan.campaigns if one.journey is not None)
    reversing = (one.name for one in plan.campaigns if one.reversal is not None)
    return Journeyed(digest(plan), frozenset(journeys), frozenset(reversing))


def _told(one: Difference) -> Diagnostic:
    return diagnose(
        codes.DERIVED_DIFFERS,
        None,
        table=one.table,
        row=one.row,
        found=_shown(one.kept),
        expected=_shown(one.expected),
    )


def _shown(rest: tuple[object, ...] | None) -> str | Phrase:
    if rest is None:
        return Phrase("rebuild.no_row")
    if not rest:
        return Phrase("rebuild.a_row")
    return ", ".join("-" if one is None else str(one) for one in rest)


def _row(one: Difference) -> dict[str, object]:
    return {
        "table": one.table,
        "row": one.row,
        "kept": None if one.kept is None else list(one.kept),
        "expected": None if one.expected is None else list(one.expected),
        "can_be_mended": one.can_be_mended,
    }
