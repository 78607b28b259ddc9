"""The warehouse: its faults are reported before anything is decided."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
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
from campaigner.runtime.warehouse.check import check, used_events
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows

from . import plans

CUSTOMERS = (
    "CREATE TABLE customers AS SELECT * FROM (VALUES {rows}) t(customer_id, age, city, consent)"
)
INVESTMENTS = (
    "CREATE TABLE investments AS SELECT investment_id, customer_id, amount, device,"
    " CAST(invested_at AS TIMESTAMPTZ) AS invested_at FROM (VALUES {rows})"
    " t(investment_id, customer_id, invested_at, amount, device)"
)
ANN = "('ann', 30, 'Jinan', true)"
BOB = "('bob', NULL, 'Xi''an', false)"
FIRST = "('i1', 'ann', '2026-01-10 10:00:00+08', 100.50, 'phone')"


def fill(path: Path, *statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


@contextmanager
def warehouse(folder: Path, *statements: str) -> Iterator[Warehouse]:
    fill(folder / "bank.duckdb", *statements)
    with open_warehouse("duckdb:///bank.duckdb", folder) as opened:
        yield opened


def found(folder: Path, *statements: str, plan: Plan | None = None) -> list[Diagnostic]:
    """The diagnostics of `check` for a warehouse made by these statements."""
    with warehouse(folder, *statements) as opened:
        return list(check(opened, plan or plans.plan(), ["invest"]))


def customers(*rows: str) -> str:
    return CUSTOMERS.format(rows=", ".join(rows))


def investments(*rows: str) -> str:
    return INVESTMENTS.format(rows=", ".join(rows))


def only(problems: Sequence[Diagnostic]) -> Diagnostic:
    (problem,) = problems
    return problem


# --- opening ------------------------------------------------------------------------------------


def refusal(url: str, root: Path) -> Diagnostic:
    with pytest.raises(CannotRun) as stopped, open_warehouse(url, root):
        pass
    return stopped.value.diagnostic


def test_no_file(tmp_path: Path) -> None:
    problem = refusal("duckdb:///data/bank.duckdb", tmp_path)
    assert problem.message() == "there is no warehouse at data/bank.duckdb"


@pytest.mark.parametrize("content", [b"", b"customer_id,age\n1,30\n", b"\0" * 4096])
def test_another_kind_of_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bank.csv").write_bytes(content)
    problem = refusal("duckdb:///bank.csv", tmp_path)
    assert problem.message() == "bank.csv is not a DuckDB database"


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "bank.duckdb").mkdir()
    problem = refusal("duckdb:///bank.duckdb", tmp_path)
    assert problem.message() == "the warehouse bank.duckdb cannot be read: is a directory"


def test_a_file_cut_short(tmp_path: Path) -> None:
    fill(tmp_path / "bank.duckdb", customers(ANN))
    whole = (tmp_path / "bank.duckdb").read_bytes()
    (tmp_path / "bank.duckdb").write_bytes(whole[:5000])
    assert refusal("duckdb:///bank.duckdb", tmp_path).code.id == "E706"


@pytest.mark.parametrize("url", ["mysql://bank", "bank.duckdb"])
def test_another_kind_of_warehouse(tmp_path: Path, url: str) -> None:
    problem = refusal(url, tmp_path)
    assert problem.code.id == "E705"
    assert "duckdb:///" in (problem.help() or "")


def test_spark_connect_cannot_be_asked(tmp_path: Path) -> None:
    problem = refusal("sc://spark.example.com:15002", tmp_path)
    assert problem.code.id == "E705"
    assert problem.help() == (
        "name the cluster itself, `spark://host:7077/database`: Spark Connect cannot be asked"
    )


def test_a_file_open_for_writing_elsewhere(tmp_path: Path) -> None:
    fill(tmp_path / "bank.duckdb", customers(ANN))
    program = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('open', flush=True);"
        " sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "bank.duckdb")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout is not None
        other.stdout.readline()
        problem = refusal("duckdb:///bank.duckdb", tmp_path)
        other.communicate()
    assert problem.code.id == "E704"
    assert str(other.pid) in (problem.help() or "")


def test_an_absolute_path_and_awkward_names(tmp_path: Path) -> None:
    for name in ("it's a bank.duckdb", "memory.duckdb", "银行.duckdb"):
        fill(tmp_path / name, customers(ANN))
        with open_warehouse(f"duckdb:///{tmp_path / name}", Path("/elsewhere")) as opened:
            assert list(opened.ask("SELECT customer_id FROM customers").rows()) == [("ann",)]


def test_how_much_it_may_take(tmp_path: Path) -> None:
    fill(tmp_path / "bank.duckdb", customers(ANN))
    url = "duckdb:///bank.duckdb?memory_limit=300MiB&threads=1"
    with open_warehouse(url, tmp_path) as opened:
        sql = "SELECT current_setting('memory_limit'), current_setting('threads')"
        assert list(opened.ask(sql).rows()) == [("300.0 MiB", 1)]
    for wrong in ("memory=1GB", "memory_limit=lots", "threads=none"):
        assert refusal(f"duckdb:///bank.duckdb?{wrong}", tmp_path).code.id == "E745"


# --- asking -------------------------------------------------------------------------------------


def test_rows_come_in_batches_and_several_queries_at_a_time(tmp_path: Path) -> None:
    with warehouse(tmp_path, "CREATE TABLE numbers AS SELECT range AS n FROM range(25)") as opened:
        answer = opened.ask("SELECT n FROM numbers ORDER BY n", batch=10)
        other = opened.ask("SELECT n FROM numbers ORDER BY n DESC", batch=20).batches
        assert answer.columns == ("n",)
        assert [len(batch) for batch in answer.batches] == [10, 10, 5]
        assert [len(batch) for batch in other] == [20, 5]


def test_the_session_is_on_utc_and_the_file_cannot_be_written(tmp_path: Path) -> None:
    with warehouse(tmp_path, customers(ANN)) as opened:
        sql = "SELECT CAST(TIMESTAMPTZ '2026-01-10 10:00:00+08' AS TIMESTAMP) AS at"
        ((at,),) = opened.ask(sql).rows()
        assert at.hour == 2
        with pytest.raises(CannotRun) as stopped:
            opened.ask("DELETE FROM customers")
        assert stopped.value.diagnostic.code.id == "E714"


def test_keys_of_late_events_are_kept_beside_the_warehouse(tmp_path: Path) -> None:
    keys = [f"k{number}" for number in range(25_000)]
    with warehouse(tmp_path, customers(ANN)) as opened:
        opened.keep("late_1", keys)
        sql = "SELECT count(DISTINCT occurrence) FROM late_1, customers"
        assert list(opened.ask(sql).rows()) == [(25_000,)]


# --- what the catalog says ----------------------------------------------------------------------


def test_all_is_well(tmp_path: Path) -> None:
    assert found(tmp_path, customers(ANN, BOB), investments(FIRST)) == []


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    problem = only(found(tmp_path, customers(ANN), "CREATE TABLE investment (a INTEGER)"))
    assert problem.message() == (
        "the warehouse has no table `investments`, which the catalog gives for the event `invest`"
    )
    assert problem.help() == "did you mean `investment`?"
    assert problem.place is not None
    assert (problem.place.file, problem.place.line) == ("catalog.yaml", 10)


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    made = "CREATE TABLE customers (customer_id TEXT, ages INTEGER, consent BOOLEAN)"
    problems = found(tmp_path, made, investments(FIRST))
    assert [problem.message() for problem in problems] == [
        "the table `customers` has no column `age`, which the catalog gives for the field `age`",
        "the table `customers` has no column `city`, which the catalog gives for the field `city`",
    ]
    assert [problem.help() for problem in problems] == [
        "did you mean `ages`?",
        "add the column to the table, or mend its name in the catalog",
    ]


def test_text_in_a_column_of_numbers(tmp_path: Path) -> None:
    rows = ("('ann', '30', 'Jinan', true)", "('bob', 'thirty', 'Jinan', true)")
    problem = only(found(tmp_path, customers(*rows), investments(FIRST)))
    assert problem.message() == (
        "the column `age` of `customers` holds `thirty`, which cannot be read as a whole number,"
        " as the catalog has it"
    )
    assert problem.help() == "mend the values, or the type in the catalog; rows concerned: 1"
    assert problem.place is not None
    assert problem.place.line == 5


def test_customers_without_a_key(tmp_path: Path) -> None:
    rows = (ANN, "(NULL, 1, 'Jinan', true)", "(NULL, 2, 'Jinan', true)")
    problem = only(found(tmp_path, customers(*rows), investments(FIRST)))
    assert problem.message() == (
        "the table `customers` has rows with nothing in the key column `customer_id`: 2 of them"
    )


def test_customers_twice(tmp_path: Path) -> None:
    problem = only(found(tmp_path, customers(ANN, BOB, ANN), investments(FIRST)))
    assert problem.message() == (
        "the table `customers` has several rows with the key `ann` in `customer_id`;"
        " keys that come more than once: 1"
    )


def test_events_twice(tmp_path: Path) -> None:
    problem = only(found(tmp_path, customers(ANN), investments(FIRST, FIRST, FIRST)))
    assert problem.code.id == "E712"
    assert dict(problem.values)["example"] == "i1"


def test_nothing_in_a_field_that_must_be_there(tmp_path: Path) -> None:
    problem = only(found(tmp_path, customers(ANN, "('bob', 1, NULL, true)"), investments(FIRST)))
    assert problem.message() == (
        "the table `customers` has rows with nothing in `city`,"
        " which the catalog does not call optional: 1 of them"
    )


def test_events_of_nobody_are_passed_over_with_a_warning(tmp_path: Path) -> None:
    nobodys = "('i2', NULL, '2026-01-10', 1, NULL)"
    problem = only(found(tmp_path, customers(ANN), investments(FIRST, nobodys)))
    assert (problem.code.id, problem.code.severity) == ("W702", "warning")


def test_a_timestamp_without_zone_is_said_to_be_utc(tmp_path: Path) -> None:
    unzoned = "ALTER TABLE investments ALTER invested_at TYPE TIMESTAMP"
    problem = only(found(tmp_path, customers(ANN), investments(FIRST), unzoned))
    assert problem.message() == (
        "the column `invested_at` of `investments` has times without a zone,"
        " and they are read as UTC"
    )
    assert problem.help() == (
        "if they are on another clock, add `zone: Asia/Shanghai` to it in the catalog"
    )


def test_tables_of_another_schema_and_views(tmp_path: Path) -> None:
    made = ("CREATE SCHEMA crm", customers(ANN), "CREATE VIEW crm.people AS FROM main.customers")
    people = plans.replace(plans.CUSTOMERS, table="crm.people")
    assert found(tmp_path, *made, investments(FIRST), plan=plans.plan(customers=people)) == []


def test_only_the_events_that_a_campaign_needs_are_looked_at() -> None:
    other = plans.replace(plans.INVEST, name="login", table="logins")
    plan = plans.plan([plans.campaign("thanks", plans.on("invest"))], events=[plans.INVEST, other])
    assert used_events(plan) == ("invest",)


@pytest.mark.parametrize(
    ("type_", "values", "code"),
    [
        (INTEGER, "(1.0), (2.0)", None),
        (INTEGER, "(1.0), (2.5)", "E709"),
        (INTEGER, "('7'), ('8.5')", "E709"),
        (INTEGER, "(CAST(9223372036854775808 AS HUGEINT))", "E709"),
        (INTEGER, "(true)", "E710"),
        (plans.CNY, "('1.50'), ('a lot')", "E709"),
        (plans.CNY, "(1.5::DOUBLE)", None),
        (DECIMAL, "('nan'::DOUBLE)", "E709"),
        (plans.CNY, "(DATE '2026-01-01')", "E710"),
        (BOOLEAN, "('yes'), ('no'), ('0')", None),
        (BOOLEAN, "('ja')", "E709"),
        (BOOLEAN, "(0), (1)", None),
        (BOOLEAN, "(2)", "E709"),
        (TEXT, "(7)", None),
        (TEXT, "([1, 2])", "E710"),
        (EnumType(("mass", "affluent")), "('mass')", None),
        (EnumType(("mass", "affluent")), "('Mass')", "E709"),
        (DATE, "(DATE '2026-01-01')", None),
        (DATE, "('2026-01-01'), ('soon')", "E709"),
        (DATE, "(TIMESTAMP '2026-01-01 10:00')", "E709"),
        (DATE, "(5)", "E710"),
        (DATE, "(DATE '9999-12-31'), (DATE '0001-01-02')", None),
        (DATE, "(DATE '10000-01-01')", "E709"),
        (DATE, "('10000-01-01')", "E709"),
        (DATE, "(DATE '0044-03-15 (BC)')", "E709"),
        (TIMESTAMP, "(TIMESTAMPTZ '10000-01-01 00:00:00Z')", "E709"),
        (TIMESTAMP, "(TIMESTAMPTZ '2026-01-01 10:00:00+08')", None),
        (TIMESTAMP, "(TIMESTAMPTZ 'infinity')", "E709"),
        (TIMESTAMP, "('2026-01-01 10:00:00')", "W701"),
        (TIMESTAMP, "('2026-01-01 10:00:00+08')", "E709"),
        (TIMESTAMP, "('2026-01-01 10:00:00'), ('yesterday')", "E709"),
        (TIMESTAMP, "(20260101)", "E710"),
        (TIME, "(TIME '10:00')", None),
        (TIME, "(10)", "E710"),
    ],
)
def test_what_can_be_read_as_what(
    tmp_path: Path, type_: ValueType, values: str, code: str | None
) -> None:
    made = f"CREATE TABLE customers AS SELECT uuid() AS id, v FROM (VALUES {values}) t(v)"
    field = plans.column("v", type_)
    table = plans.replace(plans.CUSTOMERS, key="id", fields=(field,))
    problems = found(tmp_path, made, investments(FIRST), plan=plans.plan(customers=table))
    assert [problem.code.id for problem in problems][-1:] == ([code] if code else [])


def test_a_zone_from_both_sides(tmp_path: Path) -> None:
    at = plans.replace(plans.INVEST.at, zone="Asia/Shanghai")
    event = plans.replace(plans.INVEST, at=at)
    plan = plans.plan(events=[event])
    problem = only(found(tmp_path, customers(ANN), investments(FIRST), plan=plan))
    assert problem.code.id == "E715"


def test_one_customers_rows(tmp_path: Path) -> None:
    second = "('i0', 'ann', '2026-01-10 02:00:00Z', 3, NULL)"
    others = "('i3', 'bob', '2026-01-11', 7, NULL)"
    made = (customers(ANN, BOB), investments(FIRST, second, others))
    with warehouse(tmp_path, *made) as opened:
        rows = WarehouseRows(opened, plans.plan())
        assert rows.customer("bob") == {"age": None, "city": "Xi'an", "consent": False}
        assert rows.customer("cid") is None
        at = datetime(2026, 1, 10, 2, tzinfo=UTC)
        assert rows.events("invest", "ann") == [
            {"amount": Decimal("3.00"), "device": None, "at": at, "key": "i0"},
            {"amount": Decimal("100.50"), "device": "phone", "at": at, "key": "i1"},
        ]
