"""The statement of all campaigns for engines that no usual run asks, as `sql --all` prints it.

What test_rendered.py holds of one campaign's.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.steps import Dues, StepKey, steps_of
from campaigner.compiler.sql.all.campaigns import candidates_of_all, decisions_of_all
from campaigner.compiler.sql.campaign import decisions
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.due.schedule import due
from hypothesis import given, note
from sqlglot import exp

from ... import strategies
from ...laws import at_most
from ...laws.cases import Case, compile_case, compile_files, to_json
from ...projects import ROOT, compile_folder
from .reading_back import RENDERED, TITLES, nothing_unsupported, read_back
from .shop import utc
from .test_rendered import SHIPPED
from .test_safety import HOSTILE, hostile_plan
from .test_together import CATALOG, END, LIFECYCLE, SETTINGS, START


def holds(plan: Plan, dues: Dues, name: str) -> exp.Query:
    """Both statements of all campaigns; the public one, read back."""
    with nothing_unsupported():
        public = decisions_of_all(plan, dues, name)
        internal = candidates_of_all(plan, dues, name)
    tree = read_back(public, name)
    assert [one.lower() for one in tree.named_selects] == TITLES
    shown = read_back(internal.sql, name).named_selects
    assert [one.lower() for one in shown] == [one.lower() for one in internal.columns]
    return tree


@pytest.mark.parametrize("name", RENDERED)
@at_most(2)
@given(case=strategies.cases(strategies.MANY))
def test_generated_projects(name: str, case: Case) -> None:
    note(to_json(case))
    plan = compile_case(case)
    holds(plan, {key: case.due(plan, key.campaign) for key, _, _ in steps_of(plan)}, name)


@pytest.mark.parametrize("project", SHIPPED, ids=lambda path: path.name)
@pytest.mark.parametrize("name", RENDERED)
def test_shipped_projects(project: Path, name: str) -> None:
    plan = compile_folder(project).plan
    assert plan is not None
    start = datetime(2026 if project.name == "bank" else 2017, 3, 1, tzinfo=UTC)
    dues = {
        key: due(plan, key.campaign, start, start + timedelta(days=40), step=key.step)
        for key, _, _ in steps_of(plan)
    }
    holds(plan, dues, name)
    holds(plan, {}, name)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", RENDERED)
def test_nothing_that_an_author_writes_becomes_sql(text: str, name: str) -> None:
    plan = hostile_plan(text)
    at = utc("2026-01-01T00:00+00:00"), utc("2026-02-01T00:00+00:00")
    tree = holds(plan, {key: due(plan, key.campaign, *at) for key, _, _ in steps_of(plan)}, name)
    texts = {one.name for one in tree.find_all(exp.Literal) if one.is_string}
    assert text in texts


# --- what a dialect cannot say ------------------------------------------------------------------

LIMITED = {
    "sqlite": 30,
    "clickhouse": 45,
    "spark": 20,
    "databricks": 20,
    "snowflake": 4,
    "redshift": 4,
    "mysql": 4,
}
"""How many divisions within divisions are too many for it; docs/dialects.md says so too."""

WRITTEN_OUT = ("snowflake", "redshift", "mysql")
"""Where what is needed twice is written twice, which takes its time."""

UNLIMITED = ("duckdb", "postgresql", "bigquery", "trino")

PLACES = {
    "audience": "  audience consent and DEEP > 3\n",
    "trigger": "  trigger on order where DEEP > 3\n",
    "reward": "  reward by { when DEEP > 3: 2 points  otherwise: 1 points }\n",
    "amount": "  reward (DEEP else 1) * 1 USD as cash up to 5 USD\n",
    "named": "  audience deep_ones\n",
    "history": "  audience count(order where DEEP > 3) > 2\n",
    "stage": "  stage ages.deep\n",
}
"""By place: a line of a campaign with a deep expression in that place."""

USUAL = (
    "  audience consent\n",
    "  trigger on order\n",
    "  reward 3 points\n",
)


def project(said: str, depth: int) -> tuple[dict[str, str], tuple[str, int]]:
    """Three campaigns, the second with a deep expression, and the position of that expression."""
    deep = "(" * depth + "age" + " / 3)" * depth
    line = PLACES[said].replace("DEEP", deep)
    word = line.split()[0]
    lines = [line if each.split()[0] == word else each for each in USUAL]
    head = lines if word != "stage" else [line, *lines]
    rest = '  budget { total 100 USD }\n  compliance { forbid phrase "sure" }\n}\n'
    files = {
        "campaigner.toml": SETTINGS,
        "catalog.yaml": CATALOG,
        "a.campaign": LIFECYCLE + f"campaign a {{\n{''.join(USUAL)}{rest}",
        "b.campaign": f"campaign b {{\n{''.join(head)}{rest}",
        "c.campaign": f"campaign c {{\n{''.join(USUAL)}{rest}",
        "d.campaign": (
            f'audience deep_ones "Deep"\n  {deep} > 3\n'
            'lifecycle ages "Ages" ladder {\n'
            '  stage flat "Flat"\n'
            f'  stage deep "Deep" from {deep} > 3\n}}\n'
        ),
    }
    at = {"named": ("d.campaign", 2), "stage": ("d.campaign", 5)}
    where = next(place for place, each in enumerate(head, 2) if each == line)
    return files, at.get(said, ("b.campaign", where))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (name, said)
        for name in LIMITED
        for said in (("audience", "stage") if name in WRITTEN_OUT else PLACES)
    ],
)
def test_what_a_dialect_cannot_say_is_told_with_its_place(name: str, said: str) -> None:
    files, place = project(said, LIMITED[name])
    plan = compile_files(files).plan
    assert plan is not None
    dues = {key: due(plan, key.campaign, START, END) for key, _, _ in steps_of(plan)}
    with pytest.raises(CannotRun) as raised:
        decisions_of_all(plan, dues, name)
    told = raised.value.diagnostic
    assert told.code.id == "E789"
    assert (told.place.file, told.place.line) == place
    assert f"`{name}`" in told.message()
    if name not in WRITTEN_OUT:
        with pytest.raises(CannotRun) as raised:
            decisions(plan, "b", dues[StepKey("b", "main")], name)
        assert raised.value.diagnostic == told
    others = {each: found for each, found in dues.items() if each.campaign != "b"}
    assert decisions_of_all(plan, others, name)


@pytest.mark.parametrize("name", UNLIMITED)
def test_the_others_can_say_it(name: str) -> None:
    files, _ = project("audience", 20)
    plan = compile_files(files).plan
    assert plan is not None
    dues = {key: due(plan, key.campaign, START, END) for key, _, _ in steps_of(plan)}
    assert decisions_of_all(plan, dues, name)


def test_every_dialect_is_one_or_the_other() -> None:
    page = (ROOT / "docs" / "dialects.md").read_text("utf-8")
    told = "".join(line for line in page.splitlines() if "E789" in line).lower()
    assert all(name in told for name in LIMITED)
    assert not any(name in told for name in UNLIMITED)
