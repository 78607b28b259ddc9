"""`campaigner lifecycle`: the stages of customers, and bad input."""

import json

import pytest


@pytest.fixture
def shop(campaigner, tmp_path):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def test_the_stages_are_those_of_the_preview_and_nothing_is_written(campaigner, shop):
    files = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    told = campaigner("lifecycle", "shop", "--at", "2026-03-31", "--format", "json")
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == files
    (found,) = json.loads(told.stdout)["lifecycles"]
    assert [one["stage"] for one in found["stages"]] == ["newcomer", "regular", "dormant"]
    for one in found["stages"]:
        line = ("preview", "stage", one["stage"], "shop", "--at", "2026-03-31", "--format", "json")
        assert json.loads(campaigner(*line).stdout)["customers"] == one["customers"]
    assert found["outside"] == 60 - sum(one["customers"] for one in found["stages"])


def test_project_and_name_go_in_any_order(campaigner, shop):
    asked = ("--at", "2026-03-31")
    both = [campaigner("lifecycle", *words, *asked) for words in (("shop", "shop"), ("shop",))]
    assert both[0] == both[1]
    shop.rename(shop.with_name("folder"))
    assert campaigner("lifecycle", "shop", "folder", *asked) == both[0]
    assert campaigner("lifecycle", "shop", *asked, cwd=shop.with_name("folder")) == both[0]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("shop", "shpo"), "E650"),
        (("shop", "shop", "shop"), "E186"),
        (("shop", "--at", "9000-01-01"), "E7"),
        (("shop", "--at", "yesterday"), "E7"),
    ],
)
def test_bad_input_is_one_message(campaigner, shop, words, code, language):
    told = campaigner("lifecycle", *words, "--lang", language)
    assert told.returncode == 2
    assert told.stderr.count(f"[{code}") == 1
    assert told.stdout == ""
