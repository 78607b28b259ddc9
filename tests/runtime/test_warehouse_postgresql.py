"""A warehouse on a server: one picture of it, read and never written, and what can be wrong."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    EnumType,
    ValueType,
)
from campaigner.dsl.diagnostics.diagnostic import CannotRun, Diagnostic
from campaigner.runtime.due.periods import Between
from campaigner.runtime.warehouse.check import check
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from ..on_postgresql import connected, new_schema, schema_url
from ..warehouses import postgresql_url
from . import plans
from .houses import at, new_house

HERE = Path()
CUSTOMERS = (
    "CREATE TABLE customers (customer_id text PRIMARY KEY, age int, city text, consent boolean)",
    "INSERT INTO customers VALUES ('ann', 30, 'Jinan', true), ('bob', NULL, 'Xi''an', false)",
)
INVESTMENTS = (
    "CREATE TABLE investments (investment_id bigint, customer_id varchar(20),"
    " amount numeric(18, 2), device text, invested_at timestamptz)",
    "INSERT INTO investments VALUES (1, 'ann', 100.50, 'phone', '2026-01-10 10:00+08'),"
    " (2, 'ann', 3, NULL, '2026-01-10 03:00Z')",
)


@pytest.fixture
def schema() -> str:
    return new_schema()


def fill(schema: str, *statements: str) -> None:
    with connected() as connection:
        connection.execute(f"SET search_path = {schema}")
        for statement in statements:
            connection.execute(statement)


@contextmanager
def warehouse(schema: str, *statements: str, user: str = "") -> Iterator[Warehouse]:
    fill(schema, *statements)
    with open_warehouse(schema_url(schema, user), HERE) as opened:
        yield opened


def found(schema: str, *statements: str, plan: Plan | None = None, user: str = "") -> list[str]:
    """The codes of what `check` says of a warehouse made by these statements."""
    return [one.code.id for one in problems(schema, *statements, plan=plan, user=user)]


def problems(
    schema: str, *statements: str, plan: Plan | None = None, user: str = ""
) -> list[Diagnostic]:
    with warehouse(schema, *statements, user=user) as opened:
        return list(check(opened, plan or plans.plan(), ["invest"]))


def rows(opened: Warehouse, sql: str) -> Sequence[tuple[object, ...]]:
    return list(opened.ask(sql).rows())


# --- asking -------------------------------------------------------------------------------------


def test_several_queries_are_read_at_a_time_batch_by_batch(schema: str) -> None:
    with warehouse(schema) as opened:
        up = opened.ask("SELECT n FROM generate_series(1, 25) AS n ORDER BY n", batch=10)
        down = opened.ask("SELECT -n FROM generate_series(1, 25) AS n ORDER BY n", batch=20)
        assert up.columns == ("n",)
        taken = [next(up.batches), next(down.batches), next(up.batches), next(down.batches)]
        assert [len(batch) for batch in taken] == [10, 20, 10, 5]
        assert rows(opened, "SELECT 1 WHERE 'a%b' LIKE 'a%%'") == [(1,)]


def test_a_session_sees_one_state_and_is_on_utc(schema: str) -> None:
    with warehouse(schema, *CUSTOMERS) as opened:
        assert rows(opened, "SELECT count(*) FROM customers") == [(2,)]
        fill(schema, "DELETE FROM customers")
        assert rows(opened, "SELECT count(*) FROM customers") == [(2,)]
        assert rows(opened, "SELECT current_setting('TimeZone')") == [("UTC",)]


@pytest.mark.parametrize("sql", ["DELETE FROM customers", "SELECT nextval('numbers')"])
def test_nothing_is_written(schema: str, sql: str) -> None:
    made = warehouse(schema, *CUSTOMERS, "CREATE SEQUENCE numbers")
    with made as opened, pytest.raises(CannotRun) as stopped:
        rows(opened, sql)
    assert stopped.value.diagnostic.code.id == "E714"
    with connected() as connection:
        assert connection.execute(f"SELECT count(*) FROM {schema}.customers").fetchone() == (2,)


@pytest.fixture(scope="module")
def reader() -> str:
    """A user who may make no temporary tables and read only what is granted."""
    with connected() as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC")
    return "reader"


@pytest.mark.parametrize("who", ["", "reader"])
def test_what_a_run_tells_its_queries(schema: str, reader: str, who: str) -> None:
    keys = [f"k{number}" for number in range(2_500)]
    granted = f"GRANT USAGE ON SCHEMA {schema} TO reader"
    with warehouse(schema, granted, user=who) as opened:
        opened.keep("campaigner_late_0", keys)
        opened.keep("campaigner_late_1", ["it's", "100%", "{a,b}", ""])
        asked = 'WITH l AS (SELECT occurrence FROM "campaigner_late_{}") SELECT {} FROM l'
        assert rows(opened, asked.format(0, "count(DISTINCT occurrence)")) == [(2_500,)]
        told = asked.format(1, 'occurrence COLLATE "C"') + " ORDER BY 1"
        assert rows(opened, told) == [("",), ("100%",), ("it's",), ("{a,b}",)]


def test_one_customers_rows(schema: str) -> None:
    with warehouse(schema, *CUSTOMERS, *INVESTMENTS) as opened:
        of = WarehouseRows(opened, plans.plan())
        assert of.customer("bob") == {"age": None, "city": "Xi'an", "consent": False}
        assert of.customer("cid") is None
        assert [row["key"] for row in of.events("invest", "ann")] == ["1", "2"]


# --- what the catalog says ----------------------------------------------------------------------


def test_all_is_well(schema: str) -> None:
    assert found(schema, *CUSTOMERS, *INVESTMENTS) == []


def test_a_table_that_is_not_there(schema: str) -> None:
    (problem,) = problems(schema, *CUSTOMERS, 'CREATE TABLE "Investments" (a int)')
    assert problem.code.id == "E707"
    assert problem.help() == "did you mean `Investments`?"
    assert problem.place is not None
    assert (problem.place.file, problem.place.line) == ("catalog.yaml", 10)


def test_a_table_of_another_schema_is_named_with_it(schema: str) -> None:
    people = plans.replace(plans.CUSTOMERS, table=f"{schema}.customers")
    fill(schema, *CUSTOMERS)
    assert found(new_schema(), *INVESTMENTS, plan=plans.plan(customers=people)) == []


def test_a_column_that_is_not_there(schema: str) -> None:
    renamed = "ALTER TABLE customers RENAME city TO town"
    (problem,) = problems(schema, *CUSTOMERS, *INVESTMENTS, renamed)
    assert problem.message() == (
        "the table `customers` has no column `city`, which the catalog gives for the field `city`"
    )


@pytest.mark.parametrize(
    ("granted", "columns"),
    [
        ("SELECT (customer_id, age, city) ON customers", ["consent"]),
        ("SELECT (customer_id, age, city, consent) ON customers", []),
    ],
)
def test_a_column_that_may_not_be_read(
    schema: str, reader: str, granted: str, columns: list[str]
) -> None:
    rights = (
        f"GRANT USAGE ON SCHEMA {schema} TO reader",
        f"GRANT {granted} TO reader",
        "GRANT SELECT ON investments TO reader",
    )
    said = problems(schema, *CUSTOMERS, *INVESTMENTS, *rights, user="reader")
    assert [dict(one.values)["column"] for one in said] == columns
    assert {one.code.id for one in said} <= {"E717"}


@pytest.mark.parametrize(
    ("type_", "column", "values", "code"),
    [
        (INTEGER, "numeric", "(1.0), (2.0)", None),
        (INTEGER, "numeric", "(1.0), (2.5)", "E709"),
        (INTEGER, "numeric", "(9223372036854775808)", "E709"),
        (INTEGER, "double precision", "('NaN')", "E709"),
        (INTEGER, "text", "('7'), (' -8 ')", None),
        (INTEGER, "text", "('7'), ('8.5')", "E709"),
        (INTEGER, "boolean", "(true)", "E710"),
        (plans.CNY, "text", "('1.50'), ('.5')", None),
        (plans.CNY, "text", "('1.50'), ('a lot')", "E709"),
        (plans.CNY, "double precision", "(1.5)", None),
        (plans.CNY, "numeric", "(1e18)", "E709"),
        (DECIMAL, "real", "('NaN')", "E709"),
        (DECIMAL, "numeric", "('infinity')", "E709"),
        (plans.CNY, "date", "('2026-01-01')", "E710"),
        (plans.CNY, "money", "(1)", "E710"),
        (BOOLEAN, "text", "('yes'), ('No'), ('0')", None),
        (BOOLEAN, "text", "('ja')", "E709"),
        (BOOLEAN, "integer", "(0), (1)", None),
        (BOOLEAN, "integer", "(2)", "E709"),
        (BOOLEAN, "smallint", "(1)", "E710"),
        (TEXT, "integer", "(7)", None),
        (TEXT, "uuid", "('11111111-2222-3333-4444-555555555555')", None),
        (TEXT, "mood", "('fine')", None),
        (TEXT, "jsonb", "('{}')", "E710"),
        (INTEGER, "small", "(3)", None),
        (EnumType(("fine", "so_so")), "mood", "('fine')", None),
        (EnumType(("so_so",)), "mood", "('fine')", "E709"),
        (EnumType(("mass", "affluent")), "varchar(9)", "('Mass')", "E709"),
        (DATE, "date", "('2026-01-01')", None),
        (DATE, "date", "('infinity')", "E709"),
        (DATE, "text", "('2026-01-01')", "E710"),
        (DATE, "timestamp", "('2026-01-01 00:00')", None),
        (DATE, "timestamp", "('2026-01-01 10:00')", "E709"),
        (TIMESTAMP, "timestamptz(3)", "('2026-01-01 10:00+08')", None),
        (TIMESTAMP, "timestamp", "('2026-01-01 10:00')", "W701"),
        (TIMESTAMP, "timestamptz", "('-infinity')", "E709"),
        (TIMESTAMP, "timestamptz", "('0044-03-15 12:00 BC')", "E709"),
        (TIMESTAMP, "text", "('2026-01-01 10:00')", "E710"),
        (TIME, "time", "('10:00')", None),
        (TIME, "time", "('24:00')", "E709"),
        (TIME, "timetz", "('10:00+08')", "E710"),
    ],
)
def test_what_can_be_read_as_what(
    schema: str, type_: ValueType, column: str, values: str, code: str | None
) -> None:
    made = (
        "CREATE TYPE mood AS ENUM ('fine', 'so_so')",
        "CREATE DOMAIN small AS int CHECK (value < 100)",
        f"CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY, v {column})",
        f"INSERT INTO customers (v) VALUES {values}",
    )
    field = plans.column("v", type_)
    table = plans.replace(plans.CUSTOMERS, key="id", fields=(field,))
    plan = plans.plan(customers=table)
    codes = found(schema, *INVESTMENTS, *made, plan=plan)
    assert codes[-1:] == ([code] if code else [])
    if code in (None, "W701"):  # and then it really can be
        with open_warehouse(schema_url(schema), HERE) as opened:
            assert WarehouseRows(opened, plan).customer("1") is not None


@pytest.mark.parametrize("unique", [False, True])
def test_keys_that_come_twice(schema: str, unique: bool) -> None:
    keyed = "ALTER TABLE investments ADD UNIQUE (investment_id)"
    again = "INSERT INTO investments SELECT * FROM investments WHERE investment_id = 1"
    codes = found(schema, *CUSTOMERS, *INVESTMENTS, keyed if unique else again)
    assert codes == ([] if unique else ["E712"])


# --- servers that cannot be had -----------------------------------------------------------------


def refused(url: str) -> Diagnostic:
    with pytest.raises(CannotRun) as stopped, open_warehouse(url, HERE):
        pass
    problem = stopped.value.diagnostic
    assert "hunter2" not in f"{problem.message()} {problem.help()} {problem.message('zh')}"
    return problem


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    problem = refused(f"postgresql://app:hunter2@/shop?host={tmp_path}")
    assert problem.code.id == "E719"
    assert problem.message().startswith(
        f"the warehouse postgresql://{tmp_path}/shop cannot be reached: "
    )


def test_a_database_that_is_not_there() -> None:
    problem = refused(postgresql_url().replace("/postgres?", "/nowhere?"))
    assert problem.code.id == "E719"
    assert 'database "nowhere" does not exist' in problem.message()


@pytest.mark.parametrize("wrong", ["hunter2", ""])
def test_a_wrong_password_or_none(wrong: str) -> None:
    with connected() as connection:
        connection.execute("DROP ROLE IF EXISTS bolted")
        connection.execute("CREATE ROLE bolted LOGIN PASSWORD 'sesame'")
        ((rules,),) = connection.execute("SHOW hba_file").fetchall()
        path = Path(rules)
        path.write_text(f"local all bolted scram-sha-256\n{path.read_text()}")
        connection.execute("SELECT pg_reload_conf()")
    url = postgresql_url().replace("postgres:@", f"bolted:{wrong}@")
    assert url != postgresql_url()
    assert refused(url).code.id == "E741"


def test_an_address_that_is_none_shows_nothing_of_it() -> None:
    for url in ("postgresql://a:hunter2@[::1/db", "postgresql://a:%zzhunter2@host/db"):
        assert refused(url).code.id == "E742"


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith("campaigner.runtime.warehouse.pos")]:
        monkeypatch.delitem(sys.modules, name)
    package = sys.modules["campaigner.runtime.warehouse"]
    monkeypatch.delattr(package, "postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    problem = refused("postgresql://a:hunter2@host/db")
    assert problem.code.id == "E718"
    assert problem.help() == "install it: `pip install 'campaigner[postgresql]'`"


def test_a_connection_that_is_cut_in_the_middle_of_a_run(tmp_path: Path, schema: str) -> None:
    house = new_house(tmp_path, schema)
    house.fill(
        "INSERT INTO investments SELECT 'i' || n, 'ann',"
        " TIMESTAMPTZ '2026-01-02' + to_seconds(n), 100, 'd' FROM range(12_000) AS r(n)"
    )
    house.plan = plans.plan([plans.campaign("thanks", plans.on("invest"))])

    class Cutting(list[tuple[int, datetime]]):
        def append(self, told: tuple[int, datetime]) -> None:
            super().append(told)
            if len(self) == 1:
                with connected() as other:
                    other.execute(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                        " WHERE application_name = 'campaigner'"
                    )

    house.told = Cutting()
    january = Between(at("2026-01-01"), at("2026-01-09"))
    with pytest.raises(CannotRun) as stopped:
        house.run(january)
    assert stopped.value.diagnostic.code.id == "E743"
    assert len(house.grants()) == house.told[-1][0] < 12_000
    house.told = []
    house.run(january)
    assert {key for _, key in house.given()} == {f"i{number}" for number in range(12_000)}
    assert len(house.grants()) == 12_000


def test_a_view_reads_other_views_and_what_was_kept(schema: str) -> None:
    with warehouse(schema, *CUSTOMERS) as opened:
        opened.keep("wanted", ["ann", "cid"])
        opened.view("grown", "SELECT customer_id FROM customers WHERE age > 20 OR city <> '{}'")
        opened.view("both", "SELECT * FROM grown WHERE customer_id IN (SELECT * FROM wanted)")
        assert list(opened.ask('SELECT customer_id FROM "both"').rows()) == [("ann",)]
