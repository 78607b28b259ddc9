"""`campaigner ledger rewind`: a run of days that were not meant, taken back and made anew."""

import json

import pytest

WHY = ("--reason", "a month ahead")


@pytest.fixture
def shop(tmp_path, campaigner):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def rewind(campaigner, *arguments, **more):
    return campaigner("ledger", "rewind", "shop", *arguments, **more)


def grants(campaigner):
    rows = json.loads(campaigner("ledger", "grants", "shop", "--format", "json").stdout)["grants"]
    return [{name: row[name] for name in row if name != "grant"} for row in rows]


def ran(campaigner, start, end):
    done = campaigner("run", "shop", "--from", start, "--to", end)
    assert done.returncode == 0, done.stderr


def test_a_month_that_was_not_meant_is_taken_back_and_made_anew(shop, campaigner):
    ran(campaigner, "2026-01-01", "2026-01-31")
    meant = grants(campaigner)
    budgets = campaigner("ledger", "budgets", "shop", "--format", "json").stdout
    ran(campaigner, "2026-02-01", "2026-03-31")
    mistaken = grants(campaigner)
    assert len(mistaken) > len(meant) > 0
    done = rewind(campaigner, "--to", "2026-01-31", *WHY, "--by", "dora")
    assert done.returncode == 0, done.stderr
    assert "cash_back" in done.stdout
    assert "had left the house, and cannot be taken back:" in done.stderr
    assert "decided anew by the next run" in done.stderr
    assert grants(campaigner) == meant
    assert campaigner("ledger", "budgets", "shop", "--format", "json").stdout == budgets
    assert campaigner("ledger", "verify", "shop").returncode == 0
    ran(campaigner, "2026-02-01", "2026-03-31")
    assert grants(campaigner) == mistaken
    assert campaigner("ledger", "verify", "shop").returncode == 0


def test_a_rehearsal_says_what_would_go_and_keeps_it(shop, campaigner):
    ran(campaigner, "2026-01-01", "2026-02-28")
    kept = grants(campaigner), campaigner("ledger", "budgets", "shop").stdout
    to = ("--to", "2026-01-31")
    would = rewind(campaigner, *to, "--dry-run")
    asked = json.loads(rewind(campaigner, *to, "--dry-run", "--format", "json").stdout)
    assert (grants(campaigner), campaigner("ledger", "budgets", "shop").stdout) == kept
    assert would.stderr.endswith("a rehearsal: nothing was changed\n")
    does = rewind(campaigner, *to, *WHY)
    assert would.stdout == does.stdout != ""
    assert would.stderr.splitlines()[:-1] == does.stderr.splitlines()[:-1]
    assert (asked["dry_run"], asked["entry"]) == (True, None)
    assert sum(one["count"] for one in asked["decisions"]) > 0
    assert len(asked["irrevocable"]) > 0
    again = json.loads(rewind(campaigner, *to, "--dry-run", "--format", "json").stdout)
    assert (again["decisions"], again["irrevocable"]) == ([], [])
    assert campaigner("ledger", "verify", "shop").returncode == 0


def test_a_rewind_for_programs_and_in_chinese(shop, campaigner):
    ran(campaigner, "2026-01-01", "2026-02-28")
    done = rewind(campaigner, "--to", "2026-01-31", *WHY, "--format", "json")
    told = json.loads(done.stdout)
    assert list(told) == [
        *(
            "format_version",
            "to",
            "dry_run",
            "entry",
            "decisions",
            "entries",
            "not_sent",
            "irrevocable",
        ),
    ]
    assert told["to"].startswith("2026-01-31T")
    assert {one["campaign"] for one in told["decisions"]} >= {"cash_back"}
    assert list(told["irrevocable"][0]) == [
        *("campaign", "step", "recipient", "occurrence", "kind", "of"),
    ]
    nothing = rewind(campaigner, "--to", "2026-01-31", *WHY, "--format", "json")
    told = json.loads(nothing.stdout)
    assert (told["entry"], told["decisions"], told["irrevocable"]) == (None, [], [])
    said = rewind(campaigner, "--to", "2026-01-31", *WHY, "--lang", "zh")
    assert (said.returncode, said.stdout) == (0, "")
    assert "该时间之后没有任何内容" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--to", "9000-01-01", *WHY), 2, "E778"),
        (("--to", "9999-12-31T23:59:59", *WHY), 2, "E746"),
        (("--to", "2026-02-30", *WHY), 2, "error["),
        (("--to", "yesterday", *WHY), 2, "error["),
        ((*WHY,), 2, "--to"),
        (("--to", "2026-01-31"), 2, "--reason"),
        (("--to", "2026-01-31", "--reason", " "), 2, "--reason"),
    ],
)
def test_what_is_refused_changes_nothing(shop, campaigner, arguments, status, said):
    ran(campaigner, "2026-01-01", "2026-01-10")
    before = grants(campaigner)
    done = rewind(campaigner, *arguments)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert "Traceback" not in done.stderr
    assert grants(campaigner) == before
