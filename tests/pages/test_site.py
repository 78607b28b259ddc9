"""Pages of the site for the team as a browser shows them."""

import pytest
from campaigner.cli.pages.site.folder import write
from campaigner.cli.pages.site.pages import site

from ..projects import ROOT, compile_folder
from .browser import assert_reads_well

pytestmark = pytest.mark.pages

PAGES = (
    *("index", "calendar", "lifecycles", "audiences", "fields"),
    *("campaign-asset_lift", "campaign-spring_week", "campaign-red_friday"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    plan = compile_folder(ROOT / "campaigns" / "bank").plan
    assert plan is not None
    made = tmp_path_factory.mktemp("site") / "bank"
    write(made, site(plan, "zh"))
    return made


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_site_reads_well(browser, folder, pictures, language, name):
    kept = pictures / f"site-{language}"
    kept.mkdir(exist_ok=True)
    assert_reads_well(browser, folder / language / f"{name}.html", kept)


def test_links_lead_from_the_front_page_to_a_campaign_and_to_its_other_language(browser, folder):
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    page.click("text=English")
    page.click("text=资产提升")
    assert page.url.endswith("/en/campaign-asset_lift.html")
    page.click("text=中文")
    assert page.url.endswith("/zh/campaign-asset_lift.html")
    page.click("text=会员等级 >> visible=true", timeout=2000) if page.query_selector(
        "a:has-text('会员等级')"
    ) else page.click("text=字段")
    assert "/zh/fields.html" in page.url
    page.close()
