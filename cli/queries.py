"""The SQL of decisions, as `campaigner sql` prints it and the Python interface returns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dsl.diagnostics.diagnostic import CannotRun, diagnose, names_listed
from .codes import commands

if TYPE_CHECKING:
    from ..compiler.plan import Plan
    from ..runtime.due.periods import Between


def require_dialect(name: str) -> None:
    """Raise `CannotRun` if no SQL is written for the engine."""
    from ..compiler.dialects.registry import DIALECTS

    if name not in DIALECTS:
        known = names_listed(DIALECTS)
        raise CannotRun(diagnose(commands.UNKNOWN_DIALECT, None, name=name, all=known))


def query_of(plan: Plan, campaign: str | None, period: Between, dialect: str) -> str:
    """The query of a campaign that the plan has, or of all; both ends of the period are in it."""
    from ..compiler.plan.steps import steps_of
    from ..compiler.sql.all.campaigns import decisions_of_all
    from ..compiler.sql.campaign import decisions
    from ..runtime.due.schedule import due

    keys = [key for key, _, _ in steps_of(plan) if campaign in (None, key.campaign)]
    dues = {key: due(plan, key.campaign, period.start, period.end, step=key.step) for key in keys}
    if campaign is not None and len(keys) == 1:
        return decisions(plan, campaign, dues[keys[0]], dialect)
    return decisions_of_all(plan, dues, dialect)
