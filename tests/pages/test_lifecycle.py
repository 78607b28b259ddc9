"""The page of lifecycles, as a browser shows it."""

import pytest

from ..cli.conftest import campaigner  # noqa: F401  (a fixture)
from .browser import assert_reads_well

pytestmark = pytest.mark.pages

QUARTER = ("--from", "2026-01-01", "--to", "2026-03-31", "--format", "html")
HOSTILE = '<b onclick="alert(1)">\'&amp;</b>'


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_reads_well(campaigner, browser, tmp_path, pictures, language):  # noqa: F811
    campaigner("init", "shop")
    campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31")
    told = campaigner("lifecycle", "shop", *QUARTER, "--lang", language)
    file = tmp_path / f"lifecycle-{language}.html"
    file.write_text(told.stdout, "utf-8")
    assert_reads_well(browser, file, pictures)


def test_names_that_look_like_html_are_text(campaigner, browser, tmp_path):  # noqa: F811
    campaigner("init", "shop")
    path = tmp_path / "shop" / "lifecycle.campaign"
    text = path.read_text("utf-8").replace('"Regular"', HOSTILE.replace('"', "'").join('""'))
    path.write_text(text.replace('"Customers of the shop"', '"<script>alert(1)</script>"'), "utf-8")
    told = campaigner("lifecycle", "shop", *QUARTER)
    assert told.returncode == 0, told.stderr
    file = tmp_path / "hostile.html"
    file.write_text(told.stdout, "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert page.locator("main b, main script").count() == 0
    assert page.locator("h2").first.inner_text() == "<script>alert(1)</script>"
    assert "onclick='alert(1)'" in page.locator("svg.sankey").first.text_content()
    page.close()
