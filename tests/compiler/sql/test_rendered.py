"""SQL for engines that no usual run asks: it parses, and says nothing that they would not know.

`sql --campaign` here, `sql --all` in test_rendered_together.py.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from campaigner.cli.commands.sql import command
from campaigner.compiler.dialects.common.context import SqlContext
from campaigner.compiler.dialects.common.quoting import quoted
from campaigner.compiler.dialects.common.terms import Term
from campaigner.compiler.dialects.registry import DIALECTS, dialect_of
from campaigner.compiler.operators.table import OPERATORS, Operator
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import Constant
from campaigner.compiler.plan.steps import steps_of
from campaigner.compiler.plan.types import DURATION, ValueType
from campaigner.compiler.plan.values import encode
from campaigner.compiler.sql.campaign import candidates, decisions
from campaigner.compiler.sql.columns import sized
from campaigner.compiler.sql.translate import Scope, value
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.due.schedule import due as due_of
from click.testing import CliRunner
from hypothesis import given, note
from sqlglot import exp

from ... import strategies
from ...laws import at_most
from ...laws.cases import Case, compile_case, to_json
from ...projects import ROOT, compile_folder
from .plans import campaign, coffee, customer, give, is_, on_order, op, plan
from .reading_back import RENDERED, TITLES, WORDS, nothing_unsupported, read_back
from .shop import utc
from .test_meaning import LENGTHS, NEW_YORK, column, name_of, of_row
from .test_safety import HOSTILE, hostile_plan


def test_each_of_them_has_its_words() -> None:
    assert set(WORDS) == set(RENDERED)


def test_every_dialect_is_told() -> None:
    told = CliRunner().invoke(command, ["--help"]).output
    page = (ROOT / "docs" / "dialects.md").read_text("utf-8")
    for name in DIALECTS:
        assert name in told
        assert f"| `{name}` |" in page


# --- the operator table -------------------------------------------------------------------------


def written(row: Operator, types: tuple[ValueType, ...], name: str) -> str:
    """The row over columns of these types, as a statement."""
    dialect = dialect_of(name)
    kinds = [one for one in types if one != DURATION]
    columns = [column(index, type_) for index, type_ in enumerate(kinds)]
    terms: dict[tuple[str, str], Term] = {
        ("row", one.field): sized(dialect.read(exp.column(one.field), type_), type_, optional=True)
        for one, type_ in zip(columns, kinds, strict=True)
    }
    now = exp.column("moment")
    today = dialect.date_of(dialect.clock(NEW_YORK, now.copy()))
    scope = Scope(SqlContext(dialect, NEW_YORK, now, today), terms)
    lots = [[Constant(DURATION, encode(one))] for one in LENGTHS] if DURATION in types else [[]]
    values = [value(op(row.key, *columns, *lot), scope).expression for lot in lots]
    named = [exp.alias_(one, f"v{place}") for place, one in enumerate(values)]
    select = exp.select(*named).from_("grid")
    with nothing_unsupported():
        return quoted(select, folds_up=dialect.folds_up).sql(dialect.sqlglot, pretty=True)


@pytest.mark.parametrize("row", OPERATORS, ids=name_of)
@pytest.mark.parametrize("name", RENDERED)
def test_every_row_of_the_table_of_meaning(row: Operator, name: str) -> None:
    for types in of_row(row):
        if (name, row.key) == ("mysql", "folded"):
            # Without a literal that says which letters matter, MySQL has no function for it.
            with pytest.raises(CannotRun):
                written(row, types, name)
        else:
            read_back(written(row, types, name), name)


# --- whole projects -----------------------------------------------------------------------------


def holds(asked: Plan, of: str, due: Due, name: str, *, step: str | None = None) -> None:
    """Both statements of a campaign."""
    with nothing_unsupported():
        public = decisions(asked, of, due, name, step=step)
        internal = candidates(asked, of, due, name, step=step)
    shown = read_back(public, name).named_selects
    assert [one.lower() for one in shown] == TITLES
    read_back(internal, name)


@pytest.mark.parametrize("name", RENDERED)
@at_most(3)
@given(case=strategies.cases())
def test_generated_projects(name: str, case: Case) -> None:
    note(to_json(case))
    generated = compile_case(case)
    for one in generated.campaigns:
        holds(generated, one.name, case.due(generated, one.name), name)


SHIPPED = sorted(path.parent for path in (ROOT / "campaigns").glob("*/campaigner.toml"))


@pytest.mark.parametrize("project", SHIPPED, ids=lambda path: path.name)
@pytest.mark.parametrize("name", RENDERED)
def test_shipped_projects(project: Path, name: str) -> None:
    shipped = compile_folder(project).plan
    assert shipped is not None
    for key, one, _ in steps_of(shipped):
        start = one.active_from or datetime(2026, 1, 1, tzinfo=UTC)
        due = due_of(shipped, one.name, start, start + timedelta(days=40), step=key.step)
        holds(shipped, one.name, due, name, step=key.step)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", RENDERED)
def test_nothing_that_an_author_writes_becomes_sql(text: str, name: str) -> None:
    due = Due(utc("2026-01-01T00:00+00:00"), utc("2026-02-01T00:00+00:00"))
    tree = read_back(decisions(hostile_plan(text), text, due, name), name)
    texts = {one.name for one in tree.find_all(exp.Literal) if one.is_string}
    assert text in texts


# --- names --------------------------------------------------------------------------------------


def shop(customers: str) -> Plan:
    made = plan(
        campaign(on_order(), give(coffee()), audience=op("at_least", customer("age"), is_(18)))
    )
    return replace(made, customers=replace(made.customers, table=customers))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("bigquery", "FROM `a`.`b`.`Clients` AS _rows"),
        ("databricks", "FROM `a`.`b`.`Clients`"),
        ("snowflake", 'FROM a.b."Clients"'),
        ("trino", 'FROM "a"."b"."Clients"'),
        ("redshift", 'FROM "a"."b"."Clients"'),
        ("mysql", "FROM `a`.`b`.`Clients`"),
    ],
)
def test_a_table_of_a_catalog_and_a_schema(name: str, wanted: str) -> None:
    due = Due(utc("2026-01-01T00:00+00:00"), utc("2026-02-01T00:00+00:00"))
    assert wanted in decisions(shop("a.b.Clients"), "gift", due, name)


def test_snowflake_takes_a_plain_name_for_one_in_capitals() -> None:
    due = Due(utc("2026-01-01T00:00+00:00"), utc("2026-02-01T00:00+00:00"))
    sql = decisions(shop("order"), "gift", due, "snowflake")
    assert 'FROM "ORDER"' in sql
    assert 'AS "AT"' in sql
    assert "FROM orders" in sql
