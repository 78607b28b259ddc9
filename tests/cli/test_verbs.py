"""Verbs of `ledger` and `outbox`: their options, typos, completion, and projects with mistakes."""

import json
import os
import shutil
import subprocess
import sys

import click
import pytest
from campaigner.cli.main import cli, invoke

PERIOD = ("--from", "2026-01-01", "--to", "2026-03-31")


def verbs():
    with cli.make_context("campaigner", ["help"]) as context:
        for group in ("ledger", "outbox"):
            commands = cli.get_command(context, group)
            for verb in commands.list_commands(context):
                yield group, verb, commands.get_command(context, verb)


VERBS = {(group, verb): command for group, verb, command in verbs()}


def options(command):
    return {
        word: param
        for param in command.params
        if isinstance(param, click.Option)
        for word in param.opts
        if word.startswith("--")
    }


EVERY = {word: param for command in VERBS.values() for word, param in options(command).items()}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verbs") / "shop"
    assert invoke(["init", str(folder)]) == 0
    assert invoke(["run", str(folder), *PERIOD]) == 0
    return folder


@pytest.fixture
def shop(tmp_path, ran):
    return shutil.copytree(ran, tmp_path / "shop")


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_an_option_of_another_verb_is_refused(verb, campaigner):
    for word, param in EVERY.items():
        if word in options(VERBS[verb]):
            continue
        told = campaigner(*verb, word, *([] if param.is_flag else ["x"]))
        assert (told.returncode, told.stdout) == (2, "")
        assert f"`campaigner {' '.join(verb)}` has no option `{word}`" in told.stderr


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help_with_an_example(verb, campaigner):
    told = campaigner(*verb, "--help")
    assert told.returncode == 0
    assert f"Example: campaigner {' '.join(verb)} shop" in " ".join(told.stdout.split())


@pytest.mark.parametrize("verb", ["grants", "budgets", "balances", "offers", "claims", "verify"])
def test_the_project_may_come_first(verb, shop, campaigner):
    assert campaigner("ledger", "shop", verb) == campaigner("ledger", verb, "shop")
    assert campaigner("ledger", verb, cwd=shop).stdout == campaigner("ledger", verb, "shop").stdout


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (["chekc"], "check"),
        (["ledger", "budgts"], "budgets"),
        (["outbox", "lsit"], "list"),
        (["check", "--deny-warning"], "--deny-warnings"),
        (["ledger", "grants", "--campagn", "x"], "--campaign"),
        (["check", "--format", "sarf"], "sarif"),
        (["outbox", "list", "--state", "deed"], "dead"),
        (["events", "--format", "jsn"], "json"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_word(words, nearest, campaigner):
    for language, asks in (("en", "did you mean"), ("zh", "是否想用")):
        told = campaigner(*words, *(["--lang", language] if len(words) > 1 else []),
                          env={"LANG": f"{language}.UTF-8"})  # fmt: skip
        assert (told.returncode, told.stdout) == (2, "")
        assert f"`{nearest}`" in told.stderr
        assert asks in told.stderr


def break_campaigns(shop):
    (shop / "win_back.campaign").write_text("campaign win_back {", encoding="utf-8")
    (shop / "catalog.yaml").write_text("events: 3", encoding="utf-8")


def break_channels(shop):
    path = shop / "campaigner.toml"
    path.write_text(f"{path.read_text('utf-8')}\n[channels.other]\nkind = 3\n", "utf-8")


@pytest.mark.parametrize("break_", [break_campaigns, break_channels])
def test_reading_and_reversing_need_the_ledger_alone(break_, shop, campaigner):
    before = json.loads(campaigner("ledger", "budgets", "shop", "--format", "json").stdout)
    break_(shop)
    assert campaigner("check", "shop").returncode == 1
    for verb in ("grants", "balances", "offers", "claims", "verify"):
        told = campaigner("ledger", verb, "shop")
        assert (told.returncode, "[E" in told.stderr) == (0, False), told.stderr
    told = campaigner("ledger", "budgets", "shop", "--format", "json")
    assert (told.returncode, "W153" in told.stderr) == (0, True)
    rows = {json.dumps(row): row for row in json.loads(told.stdout)["budgets"]}
    spent = [row for row in before["budgets"] if float(row["spent"])]
    assert [row for row in spent if json.dumps(row) not in rows] == []
    one = campaigner("ledger", "budgets", "shop", "--format", "json", "--campaign", "win_back")
    assert {row["campaign"] for row in json.loads(one.stdout)["budgets"]} == {"win_back", None}
    assert campaigner("ledger", "reverse", "shop", "1", "--reason", "r").returncode == 0
    assert campaigner("ledger", "verify", "shop").returncode == 0
    assert campaigner("outbox", "list", "shop").returncode == 0


def test_a_ledger_that_the_settings_do_not_name_well_is_told(shop, campaigner):
    path = shop / "campaigner.toml"
    text = path.read_text("utf-8")
    for wrong in (text.replace("sqlite:", "oracle:"), text.replace("[ledger]", "[ledger")):
        path.write_text(wrong, "utf-8")
        told = campaigner("ledger", "verify", "shop")
        assert (told.returncode, told.stdout) == (1, "")
        assert "--> shop/campaigner.toml:" in told.stderr


def test_a_campaign_that_nobody_knows_is_told(shop, campaigner):
    told = campaigner("ledger", "grants", "shop", "--campaign", "winback")
    assert (told.returncode, told.stdout) == (2, "")
    assert "did you mean `win_back`" in told.stderr
    (shop / "win_back.campaign").unlink()
    told = campaigner("ledger", "grants", "shop", "--campaign", "win_back", "--format", "json")
    assert json.loads(told.stdout)["grants"]


def test_a_campaign_that_was_renamed_is_found_under_both_names(shop, campaigner):
    path = shop / "win_back.campaign"
    text = path.read_text("utf-8")
    head = 'campaign win_back "'
    assert head in text
    clause = "  renamed  from win_back\n"
    first, rest = text.replace(head, 'campaign come_back "').split("\n", 1)
    lines = f"{first}\n{rest}"
    start = lines.index("{\n", lines.index("campaign come_back")) + 2
    path.write_text(lines[:start] + clause + lines[start:], "utf-8")
    new = campaigner("ledger", "grants", "shop", "--campaign", "come_back", "--format", "json")
    old = campaigner("ledger", "grants", "shop", "--campaign", "win_back", "--format", "json")
    assert json.loads(new.stdout)["grants"]
    assert new.stdout == old.stdout


def completed(line, folder, shell="bash"):
    """The words that a shell would offer for the last one on the line."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    if shell == "fish":
        asked["COMP_CWORD"] = words[-1]
    told = subprocess.run(
        [sys.executable, "-m", "campaigner.cli"],
        env={**os.environ, "_CAMPAIGNER_COMPLETE": f"{shell}_complete", **asked},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stderr == ""
    return told.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_verbs_choices_and_campaigns(shell, shop):
    for line, word in (
        ("campaigner led", "ledger"),
        ("campaigner ledger bud", "budgets"),
        ("campaigner ledger grants --format cs", "csv"),
        ("campaigner ledger grants --campaign win", "win_back"),
        ("campaigner explain . --campaign cash", "cash_back"),
    ):
        assert word in completed(line, shop, shell)


def test_completion_outside_of_a_project_is_empty(tmp_path):
    assert completed("campaigner ledger grants --campaign win", tmp_path).strip() == ""
