"""A plan that was kept is the plan that would be compiled; what was changed since is compiled."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest
from campaigner.compiler import compile as compiler
from campaigner.compiler.kept_plans import Planned, plan_of_document, planned
from campaigner.compiler.plan.plan_json import dump
from campaigner.compiler.project.kept import KEPT, keep, read_kept
from campaigner.compiler.project.project import load_project
from campaigner.compiler.project.settings import load_settings
from hypothesis import given, settings

from ..projects import write
from ..strategies import projects

TOML = """\
[project]
name = "${SHOP}"
language = 1
time_zone = "UTC"
currency = "CNY"

[channels.rewards]
kind = "file"
path = "rewards.jsonl"
"""
CATALOG = """\
customer:
  table: customers
  key: id
  fields:
    age: {type: integer}
"""
POLICY = 'policy fair "Fair" {\n  require age >= 18\n}\n'
CAMPAIGN = """\
campaign a "A" {
  active 2030-01-01 to 2030-12-31
  audience age > 30
  trigger on festival mid_autumn at 09:00
  reward 5 points
  budget { total 100 CNY }
  compliance { follows fair }
}
"""
FILES = {
    "campaigner.toml": TOML,
    "catalog.yaml": CATALOG,
    "a.campaign": CAMPAIGN,
    "p.campaign": POLICY,
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SHOP", "shop")
    return tmp_path / "cache" / "campaigner" / "kept"


@pytest.fixture
def shop(tmp_path: Path, cache: Path) -> Path:
    return write(tmp_path / "shop", FILES)


def entry(cache: Path) -> Path:
    """The file of the plan, which is the largest."""
    return max(cache.iterdir(), key=lambda path: path.stat().st_size)


def without_compiler(folder: Path) -> Planned:
    """The plan that is kept of a project; fails where it would be compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiler, "compile_project", None)
        return planned(folder)


def same(kept: Planned, made: Planned) -> bool:
    assert kept.diagnostics == made.diagnostics
    assert [one.code for one in kept.diagnostics] == [one.code for one in made.diagnostics]
    for name in ("root", "config", "sources", "diagnostics", "uses", "secrets"):
        assert getattr(kept.settings, name) == getattr(made.settings, name), name
    assert kept.plan is not None
    assert made.plan is not None
    return kept.plan == made.plan and dump(kept.plan) == dump(made.plan)


@settings(max_examples=25)
@given(projects())
def test_a_kept_plan_is_the_compiled_plan(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", f"{folder}/cache")
        shop = write(Path(folder, "shop"), files)
        made = planned(shop)
        fresh = compiler.compile_project(load_project(shop))
        assert (made.plan, made.diagnostics) == (fresh.plan, fresh.diagnostics)
        if made.plan is not None:
            assert same(without_compiler(shop), made)


def test_warnings_are_kept_with_the_plan(shop: Path) -> None:
    made = planned(shop)
    assert made.plan is not None
    assert made.diagnostics, "the example has to warn of something"
    assert same(without_compiler(shop), made)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_changed_is_compiled_anew(shop: Path, name: str) -> None:
    planned(shop)
    path = shop / name
    path.write_text(path.read_text("utf-8").replace("age", "years").replace("UTC", "Asia/Tokyo"))
    fresh = compiler.compile_project(load_project(shop))
    assert (planned(shop).plan, planned(shop).diagnostics) == (fresh.plan, fresh.diagnostics)


def test_a_file_that_is_new_or_gone_is_seen(shop: Path) -> None:
    planned(shop)
    (shop / "b.campaign").write_text(CAMPAIGN.replace("campaign a", "campaign b"))
    assert [one.name for one in planned(shop).plan.campaigns] == ["a", "b"]
    (shop / "b.campaign").unlink()
    assert [one.name for one in without_compiler(shop).plan.campaigns] == ["a"]


def test_the_environment_of_the_project_is_part_of_the_key(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert planned(shop).plan.project == "shop"
    monkeypatch.setenv("SHOP", "other")
    assert planned(shop).plan.project == "other"
    assert load_settings(shop).config.name == "other"
    monkeypatch.setenv("SHOP", "shop")
    assert without_compiler(shop).plan.project == "shop"


def test_a_project_with_mistakes_is_not_kept(shop: Path, cache: Path) -> None:
    (shop / "a.campaign").write_text(CAMPAIGN.replace("age > 30", "agee > 30"))
    assert planned(shop).plan is None
    assert planned(shop).diagnostics == planned(shop).diagnostics
    assert all(b"agee" not in path.read_bytes() for path in cache.iterdir())


def test_a_secret_that_is_written_out_goes_into_no_other_file(shop: Path, cache: Path) -> None:
    toml = shop / "campaigner.toml"
    toml.write_text(TOML + '\n[ledger]\nurl = "postgresql://me:hunter2@db/x"\n')
    load_settings(shop)
    planned(shop)
    assert not cache.exists() or all(b"hunter2" not in one.read_bytes() for one in cache.iterdir())


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "other", "folder"])
def test_damaged_files_are_made_anew(shop: Path, cache: Path, damage: str) -> None:
    made = planned(shop)
    path = entry(cache)
    whole = path.read_bytes()
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[:-7])
        case "noise":
            path.write_bytes(whole[:40] + bytes(reversed(whole[40:])))
        case "other":  # the value of another key
            keep("0" * 64, ("something", "else"))
            path.write_bytes((cache / ("0" * 64)).read_bytes())
        case _:
            path.unlink()
            path.mkdir()
    again = planned(shop)
    assert (again.plan, again.diagnostics) == (made.plan, made.diagnostics)


def test_the_files_are_for_their_owner_alone(shop: Path, cache: Path) -> None:
    planned(shop)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in cache.iterdir()} == {0o600}


def test_what_others_may_write_is_not_read(shop: Path, cache: Path) -> None:
    planned(shop)
    cache.chmod(0o777)
    assert read_kept(entry(cache).name) is None
    assert planned(shop).plan is not None


def test_a_cache_that_cannot_be_written_stops_nobody(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "a file"
    file.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    assert planned(shop).plan is not None


def test_the_oldest_make_room(cache: Path) -> None:
    for number in range(KEPT + 5):
        keep(f"{number:064}", number)
        os.utime(cache / f"{number:064}", ns=(number, number))
    assert len(list(cache.iterdir())) == KEPT
    assert read_kept(f"{0:064}") is None
    assert read_kept(f"{KEPT + 4:064}") == KEPT + 4


def test_the_plan_of_a_document_is_kept(
    shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(shop).plan
    data = dump(plan)
    assert plan_of_document(data) == plan
    monkeypatch.setattr("campaigner.compiler.deployed.reading.load", None)
    assert plan_of_document(data) == plan
