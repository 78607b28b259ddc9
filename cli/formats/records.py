"""Rows of the ledger for programs and spreadsheets: JSON and CSV, written as they come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .csv_cells import harmless, line

FORMAT_VERSION = 1

Cell = str | bool | None


def as_json(name: str, rows: Iterable[Mapping[str, Cell]]) -> Iterator[str]:
    """`{"format_version": 1, NAME: [...]}` in pieces, a line a row."""
    yield f'{{"format_version": {FORMAT_VERSION}, "{name}": ['
    before = "\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Cell]]) -> Iterator[str]:
    """A heading line and a line a row, in pieces; nothing in it can run in a spreadsheet."""
    yield line(columns)
    for row in rows:
        yield line([_cell(row[column]) for column in columns])


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return harmless(value)
