"""A simulation on PostgreSQL: its warehouse, and the ledger whose copy it goes on from."""

from __future__ import annotations

from collections import Counter

from campaigner.dsl.diagnostics.diagnostic import CannotRun, Code
from campaigner.runtime.delivery import FileChannel
from campaigner.runtime.due.periods import Between
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.simulate.simulate import simulate
from hypothesis import given, note

from ..on_postgresql import new_schema, schema_url
from ..seeds import seeds_of
from ..strategies import Wanted, cases, plain
from . import at_most
from .cases import compile_case, to_json
from .runs import house
from .test_simulate import EMPTY, counts, simulated

SCARCE = Wanted(campaigns=3, depth=1, scarce=True, timers=3, moves=3)


@at_most(2)
@given(plain())
def test_a_warehouse_on_postgresql_gives_the_same_numbers(case):
    note(to_json(case))
    plan = compile_case(case)
    with house(case, plan) as lived, lived.opened() as (warehouse, _):
        expected = simulated(plan, warehouse, case, by_columns=False)
    with house(case, plan, new_schema()) as lived, lived.opened() as (warehouse, _):
        assert simulated(plan, warehouse, case) == expected


@at_most(2)
@given(cases(SCARCE, late=False))
def test_a_simulation_on_a_copy_of_a_ledger_on_postgresql_has_the_numbers_of_a_run(case):
    note(to_json(case))
    plan = compile_case(case)
    between, url = Between(case.start, case.end), schema_url(new_schema())
    with (
        house(case, plan) as lived,
        lived.opened() as (warehouse, _),
        open_ledger(
            url, plan.project, plan.currency, root=lived.folder, channels=frozenset({"push"})
        ) as ledger,
    ):
        channels = {"push": FileChannel("push", lived.folder / "push.jsonl", "push.jsonl")}
        work = Work(plan, "digest", warehouse, ledger, channels, seeds=seeds_of(plan))
        with ledger.rehearsal() as copy:
            found = simulate_or_code(Work(plan, "", warehouse, copy, seeds=seeds_of(plan)), between)
        assert not list(ledger.grants())
        run(work, between)
        became = Counter((one.campaign, one.step) for one in ledger.grants())
        decided: Counter[tuple[str, str, str]] = Counter()
        for row in ledger.decided("digest"):
            decided[row.campaign, row.step, row.outcome] += row.count
    if isinstance(found, Code):
        assert found in EMPTY
        assert not became
        return
    assert counts(found) == decided


def simulate_or_code(work: Work, between: Between):
    """The simulation from the ledger of the work, or the code by which it is refused."""
    try:
        return simulate(work, between, with_ledger=True)
    except CannotRun as stopped:
        return stopped.diagnostic.code
