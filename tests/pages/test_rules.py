"""Pages of rules as a browser shows them."""

from datetime import UTC, datetime

import pytest
from campaigner.cli.pages.rules import as_html
from campaigner.compiler.project.config import Organiser
from campaigner.compiler.wording.public import rules_of

from ..projects import ROOT, compile_folder
from .browser import assert_reads_well, seen

pytestmark = pytest.mark.pages

SHOWN = (("bank", "blind_box"), ("bank", "asset_lift"), ("complete_journey", "campaign_18"))
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def page(project: str, name: str, language: str, label: str | None = None) -> str:
    plan = compile_folder(ROOT / "campaigns" / project).plan
    assert plan is not None
    campaign = next(one for one in plan.campaigns if one.name == name)
    organiser = Organiser(label or "示例银行 The Bank", "95XXX")
    rules = rules_of(plan, campaign, organiser, DIGEST, datetime(2027, 1, 1, tzinfo=UTC))
    return as_html(rules, language)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("project", "name"), SHOWN)
def test_a_page_of_rules_reads_well(browser, tmp_path, pictures, language, project, name):
    file = tmp_path / f"rules-{name}-{language}.html"
    file.write_text(page(project, name, language), "utf-8")
    assert_reads_well(browser, file, pictures)


def test_an_organiser_that_looks_like_html_stays_text(browser, tmp_path):
    file = tmp_path / "hostile.html"
    text = '"><script>console.error(1)</script><img src=http://host.invalid/x onerror=alert(1)>'
    file.write_text(page("bank", "blind_box", "en", text), "utf-8")
    found = seen(browser, file, 390, 844)
    assert (found.console, found.requests) == ([], [])
