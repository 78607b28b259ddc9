"""Rows for people: aligned text, and lines and colour on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from .excerpt import safe, text_width
from .headings import COLUMNS_OF_WORDS, HEADINGS, WORDS
from .speaking import language_now
from .terminal import in_colour, width_of


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `number` columns are aligned to the right."""

    heading: str | Phrase
    number: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A column whose heading is in the reader's language."""

    heading: str
    number: bool


def show(columns: Sequence[Column], rows: Sequence[Sequence[str | Phrase]]) -> None:
    """Print a table on stdout, headings and words in the language of the session.

    If the terminal is too narrow, print plain text: wrapped lines can be read and searched, columns
    of three letters cannot.
    """
    named, cells = in_words(columns, rows, language_now())
    page = plain(named, cells)
    frame = 2 + len(columns)
    if sys.stdout.isatty() and _widest(page) + frame <= width_of(sys.stdout):
        _with_rich(named, cells)
    else:
        click.echo(page, nl=False)


def in_words(
    columns: Sequence[Column], rows: Sequence[Sequence[str | Phrase]], language: Language
) -> tuple[list[Named], list[list[str]]]:
    """The columns and cells as the reader sees them."""
    shown = [
        Named(in_language(_spoken(HEADINGS, column.heading), language), column.number)
        for column in columns
    ]
    of_words = [column.heading in COLUMNS_OF_WORDS for column in columns]
    cells = [
        [
            in_language(_spoken(WORDS, cell) if is_word else cell, language)
            for cell, is_word in zip(row, of_words, strict=True)
        ]
        for row in rows
    ]
    return shown, cells


def _spoken(words: Mapping[str, Phrase], text: str | Phrase) -> str | Phrase:
    return words.get(text, text) if isinstance(text, str) else text


def plain(columns: Sequence[Named], rows: Sequence[Sequence[str]]) -> str:
    """The table as text: a column is as wide as its widest cell, two blanks lie between two."""
    lines = [
        [column.heading for column in columns],
        *([safe(cell) for cell in row] for row in rows),
    ]
    widths = [max(text_width(line[place]) for line in lines) for place in range(len(columns))]
    return "".join("  ".join(map(_padded, line, widths, columns)).rstrip() + "\n" for line in lines)


def _padded(cell: str, width: int, column: Named) -> str:
    blanks = " " * (width - text_width(cell))
    return blanks + cell if column.number else cell + blanks


def _widest(page: str) -> int:
    return max(text_width(line) for line in page.splitlines())


def _with_rich(columns: Sequence[Named], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column.heading, justify="right" if column.number else "left")
    for row in rows:
        # Cells are data: what looks like markup in them is not.
        table.add_row(*(Text(safe(cell)) for cell in row))
    Console(no_color=not in_colour(sys.stdout)).print(table)
