"""The page of a simulation, as a browser shows it."""

import pytest

from ..cli.conftest import campaigner  # noqa: F401  (a fixture)
from .browser import assert_reads_well

pytestmark = pytest.mark.pages

QUARTER = ("--from", "2026-01-01", "--to", "2026-03-31", "--format", "html")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_reads_well(campaigner, browser, tmp_path, pictures, language):  # noqa: F811
    campaigner("init", "shop")
    told = campaigner("simulate", "shop", *QUARTER, "--lang", language)
    file = tmp_path / f"simulation-{language}.html"
    file.write_text(told.stdout, "utf-8")
    assert_reads_well(browser, file, pictures)
