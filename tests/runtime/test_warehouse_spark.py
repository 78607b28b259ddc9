"""A warehouse on Spark: the same plan as SQL there, what comes back, and what can be wrong."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from campaigner.compiler.plan.expressions import Constant, EventValue, Operation
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
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime import warehouse as package
from campaigner.runtime.warehouse.bad_rows import sound
from campaigner.runtime.warehouse.check import check
from campaigner.runtime.warehouse.contract import Warehouse
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows
from campaigner.runtime.warehouse.survey import survey
from sqlglot import exp

from ..campaigns.conftest import SOURCE
from ..campaigns.ran import SEED, script
from ..laws.runs import written
from ..laws.test_bad_rows import ranged
from . import plans

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module", autouse=True)
def here() -> None:
    """The session of the suite, which a warehouse in the same process shares."""
    from ..spark_house import session  # noqa: PLC0415

    session()


@contextmanager
def warehouse(folder: Path, *statements: str) -> Iterator[Warehouse]:
    """The tables that these statements make in DuckDB, on Spark."""
    with duckdb.connect(str(folder / "made.duckdb")) as made:
        made.execute("SET TimeZone = 'UTC'")
        for statement in statements:
            made.execute(statement)
    written(folder / "made.duckdb", folder / "tables")
    with open_warehouse("spark:///tables", folder) as opened:
        yield opened


def rows(opened: Warehouse, sql: str) -> Sequence[tuple[object, ...]]:
    return list(opened.ask(sql).rows())


def refused(url: str, folder: Path) -> str:
    """The diagnostic for an address without a warehouse."""
    with pytest.raises(CannotRun) as stopped, open_warehouse(url, folder):
        pass
    problem = stopped.value.diagnostic
    return f"{problem.code.id} {problem.message()}"


CUSTOMERS = (
    "CREATE TABLE customers (customer_id TEXT, age INTEGER, city TEXT, consent BOOLEAN)",
    "INSERT INTO customers VALUES ('ann', 30, 'Jinan', true), ('bob', NULL, 'Xian', false)",
)
INVESTMENTS = (
    "CREATE TABLE investments (investment_id TEXT, customer_id TEXT, invested_at TIMESTAMPTZ,"
    " amount DECIMAL(18, 2), device TEXT)",
    "INSERT INTO investments VALUES ('1', 'ann', '2026-01-10 10:00+08', 100.50, 'phone')",
)


# --- runs ---------------------------------------------------------------------------------------


def campaigner(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """How the program ends, and what it says."""
    command = [sys.executable, "-m", "campaigner.cli", *arguments]
    given = {**os.environ, "DRAW_SEED": SEED, **environment}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=given)
    return done.returncode, done.stdout, done.stderr


def bank(folder: Path, customers: int) -> Path:
    """The bank of the example, its warehouse a folder of tables that Spark reads."""
    kept = shutil.ignore_patterns("data", "var", ".campaigner")
    shutil.copytree(SOURCE, folder, ignore=kept)
    module = script(SOURCE / "generate.py")
    module.write(module.Bank(module.SEED, customers), folder / "data" / "bank.duckdb")
    written(folder / "data" / "bank.duckdb", folder / "data" / "bank")
    return folder


def on_spark(folder: Path) -> None:
    settings = (folder / "campaigner.toml").read_text("utf-8")
    there = settings.replace("duckdb:///data/bank.duckdb", "spark:///data/bank")
    (folder / "campaigner.toml").write_text(there, "utf-8")


def test_a_bank_on_spark_gives_the_same_and_says_the_same(tmp_path: Path) -> None:
    found = {}
    for kind in ("duckdb", "spark"):
        folder = bank(tmp_path / kind, 600)
        if kind == "spark":
            on_spark(folder)
        before = {path.name for path in Path().iterdir()}
        code, told, wrong = campaigner("run", str(folder), "--at", "2026-01-31")
        assert (code, "Traceback" in wrong) == (0, False), wrong
        assert {path.name for path in Path().iterdir()} == before
        grants = json.loads(campaigner("ledger", str(folder), "grants", "--format", "json")[1])
        outboxes = {path.name: path.read_bytes() for path in sorted(folder.glob("var/outbox/*"))}
        found[kind] = grants["grants"], outboxes, told, wrong.replace(str(folder), "")
    assert found["duckdb"][0]
    assert found["spark"] == found["duckdb"]


def test_without_java_one_sentence_says_so(tmp_path: Path) -> None:
    folder = bank(tmp_path / "bank", 600)
    on_spark(folder)
    code, told, wrong = campaigner("run", str(folder), "--at", "2026-01-31", JAVA_HOME="/nowhere")
    assert (code, told) == (2, "")
    first, *others = wrong.splitlines()
    reason = "/nowhere/bin/java: No such file or directory"
    assert first == f"error[E770]: this machine cannot start Spark: {reason}"
    assert [line.split(":")[0].strip() for line in others if line.strip()] == ["= help"]


# --- asking -------------------------------------------------------------------------------------


def test_several_queries_are_read_at_a_time_batch_by_batch(tmp_path: Path) -> None:
    with warehouse(tmp_path) as opened:
        up = opened.ask("SELECT id FROM range(25) ORDER BY id", batch=10)
        down = opened.ask("SELECT -id FROM range(25) ORDER BY id", batch=20)
        assert up.columns == ("id",)
        taken = [next(up.batches), next(down.batches), next(up.batches), next(down.batches)]
        assert [len(batch) for batch in taken] == [10, 20, 10, 5]
        assert rows(opened, "SELECT current_timezone()") == [("UTC",)]


def test_what_is_kept_is_of_one_session(tmp_path: Path) -> None:
    with warehouse(tmp_path) as opened:
        opened.keep("late of `us`", ("key 0", "key 1", "key 2"))
        odd = ["it's", '"', "新客", "\n", "back\\slash", "${x}", ":listed", "\x00", "😀"]
        opened.keep("odd", odd)
        opened.keep("many", (str(number) for number in range(25_000)))
        assert rows(opened, "SELECT count(DISTINCT occurrence) FROM many") == [(25_000,)]
        assert {text for (text,) in rows(opened, "SELECT * FROM odd")} == set(odd)
        opened.keep("nothing", ())
        kept = rows(opened, "SELECT occurrence FROM `late of ``us``` ORDER BY 1")
        assert kept == [("key 0",), ("key 1",), ("key 2",)]
        assert rows(opened, "SELECT * FROM nothing") == []
        with open_warehouse("spark:///tables", tmp_path) as other, pytest.raises(CannotRun):
            other.ask("SELECT * FROM nothing")


def test_tables_are_found_by_any_spelling(tmp_path: Path) -> None:
    made = ("CREATE TABLE Clients (Client_ID TEXT, paid TIMESTAMPTZ, seen TIMESTAMP)",)
    with warehouse(tmp_path, *made) as opened:
        tables = opened.tables()
        columns = tables.known[tables.key("CLIENTS")]
        types = {name: column.type for name, column in columns.items()}
        assert types == {"client_id": "string", "paid": "timestamp", "seen": "timestamp_ntz"}
        assert list(tables.known) == ["clients"]
        assert tables.known.get("nowhere.clients") is None


# --- what can be wrong --------------------------------------------------------------------------


def test_nothing_is_wrong_with_what_is_right(tmp_path: Path) -> None:
    with warehouse(tmp_path, *CUSTOMERS, *INVESTMENTS) as opened:
        assert check(opened, plans.plan(), ["invest"]) == ()


def test_a_missing_table_and_a_missing_column(tmp_path: Path) -> None:
    made = ("CREATE TABLE customer (customer_id TEXT)", *INVESTMENTS[:1])
    with warehouse(tmp_path, *made, "ALTER TABLE investments DROP device") as opened:
        problems = check(opened, plans.plan(), ["invest"])
        assert [one.code.id for one in problems] == ["E707", "E708"]
        assert dict(problems[0].values)["nearest"] == "customer"


VIP = EnumType(("new", "vip"))


@pytest.mark.parametrize(
    ("type_", "made", "good", "bad"),
    [
        (INTEGER, "TEXT", ["3", "-7"], ["3.7", "x", "", "9999999999999999999"]),
        (INTEGER, "DOUBLE", [3.0], [3.7, 1e30]),
        (INTEGER, "DECIMAL(20, 2)", [3], [3.7]),
        (DECIMAL, "TEXT", ["3.7", "-0.5"], ["x", "1e30"]),
        (BOOLEAN, "TEXT", ["true", "no"], ["maybe"]),
        (BOOLEAN, "INTEGER", [0, 1], [2]),
        (VIP, "TEXT", ["new"], ["New", "old"]),
        (DATE, "TEXT", ["2026-02-28"], ["2026", "2026-02-30", "2026-01-01 10:00"]),
        (DATE, "TIMESTAMP", ["2026-02-28"], ["2026-02-28 10:00"]),
        (TIMESTAMP, "TEXT", ["2026-02-28 10:00", "2026-02-28T10:00:59.5"], ["2026-02-28 10:00Z"]),
        (TIMESTAMP, "TIMESTAMP", ["2026-02-28 10:00"], []),
        (TIME, "TEXT", ["10:00", "10:00:59.5"], ["24:00", "10"]),
    ],
)
def test_values_that_cannot_be_read_are_counted(
    tmp_path: Path, type_: ValueType, made: str, good: list[object], bad: list[object]
) -> None:
    values = ", ".join(f"('{value}'::{made})" for value in [*good, *bad])
    statements = (f"CREATE TABLE t (v {made})", f"INSERT INTO t VALUES {values}")
    with warehouse(tmp_path, *statements) as opened:
        (column,) = opened.tables().known["t"].values()
        doubt = opened.types.doubt(type_, column.type, exp.column("v", quoted=True))
        assert isinstance(doubt, exp.Expr)
        query = exp.select(exp.cast(exp.column("v"), "text")).from_("t").where(doubt)
        assert len(rows(opened, query.sql("spark"))) == len(bad)
        sure = exp.select(opened.dialect.read(exp.column("v"), type_)).from_("t")
        fine = sure.where(exp.Not(this=exp.Paren(this=doubt.copy())))
        assert len(rows(opened, fine.sql("spark"))) == len(good)


@pytest.mark.parametrize(
    ("type_", "found"),
    [(INTEGER, "date"), (TEXT, "array<string>"), (DATE, "int"), (TIMESTAMP, "time(6)")],
)
def test_columns_that_can_never_be_read(tmp_path: Path, type_: ValueType, found: str) -> None:
    with warehouse(tmp_path) as opened:
        assert opened.types.doubt(type_, found, exp.column("v")) == "never"


def test_what_spark_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with warehouse(tmp_path, *CUSTOMERS) as opened:
        for sql in ("SELECT nothing FROM customers", "SELECT CAST(city AS INT) FROM customers"):
            with pytest.raises(CannotRun) as stopped:
                rows(opened, sql)
            problem = stopped.value.diagnostic
            assert problem.code.id == "E714"
            assert "\n" not in problem.message()
            assert "org.apache" not in problem.message()


def test_what_is_no_warehouse(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "orders.parquet").write_text("no parquet", "utf-8")
    assert refused("spark:///nowhere", tmp_path) == "E702 there is no warehouse at nowhere"
    unreadable = refused("spark:///tables", tmp_path)
    assert unreadable.startswith("E706 the warehouse tables/orders.parquet cannot be read: ")
    for url in ("spark://", "spark:///", "spark://cluster", "spark://h:1/a/b", "spark://h:99999/a"):
        assert refused(url, tmp_path).startswith("E771 ")


def test_a_cluster_that_nobody_answers_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    said = refused(f"spark://127.0.0.1:{port}/shop", tmp_path)
    shown = f"spark://127.0.0.1:{port}/shop"
    assert said == f"E719 the warehouse {shown} cannot be reached: connection refused"


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("campaigner.runtime.warehouse.")]:
        if "spark" in name:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(package, "spark", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    said = refused("spark:///tables", tmp_path)
    assert said == "E718 a warehouse at `spark://` needs an extra that is not installed"


# --- bad rows -----------------------------------------------------------------------------------

BAD_ROWS = (
    "INSERT INTO customers VALUES ('bad1', 200, 'Jinan', true), ('bad2', 30, NULL, true),"
    " ('bad3', 30, 'Jinan', true), ('bad3', 31, 'Jinan', true), (NULL, 30, 'Jinan', true)",
    "ALTER TABLE investments ALTER amount TYPE DOUBLE",
    "INSERT INTO investments VALUES ('bad4', 'ann', '2026-01-10 10:00+08', 'NaN', 'd'),"
    " ('bad5', 'ann', '2026-01-10 10:00+08', -5, 'd')",
)


def surveyed(opened: Warehouse) -> tuple[object, ...]:
    """The faults that `check --warehouse` and a run find in it, and the rows that a run reads."""
    device = EventValue("device", TEXT, optional=True)
    word = Constant(TEXT, "Phone", plans.origin('"Phone"', 9))
    called = Operation("equal", (device, word), BOOLEAN, optional=False)
    plan = ranged(plans.plan([plans.campaign("thanks", plans.on("invest", called))]))
    found = survey(opened, plan, Decimal(1))
    kept = sound(opened, plan, ["invest"], Decimal(1))
    read = WarehouseRows(opened, kept.opened(opened))
    return (
        [(one.code.id, one.message(), one.help()) for one in found.diagnostics],
        [(one.table, one.count, one.rows) for one in found.tables],
        [one.message() for one in kept.warnings],
        sorted(read.customers(["ann", "bob", "bad1", "bad2", "bad3"])),
        [row["key"] for row in read.events("invest", "ann")],
    )


def test_bad_rows_are_left_out_and_named_as_on_duckdb(tmp_path: Path) -> None:
    with warehouse(tmp_path, *CUSTOMERS, *INVESTMENTS, *BAD_ROWS) as opened:
        on_spark_ = surveyed(opened)
    with open_warehouse("duckdb:///made.duckdb", tmp_path) as opened:
        on_duckdb = surveyed(opened)
    assert on_spark_ == on_duckdb
    diagnostics, tables, _, customers, events = on_spark_
    of_customers = ["W704"] * 4 + ["W705", "W707"]
    of_events = ["W704"] * 2 + ["W705", "W707", "W706"]
    assert [code for code, _, _ in diagnostics] == of_customers + of_events
    assert tables == [("customers", 5, 7), ("investments", 2, 3)]
    assert (customers, events) == (["ann", "bob"], ["1"])


def test_a_run_on_spark_leaves_out_what_one_on_duckdb_does(tmp_path: Path) -> None:
    found = {}
    for kind in ("duckdb", "spark"):
        folder = bank(tmp_path / kind, 600)
        with duckdb.connect(str(folder / "data" / "bank.duckdb")) as made:
            made.execute("CREATE OR REPLACE TABLE customers AS FROM customers")
            first = "SELECT min(customer_id) FROM customers"
            made.execute(f"UPDATE customers SET age = 200 WHERE customer_id = ({first})")
        shutil.rmtree(folder / "data" / "bank")
        written(folder / "data" / "bank.duckdb", folder / "data" / "bank")
        if kind == "spark":
            on_spark(folder)
        settings = (folder / "campaigner.toml").read_text("utf-8")
        allowed = settings.replace("[warehouse]", '[warehouse]\nbad_rows = "10%"')
        (folder / "campaigner.toml").write_text(allowed, "utf-8")
        code, told, wrong = campaigner("run", str(folder), "--at", "2026-01-31")
        assert code == 3, wrong
        assert "is outside of its range, 0 to 130" in wrong
        found[kind] = told, wrong.replace(str(folder), "")
    assert found["spark"] == found["duckdb"]
