"""A page as it comes out of the foundation, with text wherever a page may have text."""

from __future__ import annotations

from dataclasses import dataclass

from campaigner.cli.pages import page as pages
from campaigner.cli.pages.charts import Chart, Series
from campaigner.cli.pages.page import Table, page
from campaigner.cli.screen.tables import Column
from jinja2 import ChoiceLoader, DictLoader

SAMPLE = """{% extends "base.html" %}
{% from "macros.html" import chart, table %}
{% block content %}
<p title="{{ text }}">{{ text }} <a href="#down">{{ text }}</a></p>
{{ table(rows) }}
<div class="charts">{% for one in charts %}{{ chart(one) }}{% endfor %}</div>
<p id="down"><a href="#top">{{ text }}</a></p>
{% endblock %}
"""


@dataclass(frozen=True)
class Words:
    """Texts that come out of projects and warehouses."""

    name: str = "win_back"
    label: str = "03-08"
    cell: str = "杭州分行"


def sample(language: str, words: Words) -> str:
    """A page with every part that the foundation has, in a language."""
    environment = pages._environment(language)
    kept = environment.loader
    environment.loader = ChoiceLoader([DictLoader({"sample.html": SAMPLE}), kept])
    columns = (Column("campaign"), Column("granted", number=True), *[Column(words.name)] * 8)
    rows = [(words.name, f"{count:,}", *[words.cell] * 8) for count in range(0, 12_000, 3_000)]
    labels = (words.label, *(f"{day:02}" for day in range(2, 60)))
    values = tuple(None if day == 7 else day * 13.5 for day in range(59))
    series = tuple(Series(f"{words.name} {number}", values) for number in range(3))
    try:
        return page(
            "sample.html",
            words.name,
            language,
            text=words.cell,
            rows=Table(words.name, columns, rows),
            charts=[
                Chart("lines", words.name, words.cell, labels, series),
                Chart("stacked", words.name, words.cell, labels, series),
                Chart("bars", words.name, words.cell, labels, series[:1]),
                Chart("rows", words.name, words.cell, labels[:4], (Series("n", (4, 3, 2, 1)),)),
            ],
        )
    finally:
        environment.loader = kept
