"""Commands name the step, and ask for it, where a campaign has several.

No file declares two steps yet, so the plan of the starter's project gets a second one by hand.
"""

import json
import shutil
from dataclasses import replace

import pytest
from campaigner.cli.main import invoke
from campaigner.compiler.deployed.reading import load
from campaigner.compiler.plan.plan_json import dump
from campaigner.compiler.plan.steps import step_of

PERIOD = ("--from", "2026-01-01", "--to", "2026-03-31")
BY_HAND = (
    *("ledger", "grant", "shop", "--plan", "plan.json", "--from-reserve", "--campaign"),
    *("cash_back", "--reward", "1 cash", "--name", "n", "--reason", "r", "--customer"),
)


def with_two_steps(plan):
    """The plan in which every campaign has its step twice, under two names."""
    return replace(
        plan,
        campaigns=tuple(
            replace(
                one, steps=tuple(replace(step_of(one), name=name) for name in ("first", "second"))
            )
            for one in plan.campaigns
        ),
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steps")
    assert invoke(["init", str(folder / "shop")]) == 0
    file = folder / "shop" / "cash_back.campaign"
    file.write_text(
        file.read_text("utf-8").replace("total 300 CNY", "total 300 CNY\n    reserve 5%")
    )
    assert invoke(["plan", str(folder / "shop"), "--output", str(folder / "one.json")]) == 0
    plan = load((folder / "one.json").read_bytes())
    (folder / "plan.json").write_bytes(dump(with_two_steps(plan)))
    return folder


@pytest.fixture
def shop(made, tmp_path):
    """A folder with the project, the plan of its sources, and the one with two steps."""
    return shutil.copytree(made, tmp_path / "made")


def test_a_run_has_a_line_a_step(campaigner, shop):
    told = campaigner("run", "shop", "--plan", "plan.json", *PERIOD, "--dry-run", cwd=shop)
    rows = [line.split()[0] for line in told.stdout.splitlines()[1:]]
    assert rows == [
        f"{name}.{step}" for name in ("cash_back", "win_back") for step in ("first", "second")
    ]
    assert "win_back.second gave nothing" in told.stderr or "win_back.second" in told.stdout
    told = campaigner(
        *("run", "shop", "--plan", "plan.json", *PERIOD, "--dry-run", "--format", "json"), cwd=shop
    )
    campaigns = json.loads(told.stdout)["campaigns"]
    assert [(one["campaign"], one["step"]) for one in campaigns] == [
        (name, step) for name in ("cash_back", "win_back") for step in ("first", "second")
    ]


def test_events_have_a_line_a_step(campaigner, shop):
    line = {"event": "order", "key": "n1", "customer": "c001", "at": "2026-01-30T10:00:00+08:00"}
    (shop / "lines").write_text(
        json.dumps({**line, "fields": {"amount": "1000.00", "product": "tea"}}) + "\n", "utf-8"
    )
    told = campaigner("events", "shop", "lines", "--plan", "plan.json", cwd=shop)
    assert told.returncode == 0, told.stderr
    shown = told.stdout + told.stderr
    assert "cash_back.first" in shown
    assert "cash_back.second" in shown
    assert "cash_back " not in shown


def test_an_explanation_names_its_step(campaigner, shop):
    asked = ("--campaign", "win_back", "--customer", "c001", "--at", "2026-01-30 12:00")
    explain = ("explain", "shop", "--plan", "plan.json", *asked)
    for step in ("first", "second"):
        told = campaigner(*explain, "--step", step, cwd=shop)
        assert told.stdout.startswith(f"win_back.{step} · c001")
        told = campaigner(*explain, "--step", step, "--format", "json", cwd=shop)
        found = json.loads(told.stdout)
        assert (found["campaign"], found["step"]) == ("win_back", step)
    told = campaigner(*explain, "--step", "secnod", cwd=shop)
    assert (told.returncode, told.stdout) == (2, "")
    assert "campaign `win_back` has no step `secnod`" in told.stderr
    assert "did you mean `second`?" in told.stderr


def test_the_only_step_need_not_be_named(campaigner, shop):
    asked = ("--campaign", "win_back", "--customer", "c001", "--at", "2026-01-30 12:00")
    told = campaigner("explain", "shop", *asked, cwd=shop)
    assert told.stdout.startswith("win_back · c001")
    assert told.stdout == campaigner("explain", "shop", *asked, "--step", "main", cwd=shop).stdout


def test_a_grant_by_hand_needs_the_step(campaigner, shop):
    told = campaigner(*BY_HAND, "c001", cwd=shop)
    assert (told.returncode, told.stdout) == (2, "")
    assert "`campaigner ledger grant` needs `--step`" in told.stderr
    assert "name one of its steps: `first`, `second`" in told.stderr
    for customer, step in (("c001", "first"), ("c002", "second")):
        grant = (*BY_HAND, customer, "--step", step)
        assert campaigner(*grant, cwd=shop).stdout == "granted\n"
        assert campaigner(*grant, cwd=shop).stdout == "already_granted\n"
    told = campaigner("ledger", "grants", "shop", "--format", "json", cwd=shop)
    granted = json.loads(told.stdout)["grants"]
    assert [(one["campaign"], one["step"]) for one in granted] == [
        ("cash_back", "first"),
        ("cash_back", "second"),
    ]
