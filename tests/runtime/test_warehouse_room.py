"""How much memory DuckDB is given as a warehouse: little at first, more where that does not do."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.warehouse.duckdb.client import DuckDBWarehouse, _Reading
from campaigner.runtime.warehouse.engines import open_warehouse

MIB = 2**20
LISTS = "SELECT len(list(n)), len(list(n + 1)) FROM range(8000000) AS t(n)"
"""Queries whose work cannot spill into temporary files."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "bank.duckdb")) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT range AS n FROM range(100)")
    return tmp_path


def test_it_begins_with_little_and_takes_more_where_that_does_not_do(folder: Path) -> None:
    with open_warehouse("duckdb:///bank.duckdb?threads=2", folder) as opened:
        assert isinstance(opened, DuckDBWarehouse)
        assert opened.room.now == 128 * MIB < opened.room.most
        assert list(opened.ask(LISTS).rows()) == [(8_000_000, 8_000_000)]
        assert 128 * MIB < opened.room.now <= opened.room.most
        shown = f"{opened.room.now / MIB:.1f} MiB"
        assert list(opened.ask("SELECT current_setting('memory_limit')").rows()) == [(shown,)]


def test_what_the_url_says_is_all_it_takes(folder: Path) -> None:
    url = "duckdb:///bank.duckdb?memory_limit=128MiB&threads=2"
    with open_warehouse(url, folder) as opened, pytest.raises(CannotRun) as refused:
        list(opened.ask(LISTS).rows())
    assert refused.value.diagnostic.code.id == "E714"


def test_an_answer_that_runs_out_of_memory_on_the_way_goes_on_where_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, real = iter(range(100)), _Reading.next

    def gives_up(reading: _Reading, size: int) -> list[tuple[Any, ...]]:
        if next(calls) in (3, 5):  # the second time while it passes over what was given
            raise duckdb.OutOfMemoryException("enough")
        return real(reading, size)

    monkeypatch.setattr(_Reading, "next", gives_up)
    with open_warehouse("duckdb:///bank.duckdb", folder) as opened:
        assert isinstance(opened, DuckDBWarehouse)
        begins = opened.room.now
        found = list(opened.ask("SELECT n FROM numbers ORDER BY n", batch=10).rows())
        assert opened.room.now > begins
    assert found == [(n,) for n in range(100)]
