"""`campaigner simulate`: reports of a past period, edits that are tried, and bad input."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

QUARTER = ("--from", "2026-01-01", "--to", "2026-03-31")


@pytest.fixture
def shop(campaigner, tmp_path):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def files_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def document(told):
    return json.loads(told.stdout)


def git(folder, *arguments):
    names = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(["git", "-C", folder, *names, *arguments], check=True, capture_output=True)


def test_the_numbers_are_those_of_a_run_and_nothing_is_written(campaigner, shop):
    before = files_of(shop)
    told = campaigner("simulate", "shop", *QUARTER)
    assert told.returncode == 0
    assert files_of(shop) == before
    simulated = document(campaigner("simulate", "shop", *QUARTER, "--format", "json"))
    ran = document(campaigner("run", "shop", *QUARTER, "--format", "json"))
    fields = ("campaign", "reached", "granted", "spent")
    assert [[one[key] for key in fields] for one in simulated["campaigns"]] == [
        [one[key] for key in fields] for one in ran["campaigns"]
    ]
    assert [one["steps"][0]["outcomes"] for one in simulated["campaigns"]] == [
        one["outcomes"] for one in ran["campaigns"]
    ]
    assert simulated["campaigns"][0]["runs_out"] == "2026-02-07"
    assert simulated["customers_by_campaigns"] == {"1": 14, "2": 6}


def test_with_the_ledger_what_was_granted_is_not_granted_again(campaigner, shop):
    campaigner("run", "shop", *QUARTER)
    before = files_of(shop)
    told = document(campaigner("simulate", "shop", *QUARTER, "--with-ledger", "--format", "json"))
    assert [one["granted"] for one in told["campaigns"]] == [0, 0]
    assert [one["spent"] for one in told["campaigns"]] == ["0.00", "0.00"]
    whole = document(campaigner("simulate", "shop", *QUARTER, "--format", "json"))
    assert [one["granted"] for one in whole["campaigns"]] == [17, 10]
    ledger = shop / "var/ledger.db"
    assert ledger.read_bytes() == before[ledger]


def test_a_file_takes_the_place_of_its_namesake(campaigner, shop, tmp_path):
    draft = tmp_path / "drafts" / "cash_back.campaign"
    draft.parent.mkdir()
    text = (shop / "cash_back.campaign").read_text("utf-8")
    draft.write_text(text.replace("total 300 CNY", "total 100 CNY"), "utf-8")
    told = campaigner("simulate", "shop", *QUARTER, "--with", draft, "--format", "json")
    found = document(told)
    assert found["campaigns"][0]["runs_out"] == "2026-01-21"
    (one,) = found["differences"]
    assert (one["campaign"], one["before"]["runs_out"]) == ("cash_back", "2026-02-07")
    assert one["before"]["spent"] == "293.86"
    assert one["after"] == {key: found["campaigns"][0][key] for key in one["after"]}
    table = campaigner("simulate", "shop", *QUARTER, "--with", draft).stdout
    assert f"17 → {one['after']['granted']} ({one['after']['granted'] - 17:+})" in table
    page = campaigner("simulate", "shop", *QUARTER, "--with", draft, "--format", "html").stdout
    assert "2026-02-07 → 2026-01-21" in page
    assert found["with"] == f"with `{draft}` in the place of `cash_back.campaign`"
    draft.rename(draft.with_name("more.campaign"))
    told = campaigner("simulate", "shop", *QUARTER, "--with", draft.with_name("more.campaign"))
    assert told.returncode == 1
    assert "E" in told.stderr


def test_an_edit_may_mend_what_the_project_has_wrong(campaigner, shop, tmp_path):
    draft = tmp_path / "win_back.campaign"
    shutil.copy(shop / "win_back.campaign", draft)
    (shop / "win_back.campaign").write_text("campaign win_back {", "utf-8")
    assert campaigner("simulate", "shop", *QUARTER).returncode == 1
    told = campaigner("simulate", "shop", *QUARTER, "--with", draft)
    assert told.returncode == 0
    assert "nothing to compare with" in told.stderr
    found = document(campaigner("simulate", "shop", *QUARTER, "--with", draft, "--format", "json"))
    assert found["differences"] is None


def test_a_revision_is_simulated_and_its_mistakes_are_shown(campaigner, shop):
    git(shop, "init", "-q")
    git(shop, "add", ".")
    git(shop, "commit", "-qm", "good")
    git(shop, "tag", "good")
    file = shop / "cash_back.campaign"
    text = file.read_text("utf-8")
    file.write_text(text.replace("  reward ", "  rewrad "), "utf-8")
    git(shop, "commit", "-qam", "bad")
    git(shop, "tag", "bad")
    file.write_text(text.replace("total 300 CNY", "total 100 CNY"), "utf-8")
    spent = {}
    for edit in ((), ("--with", "good")):
        told = document(campaigner("simulate", "shop", *QUARTER, *edit, "--format", "json"))
        spent[edit] = told["campaigns"][0]["spent"]
    assert spent == {(): "89.31", ("--with", "good"): "293.86"}
    told = campaigner("simulate", "shop", *QUARTER, "--with", "bad")
    assert told.returncode == 1
    assert told.stderr.startswith("with `bad` the project has mistakes:")
    assert "bad:cash_back.campaign:12" in told.stderr
    told = campaigner("simulate", "shop", *QUARTER, "--with", "ugly", "--lang", "zh")
    assert (told.returncode, "E932" in told.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--from", "2026-01-01", "--to", "9000-01-01"), "E930"),
        (("--from", "2020-01-01", "--to", "2020-02-01"), "E931"),
        (("--from", "2026-03-01", "--to", "2026-01-01"), "E701"),
        (("--from", "2026-03-01"), "E197"),
        (("--from", "yesterday", "--to", "2026-01-01"), "E700"),
        ((*QUARTER, "--with", "nowhere"), "E942"),
        ((*QUARTER, "--with", "."), "E932"),
        ((*QUARTER, "--format", "pdf"), "E193"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_input_that_is_wrong_gets_one_message(campaigner, shop, arguments, code, language):
    told = campaigner("simulate", "shop", *arguments, "--lang", language)
    assert told.returncode == 2
    assert told.stdout == ""
    assert code in told.stderr
    assert told.stderr.count("[E") <= 1


def test_without_git_a_revision_cannot_be_had(campaigner, shop, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    told = campaigner("simulate", "shop", *QUARTER, "--with", "v1", env={"PATH": str(empty)})
    assert told.returncode == 2
    assert "E941" in told.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_whole_and_the_same_each_time(campaigner, shop, language):
    told = [
        campaigner("simulate", "shop", *QUARTER, "--format", "html", "--lang", language)
        for _ in range(2)
    ]
    assert told[0].stdout == told[1].stdout
    page = told[0].stdout
    assert page.startswith("<!doctype html>")
    assert f'<html lang="{language}">' in page
    assert page.count("<svg") == 6
    assert "<script" not in page


def test_names_that_look_like_html_stay_text(campaigner, shop):
    file = Path(shop / "cash_back.campaign")
    label = "<img src=x onerror=alert(1)>"
    text = file.read_text("utf-8").replace("Cash back on large orders", label)
    file.write_text(text, "utf-8")
    page = campaigner("simulate", "shop", *QUARTER, "--format", "html").stdout
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_page_is_written_where_it_is_wanted(campaigner, shop, tmp_path):
    told = campaigner("simulate", "shop", *QUARTER, "--format", "html", "--output", "page.html")
    assert (told.returncode, told.stdout) == (0, "")
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")
    told = campaigner("simulate", "shop", *QUARTER, "--output", "page.txt")
    assert told.returncode == 2
    assert "E186" in told.stderr
