"""Laws 1 and 2: what is laid out otherwise is the same project, and a project is one plan."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from campaigner.compiler.expressions import Origin
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan_json import dump, load
from campaigner.compiler.sql.due import Due
from campaigner.compiler.sql.query import decisions
from campaigner.compiler.sql.together import decisions_of_all
from campaigner.dsl.formatter import format_tree
from campaigner.dsl.parser import parse
from campaigner.dsl.source import SourceFile
from hypothesis import given, note
from hypothesis import strategies as st

from ..projects import write
from ..strategies import projects
from . import at_most
from .cases import compile_files

INSTANT = datetime(2024, 2, 29, 12, tzinfo=UTC)
DUE = Due(INSTANT, INSTANT, (INSTANT,))


def plan_of(files: dict[str, str]) -> Plan:
    note(files["all.campaign"] if "all.campaign" in files else str(files))
    plan = compile_files(files).plan
    assert plan is not None
    return plan


def meaning(part: Any) -> Any:
    """A part of a plan without the places where it was written."""
    if isinstance(part, Origin):
        return None
    if dataclasses.is_dataclass(part):
        return (
            type(part).__name__,
            *(meaning(getattr(part, f.name)) for f in dataclasses.fields(part)),
        )
    if isinstance(part, tuple):
        return tuple(meaning(one) for one in part)
    return part


def queries(plan: Plan) -> list[str]:
    dues = {campaign.name: DUE for campaign in plan.campaigns}
    each = [decisions(plan, campaign.name, DUE) for campaign in plan.campaigns]
    return [*each, decisions_of_all(plan, dues)]


def without_comments(sql: str) -> str:
    """Nor line breaks, which depend on how long the comments are."""
    return " ".join(re.sub(r"/\*.*?\*/", "", sql).split())


@at_most(60)
@given(projects())
def test_a_formatted_project_is_the_same_project(files):
    text = files["all.campaign"]
    formatted = format_tree(parse(SourceFile("all.campaign", text)))
    again = format_tree(parse(SourceFile("all.campaign", formatted)))
    assert again == formatted
    laid_out = {**files, "all.campaign": formatted}
    assert meaning(plan_of(laid_out)) == meaning(plan_of(files))


@at_most(40)
@given(projects(), st.data())
def test_files_and_their_order_mean_nothing(files, data):
    whole = plan_of(files)
    declarations = data.draw(st.permutations(files["all.campaign"].split("\n\n")))
    cut = data.draw(st.integers(0, len(declarations)))
    rest = {name: text for name, text in files.items() if name != "all.campaign"}
    parts = {
        "z.campaign": "\n\n".join(declarations[:cut]) + "\n",
        "a/b.campaign": "\n\n".join(declarations[cut:]) + "\n",
    }
    other = plan_of({**rest, **parts})
    assert meaning(other) == meaning(whole)
    assert [without_comments(one) for one in queries(other)] == [
        without_comments(one) for one in queries(whole)
    ]


@at_most(40)
@given(projects(), projects())
def test_what_was_compiled_before_leaves_no_trace(files, others):
    first = plan_of(files)
    statements = queries(first)
    queries(plan_of(others))
    second = plan_of(files)
    assert dump(second) == dump(first)
    assert queries(second) == statements
    assert dump(load(dump(first))) == dump(first)


_BYTES = """
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan_json import dump
from campaigner.compiler.project import load_project
from campaigner.compiler.sql.dialects import DIALECTS
from campaigner.compiler.sql.due import Due
from campaigner.compiler.sql.query import candidates, decisions
from campaigner.compiler.sql.together import candidates_of_all, decisions_of_all
from campaigner.dsl.diagnostics import CannotRun
instant = datetime(2024, 2, 29, 12, tzinfo=UTC)
due = Due(instant, instant, (instant,))
for folder in sorted(Path(sys.argv[1]).iterdir()):
    plan = compile_project(load_project(folder)).plan
    found = sha256(dump(plan))
    for campaign in plan.campaigns:
        found.update(decisions(plan, campaign.name, due).encode())
        found.update(candidates(plan, campaign.name, due).encode())
    first = plan.campaigns[0].name
    for dialect in DIALECTS:
        try:
            found.update(decisions(plan, first, due, dialect).encode())
        except CannotRun as cannot:
            found.update(cannot.diagnostic.message().encode())
    dues = {campaign.name: due for campaign in plan.campaigns}
    found.update(decisions_of_all(plan, dues).encode())
    found.update(candidates_of_all(plan, dues).sql.encode())
    print(folder.name, found.hexdigest())
"""


def test_a_project_is_the_same_bytes_whatever_the_hash_seed(tmp_path):
    found: list[dict[str, str]] = []

    @at_most(6)
    @given(projects())
    def collect(files):
        found.append(files)

    collect()
    for number, files in enumerate(found):
        write(tmp_path / f"{number:03}", files)
    assert _bytes_of(tmp_path, "1") == _bytes_of(tmp_path, "4242")


def _bytes_of(folder: Path, seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    told = subprocess.run(
        [sys.executable, "-c", _BYTES, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.splitlines()
