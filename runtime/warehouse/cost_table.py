"""The table of the costs of acquisition, held against the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from ...compiler.plan import CostTable, Plan
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, has_errors
from .bad_rows import Sound, Table, survey_table, view_of
from .check import Needed, Unfit, questions, shape
from .contract import Warehouse

_VIEW = "campaigner_costs"


def cost_problems(warehouse: Warehouse, plan: Plan) -> Iterator[Diagnostic]:
    """Yield what the warehouse lacks of the table of costs."""
    if plan.costs is not None:
        yield from _found(warehouse, plan, plan.costs)[1]


def sound_costs(warehouse: Warehouse, plan: Plan, costs: CostTable, share: Decimal | None) -> Sound:
    """Return the costs without bad rows, as `bad_rows.sound` does with the other tables.

    Raise `Unfit` if more than `share` of the rows are bad; with `None`, if any is.
    """
    table, problems = _found(warehouse, plan, costs)
    if table is None or has_errors(problems):
        raise Unfit(problems)
    seen = survey_table(table, share or Decimal(0))
    problems += seen.diagnostics
    if has_errors(problems):
        raise Unfit(problems)
    if not seen.rows.count:
        return Sound(plan, tuple(problems))
    views = ((_VIEW, view_of(table, repeated=False)),)
    read = replace(plan, costs=replace(costs, table=_VIEW))
    return Sound(read, tuple(problems), (seen.rows,), views)


def _found(
    warehouse: Warehouse, plan: Plan, costs: CostTable
) -> tuple[Table | None, list[Diagnostic]]:
    """The table, if it can be read, and its mismatches with the catalog."""
    owner = Phrase("catalog_entries.costs")
    fields = (costs.day, costs.amount)
    # A channel has a row a day, so it may repeat, as the customer of a past may.
    needed = Needed(costs.table, owner, costs.channel, None, fields, costs.origin, past=True)
    there, problems = shape(warehouse, needed, warehouse.tables(), plan.time_zone)
    if there is None:
        return None, problems
    asked = (one for one in questions(needed, there) if one.problem.code.severity == "error")
    return Table(needed, there, tuple(asked)), problems
