"""Rows of the ledger in the format asked for: a table, JSON, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import click

from ...compiler.files.reasons import phrase_of
from ...dsl.diagnostics.diagnostic import Phrase
from ..screen.headings import OWNERS, REASONS, WORDS
from ..screen.tables import Column, show
from .parquet import as_parquet
from .records import Cell, as_csv, as_json

_DIGEST_SHOWN = 12
_NUMBERS = ("grant", "amount", "cost", "cap", "spent", "left", "balance", "pending", "choose")
_INSTANTS = ("at", "reversed", "expires", "became_at", "received", "ends")


def _as_it_is(row: Mapping[str, Cell], heading: str) -> Cell:
    return row[heading]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of `name`: its columns for programs, and `headings` if people see others.

    `cell` gives the value under a heading that people see.
    """

    name: str
    columns: tuple[str, ...]
    headings: tuple[str, ...] = ()
    cell: Callable[[Mapping[str, Cell], str], Cell] = _as_it_is

    def write(self, rows: Iterable[Mapping[str, Cell]], format_: str) -> None:
        """Print the rows on stdout, as they come where the format allows it."""
        match format_:
            case "json":
                _write(as_json(self.name, rows))
            case "csv":
                _write(as_csv(self.columns, rows))
            case "parquet":
                numbers = [name for name in self.columns if name in _NUMBERS]
                instants = [name for name in self.columns if name in _INSTANTS]
                click.echo(as_parquet(self.columns, numbers, instants, rows), nl=False)
            case _:
                headings = self.headings or self.columns
                columns = [Column(name, name in (*_NUMBERS, "attempts")) for name in headings]
                cells = ([self._for_people(row, name) for name in headings] for row in rows)
                show(columns, list(cells))

    def _for_people(self, row: Mapping[str, Cell], heading: str) -> str | Phrase:
        """A cell of a table; a digest by its beginning."""
        match self.cell(row, heading):
            case None:
                return ""
            case bool(value):
                return WORDS["yes" if value else "no"]
            case str(value) if heading == "of":
                kind, _, name = value.partition(" ")
                return Phrase("values.owned", kind=OWNERS[kind], name=name)
            case str(value) if heading == "why":
                return REASONS.get(value) or phrase_of(value)
            case str(value):
                return value[:_DIGEST_SHOWN] if heading == "plan" else value


def instant(value: datetime | None) -> str | None:
    """An instant as programs read it; `None` stays."""
    return None if value is None else value.isoformat()


def _write(pieces: Iterator[str]) -> None:
    for piece in pieces:
        click.echo(piece, nl=False)
