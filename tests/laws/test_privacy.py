"""Law 7: what is private reaches no message, no export and no log."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from hypothesis import given, note

from ..projects import write
from ..strategies import Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .commands import command
from .engines import load

SECRET = "SECRET"
"""How every value of a field of class C3 begins; no project says that word itself."""


@at_most(8)
@given(cases(Wanted(campaigns=2, scarce=True), late=False))
def test_no_private_value_leaves_the_warehouse(case):
    note(to_json(case))
    with TemporaryDirectory(prefix="laws-") as name:
        folder = write(Path(name), case.files)
        with duckdb.connect(str(folder / "data.duckdb")) as connection:
            load(connection, dict(case.tables))
        told = "".join(_said(folder, case))
        messages = folder / "push.jsonl"
        told += messages.read_text("utf-8") if messages.exists() else ""
    assert SECRET not in told


def _said(folder: Path, case: Case) -> list[str]:
    """All that the commands print."""
    plan = compile_case(case)
    period = ["--from", case.start.isoformat(), "--to", case.end.isoformat()]
    found = [
        _command("check", folder),
        _command("run", folder, *period),
        _command("plan", folder),
    ]
    for what in ("grants", "budgets"):
        found += [_command("ledger", folder, what, "--format", form) for form in ("csv", "table")]
    for campaign in plan.campaigns:
        for customer in list(case.rows(plan).customers)[:2]:
            asked = ["--campaign", campaign.name, "--customer", customer]
            found.append(_command("explain", folder, *asked, "--at", case.end.isoformat()))
            found.append(
                _command(
                    "explain", folder, *asked, "--at", case.end.isoformat(), "--format", "json"
                )
            )
    return found


def _command(*arguments: object) -> str:
    code, said = command(*arguments)
    assert code == 0, (arguments, said)
    return said
