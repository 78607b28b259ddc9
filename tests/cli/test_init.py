"""`campaigner init`: a project of its own, whole or not at all."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
from campaigner.cli.starter import warehouse


@pytest.fixture
def started(tmp_path, campaigner):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def test_it_says_what_to_do_next(tmp_path, campaigner):
    told = campaigner("init", "shop")
    assert told.stdout == ""
    assert "campaigner check shop" in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_new_folder_has_the_mode_of_any_new_folder(tmp_path, started):
    (tmp_path / "plain").mkdir()
    assert started.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_an_empty_folder_will_do(tmp_path, campaigner):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert campaigner("init", ".", cwd=empty).returncode == 0
    assert (empty / "campaigner.toml").is_file()


def test_a_used_folder_is_refused_and_left_alone(tmp_path, campaigner):
    used = tmp_path / "used"
    used.mkdir()
    (used / "notes.txt").write_text("mine")
    told = campaigner("init", "used")
    assert told.returncode == 2
    assert "`used` is not empty, it holds `notes.txt`" in told.stderr
    assert [path.name for path in used.iterdir()] == ["notes.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["used"]


def test_a_file_or_a_folder_that_is_not_there(tmp_path, campaigner):
    (tmp_path / "file").write_text("")
    assert campaigner("init", "file").returncode == 2
    told = campaigner("init", "gone/shop")
    assert told.returncode == 2
    assert f"`{tmp_path}/gone`" in told.stderr


def test_the_rows_are_always_the_same():
    assert list(warehouse.orders()) == list(warehouse.orders())
    keys = [customer.customer_id for customer in warehouse.customers()]
    assert len(set(keys)) == 60
    orders = list(warehouse.orders())
    assert len({order.order_id for order in orders}) == len(orders)
    assert {order.customer_id for order in orders} < set(keys)


def test_its_files_are_in_the_canonical_layout(started, campaigner):
    told = campaigner("fmt", "--check", started)
    assert (told.returncode, told.stdout) == (0, "")


def test_it_checks_without_a_mistake(started, campaigner):
    told = campaigner("check", "shop", "--deny-warnings", "--today", "2026-06-01")
    assert (told.returncode, told.stdout) == (0, "")


def test_it_runs_and_its_budget_runs_out(started, campaigner):
    told = campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31")
    assert told.returncode == 0, told.stderr
    grants = json.loads(campaigner("ledger", "shop", "grants", "--format", "json").stdout)
    assert {grant["campaign"] for grant in grants["grants"]} == {"cash_back", "win_back"}
    budgets = json.loads(campaigner("ledger", "shop", "budgets", "--format", "json").stdout)
    assert any(budget["exhausted"] for budget in budgets["budgets"])
    assert (started / "var" / "outbox" / "push.jsonl").read_text(encoding="utf-8")


# --- inside of DIR alone ------------------------------------------------------------------------


def test_an_own_folder_in_one_that_may_not_be_written(tmp_path, campaigner):
    """The parent is left alone, since it may be on another device."""
    own = tmp_path / "own"
    own.mkdir()
    os.utime(tmp_path, ns=(0, 0))
    assert campaigner("init", own).returncode == 0
    assert tmp_path.stat().st_mtime_ns == 0


def test_a_new_file_system_and_a_start_that_was_killed(tmp_path, campaigner):
    volume = tmp_path / "volume"
    (volume / "lost+found").mkdir(parents=True)
    (volume / ".campaigner-init-abc" / "data").mkdir(parents=True)
    assert campaigner("init", volume).returncode == 0
    assert not list(volume.glob(".campaigner-init-*"))
    assert (volume / "lost+found").is_dir()


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("at", range(0, 12, 3))
def test_a_start_that_breaks_leaves_nothing(exists, at, tmp_path, campaigner, monkeypatch):
    folder = tmp_path / "shop"
    if exists:
        folder.mkdir()
    written = 0

    def breaks(path, content):
        nonlocal written
        written += 1
        if written == at + 1 or (at >= 8 and path.name == ".gitignore"):
            raise OSError(28, "No space left on device", str(path))
        with path.open("wb") as file:
            return file.write(content)

    monkeypatch.setattr(Path, "write_bytes", breaks)
    told = campaigner("init", folder)
    assert told.returncode == 2
    assert "no room left" in told.stderr
    assert folder.exists() == exists
    assert not exists or list(folder.iterdir()) == []
    monkeypatch.undo()
    assert campaigner("init", folder).returncode == 0


def test_a_start_that_is_stopped_leaves_nothing(tmp_path, campaigner, monkeypatch):
    build = warehouse.build

    def builds(path):
        build(path)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(warehouse, "build", builds)
    told = campaigner("init", "shop")
    assert (told.returncode, told.stderr) == (143, "stopped: nothing was changed\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_comes_meanwhile_is_not_overwritten(tmp_path, campaigner, monkeypatch):
    folder = tmp_path / "shop"
    build = warehouse.build

    def builds(path):
        build(path)
        (folder / "catalog.yaml").write_text("mine")

    monkeypatch.setattr(warehouse, "build", builds)
    assert campaigner("init", "shop").returncode == 2
    assert [path.name for path in folder.iterdir()] == ["catalog.yaml"]
    assert (folder / "catalog.yaml").read_text() == "mine"


def test_comments_follow_the_language_and_nothing_else_does(tmp_path, campaigner):
    assert campaigner("init", "english").returncode == 0
    assert campaigner("init", "chinese", "--lang", "zh").returncode == 0
    for path in sorted((tmp_path / "english").rglob("*.*")):
        if path.suffix == ".duckdb" or not path.is_file():
            continue
        english = path.read_text("utf-8")
        chinese = (tmp_path / "chinese" / path.relative_to(tmp_path / "english")).read_text("utf-8")
        assert code_of(chinese) == code_of(english)
        comments = [line for line in chinese.splitlines() if line.startswith("# ")]
        others = ("# [chance]", "# seed =")
        written = "".join(line for line in comments if not line.startswith(others))
        assert re.search("[\u4e00-\u9fff]", written) or not comments
        assert not set(comments) & set(english.splitlines()) - {*map(str, commented_out(english))}
    checked = campaigner("check", "chinese")
    assert checked.returncode == 0


def code_of(text):
    return [line for line in text.splitlines() if not line.startswith("# ")]


def commented_out(text):
    return [line for line in text.splitlines() if line.startswith(("# [chance]", "# seed ="))]
