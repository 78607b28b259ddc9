"""Pages of value, paths and contrast as a browser shows them."""

import pytest

from ..campaigns.ran import campaigner, script
from ..projects import ROOT
from .browser import assert_reads_well

pytestmark = pytest.mark.pages

QUESTIONS = {
    "value": ("--event", "order", "--months", "2", "--at", "2026-09-01", "--by", "channel"),
    "cohorts": ("--event", "order", "--months", "2", "--at", "2026-09-01"),
    "paths": (
        *("--from", "login", "--to", "order", "--through", "account_opened"),
        *("--to-day", "2026-11-30", "--audience", "high_value", "--against", "retail.prospect"),
    ),
    "contrast": (
        *("--audience", "retail.growing", "--against", "retail.dormant"),
        *("--first", "60", "--at", "2026-11-30"),
    ),
}


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """The bank with 2,000 customers."""
    import shutil  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("bank") / "bank"
    source = ROOT / "campaigns" / "bank"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    made = script(source / "generate.py")
    made.write(made.Bank(made.SEED, 2_000), folder / "data" / "bank.duckdb")
    return folder


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_page_reads_well(browser, bank, tmp_path, pictures, language, name):
    command = "value" if name == "cohorts" else name
    line = (command, str(bank), *QUESTIONS[name], "--format", "html", "--lang", language)
    file = tmp_path / f"{name}-{language}.html"
    campaigner(*line, "--output", str(file))
    assert_reads_well(browser, file, pictures)
