"""Law 2: equal projects have byte-identical plans and statements.

The plan, and the SQL of every dialect, do not depend on the hash seed, the order of files, or
earlier compilations.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from campaigner.compiler.deployed.reading import load
from campaigner.compiler.dialects.registry import DIALECTS
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.plan_json import dump
from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.compiler.sql.campaign import candidates, decisions
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from hypothesis import given
from hypothesis import strategies as st

from ..projects import compile_folder, write
from ..strategies import projects
from . import at_most
from .cases import meaning, plan_of

INSTANT = datetime(2024, 2, 29, 12, tzinfo=UTC)
DUE = Due(INSTANT, INSTANT, (INSTANT,))

ASKED = ("duckdb", "postgresql", "spark")
"""The engines that a run asks too, with statements of its own."""


def statements(plan: Plan, dialect: str) -> list[str]:
    """The output of `sql --campaign` for each campaign and of `sql --all`, or the error."""
    dues = {key: DUE for key, _, _ in steps_of(plan)}
    makers = [
        *(lambda name=name: decisions(plan, name, DUE, dialect) for name, _ in dues),
        lambda: decisions_of_all(plan, dues, dialect),
    ]
    if dialect in ASKED:
        makers += [
            *(lambda name=name: candidates(plan, name, DUE, dialect) for name, _ in dues),
            lambda: candidates_of_all(plan, dues, dialect).sql,
        ]
    return [_said(make) for make in makers]


def _said(make) -> str:
    try:
        return make()
    except CannotRun as cannot:
        return f"{cannot.diagnostic.place} {cannot.diagnostic.message()}"


# --- another file order -------------------------------------------------------------------------


@st.composite
def cut_up(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, str]]:
    """A project in one campaign file, and with its declarations in two in another order."""
    whole = draw(projects())
    declarations = draw(st.permutations(whole["all.campaign"].split("\n\n")))
    cut = draw(st.integers(0, len(declarations)))
    rest = {name: text for name, text in whole.items() if name != "all.campaign"}
    parts = {
        "z.campaign": "\n\n".join(declarations[:cut]) + "\n",
        "a/b.campaign": "\n\n".join(declarations[cut:]) + "\n",
    }
    return whole, {**rest, **parts}


def without_places(said: str) -> str:
    """Nor comments, which name places, nor line breaks, which depend on how long these are."""
    return " ".join(re.sub(r"/\*.*?\*/|\S+\.campaign:\d+:\d+", "", said).split())


@at_most(15)
@given(cut_up())
def test_files_and_their_order_mean_nothing(projects):
    whole, parts = projects
    assert meaning(plan_of(parts)) == meaning(plan_of(whole))


@pytest.mark.parametrize("dialect", DIALECTS)
@at_most(2)
@given(cut_up())
def test_files_and_their_order_mean_nothing_in_sql(dialect, projects):
    one, other = ([*map(without_places, statements(plan_of(p), dialect))] for p in projects)
    assert one == other


@contextmanager
def listed(turn) -> Iterator[None]:
    """A disk that lists a folder in another order."""

    @contextmanager
    def scandir(folder):
        with disk(folder) as entries:
            yield turn(sorted(entries, key=lambda entry: entry.name))

    disk = os.scandir
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("campaigner.compiler.files.folder.os.scandir", scandir)
        yield


def found(files: dict[str, str], turn) -> Plan:
    """The plan where the disk lists the files so."""
    with TemporaryDirectory(prefix="laws-") as folder, listed(turn):
        write(Path(folder), files)
        plan = compile_folder(Path(folder)).plan
    assert plan is not None
    return plan


@pytest.mark.parametrize("dialect", DIALECTS)
@at_most(2)
@given(projects())
def test_the_order_in_which_files_are_found_is_not_seen(dialect, files):
    rest = {name: text for name, text in files.items() if name != "all.campaign"}
    each = enumerate(files["all.campaign"].split("\n\n"))
    parts = {f"{'ab'[place % 2]}/{place}.campaign": f"{text}\n" for place, text in each}
    one, other = found({**rest, **parts}, list), found({**rest, **parts}, lambda all_: all_[::-1])
    assert dump(one) == dump(other)
    assert statements(one, dialect) == statements(other, dialect)


# --- after another project ----------------------------------------------------------------------


@at_most(15)
@given(projects(), projects())
def test_what_was_compiled_before_leaves_no_trace(files, others):
    first = plan_of(files)
    plan_of(others)
    assert dump(plan_of(files)) == dump(first)
    assert dump(load(dump(first))) == dump(first)


@pytest.mark.parametrize("dialect", DIALECTS)
@at_most(2)
@given(projects(), projects())
def test_what_was_compiled_before_leaves_no_trace_in_sql(dialect, files, others):
    written = statements(plan_of(files), dialect)
    statements(plan_of(others), dialect)
    read = load(dump(plan_of(files)))
    assert statements(read, dialect) == written


# --- another hash seed --------------------------------------------------------------------------

_BYTES = """
import sys
from hashlib import sha256
from pathlib import Path
from campaigner.compiler.plan.plan_json import dump
from tests.laws.test_bytes import DIALECTS, compile_folder, statements
for folder in sorted(Path(sys.argv[1]).iterdir()):
    plan = compile_folder(folder).plan
    print(folder.name, "plan", sha256(dump(plan)).hexdigest())
    for dialect in DIALECTS:
        for place, text in enumerate(statements(plan, dialect)):
            print(folder.name, dialect, place, sha256(text.encode()).hexdigest())
"""


@pytest.mark.drawn
def test_a_project_is_the_same_bytes_whatever_the_hash_seed(tmp_path):
    drawn: list[dict[str, str]] = []

    @at_most(2)
    @given(projects())
    def collect(files):
        drawn.append(files)

    collect()
    for number, files in enumerate(drawn):
        write(tmp_path / f"{number:03}", files)
    one, other = _bytes_of(tmp_path, "1"), _bytes_of(tmp_path, "4242")
    assert len(one) >= len(drawn) * (1 + 2 * len(DIALECTS))
    assert one == other


def _bytes_of(folder: Path, seed: str) -> list[str]:
    told = subprocess.run(
        [sys.executable, "-c", _BYTES, str(folder)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.splitlines()
