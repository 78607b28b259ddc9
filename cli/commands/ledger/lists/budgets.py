"""`campaigner ledger budgets`: what is spent and left of every budget, limit and stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from .....dsl.diagnostics.diagnostic import Phrase, diagnose, has_errors
from ....arguments import options
from ....codes import command_line as codes
from ....exits import FINE
from ....failures import tell, tell_all
from ....formats.listing import Listing
from ....formats.records import Cell
from ....projects import compiled, require_campaign, require_kept, settled
from ....resources import ledger_of
from ....screen.speaking import speak
from ....screen.terminal import Session

if TYPE_CHECKING:
    from .....compiler.plan import Plan
    from .....compiler.project.settings import Settings
    from .....runtime.ledger.contract import BudgetRow

_OWNERS = ("campaign", "pool", "benefit", "policy")
_REST = ("name", "measure", "period", "key", "cap", "spent", "left", "exhausted")


def _owner(row: Mapping[str, Cell], heading: str) -> Cell:
    """A cell of the table; under `of`, whose budget it is: `campaign win_back`."""
    if heading != "of":
        return row[heading]
    return next(f"{kind} {row[kind]}" for kind in _OWNERS if row[kind] is not None)


_LISTING = Listing("budgets", (*_OWNERS, *_REST), ("of", *_REST), _owner)


@click.command("budgets", epilog="Example: campaigner ledger budgets shop --campaign win_back")
@options.project
@options.plan
@options.of_campaign
@options.listed
@options.language
@click.pass_obj
def command(
    session: Session, project: str, plan_file: str | None, campaign: str | None, format_: str
) -> int:
    """List what is spent and left of every budget, limit and stock of PROJECT.

    If the project has mistakes, the caps are those that the ledger last charged.
    """
    settings: Settings
    plan: Plan | None
    if plan_file is not None:
        settings, plan = compiled(project, session, plan_file)
    else:
        settings, plan = settled(project, session), _plan(project, session)
    with ledger_of(settings) as ledger:
        if plan is None:
            campaign = require_kept(settings, ledger, campaign)
        elif campaign is not None:
            campaign = require_campaign(plan, campaign)
        rows = ledger.budgets(plan, campaign)
    _LISTING.write(map(_row, _shared(rows) if format_ == "table" else rows), format_)
    return FINE


def _plan(project: str, session: Session) -> Plan | None:
    """The plan of the project; `None`, and a warning, if it has mistakes."""
    from pathlib import Path

    from .....compiler.kept_plans import planned

    result = planned(Path(project))
    if result.plan is None or has_errors(result.diagnostics):
        tell(diagnose(codes.NOT_COMPILED, None), session)
        return None
    tell_all(result.diagnostics, session)
    return result.plan


def _shared(rows: Sequence[BudgetRow]) -> list[BudgetRow]:
    """The balances that people read: those of single customers and keys are for programs."""
    shared = [row for row in rows if row.key is None]
    left_out = len(rows) - len(shared)
    if left_out:
        speak(Phrase("budgets.single", count=f"{left_out:,}"))
    return shared


def _row(row: BudgetRow) -> dict[str, Cell]:
    owners: dict[str, Cell] = {
        kind: row.owner if kind == row.owner_kind else None for kind in _OWNERS
    }
    return {
        **owners,
        "name": row.name,
        "measure": row.measure,
        "period": row.period or None,
        "key": row.key,
        "cap": format(row.cap, "f"),
        "spent": format(row.spent, "f"),
        "left": format(row.left, "f"),
        "exhausted": row.exhausted,
    }
