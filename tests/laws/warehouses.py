"""The warehouses of `tests/warehouses.py` as engines that the laws are held for."""

from __future__ import annotations

from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.due import Due
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.runtime.run.candidates import Candidate, Candidates

from ..warehouses import Rows, Warehouse, another
from .cases import Case
from .statements import STATEMENTS

_HOLDING: dict[str, tuple[Warehouse, Case]] = {}


def holding(name: str, case: Case) -> Warehouse:
    """The warehouse with the tables of the case, which the engines of one test ask in a row."""
    found = _HOLDING.pop(name, None)
    house = found[0] if found is not None else another(name)
    if found is None or found[1] is not case:
        house.clear()
        for title, table in case.stored().items():
            house.table(title, table.kinds, table.rows)
    _HOLDING[name] = house, case
    return house


def public(name: str, plan: Plan, campaign: str, case: Case, due: Due) -> Rows:
    """The rows of the readable SQL."""
    return holding(name, case).decisions(STATEMENTS.of(decisions, plan, campaign, due, name))[1]


def found(name: str, plan: Plan, campaign: str, case: Case, due: Due) -> list[Candidate]:
    """The candidates, as the runtime reads them."""
    query = STATEMENTS.of(candidates_query, plan, campaign, due, name)
    reader = Candidates(plan, campaign, query.columns)
    return [reader.read(row) for row in holding(name, case).candidates(query)]
