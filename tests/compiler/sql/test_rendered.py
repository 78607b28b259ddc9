"""SQL for engines that no usual run asks: it parses, and says nothing that they would not know.

So each dialect lists the functions that its engine documents (`WORDS`).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlglot
from campaigner.cli.commands.sql import command
from campaigner.compiler.expressions import Constant
from campaigner.compiler.operators import OPERATORS, Operator
from campaigner.compiler.plan import Plan
from campaigner.compiler.sql.columns import sized
from campaigner.compiler.sql.dialects import DIALECTS, dialect_of
from campaigner.compiler.sql.due import Due
from campaigner.compiler.sql.query import candidates, decisions
from campaigner.compiler.sql.quoting import quoted
from campaigner.compiler.sql.terms import Term, World
from campaigner.compiler.sql.translate import Scope, value
from campaigner.compiler.types import DURATION, ValueType
from campaigner.compiler.values import encode
from campaigner.runtime.schedule import due as due_of
from click.testing import CliRunner
from hypothesis import given, note
from sqlglot import exp
from sqlglot.tokens import TokenType

from ... import strategies
from ...laws import at_most
from ...laws.cases import Case, compile_case, to_json
from ...projects import ROOT, compile_folder
from ...warehouses import EXECUTED
from .plans import campaign, coffee, customer, give, is_, on_order, op, plan
from .shop import utc
from .test_meaning import LENGTHS, NEW_YORK, column, name_of, of_row
from .test_safety import HOSTILE, hostile_plan

RENDERED = tuple(name for name in DIALECTS if name not in (*EXECUTED, "spark"))
"""Those that no default test executes; Spark's text is that of Databricks."""

TITLES = ["campaign", "step", "recipient", "occurrence", "at", "reward", "amount", "currency"]


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EVERYWHERE = words(
    """
    abs as by case cast coalesce count distinct greatest least max md5 min nullif row_number
    and else exists from group having in join not on or over select sum then using values when where
    with
    """
)
"""What every one of these engines has, and the words of SQL that stand before a bracket."""

WORDS = {
    "clickhouse": words(
        """
        abs addseconds argmax argmin arrayjoin arraymap date_diff datetime64 datetrunc decimal
        filter formatdatetime hex intdivorzero lower moduloorzero nullable position replaceall
        round roundbankers startswith substring subtractseconds timezoneoffset todayofmonth
        todecimal128 todecimal256 todecimalstring toint128 toint256 tomonth totime64 totimezone
        tuple tupleelement
        """
    ),
    "databricks": words(
        """
        add_months array bround contains convert_timezone date_add date_format datediff day decimal
        filter last_day length max_by min_by month replace startswith struct substring transform
        trunc try_add try_cast try_divide try_multiply try_subtract
        """
    ),
    "bigquery": words(
        """
        array_agg date_add date_diff datetime datetime_add datetime_trunc div extract format
        format_datetime if instr last_day mod round safe_add safe_cast safe_multiply safe_negate
        safe_offset safe_subtract starts_with struct substring timestamp to_hex unnest
        """
    ),
    "snowflake": words(
        """
        contains convert_timezone date_trunc dateadd datediff day dayofweekiso decimal
        greatest_ignore_nulls last_day least_ignore_nulls max_by min_by month replace round
        startswith substring to_char
        """
    ),
    "trino": words(
        """
        array at_timezone date_add date_diff date_trunc day decimal filter last_day_of_month lower
        max_by min_by month replace round row starts_with strpos substr substring time timestamp
        to_hex to_utf8 transform truncate try try_cast with_timezone
        """
    ),
    "mysql": words(
        """
        abs addtime char char_length concat date date_format datediff datetime day decimal hex
        interval last_day left locate makedate month quarter replace round sec_to_time subdate
        substring subtime time truncate weekday year
        """
    ),
    "redshift": words(
        """
        convert_timezone date_trunc dateadd datediff decimal extract last_day length position
        replace round substring to_char to_hex trunc varchar
        """
    ),
}
"""The functions, and the types with sizes, that an engine's SQL may use; its engine documents them.
"""

UNNAMED: dict[str, frozenset[str]] = {
    "clickhouse": frozenset(word.upper() for word in WORDS["clickhouse"]),
    "databricks": frozenset({"BROUND"}),
    "mysql": frozenset({"ADDTIME", "MAKEDATE", "SEC_TO_TIME", "SUBDATE", "SUBTIME"}),
    "trino": frozenset({"AT_TIMEZONE", "WITH_TIMEZONE"}),
}
"""Functions that an engine documents and sqlglot does not know."""


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@contextmanager
def nothing_unsupported() -> Iterator[None]:
    """sqlglot only warns of what it leaves out."""
    listening, logger = _Warnings(), logging.getLogger("sqlglot")
    logger.addHandler(listening)
    try:
        yield
    finally:
        logger.removeHandler(listening)
    assert listening.told == []


def read_back(sql: str, name: str) -> exp.Query:
    """The statement as sqlglot reads it in that dialect, which writes the same text again."""
    dialect = dialect_of(name).sqlglot
    (tree,) = sqlglot.parse(sql, read=dialect)
    assert isinstance(tree, exp.Query)
    assert not list(tree.find_all(exp.Command))
    unknown = {one.name.upper() for one in tree.find_all(exp.Anonymous)}
    assert unknown <= UNNAMED.get(name, frozenset()), unknown
    with nothing_unsupported():
        assert tree.sql(dialect, pretty=True) == sql
    assert called(sql, dialect) <= WORDS[name] | EVERYWHERE
    return tree


def called(sql: str, dialect: str) -> set[str]:
    """All words that stand before a bracket, but for names that an alias gives."""
    tokens = sqlglot.tokenize(sql, read=dialect)
    named = (TokenType.IDENTIFIER, TokenType.STRING)
    return {
        token.text.lower()
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if after.token_type == TokenType.L_PAREN
        and before.token_type != TokenType.ALIAS
        and token.token_type not in named
        and token.text.isidentifier()
    }


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
    scope = Scope(World(dialect, NEW_YORK, now, today), terms)
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
        read_back(written(row, types, name), name)


# --- whole projects -----------------------------------------------------------------------------


def holds(asked: Plan, of: str, due: Due, name: str) -> None:
    """Both statements of a campaign."""
    with nothing_unsupported():
        public = decisions(asked, of, due, name)
        internal = candidates(asked, of, due, name)
    shown = read_back(public, name).named_selects
    assert [one.lower() for one in shown] == TITLES
    read_back(internal, name)


@pytest.mark.parametrize("name", RENDERED)
@at_most(6)
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
    for one in shipped.campaigns:
        start = one.active_from or datetime(2026, 1, 1, tzinfo=UTC)
        due = due_of(shipped, one.name, start, start + timedelta(days=40))
        holds(shipped, one.name, due, name)


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
