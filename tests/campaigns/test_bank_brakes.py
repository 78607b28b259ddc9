"""The bank's welcome gift pauses by itself: what its clauses say, and what a scenario shows."""

import shutil
from pathlib import Path

import pytest
from campaigner.cli.main import invoke
from campaigner.compiler.plan import Call
from campaigner.compiler.plan.brakes import written

from ..projects import ROOT, compile_folder

BANK = ROOT / "campaigns" / "bank"
SCENARIO = """
scenario "销户过多即暂停" for welcome_gift {
  given now 2026-03-01 10:00
  given customer { registered_at: 10 days ago, consent_marketing: yes, employee: no }
  when  account_opened { product: "pension" }
  then  reward pension_80
  then  message push
  after 10 minutes
  when  account_closed
  then  nothing
  after 10 minutes
  when  account_opened { product: "pension" }
  then  paused
}
"""


def test_all_three_brakes_are_in_the_plan() -> None:
    compiled = compile_folder(BANK)
    assert compiled.plan is not None
    gift = next(one for one in compiled.plan.campaigns if one.name == "welcome_gift")
    assert [(written(one), one.call) for one in gift.brakes] == [
        ("failures over 5% of at least 100 within 10 minutes", Call("retail-growth", "desk")),
        ("account_closed over 200 within 1 hour", None),
        ("spend over 2000% of yesterday", None),
    ]


def test_a_scenario_pauses_at_the_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = tmp_path / "bank"
    shutil.copytree(BANK, bank, ignore=shutil.ignore_patterns("data", "var", "scenarios.campaign"))
    welcome = bank / "welcome.campaign"
    text = welcome.read_text("utf-8")
    once = text.replace("account_closed over 200", "account_closed over 0")
    welcome.write_text(once + SCENARIO, "utf-8")
    assert invoke(["test", str(bank)]) == 0, capsys.readouterr()
    welcome.write_text(text + SCENARIO, "utf-8")
    assert invoke(["test", str(bank)]) == 1
