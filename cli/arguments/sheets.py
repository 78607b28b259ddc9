"""Write a result: as tables on the terminal, or as a document where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...dsl.diagnostics.diagnostic import in_language
from ..codes.usage import OUTPUT_OF_PROGRAMS
from ..formats.measuring.sheet import as_csv, as_json
from ..screen import files
from ..screen.speaking import speak
from ..screen.tables import show
from . import options
from .usage import incomplete

if TYPE_CHECKING:
    from ...compiler.project.settings import Settings
    from ..formats.measuring.sheet import Sheet
    from ..pages.charts import Chart
    from ..screen.terminal import Session


@dataclass(frozen=True, slots=True)
class Form:
    """The format of the output, and the file that it goes to, if any."""

    format: str
    output: Path | None


def with_form(command: Callable[..., int]) -> Callable[..., int]:
    """The options `--format` and `--output`, which the command gets as one `Form`.

    A table goes to no file: `CannotRun`.
    """

    @wraps(command)
    def called(*values: object, format_: str, output: Path | None, **more: object) -> int:
        if output is not None and format_ == "table":
            raise incomplete(OUTPUT_OF_PROGRAMS)
        return command(*values, form=Form(format_, output), **more)

    path = click.Path(path_type=Path)
    to_file = click.option("--output", metavar="FILE", type=path, help="Write it there.")
    return options.format_of("table", "json", "csv", "html")(to_file(called))


def write_sheet(
    session: Session,
    loaded: Settings,
    sheet: Sheet,
    charts: Callable[[], Iterable[Chart]],
    wanted: Form,
) -> None:
    """Write it in that form; `charts` are asked for where the form has any."""
    match wanted.format:
        case "table":
            for number, grid in enumerate(sheet.grids):
                if number:
                    click.echo()
                if len(sheet.grids) > 1:
                    click.echo(in_language(grid.title, session.language))
                show(grid.columns, grid.rows)
            for note in sheet.notes:
                speak(note)
            return
        case "json":
            content = as_json(sheet, session.language)
        case "csv":
            content = "".join(as_csv(sheet))
        case _:
            from ..pages.sheet import page_of

            content = page_of(sheet, tuple(charts()), session.language)
    files.hand_out(content, wanted.output, loaded)
