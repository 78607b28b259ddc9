"""The page of a review, as a browser shows it."""

import pytest

from ..cli.conftest import campaigner  # noqa: F401  (a fixture)
from .browser import assert_reads_well

pytestmark = pytest.mark.pages


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_reads_well(campaigner, browser, tmp_path, pictures, language):  # noqa: F811
    campaigner("init", "shop")
    file = tmp_path / "shop" / "win_back.campaign"
    text = file.read_text("utf-8")
    label = 'campaign win_back "<b onclick=alert(1)>Coffee & more</b> | very long indeed"'
    text = text.replace("goal     retention", "goal     retention 30 customers")
    file.write_text(text.replace('campaign win_back "A coffee to come back for"', label), "utf-8")
    campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31")
    told = campaigner("review", "win_back", "shop", "--lang", language)
    page = tmp_path / f"review-{language}.html"
    page.write_text(told.stdout, "utf-8")
    assert "<b onclick" not in told.stdout
    assert_reads_well(browser, page, pictures)
