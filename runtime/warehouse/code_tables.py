"""The tables of codes that benefits take from, held against the catalog."""

from __future__ import annotations

from collections.abc import Iterator

from ...compiler.plan import Plan
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase
from .check import Needed, shape
from .contract import Warehouse


def code_problems(warehouse: Warehouse, plan: Plan) -> Iterator[Diagnostic]:
    """Yield what the warehouse lacks of the tables of codes."""
    tables = [one.codes for one in plan.benefits if one.codes is not None]
    known = warehouse.tables() if tables else None
    for of in tables:
        owner = Phrase("catalog_entries.codes", name=of.name)
        needed = Needed(of.table, owner, of.column, None, (), of.origin)
        if known is not None:
            yield from shape(warehouse, needed, known, plan.time_zone)[1]
