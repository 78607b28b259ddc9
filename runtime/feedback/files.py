"""Targets that are files: CSV, JSON lines and Parquet, read back whole and written whole."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import feedback as codes
from .changes import COLUMNS, Kept
from .labels import Place

FORMATS = (".csv", ".jsonl", ".parquet")


def read(path: Path) -> Kept:
    """Return the labels in a file; none without one. Raise `CannotRun` if it holds others."""
    if not path.exists() or path.stat().st_size == 0:
        return {}
    try:
        rows = list(_rows(path))
    except (ValueError, KeyError, TypeError) as fault:
        raise CannotRun(diagnose(codes.NOT_LABELS, None, target=str(path))) from fault
    if any(len(row) != len(COLUMNS) or None in row for row in rows):
        raise CannotRun(diagnose(codes.NOT_LABELS, None, target=str(path)))
    return {Place(*row[:3]): (row[3], row[4]) for row in rows}


def _rows(path: Path) -> Iterable[Sequence[str]]:
    match path.suffix:
        case ".csv":
            text = path.read_text("utf-8")
            head, *rows = csv.reader(io.StringIO(text, newline=""))
            if tuple(head) != COLUMNS:
                raise ValueError(head)
            return rows
        case ".jsonl":
            lines = path.read_text("utf-8").splitlines()
            return [[str(json.loads(line)[name]) for name in COLUMNS] for line in lines]
        case _:
            return _parquet_rows(path)


def written(suffix: str, rows: Sequence[Sequence[str]]) -> bytes:
    """Return the content of a file of that kind."""
    match suffix:
        case ".csv":
            text = io.StringIO(newline="")
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows([COLUMNS, *rows])
            return text.getvalue().encode()
        case ".jsonl":
            every = (dict(zip(COLUMNS, row, strict=True)) for row in rows)
            return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in every).encode()
        case _:
            return _parquet(rows)


def _parquet_rows(path: Path) -> Sequence[Sequence[str]]:
    import duckdb  # noqa: PLC0415  (only who asks for Parquet pays for loading it)

    try:
        with duckdb.connect() as connection:
            found = connection.read_parquet(str(path))
            if tuple(found.columns) != COLUMNS:
                raise ValueError(found.columns)
            return found.fetchall()
    except duckdb.Error as fault:
        raise ValueError(str(path)) from fault


def _parquet(rows: Sequence[Sequence[str]]) -> bytes:
    import duckdb  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        columns = ", ".join(f"{name} VARCHAR" for name in COLUMNS)
        connection.execute(f"CREATE TABLE labels ({columns})")
        if rows:
            places = ", ".join("?" for _ in COLUMNS)
            connection.executemany(f"INSERT INTO labels VALUES ({places})", list(rows))  # noqa: S608
        place = Path(folder) / "labels.parquet"
        connection.table("labels").write_parquet(str(place))
        return place.read_bytes()
