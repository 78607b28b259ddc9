"""The foundation of pages: texts are escaped wherever they stand, and nothing else is asked for."""

import re
import sys
from html.parser import HTMLParser

import pytest
from campaigner.cli.pages.charts import Chart, Series, drawn
from hypothesis import given
from hypothesis import strategies as st

from .shown import Words, sample

HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "</title></style></svg><img src=x onerror=alert(1)>",
            "\"' onload=alert(1) x='",
            "<!--", "-->", "]]>", "&lt;b&gt;", "&#60;i>", "{{ 7 * 7 }}", "{% raw %}", "\x00\ufffe",
            "javascript:alert(1)", "url(http://host.invalid)", "<b>杭州",
        ]
    ),
)  # fmt: skip


class Outline(HTMLParser):
    """The elements and attributes of a page, without its texts."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, *sorted(name for name, _ in attrs)))

    def handle_endtag(self, tag):
        self.found.append((f"/{tag}",))

    def handle_comment(self, data):
        self.found.append(("comment", data))


def test_charts_leave_the_finders_of_imports_as_they_are():
    drawn(Chart("bars", "", "", ("a",), (Series("n", (1,)),)), "en")
    assert [one for one in sys.meta_path if not hasattr(one, "find_spec")] == []


@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from(["en", "zh"]))
def test_a_text_never_becomes_an_element_or_an_attribute(name, label, cell, language):
    plain = Outline(sample(language, Words("a", "b", "c"))).found
    assert Outline(sample(language, Words(name, label, cell))).found == plain


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_has_its_language_and_asks_for_nothing(language):
    text = sample(language, Words())
    assert f'<html lang="{language}">' in text
    assert "<script" not in text
    assert re.findall(r'(?:src|href)="(?!#|data:,")[^"]*"|url\(|@import|https?:', text) == []
    assert ("活动" in text) == (language == "zh")


def test_the_same_values_give_the_same_page():
    assert sample("en", Words()) == sample("en", Words())


@pytest.mark.parametrize("kind", ["bars", "lines", "rows", "stacked"])
@given(
    st.lists(st.none() | st.floats(0, 1e12), max_size=8),
    st.integers(0, 3),
)
def test_any_values_make_a_chart_that_says_them(kind, values, count):
    labels = tuple(f"{day:02}" for day in range(len(values)))
    series = tuple(Series(f"n{number}", tuple(values)) for number in range(count))
    made = drawn(Chart(kind, "发放", "by day", labels, series), "en")
    assert 'role="img"' in made.svg
    assert "<title>发放</title><desc>by day</desc>" in made.svg
    assert made.legend == (tuple(one.name for one in series) if count > 1 else ())
