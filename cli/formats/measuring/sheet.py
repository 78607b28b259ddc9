"""The result of a command in every form: tables and notes for people, rows for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ....dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...screen.tables import Column
from ..csv_cells import harmless, line

FORMAT_VERSION = 1

Cell = str | int | float | None
"""A cell for programs: exact numbers are text."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table for people: its caption, its columns and its rows."""

    title: Phrase
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str | Phrase]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A result. `head` and `rows` are the JSON document, `rows` alone the CSV.

    `columns` are the names of the rows' cells. `notes` are sentences below the tables.
    """

    title: Phrase
    grids: tuple[Grid, ...]
    notes: tuple[Phrase, ...]
    head: Mapping[str, object]
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Cell]]
    name: str = "rows"


def as_json(sheet: Sheet, language: Language) -> str:
    """One document, in the shape of docs/json.md; its notes are in a language."""
    notes = [in_language(one, language) for one in sheet.notes]
    document: dict[str, object] = {"format_version": FORMAT_VERSION, **sheet.head, "notes": notes}
    document[sheet.name] = list(sheet.rows)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_csv(sheet: Sheet) -> Iterator[str]:
    """A line of names, and a line a row; a cell without a value is empty."""
    yield line(sheet.columns)
    for row in sheet.rows:
        yield line([_text(row[name]) for name in sheet.columns])


def _text(cell: Cell) -> str:
    return "" if cell is None else harmless(cell) if isinstance(cell, str) else str(cell)


def rounded(value: Decimal | float | None, places: int) -> str | None:
    """The number as text with so many places, half to even; `None` stays."""
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return f"{round(exact, places):.{places}f}"


def shown(value: Decimal | float | None, places: int) -> str:
    """The number for people, or a dash."""
    text = rounded(value, places)
    return "-" if text is None else f"{Decimal(text):,}"
