"""A run of the plan that is deployed is the run of its sources, decision by decision."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from hypothesis import given, note

from ..projects import write
from ..strategies import Wanted, cases
from . import at_most
from .cases import Case, to_json
from .commands import output
from .engines import load

TABLES = ("grants", "balances", "offers", "claims")


@at_most(4)
@given(cases(Wanted(campaigns=2, scarce=True), late=False))
def test_a_run_of_the_plan_is_the_run_of_its_sources(case):
    note(to_json(case))
    with TemporaryDirectory(prefix="laws-") as name:
        sources, bare = Path(name, "sources"), Path(name, "bare")
        write(sources, case.files)
        with duckdb.connect(str(sources / "data.duckdb")) as connection:
            load(connection, dict(case.tables))
        bare.mkdir()
        for file in ("campaigner.toml", "data.duckdb"):
            shutil.copy(sources / file, bare)
        plan = Path(name, "plan.json")
        _done("plan", sources, "--output", plan)
        assert _kept(case, bare, "--plan", plan) == _kept(case, sources)


def _kept(case: Case, folder: Path, *plan: object) -> list[str]:
    """All that the ledger and the outbox have after a run, and the run's own account."""
    period = ("--from", case.start.isoformat(), "--to", case.end.isoformat())
    said = [_done("run", folder, *period, "--format", "json", *plan)]
    said += [_done("ledger", what, folder, "--format", "json") for what in TABLES]
    said.append(_done("ledger", "budgets", folder, "--format", "json", *plan))
    said.append(_done("sql", folder, "--all", *period, *plan))
    outbox = folder / "push.jsonl"
    said.append(outbox.read_text("utf-8") if outbox.exists() else "")
    return [one.replace(str(folder), "") for one in said]


def _done(*arguments: object) -> str:
    code, said = output(*arguments)
    assert code == 0, arguments
    return said
