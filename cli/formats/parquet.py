"""Rows of the ledger as a parquet file, for whoever analyses them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .records import Cell

_NUMBER = "DECIMAL(38, 9)"


def as_parquet(
    columns: Sequence[str],
    numbers: Sequence[str],
    instants: Sequence[str],
    rows: Iterable[Mapping[str, Cell]],
) -> bytes:
    """The whole file. Numbers are exact decimals, instants have their zone, all else is text.

    Cells are as they are: nothing in a parquet file is ever run.
    """
    import duckdb

    types = dict.fromkeys(columns, "VARCHAR")
    types |= dict.fromkeys(numbers, _NUMBER) | dict.fromkeys(instants, "TIMESTAMPTZ")
    types |= {"exhausted": "BOOLEAN"} if "exhausted" in columns else {}
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        page, made = Path(folder, "rows.json"), Path(folder, "rows.parquet")
        with page.open("w", encoding="utf-8") as file:
            file.writelines(
                json.dumps({column: row[column] for column in columns}) + "\n" for row in rows
            )
        read = connection.read_json(str(page), columns=types, format="newline_delimited")
        read.write_parquet(str(made))
        return made.read_bytes()
