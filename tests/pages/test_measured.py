"""The page of measures, as a browser shows it."""

import pytest
from campaigner.cli.main import invoke

from ..cli.test_measure import made  # noqa: F401  (a fixture)
from .browser import assert_reads_well

pytestmark = pytest.mark.pages


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_reads_well(made, browser, tmp_path, pictures, language):  # noqa: F811
    file = tmp_path / f"measure-{language}.html"
    options = ["--at", "2026-03-01", "--format", "html", "--lang", language, "--out", str(file)]
    assert invoke(["measure", str(made), *options]) == 0
    assert_reads_well(browser, file, pictures)
