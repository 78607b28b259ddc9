"""The page of a result: its tables, its charts and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import Language
from .charts import Chart
from .page import Table, page

if TYPE_CHECKING:
    from ..formats.measuring.sheet import Sheet


def page_of(sheet: Sheet, charts: Sequence[Chart], language: Language) -> str:
    """The result as one page, in a language."""
    tables = [Table(one.title, one.columns, one.rows) for one in sheet.grids]
    return page(
        "sheet.html", sheet.title, language, notes=sheet.notes, charts=charts, tables=tables
    )
