"""`campaigner diff`: words, documents, exit codes, and what stops it."""

from __future__ import annotations

import json
import shutil

import pytest

from ..docs.histories import committed
from ..docs.situations import LUCKY, SPRING, WELCOME


@pytest.fixture
def shop(tmp_path, campaigner):
    """The starter with a draw, committed, and a copy of it."""
    assert campaigner("init", "shop").returncode == 0
    (tmp_path / "shop" / "lucky_draw.campaign").write_text(LUCKY, "utf-8")
    shutil.copytree(tmp_path / "shop", tmp_path / "before")
    committed(tmp_path / "shop")
    return tmp_path / "shop"


def edit(shop, file, old, new):
    text = (shop / file).read_text("utf-8")
    assert old in text
    (shop / file).write_text(text.replace(old, new), "utf-8")


def test_the_same_project_and_one_that_is_laid_out_otherwise(shop, campaigner):
    edit(shop, "win_back.campaign", "campaign win_back", "# a note\n\n\ncampaign   win_back")
    shutil.move(shop / "cash_back.campaign", shop / "money.campaign")
    for old, new in (("before", "shop"), ("HEAD", "shop"), ("shop", "before")):
        told = campaigner("diff", old, new, "shop")
        assert (told.returncode, told.stdout) == (0, "nothing differs in meaning\n"), told.stderr


def test_a_change_in_words_and_as_a_document(shop, campaigner):
    edit(shop, "win_back.campaign", "reward   coffee", "reward   20 points")
    told = campaigner("diff", "HEAD", "shop", "shop")
    assert (told.returncode, told.stderr) == (1, "")
    assert told.stdout.startswith(
        "campaign win_back\n  reward\n    - coffee\n    + 20 points\n"
        "  in words\n"
        "    - The reward is “Coffee voucher” (digital, worth 25 CNY).\n"
    )
    assert "    + The reward is 20 points.\n" in told.stdout
    document = json.loads(campaigner("diff", "HEAD", "shop", "shop", "--format", "json").stdout)
    (said,) = document["sentences"]
    assert (said["campaign"], said["come"]) == ("win_back", ["The reward is 20 points."])
    assert "The reward is “Coffee voucher” (digital, worth 25 CNY)." in said["gone"]
    (change,) = document["changes"]
    assert change == {
        "kind": "reward",
        "of": "campaign",
        "name": "win_back",
        "step": None,
        "what": "changed",
        "before": ["coffee"],
        "after": ["20 points"],
        "through": [],
    }


def test_a_comment_for_a_pull_request(shop, campaigner):
    edit(shop, "win_back.campaign", "reward   coffee", "reward   20 points")
    told = campaigner("diff", "HEAD", "shop", "shop", "--format", "markdown", "--lang", "zh")
    assert told.stdout.startswith(
        "### `HEAD` 与 `shop` 之间含义上的变化：1\n\n**活动 win\\_back**\n\n"
        "- 奖励\n  ```diff\n  - coffee\n  + 20 points\n  ```\n"
        "- 文字说明\n  ```diff\n  - 奖励：“Coffee voucher”（数字权益，价值 25 元）。\n"
    )
    assert told.stdout.endswith("\n  + 奖励：20 points。\n  ```\n")


def test_texts_of_a_project_cannot_end_the_block_around_them(shop, campaigner):
    odd = "```\\n</details>@everyone <img src=x>"
    edit(shop, "win_back.campaign", "We have missed you", odd)
    told = campaigner("diff", "HEAD", "shop", "shop", "--format", "markdown").stdout
    inside = told.split("```diff\n")[1].split("\n  ```\n")[0]
    assert "<img" in inside
    assert told.count("```") == 4


def test_an_audience_is_named_where_campaigns_change_through_it(shop, campaigner):
    (shop / "groups.campaign").write_text("audience adults age >= 18\n", "utf-8")
    edit(shop, "win_back.campaign", "not employee", "not employee and adults")
    committed(shop)
    edit(shop, "groups.campaign", "18", "21")
    told = campaigner("diff", "HEAD", "shop", "shop")
    assert told.stdout == (
        "audience adults\n  audience\n    - age >= 18\n    + age >= 21\n\n"
        "campaign win_back\n  audience, through audience adults\n"
    )


@pytest.mark.parametrize(
    ("kinds", "code"),
    [(["budget"], 0), (["reward"], 1), (["budget,reward"], 1), (["budget", "window"], 0)],
)
def test_kinds_of_change_that_fail(shop, campaigner, kinds, code):
    edit(shop, "win_back.campaign", "reward   coffee", "reward   20 points")
    options = [word for kind in kinds for word in ("--fail-on", kind)]
    assert campaigner("diff", "HEAD", "shop", "shop", *options).returncode == code


def test_a_kind_that_there_is_not(shop, campaigner):
    told = campaigner("diff", "HEAD", "shop", "shop", "--fail-on", "bugdet")
    assert told.returncode == 2
    assert "E193" in told.stderr
    assert "budget" in told.stderr


def test_a_live_draw_made_worse_fails_whatever_is_asked(shop, campaigner):
    edit(shop, "lucky_draw.campaign", "10%: coffee", "5%: coffee")
    told = campaigner("diff", "HEAD", "shop", "shop", "--fail-on", "budget")
    assert told.returncode == 1
    assert "error[E945]: the odds of `coffee` fall from 10% to 5%" in told.stderr
    after = campaigner("diff", "HEAD", "shop", "shop", "--at", "2036-01-02")
    assert (after.returncode, after.stderr) == (1, "")
    edit(shop, "lucky_draw.campaign", "5%: coffee", "20%: coffee")
    assert "E945" not in campaigner("diff", "HEAD", "shop", "shop").stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a 50%, b 50%", "a 80%, b 20%"),
        ("a 50%, b 50%", "b 50%, a 50%"),
        ("a 50%, b 50%", "a 40%, b 40%, c 20%"),
        ("a 50%, b 50%", "holdout 10%  split a 50%, b 50%"),
    ],
)
def test_an_experiment_that_has_begun_keeps_who_is_in_which_arm(shop, campaigner, before, after):
    (shop / "spring.campaign").write_text(SPRING, "utf-8")
    edit(shop, "spring.campaign", "when arm is b: 2 points", "otherwise: 2 points")
    committed(shop)
    old = f"split {before}" if "holdout" in after else before
    edit(shop, "spring.campaign", old, after)
    command = ("diff", "HEAD", "shop", "shop", "--fail-on", "budget", "--at")
    told = campaigner(*command, "2026-02-01")
    assert told.returncode == 1
    assert "error[E949]: experiment `spring` of `spring_gift` has begun with" in told.stderr
    assert campaigner(*command, "2025-12-31").stderr == ""
    (found,) = json.loads(campaigner(*command, "2026-02-01", "--format", "json").stdout)[
        "diagnostics"
    ]
    assert found["code"] == "E949"
    edit(shop, "spring.campaign", "experiment spring", "experiment spring_2")
    assert "E949" not in campaigner(*command, "2026-02-01").stderr


def test_mistakes_are_shown_by_version(shop, campaigner):
    edit(shop, "win_back.campaign", "coffee\n", "cofee\n")
    committed(shop)
    edit(shop, "win_back.campaign", "cofee\n", "coffee\n")
    edit(shop, "cash_back.campaign", "cash_back", "cash-back")
    told = campaigner("diff", "HEAD", "shop", "shop")
    assert (told.returncode, told.stdout) == (2, "")
    first, second = told.stderr.split("mistakes of shop:\n")
    assert first.startswith("mistakes of HEAD:\n")
    assert "HEAD:win_back.campaign" in first
    assert "shop/cash_back.campaign" in second


def test_what_is_no_version_and_what_is_missing(shop, campaigner, tmp_path):
    assert "E940" in campaigner("diff", "mian", "shop", "shop").stderr
    assert "E942" in campaigner("diff", "main", "before").stderr
    assert "E150" in campaigner("diff", "main", "HEAD").stderr
    assert campaigner("diff", "main").returncode == 2
    told = campaigner("diff", "main", "HEAD", cwd=shop)
    assert told.returncode == 0
    (tmp_path / "odd.json").write_text("{", "utf-8")
    assert "E180" in campaigner("diff", "odd.json", "shop").stderr


def test_an_uncommitted_edit_is_warned_of(shop, campaigner):
    edit(shop, "win_back.campaign", "coffee\n", "10 points\n")
    told = campaigner("diff", "HEAD", "HEAD", "shop")
    assert told.returncode == 0
    assert "warning[W940]" in told.stderr


AT = ("--at", "2026-02-28T12:00")


def test_who_enters_and_leaves_is_counted_in_the_warehouse(shop, campaigner):
    edit(shop, "lifecycle.campaign", ">= 3", ">= 4")
    edit(shop, "win_back.campaign", "not employee", "not employee and age >= 40")
    told = campaigner("diff", "before", "shop", "shop", "--warehouse", *AT)
    assert "audience frequent: 38 before, 25 after; 0 enter, 13 leave\n" in told.stdout
    assert "whom win_back may reach: 8 before, 7 after; 0 enter, 1 leave\n" in told.stdout
    assert "c0" not in told.stdout
    named = campaigner("diff", "before", "shop", "shop", "--warehouse", "--keys", *AT)
    assert "  leave: c013\n" in named.stdout
    options = ("--warehouse", "--keys", "--format", "json")
    document = json.loads(campaigner("diff", "before", "shop", "shop", *options, *AT).stdout)
    frequent, win_back = document["groups"]
    assert (frequent["before"], frequent["after"], frequent["leaving"]) == (38, 25, 13)
    assert win_back["leaving_keys"] == ["c013"]
    comment = (*options[:3], "markdown")
    assert "c013" not in campaigner("diff", "before", "shop", "shop", *comment, *AT).stdout
    assert "[E186]" in campaigner("diff", "before", "shop", "shop", "--keys").stderr


def test_who_is_inside_of_a_journey_that_changed(shop, campaigner):
    (shop / "welcome.campaign").write_text(WELCOME, "utf-8")
    committed(shop)
    campaigner("run", "shop", "--at", "2026-02-01")
    edit(shop, "welcome.campaign", "hello", "greeting")
    told = campaigner("diff", "HEAD", "shop", "shop", "--warehouse", "--at", "2026-02-01")
    assert (
        "are inside of welcome, at step hello, which is gone: a run will refuse it" in told.stdout
    )
    edit(shop, "welcome.campaign", "step greeting on", "step greeting renamed from hello on")
    told = campaigner("diff", "HEAD", "shop", "shop", "--warehouse", "--at", "2026-02-01")
    assert (told.returncode, told.stdout) == (0, "nothing differs in meaning\n")


def test_the_most_that_can_be_spent(shop, campaigner):
    edit(shop, "win_back.campaign", "total ", "total 1")
    told = campaigner("diff", "HEAD", "shop", "shop", "--fail-on", "spend").stdout
    assert "most that can be spent" in told
