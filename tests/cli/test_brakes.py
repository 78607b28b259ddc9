"""`campaigner pause`, `resume`, `stop` and `ledger brakes`."""

import json

import pytest


@pytest.fixture
def house(campaigner, tmp_path):
    """A started project that has run for two months."""
    folder = tmp_path / "shop"
    campaigner("init", str(folder))
    return str(folder)


def test_a_campaign_is_held_and_goes_on(campaigner, house):
    held = campaigner("pause", house, "win_back", "--reason", "complaints", "--by", "lin")
    assert (held.returncode, held.stdout.split()) == (
        0,
        ["campaign", "outcome", "win_back", "paused"],
    )
    again = campaigner("pause", "win_back", house, "--reason", "complaints")
    assert (again.returncode, "already_paused" in again.stdout) == (1, True)
    ran = campaigner("run", house, "--from", "2026-01-01", "--to", "2026-03-31")
    assert "warning[W762]: `win_back` is paused since" in ran.stderr
    assert "(complaints): what comes now is decided once it is resumed" in ran.stderr
    assert "warning[W762]: `win_back` is paused since" in campaigner("status", house).stderr
    listed = campaigner("ledger", "grants", house, "--campaign", "win_back", "--format", "json")
    assert json.loads(listed.stdout)["grants"] == []
    assert campaigner("resume", house, "win_back", "--reason", "mended").returncode == 0
    campaigner("run", house, "--from", "2026-01-01", "--to", "2026-03-31")
    listed = campaigner("ledger", "grants", house, "--campaign", "win_back", "--format", "json")
    assert len(json.loads(listed.stdout)["grants"]) > 0
    told = json.loads(campaigner("ledger", "brakes", house, "--format", "json").stdout)["brakes"]
    assert [(one["state"], one["author"], one["reason"]) for one in told] == [
        ("paused", "lin", "complaints"),
        ("resumed", None, "mended"),
    ]
    assert campaigner("ledger", "verify", house).returncode == 0


def test_explain_says_what_a_run_would_do(campaigner, house):
    asked = (
        "explain",
        house,
        "--campaign",
        "win_back",
        "--customer",
        "c052",
        "--at",
        "2026-02-20 10:00",
    )
    assert "granted" in campaigner(*asked).stdout
    campaigner("pause", house, "win_back", "--reason", "complaints")
    held = campaigner(*asked)
    assert "paused" in held.stdout
    assert "warning[W762]: `win_back` is paused since" in held.stderr
    assert "(complaints): what comes now is decided once it is resumed" in held.stderr
    assert (
        "（complaints）：此间发生的事项将在恢复后处理" in campaigner(*asked, "--lang", "zh").stderr
    )
    other = [word.replace("win_back", "cash_back") for word in asked]
    assert "W762" not in campaigner(*other).stderr
    campaigner("stop", house, "win_back", "--reason", "no more")
    ended = campaigner(*asked)
    assert "stopped" in ended.stdout
    assert "warning[W763]" in ended.stderr
    ran = campaigner("run", house, "--from", "2026-01-01", "--to", "2026-03-31", "--lang", "zh")
    assert "警告[W763]: `win_back` 已于" in ran.stderr


def test_all_of_them_and_a_project_with_mistakes(campaigner, house, tmp_path):
    (tmp_path / "shop" / "broken.campaign").write_text("campaign nonsense {")
    held = campaigner("pause", house, "--all", "--reason", "complaints")
    assert held.returncode == 0
    rows = dict(line.split() for line in held.stdout.splitlines()[1:])
    assert rows.items() >= {"win_back": "paused", "cash_back": "paused"}.items()
    resumed = campaigner("resume", house, "--all", "--reason", "mended")
    assert (resumed.returncode, resumed.stdout.count("resumed")) == (0, len(rows))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["win_bak", "--reason", "x"], "E785"),
        (["win_back"], "E197"),
        (["win_back", "--reason", " "], "E197"),
        (["win_back", "--all", "--reason", "x"], "E186"),
    ],
)
def test_a_command_line_that_is_wrong_changes_nothing(campaigner, house, words, code):
    found = campaigner("pause", house, *words)
    assert found.returncode == 2
    assert f"error[{code}" in found.stderr
    assert (
        json.loads(campaigner("ledger", "brakes", house, "--format", "json").stdout)["brakes"] == []
    )
