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
    """The query of a campaign that the plan has, or of all; both ends of the period are in it.

    A comment at its head names the ranges of the catalog by which a run leaves rows out.
    """
    names = [one.name for one in plan.campaigns if campaign in (None, one.name)]
    return _of_ranges(plan, names) + _query(plan, campaign, period, dialect)


def _of_ranges(plan: Plan, campaigns: list[str]) -> str:
    """The comment on ranges; empty if no field that is read has one."""
    from ..compiler.sql.comments import harmless
    from ..runtime.warehouse.check import used_events

    events = set(used_events(plan, campaigns))
    tables = [
        (plan.customers.table, plan.customers.fields),
        *((one.table, one.fields) for one in plan.events if one.name in events),
    ]
    ranges = [
        f"{table}.{field.column} from {field.minimum or 'any'} to {field.maximum or 'any'}"
        for table, fields in tables
        for field in fields
        if field.minimum is not None or field.maximum is not None
    ]
    if not ranges:
        return ""
    lines = ["a run leaves out rows that break a range of the catalog; this query does not:"]
    return "".join(f"-- {harmless(line)}\n" for line in (*lines, *ranges))


def _query(plan: Plan, campaign: str | None, period: Between, dialect: str) -> str:
    from ..compiler.plan import WalletTrigger
    from ..compiler.plan.steps import steps_of
    from ..compiler.sql.all.campaigns import decisions_of_all
    from ..compiler.sql.campaign import decisions
    from ..runtime.due.schedule import due

    asked = [one for one in steps_of(plan) if campaign in (None, one[0].campaign)]
    keys = [key for key, _, step in asked if not isinstance(step.trigger, WalletTrigger)]
    for key, _, step in asked:
        if not keys and isinstance(step.trigger, WalletTrigger):
            name, wallet, amount = key.campaign, step.trigger.wallet, str(step.trigger.amount)
            found = diagnose(commands.NO_QUERY, None, campaign=name, wallet=wallet, amount=amount)
            raise CannotRun(found)
    dues = {key: due(plan, key.campaign, period.start, period.end, step=key.step) for key in keys}
    if campaign is not None and len(keys) == 1:
        return decisions(plan, campaign, dues[keys[0]], dialect)
    return decisions_of_all(plan, dues, dialect)
