"""Asking every engine for a campaign's decisions, and the reference interpreter for the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.due import Due
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.runtime.decide.decisions import Decision
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.due.schedule import due as due_of
from campaigner.runtime.run.candidates import Candidates

from ...warehouses import EXECUTED, Warehouse, warehouse
from .shop import Shop, utc

_GRANTS = {
    "campaign": "text",
    "step": "text",
    "recipient": "text",
    "occurrence": "text",
    "reward": "text",
    "at": "timestamp",
}


def january(plan: Plan) -> Due:
    """All that is due of the campaign in January 2026, Shanghai's clocks."""
    return period(plan, "2026-01-01T00:00+08:00", "2026-01-31T23:59+08:00")


def period(plan: Plan, start: str, end: str) -> Due:
    return due_of(plan, plan.campaigns[0].name, utc(start), utc(end))


def opened(shop: Shop, engine: str = "duckdb") -> Warehouse:
    """The engine with the shop's tables, and no others."""
    found = warehouse(engine)
    found.clear()
    shop.load(found)
    return found


def asked(
    plan: Plan, shop: Shop, due: Due, late: Sequence[str] = (), engine: str = "duckdb"
) -> list[Decision]:
    """The decisions that an engine finds."""
    house, name = opened(shop, engine), plan.campaigns[0].name
    if due.late_table:
        house.table(due.late_table, {"occurrence": "text"}, [[key] for key in late])
    query = candidates_query(plan, name, due, engine)
    reader = Candidates(plan, name, query.columns)
    return [reader.read(row).decision for row in house.candidates(query)]


def agreed(
    plan: Plan,
    shop: Shop,
    due: Due,
    late: Sequence[str] = (),
    besides: Sequence[str] = (),
) -> list[Decision]:
    """The decisions, which all engines (`besides` some) and the reference find in one order."""
    rows = replace(shop.rows(), late=frozenset(late))
    expected = [_plain(one) for one in reference(plan, rows, due)]
    for engine in set(EXECUTED).difference(besides):
        found = [_plain(one) for one in asked(plan, shop, due, late, engine)]
        assert found == expected, engine
    return expected


def reference(plan: Plan, rows: Rows, due: Due) -> list[Decision]:
    return decide(plan, plan.campaigns[0].name, rows, due)


def _plain(decision: Decision) -> Decision:
    """With numbers in messages as short as can be: 1.50 is 1.5."""
    values = {name: _short(text) for name, text in decision.values.items()}
    return decision._replace(values=values)


def _short(text: str) -> str:
    try:
        return str(Decimal(text).normalize())
    except ArithmeticError:
        return text


def shown(plan: Plan, shop: Shop, due: Due, grants: Sequence[Sequence[Any]] = ()) -> list[Any]:
    """The rows of the readable SQL: (recipient, occurrence, at, reward, amount, currency)."""
    plain = [
        [one.replace(tzinfo=None) if isinstance(one, datetime) else one for one in grant]
        for grant in grants
    ]
    found = {}
    for engine in dict.fromkeys(("duckdb", *EXECUTED)):
        house = opened(shop, engine)
        house.table("campaigner_grants", _GRANTS, plain)
        titles, rows = house.decisions(decisions(plan, plan.campaigns[0].name, due, engine))
        assert titles == (
            *("campaign", "step", "recipient", "occurrence"),
            *("at", "reward", "amount", "currency"),
        )
        found[engine] = [row[2:] for row in rows]
        assert found[engine] == found["duckdb"], engine
    return found["duckdb"]


def keys(found: Sequence[Decision]) -> list[str]:
    return [one.identity.occurrence for one in found]


def people(found: Sequence[Decision]) -> list[str]:
    return [one.identity.recipient for one in found]
