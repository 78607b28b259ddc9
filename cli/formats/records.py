"""Rows of the ledger for programs and spreadsheets: JSON and CSV, written as they come."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO

FORMAT_VERSION = 1

Cell = str | bool | None

_NUMBER = re.compile(r"-\d+(\.\d+)?")
# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    yield _line(columns)
    for row in rows:
        yield _line([_cell(row[column]) for column in columns])


def harmless(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would take it for a formula."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return harmless(value)


def _line(cells: Sequence[str]) -> str:
    page = StringIO()
    csv.writer(page, lineterminator="\n").writerow(cells)
    return page.getvalue()
