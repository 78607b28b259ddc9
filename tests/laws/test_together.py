"""One statement over all campaigns says what each campaign's own says, and in the run's order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal

import pytest
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.demands import residual
from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.sql.all import known_rewards
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.runtime.decide.decisions import Decision
from campaigner.runtime.run.candidates import AllCandidates, passes
from hypothesis import given, note

from ..strategies import Wanted, cases
from ..warehouses import EXECUTED
from . import at_most
from .cases import Case, compile_case, to_json
from .engines import Counting, Row, public_rows, reference
from .warehouses import holding

SEVERAL = Wanted(campaigns=5, depth=1, timers=3, moves=3)


def hold(case: Case, engines: Sequence[str] = EXECUTED) -> None:
    """Every engine, all campaigns at once, against the reference, one after the other."""
    plan = compile_case(case)
    dues = {key: case.due(plan, key.campaign) for key, _, _ in steps_of(plan)}
    expected = sorted(
        (one for (name, _), due in dues.items() for one in reference(plan, name, case, due)),
        key=lambda one: _turn(plan, one),
    )
    for engine in engines:
        assert _shown(engine, plan, case, dues) == public_rows(expected), engine
        assert _decided(engine, plan, case, dues) == expected, engine


def _turn(plan: Plan, decision: Decision):
    name = decision.identity.campaign
    priority = next(one.priority for one in plan.campaigns if one.name == name)
    return decision.at, -priority, name


def _shown(engine: str, plan: Plan, case: Case, dues) -> list[Row]:
    rows = holding(engine, case).decisions(decisions_of_all(plan, dues, engine))[1]
    shown = [Row(*row) for row in rows]
    return [
        row._replace(
            at=row.at.replace(tzinfo=UTC),
            amount=None if row.amount is None else Decimal(row.amount),
        )
        for row in shown
    ]


def _decided(engine: str, plan: Plan, case: Case, dues) -> list[Decision]:
    query = candidates_of_all(plan, dues, engine)
    reader, count = AllCandidates(plan, query), Counting(case)
    left = {key: residual(plan, *key) for key in dues}
    found = [reader.read(row) for row in holding(engine, case).candidates(query)]
    return [
        one.decision for one in found if passes(plan, left[one.decision.identity.key], one, count)
    ]


@at_most(20)
@given(cases(SEVERAL))
def test_all_at_once_is_each_by_itself(case):
    note(to_json(case))
    hold(case)


@at_most(20)
@given(cases(SEVERAL))
def test_options_by_blocks_are_the_same(case):
    note(to_json(case))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_rewards, "MANY", 0)
        hold(case, ["duckdb"])
