"""From a template and values to one page that needs no other file and asks no host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...compiler.wording.clauses import sentence
from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ..screen.tables import Column, in_words
from .charts import drawn

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: headings and words are translated as those of a terminal are."""

    caption: str | Phrase
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str | Phrase]]


def page(template: str, title: str | Phrase, language: Language, **values: object) -> str:
    """The page that the template of that name makes of the values.

    A value may be a text, a phrase, a `Table`, a `Chart`, or a structure of them. Texts are escaped
    wherever they come to stand.
    """
    found = _environment(language).get_template(template)
    return found.render(title=title, language=language, **values)


@cache
def _environment(language: Language) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    def said(value: object) -> object:
        return in_language(value, language) if isinstance(value, Phrase) else value

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=said,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["drawn"] = lambda chart: drawn(chart, language)
    environment.filters["sentence"] = lambda phrase: sentence(phrase, language)
    environment.filters["in_words"] = lambda table: in_words(table.columns, table.rows, language)
    return environment
