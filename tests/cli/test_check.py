"""`campaigner check` over whole projects."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CAMPAIGN = """
campaign more "More" {
  goal growth
  audience consent_marketing
  trigger every day at 10:00
  reward 10 points
  budget { total 100 CNY }
  message push "Hello"
  compliance { follows fair_play }
}
"""


@pytest.fixture
def shop(tmp_path, campaigner):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def spoil(shop, old="consent_marketing and", new="consent_marketting and"):
    file = shop / "win_back.campaign"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_clean_project(shop, campaigner):
    told = campaigner("check", "shop")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "no mistakes found\n")


def test_a_mistake_is_shown_as_the_readme_shows_it(shop, campaigner):
    spoil(shop)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```\n(error\[.*?)```", readme, re.DOTALL)
    told = campaigner("check", cwd=shop)
    assert told.returncode == 1
    assert told.stdout == f"{shown}\n"
    assert told.stderr == "found 1 error\n"


def test_the_campaign_of_the_readme_checks(shop, campaigner):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```\n# win_back.campaign\n(campaign .*?)```", readme, re.DOTALL)
    (shop / "win_back.campaign").write_text(shown, encoding="utf-8")
    assert campaigner("check", "shop").returncode == 0
    assert campaigner("fmt", "--check", "shop").returncode == 0


@pytest.mark.parametrize("below", [".", "sub/folder"])
def test_paths_are_seen_from_the_current_folder(shop, campaigner, below):
    spoil(shop)
    (shop / "sub" / "folder").mkdir(parents=True)
    up = {".": "", "sub/folder": "../../"}[below]
    told = campaigner("check", "--format", "concise", cwd=shop / below)
    assert told.stdout.startswith(f"{up}win_back.campaign:9:12: E201 ")


def test_a_project_elsewhere_is_named_in_full(shop, campaigner, tmp_path_factory):
    spoil(shop)
    told = campaigner("check", shop, "--format", "concise", cwd=tmp_path_factory.mktemp("other"))
    assert told.stdout.startswith(f"{shop}/win_back.campaign:9:12: E201 ")


def test_the_settings_file_names_the_project_too(shop, campaigner):
    assert campaigner("check", "shop/campaigner.toml").returncode == 0


@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_machine_formats_stay_valid_when_a_file_does_not_parse(shop, campaigner, format_):
    (shop / "broken.campaign").write_text("campaign x {{{ “\n", encoding="utf-8")
    (shop / "binary.campaign").write_bytes(b"\x00\xff\xfe")
    told = campaigner("check", "shop", "--format", format_)
    assert told.returncode == 1
    assert json.loads(told.stdout)


def test_json_paths_are_those_of_the_project(shop, campaigner):
    spoil(shop)
    told = campaigner("check", "shop", "--format", "json")
    (found,) = json.loads(told.stdout)["diagnostics"]
    assert (found["file"], found["line"], found["column"]) == ("win_back.campaign", 9, 12)


def test_stdin_is_one_more_file(shop, campaigner):
    assert campaigner("check", "-", cwd=shop, stdin=CAMPAIGN).returncode == 0
    told = campaigner("check", "-", cwd=shop, stdin=CAMPAIGN.replace("fair_play", "fair_pay"))
    assert told.returncode == 1
    assert "--> <stdin>:9:24" in told.stdout
    twice = campaigner("check", "-", cwd=shop, stdin=CAMPAIGN.replace("more", "win_back"))
    assert twice.returncode == 1
    assert "win_back.campaign" in twice.stdout


def test_the_language_is_asked_for_or_the_locale_s(shop, campaigner):
    spoil(shop)
    assert "错误[E201]" in campaigner("check", "shop", "--lang", "zh").stdout
    told = campaigner("check", "shop", env={"LC_ALL": "zh_CN.UTF-8"})
    assert "错误[E201]" in told.stdout
    assert told.stderr == "发现 1 个错误\n"


def test_colour_is_for_terminals_unless_it_is_asked_for(shop, campaigner):
    spoil(shop)
    assert "\x1b[" not in campaigner("check", "shop").stdout
    assert "\x1b[" in campaigner("check", "shop", env={"FORCE_COLOR": "1"}).stdout
    both = campaigner("check", "shop", env={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert "\x1b[" not in both.stdout


def test_a_second_check_says_the_same_and_sees_what_changed(shop, campaigner):
    spoil(shop)
    first = campaigner("check", "shop", "--format", "json")
    again = campaigner("check", "shop", "--format", "json")
    assert (again.returncode, again.stdout) == (first.returncode, first.stdout)
    text = campaigner("check", "shop", "--lang", "zh")
    assert "错误[E201]" in text.stdout
    spoil(shop, "consent_marketting and", "consent_marketing and")
    assert campaigner("check", "shop").returncode == 0


def test_no_project_and_no_such_folder(tmp_path, campaigner):
    for arguments in ([], ["gone"]):
        told = campaigner("check", *arguments)
        assert (told.returncode, told.stdout) == (2, "")
        assert told.stderr.startswith("error[E1")
